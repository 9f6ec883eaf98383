// Atomic accesses, read-modify-writes, wait and notify. All are sequentially consistent.
#include "interp/atomic.h"

#include <atomic>

#include "interp/access.h"
#include "runtime/wait.h"

namespace weft::interp {
namespace {

constexpr int kPlace = kHandlerUnits;
constexpr int kValue = kPlace + 4;
constexpr int kSecond = kValue + 1;
constexpr int kResult = kSecond + 1;

enum class Access { Load, Store, Add, Sub, And, Or, Xor, Exchange, CompareExchange, Wait, Notify };

template <typename T, Access A>
inline T apply(std::atomic_ref<T> place, T value, T second) {
  switch (A) {
    case Access::Load: return place.load();
    case Access::Store: place.store(value); return T{};
    case Access::Add: return place.fetch_add(value);
    case Access::Sub: return place.fetch_sub(value);
    case Access::And: return place.fetch_and(value);
    case Access::Or: return place.fetch_or(value);
    case Access::Xor: return place.fetch_xor(value);
    case Access::Exchange: return place.exchange(value);
    case Access::CompareExchange: place.compare_exchange_strong(value, second); return value;
    default: return T{};
  }
}

// T is the type in memory, Operand the one on the stack. A cmpxchg whose expected value does not fit T never matches,
// but still reads.
template <typename T, typename Operand, Access A, bool Is64, Place D>
WEFT_HANDLER atomic_access(WEFT_PARAMS) {
  WEFT_ENTER
  uint8_t* const host = checked_address<Is64>(inst, fp, pc + kPlace, sizeof(T));
  if (host == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  if (reinterpret_cast<uintptr_t>(host) % sizeof(T) != 0) [[unlikely]]
    WEFT_TRAP(TrapCode::UnalignedAtomic);
  const auto operand = [&](int at) { return get<Operand, S>(pc + at, fp, acc, vacc); };
  std::atomic_ref<T> place(*reinterpret_cast<T*>(host));
  const Operand value = A == Access::Load ? Operand{} : operand(kValue);
  const Operand second = A == Access::CompareExchange ? operand(kSecond) : Operand{};
  T result{};
  if (A == Access::CompareExchange && static_cast<T>(value) != value) {
    result = place.load();
  } else {
    result = apply<T, A>(place, static_cast<T>(value), static_cast<T>(second));
  }
  if constexpr (A != Access::Store) put<D>(pc + kResult, fp, acc, vacc, static_cast<Operand>(result));
  WEFT_NEXT(kResult + 1);
}

// Gives 0 when woken, 1 when the value is another one, 2 when the time is over.
template <typename T, bool Is64, Place D>
WEFT_HANDLER atomic_wait(WEFT_PARAMS) {
  WEFT_ENTER
  uint8_t* const host = checked_address<Is64>(inst, fp, pc + kPlace, sizeof(T));
  if (host == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  if (reinterpret_cast<uintptr_t>(host) % sizeof(T) != 0) [[unlikely]]
    WEFT_TRAP(TrapCode::UnalignedAtomic);
  if (!inst->memories[pc[kPlace]]->type().is_shared) [[unlikely]]
    WEFT_TRAP(TrapCode::ExpectedSharedMemory);
  const T expected = get<T, S>(pc + kValue, fp, acc, vacc);
  const auto timeout = static_cast<int64_t>(get<uint64_t, S>(pc + kSecond, fp, acc, vacc));
  put<D>(pc + kResult, fp, acc, vacc, static_cast<uint32_t>(wait_at(reinterpret_cast<T*>(host), expected, timeout)));
  WEFT_NEXT(kResult + 1);
}

template <bool Is64, Place D>
WEFT_HANDLER atomic_notify(WEFT_PARAMS) {
  WEFT_ENTER
  uint8_t* const host = checked_address<Is64>(inst, fp, pc + kPlace, sizeof(uint32_t));
  if (host == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  if (reinterpret_cast<uintptr_t>(host) % sizeof(uint32_t) != 0) [[unlikely]]
    WEFT_TRAP(TrapCode::UnalignedAtomic);
  put<D>(pc + kResult, fp, acc, vacc, notify_at(host, get<uint32_t, S>(pc + kValue, fp, acc, vacc)));
  WEFT_NEXT(kResult + 1);
}

template <typename T, typename Operand, Access A>
ResultHandlers access_of(bool is_64) {
  if (is_64) return {atomic_access<T, Operand, A, true, Place::A>, atomic_access<T, Operand, A, true, S>};
  return {atomic_access<T, Operand, A, false, Place::A>, atomic_access<T, Operand, A, false, S>};
}

template <typename T>
ResultHandlers wait_of(bool is_64) {
  if (is_64) return {atomic_wait<T, true, Place::A>, atomic_wait<T, true, S>};
  return {atomic_wait<T, false, Place::A>, atomic_wait<T, false, S>};
}

ResultHandlers notify_of(bool is_64) {
  if (is_64) return {atomic_notify<true, Place::A>, atomic_notify<true, S>};
  return {atomic_notify<false, Place::A>, atomic_notify<false, S>};
}

// opcode, type in memory, type of the operand, access: the seven widths of a read-modify-write, and all atomics.
#define WEFT_RMW(CASE, op, access)                        \
  CASE(I32AtomicRmw##op, uint32_t, uint32_t, access)      \
  CASE(I64AtomicRmw##op, uint64_t, uint64_t, access)      \
  CASE(I32AtomicRmw8##op##U, uint8_t, uint32_t, access)   \
  CASE(I32AtomicRmw16##op##U, uint16_t, uint32_t, access) \
  CASE(I64AtomicRmw8##op##U, uint8_t, uint64_t, access)   \
  CASE(I64AtomicRmw16##op##U, uint16_t, uint64_t, access) \
  CASE(I64AtomicRmw32##op##U, uint32_t, uint64_t, access)
#define WEFT_ATOMICS(CASE)                          \
  CASE(I32AtomicLoad, uint32_t, uint32_t, Load)     \
  CASE(I64AtomicLoad, uint64_t, uint64_t, Load)     \
  CASE(I32AtomicLoad8U, uint8_t, uint32_t, Load)    \
  CASE(I32AtomicLoad16U, uint16_t, uint32_t, Load)  \
  CASE(I64AtomicLoad8U, uint8_t, uint64_t, Load)    \
  CASE(I64AtomicLoad16U, uint16_t, uint64_t, Load)  \
  CASE(I64AtomicLoad32U, uint32_t, uint64_t, Load)  \
  CASE(I32AtomicStore, uint32_t, uint32_t, Store)   \
  CASE(I64AtomicStore, uint64_t, uint64_t, Store)   \
  CASE(I32AtomicStore8, uint8_t, uint32_t, Store)   \
  CASE(I32AtomicStore16, uint16_t, uint32_t, Store) \
  CASE(I64AtomicStore8, uint8_t, uint64_t, Store)   \
  CASE(I64AtomicStore16, uint16_t, uint64_t, Store) \
  CASE(I64AtomicStore32, uint32_t, uint64_t, Store) \
  WEFT_RMW(CASE, Add, Add)                          \
  WEFT_RMW(CASE, Sub, Sub)                          \
  WEFT_RMW(CASE, And, And)                          \
  WEFT_RMW(CASE, Or, Or)                            \
  WEFT_RMW(CASE, Xor, Xor)                          \
  WEFT_RMW(CASE, Xchg, Exchange)                    \
  WEFT_RMW(CASE, Cmpxchg, CompareExchange)

}  // namespace

ResultHandlers atomic_handlers(Opcode op, bool is_64) {
  switch (op) {
#define CASE(op, type, operand, access) \
  case Opcode::op: return access_of<type, operand, Access::access>(is_64);
    WEFT_ATOMICS(CASE)
#undef CASE
    case Opcode::MemoryAtomicWait32: return wait_of<uint32_t>(is_64);
    case Opcode::MemoryAtomicWait64: return wait_of<uint64_t>(is_64);
    case Opcode::MemoryAtomicNotify: return notify_of(is_64);
    default: return {};
  }
}

}  // namespace weft::interp

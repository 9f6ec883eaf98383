// Handlers of loads and stores, spec §4.6.9.
//
// Guarded accesses go to memory 0 in its reservation: address plus offset stays within it, and what is out of bounds
// faults. Checked accesses work on any memory.
#include <type_traits>

#include "interp/access.h"
#include "interp/handlers.h"
#include "interp/vector_semantics.h"

namespace weft::interp {
namespace {

// What vector loads find in memory, and the vector that they make of it.
template <typename Half, typename Wide>
struct Extended {
  Half half;
  explicit operator V128() const { return v128(__builtin_convertvector(half, Wide)); }
};
template <typename Lanes>
struct Splat {
  LaneOf<Lanes> lane;
  explicit operator V128() const { return splat<Lanes>(lane); }
};
template <typename Lanes>
struct Zeroed {
  LaneOf<Lanes> lane;
  explicit operator V128() const {
    Lanes lanes{};
    lanes[0] = lane;
    return v128(lanes);
  }
};
using Load8x8S = Extended<S8x8, S16x8>;
using Load8x8U = Extended<U8x8, U16x8>;
using Load16x4S = Extended<S16x4, S32x4>;
using Load16x4U = Extended<U16x4, U32x4>;
using Load32x2S = Extended<S32x2, S64x2>;
using Load32x2U = Extended<U32x2, U64x2>;

// Accesses: opcode, type in memory, type of the operand.
#define WEFT_LOADS(LOAD)                    \
  LOAD(I32Load, uint32_t, uint32_t)         \
  LOAD(I64Load, uint64_t, uint64_t)         \
  LOAD(F32Load, float, float)               \
  LOAD(F64Load, double, double)             \
  LOAD(I32Load8S, int8_t, int32_t)          \
  LOAD(I32Load8U, uint8_t, uint32_t)        \
  LOAD(I32Load16S, int16_t, int32_t)        \
  LOAD(I32Load16U, uint16_t, uint32_t)      \
  LOAD(I64Load8S, int8_t, int64_t)          \
  LOAD(I64Load8U, uint8_t, uint64_t)        \
  LOAD(I64Load16S, int16_t, int64_t)        \
  LOAD(I64Load16U, uint16_t, uint64_t)      \
  LOAD(I64Load32S, int32_t, int64_t)        \
  LOAD(I64Load32U, uint32_t, uint64_t)      \
  LOAD(V128Load, V128, V128)                \
  LOAD(V128Load8x8S, Load8x8S, V128)        \
  LOAD(V128Load8x8U, Load8x8U, V128)        \
  LOAD(V128Load16x4S, Load16x4S, V128)      \
  LOAD(V128Load16x4U, Load16x4U, V128)      \
  LOAD(V128Load32x2S, Load32x2S, V128)      \
  LOAD(V128Load32x2U, Load32x2U, V128)      \
  LOAD(V128Load8Splat, Splat<U8x16>, V128)  \
  LOAD(V128Load16Splat, Splat<U16x8>, V128) \
  LOAD(V128Load32Splat, Splat<U32x4>, V128) \
  LOAD(V128Load64Splat, Splat<U64x2>, V128) \
  LOAD(V128Load32Zero, Zeroed<U32x4>, V128) \
  LOAD(V128Load64Zero, Zeroed<U64x2>, V128)

#define WEFT_STORES(STORE)              \
  STORE(I32Store, uint32_t, uint32_t)   \
  STORE(I64Store, uint64_t, uint64_t)   \
  STORE(F32Store, float, float)         \
  STORE(F64Store, double, double)       \
  STORE(I32Store8, uint8_t, uint32_t)   \
  STORE(I32Store16, uint16_t, uint32_t) \
  STORE(I64Store8, uint8_t, uint64_t)   \
  STORE(I64Store16, uint16_t, uint64_t) \
  STORE(I64Store32, uint32_t, uint64_t) \
  STORE(V128Store, V128, V128)

constexpr int address_units(Address address) {
  switch (address) {
    case Address::Slot: return 1;
    case Address::Acc: return 0;
    case Address::Sum: return 2;
    case Address::Scaled: return 3;
  }
  return 0;
}

template <Address From>
inline uint32_t read_address(Code at, Cell* fp, uint64_t acc) {
  if constexpr (From == Address::Slot) {
    return get<uint32_t, S>(at, fp, acc, Vec{});
  } else if constexpr (From == Address::Acc) {
    return static_cast<uint32_t>(acc);
  } else if constexpr (From == Address::Sum) {
    return get<uint32_t, S>(at, fp, acc, Vec{}) + get<uint32_t, S>(at + 1, fp, acc, Vec{});
  } else {
    return get<uint32_t, S>(at, fp, acc, Vec{}) + (get<uint32_t, S>(at + 1, fp, acc, Vec{}) << (at[2] & 31));
  }
}

template <typename Stored, typename Operand, Address From, Place D>
WEFT_HANDLER guarded_load(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kOffset = kHandlerUnits + address_units(From);
  const uint64_t address = uint64_t{read_address<From>(pc + kHandlerUnits, fp, acc)} + pc[kOffset];
  Stored stored;
  std::memcpy(&stored, mem + address, sizeof(stored));
  Operand value;
  if constexpr (std::is_same_v<Stored, Operand>) {
    value = stored;
  } else {
    value = static_cast<Operand>(stored);
  }
  put<D>(pc + kOffset + 1, fp, acc, vacc, value);
  WEFT_PIN();
  WEFT_NEXT(kOffset + 2);
}

template <typename Stored, typename Operand, Address From, Place P>
WEFT_HANDLER guarded_store(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kValue = kHandlerUnits + address_units(From);
  constexpr int kOffset = kValue + kUnits<Operand, P>;
  const uint64_t address = uint64_t{read_address<From>(pc + kHandlerUnits, fp, acc)} + pc[kOffset];
  Stored stored;
  if constexpr (std::is_same_v<Stored, Operand>) {
    stored = get<Operand, P>(pc + kValue, fp, acc, vacc);
  } else {
    stored = static_cast<Stored>(get<Operand, P>(pc + kValue, fp, acc, vacc));
  }
  std::memcpy(mem + address, &stored, sizeof(stored));
  WEFT_PIN();
  WEFT_NEXT(kOffset + 1);
}

template <typename Stored, typename Operand, bool Is64, Place D>
WEFT_HANDLER checked_load(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kOffset = kHandlerUnits + 2;
  const uint8_t* const from = checked_address<Is64>(inst, fp, pc + kHandlerUnits, sizeof(Stored));
  if (from == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  Stored stored;
  std::memcpy(&stored, from, sizeof(stored));
  Operand value;
  if constexpr (std::is_same_v<Stored, Operand>) {
    value = stored;
  } else {
    value = static_cast<Operand>(stored);
  }
  put<D>(pc + kOffset + 2, fp, acc, vacc, value);
  WEFT_NEXT(kOffset + 3);
}

template <typename Stored, typename Operand, bool Is64>
WEFT_HANDLER checked_store(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kValue = kHandlerUnits + 4;
  uint8_t* const to = checked_address<Is64>(inst, fp, pc + kHandlerUnits, sizeof(Stored));
  if (to == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  Stored stored;
  if constexpr (std::is_same_v<Stored, Operand>) {
    stored = get<Operand, S>(pc + kValue, fp, acc, vacc);
  } else {
    stored = static_cast<Stored>(get<Operand, S>(pc + kValue, fp, acc, vacc));
  }
  std::memcpy(to, &stored, sizeof(stored));
  WEFT_NEXT(kValue + 1);
}

template <typename Stored, typename Operand, Address From>
constexpr ResultHandlers kGuardedLoad = {guarded_load<Stored, Operand, From, A>,
                                         guarded_load<Stored, Operand, From, S>};

template <typename Stored, typename Operand>
constexpr ResultHandlers kGuardedLoads[kAddresses] = {
    kGuardedLoad<Stored, Operand, Address::Slot>, kGuardedLoad<Stored, Operand, Address::Acc>,
    kGuardedLoad<Stored, Operand, Address::Sum>, kGuardedLoad<Stored, Operand, Address::Scaled>};

template <typename Stored, typename Operand>
constexpr ResultHandlers kCheckedLoads[2] = {
    {checked_load<Stored, Operand, false, A>, checked_load<Stored, Operand, false, S>},
    {checked_load<Stored, Operand, true, A>, checked_load<Stored, Operand, true, S>}};

template <typename Stored, typename Operand, Address From>
constexpr Handler kGuardedStore[3] = {guarded_store<Stored, Operand, From, S>, guarded_store<Stored, Operand, From, A>,
                                      guarded_store<Stored, Operand, From, I>};

template <typename Stored, typename Operand>
Handler guarded_store_of(Address address, Place value) {
  const auto at = static_cast<size_t>(value);
  switch (address) {
    case Address::Slot: return kGuardedStore<Stored, Operand, Address::Slot>[at];
    case Address::Acc: return kGuardedStore<Stored, Operand, Address::Acc>[at];
    case Address::Sum: return kGuardedStore<Stored, Operand, Address::Sum>[at];
    case Address::Scaled: return kGuardedStore<Stored, Operand, Address::Scaled>[at];
  }
  return nullptr;
}

}  // namespace

ResultHandlers guarded_load_handlers(Opcode op, Address address) {
  switch (op) {
#define LOAD(op, stored, operand) \
  case Opcode::op: return kGuardedLoads<stored, operand>[static_cast<size_t>(address)];
    WEFT_LOADS(LOAD)
#undef LOAD
    default: return {};
  }
}

Handler guarded_store_handler(Opcode op, Address address, Place value) {
  switch (op) {
#define STORE(op, stored, operand) \
  case Opcode::op: return guarded_store_of<stored, operand>(address, value);
    WEFT_STORES(STORE)
#undef STORE
    default: return nullptr;
  }
}

ResultHandlers checked_load_handlers(Opcode op, bool is_64) {
  switch (op) {
#define LOAD(op, stored, operand) \
  case Opcode::op: return kCheckedLoads<stored, operand>[is_64];
    WEFT_LOADS(LOAD)
#undef LOAD
    default: return {};
  }
}

Handler checked_store_handler(Opcode op, bool is_64) {
  switch (op) {
#define STORE(op, stored, operand) \
  case Opcode::op: return is_64 ? checked_store<stored, operand, true> : checked_store<stored, operand, false>;
    WEFT_STORES(STORE)
#undef STORE
    default: return nullptr;
  }
}

}  // namespace weft::interp

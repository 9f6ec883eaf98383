// Bulk memory and table instructions, and references (spec §4.6.2, §4.6.6, §4.6.9).
#include "interp/stack_ops.h"

#include <cstring>

#include "runtime/compiled_module.h"
#include "runtime/store.h"

namespace weft::interp {
namespace {

constexpr int kBase = kHandlerUnits;
constexpr int kIndex = kBase + 1;
constexpr int kIndex2 = kBase + 2;
constexpr int kLength = kBase + 3;

template <bool Is64>
using AddressOf = std::conditional_t<Is64, uint64_t, uint32_t>;

// The operand at a cell behind the base.
template <typename T>
inline T operand(const Cell* base, int index) {
  return static_cast<T>(base[index]);
}

// True when [offset, offset + count) lies within size.
inline bool in_bounds(uint64_t offset, uint64_t count, uint64_t size) {
  return count <= size && offset <= size - count;
}

#define WEFT_STACK_OP(name)             \
  template <bool Is64, bool Is64Source> \
  WEFT_HANDLER name(WEFT_PARAMS)

#define WEFT_BODY                                          \
  WEFT_ENTER                                               \
  [[maybe_unused]] Cell* const base = slot(fp, pc[kBase]); \
  [[maybe_unused]] const Unit index = pc[kIndex];          \
  [[maybe_unused]] const Unit index2 = pc[kIndex2];        \
  [[maybe_unused]] typedef AddressOf<Is64> Address;        \
  [[maybe_unused]] typedef AddressOf<Is64Source> SourceAddress

#define WEFT_RESULT(value) \
  do {                     \
    acc = (value);         \
    *base = acc;           \
    WEFT_NEXT(kLength);    \
  } while (false)

// -- memory --

WEFT_STACK_OP(memory_size) {
  WEFT_BODY;
  WEFT_RESULT(inst->memories[index]->pages());
}

WEFT_STACK_OP(memory_grow) {
  WEFT_BODY;
  const auto old_pages = inst->memories[index]->grow(operand<Address>(base, 0));
  WEFT_RESULT(static_cast<Address>(old_pages.value_or(~uint64_t{0})));
}

WEFT_STACK_OP(memory_fill) {
  WEFT_BODY;
  const auto target = inst->memories[index]->slice(operand<Address>(base, 0), operand<Address>(base, 2));
  if (!target) WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  std::memset(target->data(), static_cast<int>(base[1] & 0xFF), target->size());
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(memory_copy) {
  WEFT_BODY;
  using Count = AddressOf<Is64 && Is64Source>;
  const uint64_t count = operand<Count>(base, 2);
  const auto target = inst->memories[index]->slice(operand<Address>(base, 0), count);
  const auto source = inst->memories[index2]->slice(operand<SourceAddress>(base, 1), count);
  if (!target || !source) WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  std::memmove(target->data(), source->data(), count);
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(memory_init) {
  WEFT_BODY;
  const uint32_t source = operand<uint32_t>(base, 1);
  const uint32_t count = operand<uint32_t>(base, 2);
  const auto data = inst->dropped_datas[index] ? std::span<const uint8_t>()
                                               : inst->module->range(inst->module->datas[index].contents);
  const auto target = inst->memories[index2]->slice(operand<Address>(base, 0), count);
  if (!target || !in_bounds(source, count, data.size())) WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  if (count != 0) std::memcpy(target->data(), data.data() + source, count);
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(data_drop) {
  WEFT_BODY;
  inst->dropped_datas[index] = true;
  WEFT_NEXT(kLength);
}

// -- tables --

WEFT_STACK_OP(table_get) {
  WEFT_BODY;
  const Table& table = *inst->tables[index];
  const Address at = operand<Address>(base, 0);
  if (at >= table.size) WEFT_TRAP(TrapCode::OutOfBoundsTable);
  WEFT_RESULT(table.elements[at]);
}

WEFT_STACK_OP(table_set) {
  WEFT_BODY;
  const Table& table = *inst->tables[index];
  const Address at = operand<Address>(base, 0);
  if (at >= table.size) WEFT_TRAP(TrapCode::OutOfBoundsTable);
  table.elements[at] = base[1];
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(table_size) {
  WEFT_BODY;
  WEFT_RESULT(inst->tables[index]->size);
}

WEFT_STACK_OP(table_grow) {
  WEFT_BODY;
  const auto old_size = inst->tables[index]->grow(operand<Address>(base, 1), base[0]);
  WEFT_RESULT(static_cast<Address>(old_size.value_or(~uint64_t{0})));
}

WEFT_STACK_OP(table_fill) {
  WEFT_BODY;
  const Table& table = *inst->tables[index];
  const Address at = operand<Address>(base, 0);
  const Address count = operand<Address>(base, 2);
  if (!in_bounds(at, count, table.size)) WEFT_TRAP(TrapCode::OutOfBoundsTable);
  std::fill_n(table.elements + at, count, base[1]);
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(table_copy) {
  WEFT_BODY;
  using Count = AddressOf<Is64 && Is64Source>;
  const Table& target = *inst->tables[index];
  const Table& source = *inst->tables[index2];
  const Address to = operand<Address>(base, 0);
  const SourceAddress from = operand<SourceAddress>(base, 1);
  const Count count = operand<Count>(base, 2);
  if (!in_bounds(to, count, target.size) || !in_bounds(from, count, source.size)) WEFT_TRAP(TrapCode::OutOfBoundsTable);
  if (count != 0) std::memmove(target.elements + to, source.elements + from, count * sizeof(Ref));
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(table_init) {
  WEFT_BODY;
  const Table& table = *inst->tables[index2];
  const std::vector<Ref>& segment = inst->element_segments[index];
  const Address to = operand<Address>(base, 0);
  const uint32_t from = operand<uint32_t>(base, 1);
  const uint32_t count = operand<uint32_t>(base, 2);
  if (!in_bounds(to, count, table.size) || !in_bounds(from, count, segment.size())) {
    WEFT_TRAP(TrapCode::OutOfBoundsTable);
  }
  std::copy_n(segment.begin() + from, count, table.elements + to);
  WEFT_NEXT(kLength);
}

WEFT_STACK_OP(elem_drop) {
  WEFT_BODY;
  std::vector<Ref>().swap(inst->element_segments[index]);
  WEFT_NEXT(kLength);
}

// -- references --

WEFT_STACK_OP(ref_func) {
  WEFT_BODY;
  WEFT_RESULT(func_to_ref(inst->func(index)));
}

WEFT_STACK_OP(ref_as_non_null) {
  WEFT_BODY;
  if (base[0] == kNullRef) WEFT_TRAP(TrapCode::NullReference);
  WEFT_RESULT(base[0]);
}

// -- wide arithmetic --

#define WEFT_WIDE_RESULT(value)                  \
  do {                                           \
    const unsigned __int128 wide = (value);      \
    base[0] = static_cast<uint64_t>(wide);       \
    base[1] = static_cast<uint64_t>(wide >> 64); \
    WEFT_NEXT(kLength);                          \
  } while (false)

inline unsigned __int128 wide_operand(const Cell* low) { return static_cast<unsigned __int128>(low[1]) << 64 | low[0]; }

WEFT_STACK_OP(add128) {
  WEFT_BODY;
  WEFT_WIDE_RESULT(wide_operand(base) + wide_operand(base + 2));
}

WEFT_STACK_OP(sub128) {
  WEFT_BODY;
  WEFT_WIDE_RESULT(wide_operand(base) - wide_operand(base + 2));
}

WEFT_STACK_OP(mul_wide_s) {
  WEFT_BODY;
  WEFT_WIDE_RESULT(static_cast<unsigned __int128>(static_cast<__int128>(static_cast<int64_t>(base[0])) *
                                                  static_cast<int64_t>(base[1])));
}

WEFT_STACK_OP(mul_wide_u) {
  WEFT_BODY;
  WEFT_WIDE_RESULT(static_cast<unsigned __int128>(base[0]) * base[1]);
}

// opcode, handler, operands, results
#define WEFT_STACK_OPS(OP)          \
  OP(MemorySize, memory_size, 0, 1) \
  OP(MemoryGrow, memory_grow, 1, 1) \
  OP(MemoryFill, memory_fill, 3, 0) \
  OP(MemoryCopy, memory_copy, 3, 0) \
  OP(MemoryInit, memory_init, 3, 0) \
  OP(DataDrop, data_drop, 0, 0)     \
  OP(TableGet, table_get, 1, 1)     \
  OP(TableSet, table_set, 2, 0)     \
  OP(TableSize, table_size, 0, 1)   \
  OP(TableGrow, table_grow, 2, 1)   \
  OP(TableFill, table_fill, 3, 0)   \
  OP(TableCopy, table_copy, 3, 0)   \
  OP(TableInit, table_init, 3, 0)   \
  OP(ElemDrop, elem_drop, 0, 0)     \
  OP(I64Add128, add128, 4, 2)       \
  OP(I64Sub128, sub128, 4, 2)       \
  OP(I64MulWideS, mul_wide_s, 2, 2) \
  OP(I64MulWideU, mul_wide_u, 2, 2) \
  OP(RefFunc, ref_func, 0, 1)       \
  OP(RefAsNonNull, ref_as_non_null, 1, 1)

}  // namespace

StackOp stack_op(Opcode op, bool is_64, bool is_64_source) {
  switch (op) {
#define OP(opcode, handler, params, results)                                                        \
  case Opcode::opcode:                                                                              \
    if (is_64) return {is_64_source ? handler<true, true> : handler<true, false>, params, results}; \
    return {is_64_source ? handler<false, true> : handler<false, false>, params, results};
    WEFT_STACK_OPS(OP)
#undef OP
    default: return {};
  }
}

}  // namespace weft::interp

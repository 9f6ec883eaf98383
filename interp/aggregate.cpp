// Structures, arrays, i31 and casts.
#include "interp/aggregate.h"

#include <cstring>

#include "runtime/aggregate.h"
#include "runtime/store.h"

namespace weft::interp {
namespace {

constexpr int kBase = kHandlerUnits;
constexpr int kIndex = kBase + 1;
constexpr int kIndex2 = kBase + 2;
constexpr int kLength = kBase + 3;

// While an object is made, the collector looks at the wasm stack up to the operands of the instruction.
template <typename F>
inline Object* allocate(Context& ctx, Cell* operands_end, F&& make) {
  WasmStack& stack = ctx.store->stack();
  Cell* const saved = stack.top();
  stack.set_top(operands_end);
  Object* const object = make(ctx.store->heap());
  stack.set_top(saved);
  return object;
}

#define WEFT_BODY                                 \
  WEFT_ENTER                                      \
  Cell* const base = slot(fp, pc[kBase]);         \
  [[maybe_unused]] const Unit index = pc[kIndex]; \
  [[maybe_unused]] const Unit index2 = pc[kIndex2]

#define WEFT_DONE() WEFT_NEXT(kLength)

#define WEFT_CREATED(object)                                  \
  do {                                                        \
    Object* const created = (object);                         \
    if (created == nullptr) WEFT_TRAP(TrapCode::OutOfMemory); \
    *base = object_to_ref(created);                           \
    WEFT_DONE();                                              \
  } while (false)

#define WEFT_OBJECT(name, cell, trap_code)          \
  if (base[cell] == kNullRef) WEFT_TRAP(trap_code); \
  Object& name = *ref_to_object(base[cell])

inline uint32_t cells_of(const RuntimeType& type) {
  uint32_t cells = 0;
  for (const FieldType& field : type.composite.fields) cells += field.type.cells();
  return cells;
}

inline ValType element_type(const Object& array) { return array.type->composite.fields[0].type; }

// -- structures --

WEFT_HANDLER struct_new(WEFT_PARAMS) {
  WEFT_BODY;
  const RuntimeType& type = *inst->types[index];
  WEFT_CREATED(allocate(*ctx, base + cells_of(type), [&](Heap& heap) { return new_struct(heap, type, base); }));
}

WEFT_HANDLER struct_new_default(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_CREATED(allocate(*ctx, base, [&](Heap& heap) { return new_struct(heap, *inst->types[index], nullptr); }));
}

template <bool Signed>
WEFT_HANDLER struct_get(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(object, 0, TrapCode::NullStructureReference);
  const RuntimeType& type = *inst->types[index];
  load_field(object.payload() + type.field_offsets[index2], type.composite.fields[index2].type, Signed, base);
  WEFT_DONE();
}

WEFT_HANDLER struct_set(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(object, 0, TrapCode::NullStructureReference);
  const RuntimeType& type = *inst->types[index];
  store_field(object.payload() + type.field_offsets[index2], type.composite.fields[index2].type, base + 1);
  WEFT_DONE();
}

// -- arrays --

WEFT_HANDLER array_new(WEFT_PARAMS) {
  WEFT_BODY;
  const RuntimeType& type = *inst->types[index];
  const uint32_t cells = type.composite.fields[0].type.cells();
  WEFT_CREATED(
      allocate(*ctx, base + cells, [&](Heap& heap) { return new_array(heap, type, cell_u32(base[cells]), base); }));
}

WEFT_HANDLER array_new_default(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_CREATED(allocate(*ctx, base,
                        [&](Heap& heap) { return new_array(heap, *inst->types[index], cell_u32(base[0]), nullptr); }));
}

WEFT_HANDLER array_new_fixed(WEFT_PARAMS) {
  WEFT_BODY;
  const RuntimeType& type = *inst->types[index];
  const ValType element = type.composite.fields[0].type;
  Object* const array = allocate(*ctx, base + size_t{index2} * element.cells(),
                                 [&](Heap& heap) { return new_array(heap, type, index2, nullptr); });
  for (uint32_t i = 0; array != nullptr && i < index2; ++i) {
    store_field(element_at(*array, i), element, base + size_t{i} * element.cells());
  }
  WEFT_CREATED(array);
}

// The bytes of a data segment; none when it was dropped.
inline std::span<const uint8_t> data_segment(const Instance& instance, uint32_t segment) {
  if (instance.dropped_datas[segment]) return {};
  return instance.module->range(instance.module->datas[segment].contents);
}

inline bool in_bounds(uint64_t offset, uint64_t count, uint64_t size) {
  return count <= size && offset <= size - count;
}

WEFT_HANDLER array_new_data(WEFT_PARAMS) {
  WEFT_BODY;
  const RuntimeType& type = *inst->types[index];
  const auto data = data_segment(*inst, index2);
  const uint32_t offset = cell_u32(base[0]);
  const uint32_t length = cell_u32(base[1]);
  const uint64_t bytes = uint64_t{length} * type.payload_bytes;
  if (!in_bounds(offset, bytes, data.size())) WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  Object* const array = allocate(*ctx, base, [&](Heap& heap) { return new_array(heap, type, length, nullptr); });
  if (array != nullptr && bytes != 0) std::memcpy(array->payload(), data.data() + offset, bytes);
  WEFT_CREATED(array);
}

WEFT_HANDLER array_new_elem(WEFT_PARAMS) {
  WEFT_BODY;
  const std::vector<Ref>& segment = inst->element_segments[index2];
  const uint32_t offset = cell_u32(base[0]);
  const uint32_t length = cell_u32(base[1]);
  if (!in_bounds(offset, length, segment.size())) WEFT_TRAP(TrapCode::OutOfBoundsTable);
  Object* const array =
      allocate(*ctx, base, [&](Heap& heap) { return new_array(heap, *inst->types[index], length, nullptr); });
  if (array != nullptr && length != 0) std::memcpy(array->payload(), segment.data() + offset, length * sizeof(Ref));
  WEFT_CREATED(array);
}

template <bool Signed>
WEFT_HANDLER array_get(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(array, 0, TrapCode::NullArrayReference);
  const uint32_t at = cell_u32(base[1]);
  if (at >= array.length) WEFT_TRAP(TrapCode::OutOfBoundsArray);
  load_field(element_at(array, at), element_type(array), Signed, base);
  WEFT_DONE();
}

WEFT_HANDLER array_set(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(array, 0, TrapCode::NullArrayReference);
  const uint32_t at = cell_u32(base[1]);
  if (at >= array.length) WEFT_TRAP(TrapCode::OutOfBoundsArray);
  store_field(element_at(array, at), element_type(array), base + 2);
  WEFT_DONE();
}

WEFT_HANDLER array_len(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(array, 0, TrapCode::NullArrayReference);
  *base = array.length;
  WEFT_DONE();
}

WEFT_HANDLER array_fill(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(array, 0, TrapCode::NullArrayReference);
  const ValType element = element_type(array);
  const uint32_t offset = cell_u32(base[1]);
  const uint32_t count = cell_u32(base[2 + element.cells()]);
  if (!has_elements(array, offset, count)) WEFT_TRAP(TrapCode::OutOfBoundsArray);
  for (uint32_t i = 0; i < count; ++i) store_field(element_at(array, offset + i), element, base + 2);
  WEFT_DONE();
}

WEFT_HANDLER array_copy(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(target, 0, TrapCode::NullArrayReference);
  WEFT_OBJECT(source, 2, TrapCode::NullArrayReference);
  const uint32_t to = cell_u32(base[1]);
  const uint32_t from = cell_u32(base[3]);
  const uint32_t count = cell_u32(base[4]);
  if (!has_elements(target, to, count) || !has_elements(source, from, count)) WEFT_TRAP(TrapCode::OutOfBoundsArray);
  std::memmove(element_at(target, to), element_at(source, from), uint64_t{count} * element_bytes(target));
  WEFT_DONE();
}

WEFT_HANDLER array_init_data(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(array, 0, TrapCode::NullArrayReference);
  const auto data = data_segment(*inst, index2);
  const uint32_t to = cell_u32(base[1]);
  const uint32_t from = cell_u32(base[2]);
  const uint32_t count = cell_u32(base[3]);
  const uint64_t bytes = uint64_t{count} * element_bytes(array);
  if (!has_elements(array, to, count)) WEFT_TRAP(TrapCode::OutOfBoundsArray);
  if (!in_bounds(from, bytes, data.size())) WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  if (bytes != 0) std::memcpy(element_at(array, to), data.data() + from, bytes);
  WEFT_DONE();
}

WEFT_HANDLER array_init_elem(WEFT_PARAMS) {
  WEFT_BODY;
  WEFT_OBJECT(array, 0, TrapCode::NullArrayReference);
  const std::vector<Ref>& segment = inst->element_segments[index2];
  const uint32_t to = cell_u32(base[1]);
  const uint32_t from = cell_u32(base[2]);
  const uint32_t count = cell_u32(base[3]);
  if (!has_elements(array, to, count)) WEFT_TRAP(TrapCode::OutOfBoundsArray);
  if (!in_bounds(from, count, segment.size())) WEFT_TRAP(TrapCode::OutOfBoundsTable);
  if (count != 0) std::memcpy(element_at(array, to), segment.data() + from, count * sizeof(Ref));
  WEFT_DONE();
}

// -- i31 --

WEFT_HANDLER ref_i31(WEFT_PARAMS) {
  WEFT_BODY;
  *base = make_i31(cell_u32(*base));
  WEFT_DONE();
}

template <bool Signed>
WEFT_HANDLER i31_get(WEFT_PARAMS) {
  WEFT_BODY;
  if (*base == kNullRef) WEFT_TRAP(TrapCode::NullI31Reference);
  *base = Signed ? static_cast<uint32_t>(i31_get_s(*base)) : i31_get_u(*base);
  WEFT_DONE();
}

// -- casts --

inline bool passes(const Instance* inst, Cell* fp, Code at) {
  return is_of_type(*inst, *slot(fp, at[0]), HeapType::from_bits(at[1]), at[2] != 0);
}

template <Place D>
WEFT_HANDLER ref_test(WEFT_PARAMS) {
  WEFT_ENTER
  put<D>(pc + kHandlerUnits + 3, fp, acc, vacc, static_cast<uint32_t>(passes(inst, fp, pc + kHandlerUnits)));
  WEFT_NEXT(kHandlerUnits + 4);
}

}  // namespace

WEFT_HANDLER ref_cast_handler(WEFT_PARAMS) {
  WEFT_ENTER
  if (!passes(inst, fp, pc + kHandlerUnits)) WEFT_TRAP(TrapCode::CastFailure);
  WEFT_NEXT(kHandlerUnits + 3);
}

ResultHandlers ref_test_handlers() { return {ref_test<Place::A>, ref_test<Place::S>}; }

Handler aggregate_handler(Opcode op) {
  switch (op) {
    case Opcode::StructNew: return struct_new;
    case Opcode::StructNewDefault: return struct_new_default;
    case Opcode::StructGet:
    case Opcode::StructGetU: return struct_get<false>;
    case Opcode::StructGetS: return struct_get<true>;
    case Opcode::StructSet: return struct_set;
    case Opcode::ArrayNew: return array_new;
    case Opcode::ArrayNewDefault: return array_new_default;
    case Opcode::ArrayNewFixed: return array_new_fixed;
    case Opcode::ArrayNewData: return array_new_data;
    case Opcode::ArrayNewElem: return array_new_elem;
    case Opcode::ArrayGet:
    case Opcode::ArrayGetU: return array_get<false>;
    case Opcode::ArrayGetS: return array_get<true>;
    case Opcode::ArraySet: return array_set;
    case Opcode::ArrayLen: return array_len;
    case Opcode::ArrayFill: return array_fill;
    case Opcode::ArrayCopy: return array_copy;
    case Opcode::ArrayInitData: return array_init_data;
    case Opcode::ArrayInitElem: return array_init_elem;
    case Opcode::RefI31: return ref_i31;
    case Opcode::I31GetS: return i31_get<true>;
    case Opcode::I31GetU: return i31_get<false>;
    default: return nullptr;
  }
}

}  // namespace weft::interp

// Access to objects.
#include "runtime/aggregate.h"

#include <cstring>

namespace weft {

void store_field(uint8_t* field, ValType type, const Cell* value) {
  std::memcpy(field, value, type.storage_bytes());  // both hosts are little-endian
}

void load_field(const uint8_t* field, ValType type, bool is_signed, Cell* value) {
  value[0] = 0;
  std::memcpy(value, field, type.storage_bytes());
  if (is_signed && type == ValType::I8) value[0] = static_cast<uint32_t>(static_cast<int8_t>(value[0]));
  if (is_signed && type == ValType::I16) value[0] = static_cast<uint32_t>(static_cast<int16_t>(value[0]));
}

Object* new_struct(Heap& heap, const RuntimeType& type, const Cell* fields) {
  Object* const object = heap.allocate(Object::Struct, type.payload_bytes);
  if (object == nullptr) return nullptr;
  object->type = &type;
  if (fields == nullptr) return object;
  for (size_t i = 0; i < type.composite.fields.size(); ++i) {
    const ValType field = type.composite.fields[i].type;
    store_field(object->payload() + type.field_offsets[i], field, fields);
    fields += field.cells();
  }
  return object;
}

Object* new_array(Heap& heap, const RuntimeType& type, uint32_t length, const Cell* element) {
  Object* const array = heap.allocate(Object::Array, uint64_t{length} * type.payload_bytes);
  if (array == nullptr) return nullptr;
  array->type = &type;
  array->length = length;
  if (element != nullptr) {
    const ValType field = type.composite.fields[0].type;
    for (uint32_t i = 0; i < length; ++i) store_field(element_at(*array, i), field, element);
  }
  return array;
}

uint32_t element_bytes(const Object& array) { return array.type->payload_bytes; }

uint8_t* element_at(Object& array, uint32_t index) {
  return array.payload() + uint64_t{index} * array.type->payload_bytes;
}

bool has_elements(const Object& array, uint64_t offset, uint64_t count) {
  return count <= array.length && offset <= array.length - count;
}

bool is_of_type(const Instance& instance, Ref ref, HeapType heap, bool nullable) {
  if (ref == kNullRef) return nullable;
  if (heap.is_defined()) {
    const RuntimeType* const type = instance.types[heap.index()];
    if (type->composite.kind == CompositeKind::Func) return ref_to_func(ref)->type->is_subtype_of(type);
    if (is_i31(ref) || ref_to_object(ref)->kind == Object::Host) return false;
    return ref_to_object(ref)->type->is_subtype_of(type);
  }
  const auto is_object = [&](Object::Kind kind) { return !is_i31(ref) && ref_to_object(ref)->kind == kind; };
  switch (heap.abstract()) {
    case HeapType::Any:
    case HeapType::Func:
    case HeapType::Extern:
    case HeapType::Exn: return true;
    case HeapType::Eq: return is_i31(ref) || is_object(Object::Struct) || is_object(Object::Array);
    case HeapType::I31: return is_i31(ref);
    case HeapType::Struct: return is_object(Object::Struct);
    case HeapType::Array: return is_object(Object::Array);
    default: return false;
  }
}

}  // namespace weft

// Structures, arrays and casts: what engines and constant expressions do with objects, spec §4.6.2 and §4.6.3.
#pragma once

#include <optional>

#include "runtime/heap.h"
#include "runtime/instance.h"
#include "runtime/trap.h"

namespace weft {

/// Copies a value of one or two cells into a field of a storage type, and back. Packed fields are extended as asked.
void store_field(uint8_t* field, ValType type, const Cell* value);
void load_field(const uint8_t* field, ValType type, bool is_signed, Cell* value);

/// New objects, or null when memory is out. `fields` are the cells of all fields; null gives default values.
Object* new_struct(Heap& heap, const RuntimeType& type, const Cell* fields);
/// An array of `length` copies of an element, or of default values when `element` is null.
Object* new_array(Heap& heap, const RuntimeType& type, uint32_t length, const Cell* element);

/// Bytes of an array's element, and where one is.
uint32_t element_bytes(const Object& array);
uint8_t* element_at(Object& array, uint32_t index);
/// True when [offset, offset + count) are elements.
bool has_elements(const Object& array, uint64_t offset, uint64_t count);

/// Whether a reference is of a heap type of the instance's module (null: when `nullable`).
bool is_of_type(const Instance& instance, Ref ref, HeapType heap, bool nullable);

}  // namespace weft

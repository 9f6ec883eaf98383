// Allocation, marking and sweeping.
#include "runtime/heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/instance.h"

namespace weft {

Heap::~Heap() {
  for (auto& [address, block] : blocks_) std::free(block->begin);
  for (auto& [address, bytes] : large_) std::free(reinterpret_cast<void*>(address));
}

// -- allocation --

Object* Heap::allocate(Object::Kind kind, uint64_t payload) {
  const uint64_t bytes = (payload + sizeof(Object) + kGranule - 1) & ~uint64_t{kGranule - 1};
  if (bytes < payload || bytes > limit_) return nullptr;
  if (stress_ || allocated_ + bytes > std::max(kFirstCollection, live_)) collect();
  if (used_bytes() + bytes > limit_) {
    collect();
    if (used_bytes() + bytes > limit_) return nullptr;
  }
  Object* const object = bytes < kLargest ? allocate_small(bytes / kGranule) : allocate_large(bytes);
  if (object == nullptr) return nullptr;
  if (bytes < kLargest) std::memset(static_cast<void*>(object), 0, bytes);
  object->kind = kind;
  allocated_ += bytes;
  return object;
}

Object* Heap::allocate_small(size_t index) {
  Class& size_class = classes_[index];
  while (size_class.free == nullptr && size_class.next_to_sweep < size_class.blocks.size()) {
    sweep(size_class, *size_class.blocks[size_class.next_to_sweep++]);
  }
  if (size_class.free == nullptr && !add_block(index)) return nullptr;
  Object* const object = size_class.free;
  size_class.free = object->next_free;
  return object;
}

Object* Heap::allocate_large(uint64_t bytes) {
  void* const memory = std::calloc(1, bytes);
  if (memory == nullptr) return nullptr;
  large_.emplace(reinterpret_cast<uintptr_t>(memory), bytes);
  return static_cast<Object*>(memory);
}

bool Heap::add_block(size_t index) {
  void* const memory = std::aligned_alloc(kBlockBytes, kBlockBytes);
  if (memory == nullptr) return false;
  auto block = std::make_unique<Block>();
  block->begin = static_cast<uint8_t*>(memory);
  block->cell_bytes = static_cast<uint32_t>(index * kGranule);
  block->cells = static_cast<uint32_t>(kBlockBytes / block->cell_bytes);
  Class& size_class = classes_[index];
  for (uint32_t i = block->cells; i > 0; --i) {
    auto* const cell = new (block->begin + (i - 1) * block->cell_bytes) Object{};
    cell->next_free = size_class.free;
    size_class.free = cell;
  }
  size_class.blocks.push_back(block.get());
  size_class.next_to_sweep = size_class.blocks.size();
  blocks_.emplace(reinterpret_cast<uintptr_t>(block->begin), std::move(block));
  return true;
}

// -- collection --

void Heap::collect() {
  finish_sweep();  // marks of the last collection are gone then
  ++collections_;
  live_ = 0;
  allocated_ = 0;
  roots_(*this);
  while (!mark_stack_.empty()) {
    Object* const object = mark_stack_.back();
    mark_stack_.pop_back();
    trace(*object);
  }
  sweep_large();
  for (Class& size_class : classes_) {
    size_class.free = nullptr;  // free cells are found again by the sweep
    size_class.next_to_sweep = 0;
    for (Block* const block : size_class.blocks) block->needs_sweep = true;
  }
}

void Heap::sweep(Class& size_class, Block& block) {
  if (!block.needs_sweep) return;
  block.needs_sweep = false;
  for (uint32_t i = block.cells; i > 0; --i) {
    auto* const object = reinterpret_cast<Object*>(block.begin + (i - 1) * block.cell_bytes);
    if (object->marked) {
      object->marked = false;
      continue;
    }
    object->kind = Object::Free;
    object->next_free = size_class.free;
    size_class.free = object;
  }
}

void Heap::sweep_large() {
  for (auto it = large_.begin(); it != large_.end();) {
    auto* const object = reinterpret_cast<Object*>(it->first);
    if (object->marked) {
      object->marked = false;
      ++it;
      continue;
    }
    std::free(object);
    it = large_.erase(it);
  }
}

void Heap::finish_sweep() {
  for (Class& size_class : classes_) {
    while (size_class.next_to_sweep < size_class.blocks.size()) {
      sweep(size_class, *size_class.blocks[size_class.next_to_sweep++]);
    }
  }
}

// -- marking --

// The object that a word is the address of, or null.
Object* Heap::find(Cell word, uint64_t& bytes) const {
  if (word % kGranule != 0) return nullptr;
  const auto address = static_cast<uintptr_t>(word);
  const auto block = blocks_.find(address & ~uintptr_t{kBlockBytes - 1});
  if (block != blocks_.end()) {
    const size_t offset = address - block->first;
    if (offset % block->second->cell_bytes != 0 || offset / block->second->cell_bytes >= block->second->cells)
      return nullptr;
    auto* const object = reinterpret_cast<Object*>(address);
    bytes = block->second->cell_bytes;
    return object->kind == Object::Free ? nullptr : object;
  }
  const auto large = large_.find(address);
  if (large == large_.end()) return nullptr;
  bytes = large->second;
  return reinterpret_cast<Object*>(address);
}

// A word of any kind of reference: functions are not objects and are not found.
void Heap::mark(Ref ref) {
  uint64_t bytes = 0;
  Object* const object = find(ref, bytes);
  if (object == nullptr || object->marked) return;
  object->marked = true;
  live_ += bytes;
  mark_stack_.push_back(object);
}

void Heap::mark_words(const Cell* begin, const Cell* end) {
  for (const Cell* word = begin; word < end; ++word) mark(*word);
}

void Heap::trace(Object& object) {
  const auto mark_at = [&](const uint8_t* place) {
    Ref ref = 0;
    std::memcpy(&ref, place, sizeof(ref));
    mark(ref);
  };
  switch (object.kind) {
    case Object::Struct: {
      const std::vector<FieldType>& fields = object.type->composite.fields;
      for (size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].type.is_ref()) mark_at(object.payload() + object.type->field_offsets[i]);
      }
      break;
    }
    case Object::Array:
      if (!object.type->composite.fields[0].type.is_ref()) break;
      for (uint32_t i = 0; i < object.length; ++i) mark_at(object.payload() + i * sizeof(Ref));
      break;
    case Object::Exception: {
      const Cell* cell = object.cells();
      for (const ValType type : object.tag->type->composite.func.params) {
        if (type.is_ref()) mark(*cell);
        cell += type.cells();
      }
      break;
    }
    default: break;
  }
}

}  // namespace weft

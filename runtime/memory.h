// Linear memories, spec §4.2.10 "memory instances": reserved, guarded and grown in place where the host allows it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "module/error.h"
#include "module/types.h"

namespace weft {

/// How accesses to a memory are kept in bounds.
enum class Bounds : uint8_t {
  Guard,     // the reachable range is reserved; what is out of bounds faults and the fault becomes a trap
  Explicit,  // every access compares with the size
};

/// A linear memory. The base never moves while a guarded or shared memory lives; other memories may move when they
/// grow. Shared memories may be used and grown by many threads, others by their store's thread.
class Memory {
 public:
  /// Creates a memory of type.limits.min pages, zeroed. `wanted` Guard falls back to Explicit where the host refuses
  /// the reservation and for 64-bit memories and custom page sizes. `max_bytes` bounds growth beside the type's
  /// maximum. Errors: Limit when the minimum is beyond max_bytes or the host has no memory.
  static Result<std::shared_ptr<Memory>> create(const MemoryType& type, Bounds wanted, uint64_t max_bytes);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  uint8_t* base() const { return base_; }
  /// Size in bytes. Other threads may grow a shared memory at any time; it never shrinks.
  uint64_t size() const { return size_.load(std::memory_order_acquire); }
  uint64_t pages() const { return size() >> type_.page_size_log2; }
  /// The type it was created with (its minimum is not updated by growth).
  const MemoryType& type() const { return type_; }
  Bounds bounds() const { return bounds_; }

  /// Grows by `delta` pages; gives the old size in pages, or nothing when a maximum forbids it or the host has no
  /// memory (spec §4.6.9 "memory.grow").
  std::optional<uint64_t> grow(uint64_t delta);

  /// True when [offset, offset + count) is inside.
  bool contains(uint64_t offset, uint64_t count) const {
    const uint64_t bytes = size();
    return count <= bytes && offset <= bytes - count;
  }
  /// The bytes [offset, offset + count), or an empty optional when they are not all inside.
  std::optional<std::span<uint8_t>> slice(uint64_t offset, uint64_t count) const {
    if (!contains(offset, count)) return std::nullopt;
    return std::span<uint8_t>(base_ + offset, count);
  }

 private:
  Memory(const MemoryType& type, uint64_t max_bytes) : type_(type), max_bytes_(max_bytes) {}
  bool reserve_guarded();
  bool reserve_explicit();
  bool commit(uint64_t new_size);

  uint8_t* base_ = nullptr;
  std::atomic<uint64_t> size_{0};
  MemoryType type_;
  Bounds bounds_ = Bounds::Explicit;
  uint64_t max_bytes_;     // of growth: the type's maximum and the store's limit
  uint64_t reserved_ = 0;  // bytes of address space at base_
  std::mutex grow_mutex_;
};

}  // namespace weft

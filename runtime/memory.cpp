// Reservation, growth and release of linear memories.
#include "runtime/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/fault.h"

namespace weft {
namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30;
// A 32-bit address plus a 32-bit offset stays below 8 GiB; the page behind takes the width of the access.
constexpr uint64_t kGuardedReservation = 8 * kGiB + (uint64_t{1} << 16);
// No host can back more; keeps the arithmetic on sizes far from overflow.
constexpr uint64_t kMaxBytes = uint64_t{1} << 46;

uint64_t round_to_host_page(uint64_t bytes) {
  static const uint64_t kHostPage = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return (bytes + kHostPage - 1) & ~(kHostPage - 1);
}

uint8_t* reserve(uint64_t bytes, int protection) {
  void* const base = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return base == MAP_FAILED ? nullptr : static_cast<uint8_t*>(base);
}

// Bytes that the type allows at most.
uint64_t type_max_bytes(const MemoryType& type) {
  const unsigned address_bits = type.is_64 ? 64 : 32;
  const unsigned shift = type.page_size_log2;
  uint64_t pages = address_bits - shift >= 64 ? ~uint64_t{0} : uint64_t{1} << (address_bits - shift);
  if (!type.is_64 && shift == 0) pages = 0xFFFF'FFFF;  // the size in pages must itself be an i32
  pages = std::min(pages, type.limits.max.value_or(pages));
  return pages > (kMaxBytes >> shift) ? kMaxBytes : pages << shift;
}

}  // namespace

Result<std::shared_ptr<Memory>> Memory::create(const MemoryType& type, Bounds wanted, uint64_t max_bytes) {
  const uint64_t limit = std::min(type_max_bytes(type), max_bytes);
  if (type.limits.min > (kMaxBytes >> type.page_size_log2) || type.limits.min << type.page_size_log2 > limit) {
    return fail(ErrorKind::Limit,
                fmt::format("a memory of {} pages is larger than the limit of {} bytes", type.limits.min, limit));
  }
  std::shared_ptr<Memory> memory(new Memory(type, limit));
  const bool can_guard = wanted == Bounds::Guard && !type.is_64 && type.page_size_log2 == 16;
  if (!(can_guard && memory->reserve_guarded()) && !memory->reserve_explicit()) {
    return fail(ErrorKind::Limit,
                fmt::format("the host has no address space for a memory of {} pages", type.limits.min));
  }
  if (!memory->commit(type.limits.min << type.page_size_log2)) {
    return fail(ErrorKind::Limit, fmt::format("the host has no memory for {} pages", type.limits.min));
  }
  return memory;
}

Memory::~Memory() {
  if (base_ == nullptr) return;
  if (bounds_ == Bounds::Guard) remove_fault_region(base_);
  munmap(base_, reserved_);
}

bool Memory::reserve_guarded() {
  base_ = reserve(kGuardedReservation, PROT_NONE);
  if (base_ == nullptr) return false;
  if (!add_fault_region(base_, kGuardedReservation)) {
    munmap(base_, kGuardedReservation);
    return false;
  }
  reserved_ = kGuardedReservation;
  bounds_ = Bounds::Guard;
  return true;
}

// Without guards the reservation is what may be used: all of it when a maximum makes that small or the memory is
// shared (its base must not move), else as much as the memory starts with. It is accessible as a whole, which keeps it
// one mapping that mremap can move; what lies beyond the size is never touched and stays zero.
bool Memory::reserve_explicit() {
  constexpr uint64_t kAlwaysReserve = kGiB;
  const uint64_t start = type_.limits.min << type_.page_size_log2;
  uint64_t wanted = max_bytes_;
  if (wanted > kAlwaysReserve && !type_.is_shared) wanted = std::max<uint64_t>(start, 1);
  reserved_ = round_to_host_page(std::max<uint64_t>(wanted, 1));
  base_ = reserve(reserved_, PROT_READ | PROT_WRITE);
  return base_ != nullptr;
}

// Makes [size, new_size) accessible; moves an explicitly checked memory when the reservation is too small.
bool Memory::commit(uint64_t new_size) {
  const uint64_t old_end = round_to_host_page(size());
  const uint64_t new_end = round_to_host_page(new_size);
  if (new_end > reserved_) {
    // Room for as much again, so that growing step by step moves seldom.
    const uint64_t wanted = round_to_host_page(std::min(max_bytes_, new_size * 2));
    void* const moved = mremap(base_, reserved_, wanted, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) return false;
    base_ = static_cast<uint8_t*>(moved);
    reserved_ = wanted;
  }
  if (bounds_ == Bounds::Guard && new_end > old_end &&
      mprotect(base_ + old_end, new_end - old_end, PROT_READ | PROT_WRITE) != 0) {
    return false;
  }
  size_.store(new_size, std::memory_order_release);
  return true;
}

std::optional<uint64_t> Memory::grow(uint64_t delta) {
  const std::lock_guard lock(grow_mutex_);
  const uint64_t old_size = size();
  const uint64_t old_pages = old_size >> type_.page_size_log2;
  if (delta == 0) return old_pages;
  if (delta > (max_bytes_ - old_size) >> type_.page_size_log2) return std::nullopt;
  if (!commit(old_size + (delta << type_.page_size_log2))) return std::nullopt;
  return old_pages;
}

}  // namespace weft

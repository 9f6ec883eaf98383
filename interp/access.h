// Explicitly checked access to any memory, spec §4.6.9.
#pragma once

#include <type_traits>

#include "interp/machine.h"
#include "interp/operands.h"

namespace weft::interp {

/// The host address for `width` bytes at address + offset, or null when they are not all inside; neither sum may wrap.
/// `at`: memory index, address slot, offset (two units).
template <bool Is64>
inline uint8_t* checked_address(Instance* inst, Cell* fp, Code at, uint64_t width) {
  using Address = std::conditional_t<Is64, uint64_t, uint32_t>;
  const Memory& memory = *inst->memories[at[0]];
  uint64_t address = get<Address, S>(at + 1, fp, 0, Vec{});
  uint64_t end = 0;
  if (__builtin_add_overflow(address, load_immediate<uint64_t>(at + 2), &address) ||
      __builtin_add_overflow(address, width, &end) || end > memory.size()) [[unlikely]] {
    return nullptr;
  }
  return memory.base() + address;
}

}  // namespace weft::interp

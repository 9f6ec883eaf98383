// The wasm stack of a store: where interpreter frames live, and the limits of the native stack.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/value.h"

namespace weft {

/// A region of cells for frames, mapped when first used and touched page by page as it fills.
class WasmStack {
 public:
  explicit WasmStack(uint64_t bytes) : bytes_(bytes) {}
  ~WasmStack();
  WasmStack(const WasmStack&) = delete;
  WasmStack& operator=(const WasmStack&) = delete;

  /// Maps the region if it is not yet. False when the host has no memory for it.
  bool ensure_mapped();

  Cell* base() const { return base_; }
  Cell* limit() const { return limit_; }  // one past the last usable cell
  /// Where the next activation's frames start.
  Cell* top() const { return top_; }
  void set_top(Cell* top) { top_ = top; }

  /// True when a host function or a nested activation has enough native stack to run on: 128 KiB.
  static bool has_native_room();

 private:
  uint64_t bytes_;
  Cell* base_ = nullptr;
  Cell* limit_ = nullptr;
  Cell* top_ = nullptr;
};

}  // namespace weft

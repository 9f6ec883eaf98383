// Mapping of the wasm stack, and how much native stack is left.
#include "runtime/stack.h"

#include <pthread.h>
#include <sys/mman.h>

namespace weft {
namespace {

// The lowest address of this thread's native stack.
uintptr_t native_stack_end() {
  thread_local uintptr_t end = 0;
  if (end == 0) {
    pthread_attr_t attributes;
    void* base = nullptr;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &base, &size);
      pthread_attr_destroy(&attributes);
    }
    end = reinterpret_cast<uintptr_t>(base);
  }
  return end;
}

}  // namespace

WasmStack::~WasmStack() {
  if (base_ != nullptr) munmap(base_, bytes_);
}

bool WasmStack::ensure_mapped() {
  if (base_ != nullptr) return true;
  void* const base = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return false;
  base_ = static_cast<Cell*>(base);
  limit_ = base_ + bytes_ / sizeof(Cell);
  top_ = base_;
  return true;
}

bool WasmStack::has_native_room() {
  constexpr uintptr_t kHostReserve = 128 << 10;
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  return here - native_stack_end() > kHostReserve;
}

}  // namespace weft

// Faults that are traps: out-of-bounds accesses to guarded memories arrive as SIGSEGV (or SIGBUS).
//
// The handler claims a fault only when its program counter lies in code that was registered here and its address lies
// in a registered guarded reservation; every other signal goes to whoever had it before.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

/// What the handler leaves behind, and where it unwinds to. One for each protected call in progress, in a list per
/// thread.
struct FaultFrame {
  void* stack_pointer = nullptr;  // first member: set by weft_protected_call
  FaultFrame* outer = nullptr;
  uintptr_t registers[3] = {0, 0, 0};  // at the fault: the registers that interpreter code pins (see interp/machine.h)
};

/// Runs body(argument). Gives false when a claimed fault ended it, whose registers are in `frame` then. Nothing on the
/// native stack between may need a destructor.
bool protected_call(FaultFrame& frame, void (*body)(void*), void* argument);

/// Installs the handler for the process; later calls do nothing. Handlers that the program installed before are kept
/// for faults that are not ours.
void install_fault_handler();

/// Registers code whose faults are traps. [begin, end) must stay valid for the life of the process or be removed.
void add_fault_code(const void* begin, const void* end);

/// Registers and removes guarded reservations. False when there are too many (the caller then checks explicitly).
bool add_fault_region(const void* begin, size_t size);
void remove_fault_region(const void* begin);

}  // namespace weft

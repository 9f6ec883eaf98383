// Traps, spec §4.2: why execution stopped, where, and how it got there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

struct Instance;

/// Reasons, with the official suite's texts. TRAP(name, text)
#define WEFT_TRAPS(TRAP)                                        \
  TRAP(Unreachable, "unreachable")                              \
  TRAP(OutOfBoundsMemory, "out of bounds memory access")        \
  TRAP(OutOfBoundsTable, "out of bounds table access")          \
  TRAP(OutOfBoundsArray, "out of bounds array access")          \
  TRAP(UndefinedElement, "undefined element")                   \
  TRAP(UninitializedElement, "uninitialized element")           \
  TRAP(IndirectCallTypeMismatch, "indirect call type mismatch") \
  TRAP(IntegerDivideByZero, "integer divide by zero")           \
  TRAP(IntegerOverflow, "integer overflow")                     \
  TRAP(InvalidConversion, "invalid conversion to integer")      \
  TRAP(CallStackExhausted, "call stack exhausted")              \
  TRAP(NullReference, "null reference")                         \
  TRAP(NullFunctionReference, "null function reference")        \
  TRAP(NullStructureReference, "null structure reference")      \
  TRAP(NullArrayReference, "null array reference")              \
  TRAP(NullI31Reference, "null i31 reference")                  \
  TRAP(NullExceptionReference, "null exception reference")      \
  TRAP(CastFailure, "cast failure")                             \
  TRAP(UnalignedAtomic, "unaligned atomic")                     \
  TRAP(ExpectedSharedMemory, "expected shared memory")          \
  TRAP(UncaughtException, "uncaught exception")                 \
  TRAP(OutOfMemory, "out of memory")                            \
  TRAP(OutOfFuel, "out of fuel")                                \
  TRAP(Interrupted, "interrupted")                              \
  TRAP(TimedOut, "timed out")                                   \
  TRAP(Host, "host function failed")                            \
  TRAP(Exit, "exit")

enum class TrapCode : uint8_t {
#define TRAP(name, text) name,
  WEFT_TRAPS(TRAP)
#undef TRAP
};

/// The suite's text for a reason.
std::string_view to_string(TrapCode code);

/// One call of a backtrace, innermost first.
struct Frame {
  const Instance* instance = nullptr;
  uint32_t function_index = 0;
  uint32_t offset = 0;  // of the instruction, from the start of the module
};

/// What a trap leaves behind. Owned by the Store whose execution trapped.
struct Trap {
  TrapCode code = TrapCode::Unreachable;
  std::string message;           // details beyond the reason's text; may be empty
  int32_t exit_code = 0;         // TrapCode::Exit: the status that the guest gave
  std::vector<Frame> backtrace;  // at most kMaxFrames, then `omitted` counts the rest
  uint64_t omitted = 0;
  static constexpr size_t kMaxFrames = 64;

  /// "reason: message" without the backtrace.
  std::string to_string() const;
};

/// How a call ended. After Trap and Exception the details are with the store.
enum class Outcome : uint8_t { Return, Trap, Exception };

}  // namespace weft

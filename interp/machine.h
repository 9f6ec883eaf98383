// The interpreter's machine: its registers, how handlers are called, and how one dispatches the next.
//
// Code is a stream of 32-bit units: an instruction is the address of its handler (two units) and then its operands. A
// handler ends by calling the next one. With clang ≥ 19 that is a guaranteed tail call in the preserve_none
// convention, and the registers below are machine registers throughout; other compilers run the same bodies from a
// loop, with the registers in a struct.
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/fault.h"
#include "runtime/instance.h"
#include "runtime/sanitizer.h"
#include "runtime/trap.h"
#include "runtime/value.h"

// Sanitizers need frames that preserve_none has no registers for: their builds run the loop.
#if defined(__clang__) && defined(__has_attribute) && !defined(WEFT_ASAN)
#if __has_attribute(preserve_none) && __has_cpp_attribute(clang::musttail) && __clang_major__ >= 19
#define WEFT_TAIL_CALLS 1
#endif
#endif

namespace weft::interp {

using Unit = uint32_t;
using Code = const Unit*;
/// The accumulator for f32, f64 (low lanes) and v128.
typedef float Vec __attribute__((vector_size(16)));

struct Machine;

/// One run of the interpreter, from the host's call to its return.
struct Context {
  FaultFrame fault;  // first: see protected_call
  Store* store = nullptr;
  Cell* limit = nullptr;  // end of the wasm stack
  // What the last handler left when it ended the run.
  Outcome outcome = Outcome::Return;
  bool trap_recorded = false;  // the store's trap is set already (host functions)
  TrapCode trap_code = TrapCode::Unreachable;
  Code pc = nullptr;  // of the instruction that trapped or threw
  Cell* fp = nullptr;
  Instance* instance = nullptr;
  Machine* machine = nullptr;  // the loop's registers, where there is no tail call
};

// The registers: pc    the current instruction
//                fp    the current frame
//                mem   base of the instance's memory 0 when that is guarded
//                inst  the current instance
//                ctx   the run
//                acc   accumulator for integers and references
//                vacc  accumulator for floats and vectors
#if defined(WEFT_TAIL_CALLS)

#define WEFT_CONVENTION __attribute__((preserve_none))
#define WEFT_PARAMS                                                                                           \
  [[maybe_unused]] ::weft::interp::Code pc, [[maybe_unused]] ::weft::Cell *fp, [[maybe_unused]] uint8_t *mem, \
      [[maybe_unused]] ::weft::Instance *inst, [[maybe_unused]] ::weft::interp::Context *ctx,                 \
      [[maybe_unused]] uint64_t acc, [[maybe_unused]] ::weft::interp::Vec vacc
#define WEFT_REGISTERS pc, fp, mem, inst, ctx, acc, vacc
#define WEFT_ENTER
#define WEFT_TAIL(handler) [[clang::musttail]] return handler(WEFT_REGISTERS)
#define WEFT_DISPATCH() WEFT_TAIL(::weft::interp::load_handler(pc))
#define WEFT_LEAVE() return

#else

struct Machine {
  Code pc;
  Cell* fp;
  uint8_t* mem;
  Instance* inst;
  Context* ctx;
  uint64_t acc;
  Vec vacc;
  bool running;
};
#define WEFT_CONVENTION
#define WEFT_PARAMS ::weft::interp::Machine& machine
#define WEFT_REGISTERS machine
#define WEFT_ENTER                            \
  [[maybe_unused]] auto& pc = machine.pc;     \
  [[maybe_unused]] auto& fp = machine.fp;     \
  [[maybe_unused]] auto& mem = machine.mem;   \
  [[maybe_unused]] auto& inst = machine.inst; \
  [[maybe_unused]] auto& ctx = machine.ctx;   \
  [[maybe_unused]] auto& acc = machine.acc;   \
  [[maybe_unused]] auto& vacc = machine.vacc;
#define WEFT_TAIL(handler) return handler(WEFT_REGISTERS)
#define WEFT_DISPATCH() return
#define WEFT_LEAVE()         \
  do {                       \
    machine.running = false; \
    return;                  \
  } while (false)

#endif

using Handler = void(WEFT_CONVENTION*)(WEFT_PARAMS);

/// Handlers live in a section of their own, so that the fault handler knows their faults; guests may race on shared
/// memory, which is not the thread sanitizer's business.
#define WEFT_HANDLER WEFT_CONVENTION __attribute__((section("weft_handlers"), no_sanitize("thread"))) void

inline constexpr int kHandlerUnits = 2;

inline Handler load_handler(Code pc) {
  Handler handler;
  std::memcpy(&handler, pc, sizeof(handler));
  return handler;
}

template <typename T>
inline T load_immediate(Code at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

/// Advances by a number of units and dispatches.
#define WEFT_NEXT(...)   \
  do {                   \
    pc += (__VA_ARGS__); \
    WEFT_DISPATCH();     \
  } while (false)

/// Ends the run with a trap at the current instruction.
#define WEFT_TRAP(code)                      \
  do {                                       \
    acc = static_cast<uint64_t>(code);       \
    WEFT_TAIL(::weft::interp::trap_handler); \
  } while (false)

/// Takes the reason from acc.
WEFT_CONVENTION void trap_handler(WEFT_PARAMS);

// A fault in a guarded access is found with pc, fp and inst in the registers that they were passed in: naming them here
// as operands, with what was read or written, keeps them there across the access. (The loop keeps them in memory.)
#if defined(WEFT_TAIL_CALLS) && defined(__x86_64__)
#define WEFT_PIN()                                                                    \
  do {                                                                                \
    register ::weft::interp::Code pinned_pc asm("r12") = pc;                          \
    register ::weft::Cell* pinned_fp asm("r13") = fp;                                 \
    register ::weft::Instance* pinned_inst asm("r15") = inst;                         \
    asm volatile("" : : "r"(pinned_pc), "r"(pinned_fp), "r"(pinned_inst) : "memory"); \
  } while (false)
#elif defined(WEFT_TAIL_CALLS) && defined(__aarch64__)
#define WEFT_PIN()                                                                    \
  do {                                                                                \
    register ::weft::interp::Code pinned_pc asm("x20") = pc;                          \
    register ::weft::Cell* pinned_fp asm("x21") = fp;                                 \
    register ::weft::Instance* pinned_inst asm("x23") = inst;                         \
    asm volatile("" : : "r"(pinned_pc), "r"(pinned_fp), "r"(pinned_inst) : "memory"); \
  } while (false)
#else
#define WEFT_PIN() ((void)0)
#endif

}  // namespace weft::interp

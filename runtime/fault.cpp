// The signal handler, its registries, and the switch into protected code.
#include "runtime/fault.h"

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <atomic>
#include <mutex>

#include "runtime/sanitizer.h"

extern "C" {
// protected_call.S: saves the callee-saved registers and the stack pointer to *frame, then calls body(argument).
// Gives 0; or 1 when the handler resumed at weft_protected_landing.
int weft_protected_call(weft::FaultFrame* frame, void (*body)(void*), void* argument);
extern const char weft_protected_landing[];
}

namespace weft {
namespace {

thread_local FaultFrame* current_frame = nullptr;

// Ranges that the handler reads without locks: a slot's begin is published last and cleared first.
template <size_t kSlots>
class RangeSet {
 public:
  bool add(uintptr_t begin, uintptr_t end) {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < kSlots; ++i) {
      if (slots_[i].begin.load(std::memory_order_relaxed) != 0) continue;
      slots_[i].end.store(end, std::memory_order_relaxed);
      slots_[i].begin.store(begin, std::memory_order_release);
      if (i >= used_.load(std::memory_order_relaxed)) used_.store(i + 1, std::memory_order_release);
      return true;
    }
    return false;
  }
  void remove(uintptr_t begin) {
    const std::lock_guard lock(mutex_);
    for (Slot& slot : slots_) {
      if (slot.begin.load(std::memory_order_relaxed) == begin) slot.begin.store(0, std::memory_order_release);
    }
  }
  bool contains(uintptr_t address) const {
    const size_t used = used_.load(std::memory_order_acquire);
    for (size_t i = 0; i < used; ++i) {
      const uintptr_t begin = slots_[i].begin.load(std::memory_order_acquire);
      if (begin != 0 && address >= begin && address < slots_[i].end.load(std::memory_order_relaxed)) return true;
    }
    return false;
  }

 private:
  struct Slot {
    std::atomic<uintptr_t> begin{0};
    std::atomic<uintptr_t> end{0};
  };
  std::array<Slot, kSlots> slots_;
  std::atomic<size_t> used_{0};
  std::mutex mutex_;
};

// 47 bits of address space hold 16,384 reservations of 8 GiB.
RangeSet<16'384> fault_regions;
RangeSet<256> fault_code;

std::array<struct sigaction, 65> previous_actions;

#if defined(__x86_64__)
uintptr_t program_counter(const ucontext_t& context) {
  return static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_RIP]);
}
void resume_at_landing(ucontext_t& context, FaultFrame& frame) {
  frame.registers[0] = static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_R12]);
  frame.registers[1] = static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_R13]);
  frame.registers[2] = static_cast<uintptr_t>(context.uc_mcontext.gregs[REG_R15]);
  context.uc_mcontext.gregs[REG_RSP] = reinterpret_cast<greg_t>(frame.stack_pointer);
  context.uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(weft_protected_landing);
}
#elif defined(__aarch64__)
uintptr_t program_counter(const ucontext_t& context) { return context.uc_mcontext.pc; }
void resume_at_landing(ucontext_t& context, FaultFrame& frame) {
  frame.registers[0] = context.uc_mcontext.regs[20];
  frame.registers[1] = context.uc_mcontext.regs[21];
  frame.registers[2] = context.uc_mcontext.regs[23];
  context.uc_mcontext.sp = reinterpret_cast<uintptr_t>(frame.stack_pointer);
  context.uc_mcontext.pc = reinterpret_cast<uintptr_t>(weft_protected_landing);
}
#else
#error "Weft runs on x86-64 and AArch64"
#endif

void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = previous_actions[static_cast<size_t>(signal)];
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    // Faults cannot be ignored: restore the default and let the instruction fault again.
    sigaction(signal, &previous, nullptr);
  } else {
    previous.sa_handler(signal);
  }
}

void on_fault(int signal, siginfo_t* info, void* raw_context) {
  auto& context = *static_cast<ucontext_t*>(raw_context);
  FaultFrame* const frame = current_frame;
  if (frame != nullptr && fault_code.contains(program_counter(context)) &&
      fault_regions.contains(reinterpret_cast<uintptr_t>(info->si_addr))) {
    resume_at_landing(context, *frame);
    return;
  }
  pass_on(signal, info, raw_context);
}

}  // namespace

bool protected_call(FaultFrame& frame, void (*body)(void*), void* argument) {
  frame.outer = current_frame;
  current_frame = &frame;
  const int faulted = weft_protected_call(&frame, body, argument);
  current_frame = frame.outer;
  if (faulted) forget_stack_below_here();
  return faulted == 0;
}

void install_fault_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (const int signal : {SIGSEGV, SIGBUS}) {
      struct sigaction action = {};
      action.sa_sigaction = on_fault;
      action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
      sigemptyset(&action.sa_mask);
      sigaction(signal, &action, &previous_actions[static_cast<size_t>(signal)]);
    }
  });
}

void add_fault_code(const void* begin, const void* end) {
  fault_code.add(reinterpret_cast<uintptr_t>(begin), reinterpret_cast<uintptr_t>(end));
}

bool add_fault_region(const void* begin, size_t size) {
  const auto start = reinterpret_cast<uintptr_t>(begin);
  return fault_regions.add(start, start + size);
}

void remove_fault_region(const void* begin) { fault_regions.remove(reinterpret_cast<uintptr_t>(begin)); }

}  // namespace weft

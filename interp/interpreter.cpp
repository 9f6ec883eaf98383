// Runs of the interpreter: from the host's call to its return, and what traps leave behind.
#include "interp/interpreter.h"

#include "interp/code.h"
#include "interp/control.h"
#include "runtime/store.h"

#if defined(__clang__)
extern "C" {
// The section that holds all handlers; the linker makes these symbols.
extern const char __start_weft_handlers[];  // NOLINT: the linker's names
extern const char __stop_weft_handlers[];   // NOLINT
}
#else
#include <link.h>
#endif

namespace weft::interp {
namespace {

#if defined(__clang__)
void register_handlers() { add_fault_code(__start_weft_handlers, __stop_weft_handlers); }
#else
// GCC 12 does not put templates into named sections: all code of this program or library is registered instead. Faults
// must still lie in a guarded memory, and only handlers touch what is out of bounds there.
int register_segments(struct dl_phdr_info* info, size_t, void*) {
  const auto here = reinterpret_cast<uintptr_t>(&register_segments);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && here >= begin && here < begin + segment.p_memsz) {
      add_fault_code(reinterpret_cast<const void*>(begin), reinterpret_cast<const void*>(begin + segment.p_memsz));
      return 1;
    }
  }
  return 0;
}
void register_handlers() { dl_iterate_phdr(register_segments, nullptr); }
#endif

// What protected code starts from.
struct Start {
  Code pc;
  Cell* fp;
  Instance* instance;
  Context* context;
};

#if defined(WEFT_TAIL_CALLS)
void run(void* argument) {
  const Start& start = *static_cast<Start*>(argument);
  load_handler(start.pc)(start.pc, start.fp, start.instance->memory0, start.instance, start.context, 0, Vec{});
}
#else
void run(void* argument) {
  const Start& start = *static_cast<Start*>(argument);
  Machine machine{start.pc, start.fp, start.instance->memory0, start.instance, start.context, 0, Vec{}, true};
  start.context->machine = &machine;
  while (machine.running) load_handler(machine.pc)(machine);
}
#endif

// Where a run was when a guarded access faulted.
void locate_fault(Context& context) {
  context.outcome = Outcome::Trap;
  context.trap_code = TrapCode::OutOfBoundsMemory;
#if defined(WEFT_TAIL_CALLS)
  context.pc = reinterpret_cast<Code>(context.fault.registers[0]);
  context.fp = reinterpret_cast<Cell*>(context.fault.registers[1]);
  context.instance = reinterpret_cast<Instance*>(context.fault.registers[2]);
#else
  context.pc = context.machine->pc;
  context.fp = context.machine->fp;
  context.instance = context.machine->inst;
#endif
}

// Walks the frames from where a run ended out to the host.
void record_backtrace(const Context& context, Trap& trap) {
  Code pc = context.pc;
  const Cell* fp = context.fp;
  const Instance* instance = context.instance;
  while (pc != exit_code()) {
    const auto& code = static_cast<const ModuleCode&>(*instance->code);
    const FunctionCode* const function = code.find(pc);
    if (function == nullptr) return;
    if (trap.backtrace.size() < Trap::kMaxFrames) {
      trap.backtrace.push_back({instance, function->index, function->wasm_offset(pc)});
    } else {
      ++trap.omitted;
    }
    Link link = *reinterpret_cast<const Link*>(fp + function->param_cells);
    if (link.return_pc == foreign_return_code()) {
      const auto& record = *reinterpret_cast<const ForeignRecord*>(link.caller_fp);
      instance = record.caller;
      link = {record.return_pc, record.caller_fp};
    }
    // The return address is behind the call, which may be the last instruction.
    pc = link.return_pc == exit_code() ? link.return_pc : link.return_pc - 1;
    fp = link.caller_fp;
  }
}

class Interpreter final : public ExecutionTier {
 public:
  Interpreter() {
    install_fault_handler();
    static const bool registered = (register_handlers(), true);
    (void)registered;
  }

  std::string_view name() const override { return "interp"; }

  std::unique_ptr<weft::ModuleCode> prepare(const CompiledModule& module, Bounds bounds) override {
    return std::make_unique<ModuleCode>(module, bounds);
  }

  Outcome call(Store& store, Func& func, Cell* cells) override;
  void visit_stack(Store& store, const std::function<void(const Cell*, const Cell*)>& visit) override {
    visit(store.stack().base(), store.stack().top());
  }
};

Outcome Interpreter::call(Store& store, Func& func, Cell* cells) {
  WasmStack& stack = store.stack();
  if (!stack.ensure_mapped()) return store.set_trap(Trap{.code = TrapCode::OutOfMemory, .message = "no stack"});
  FunctionCode& code = code_of(func);
  Cell* const fp = stack.top();
  const Code entry = code.entry.load(std::memory_order_acquire);
  const size_t room = static_cast<size_t>(stack.limit() - fp);
  if (room < entry[-1] + size_t{code.result_cells} || !WasmStack::has_native_room()) {
    return store.set_trap(Trap{.code = TrapCode::CallStackExhausted});
  }
  std::copy_n(cells, code.param_cells, fp);
  *reinterpret_cast<Link*>(fp + code.param_cells) = {exit_code(), nullptr};
  std::fill_n(fp + code.param_cells + kLinkCells, entry[-2], 0);

  Context context;
  context.store = &store;
  context.limit = stack.limit();
  context.instance = func.instance;
  Start start{entry, fp, func.instance, &context};
  if (!protected_call(context.fault, run, &start)) locate_fault(context);
  stack.set_top(fp);

  if (context.outcome == Outcome::Return) {
    std::copy_n(fp, code.result_cells, cells);
  } else if (context.outcome == Outcome::Trap) {
    if (!context.trap_recorded) store.set_trap(Trap{.code = context.trap_code});
    Trap trap = store.trap();
    record_backtrace(context, trap);
    store.set_trap(std::move(trap));
  }
  return context.outcome;
}

}  // namespace

std::unique_ptr<ExecutionTier> make_interpreter() { return std::make_unique<Interpreter>(); }

const char* dispatch_name() {
#if defined(WEFT_TAIL_CALLS)
  return "tail calls";
#else
  return "loop";
#endif
}

}  // namespace weft::interp

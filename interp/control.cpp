// Branches, calls and returns.
#include "interp/control.h"

#include "interp/exception.h"
#include "runtime/store.h"

namespace weft::interp {
namespace {

// §4.6.12 "function invocation": pushes the link, zeroes the locals, and goes to the callee's code. The arguments are
// at `frame` already. Gives false when the stack is exhausted.
inline bool push_frame(FunctionCode& callee, Cell* frame, Code return_pc, Code& pc, Cell*& fp, const Context* ctx) {
  const Code entry = callee.entry.load(std::memory_order_acquire);
  if (static_cast<size_t>(ctx->limit - frame) < entry[-1]) [[unlikely]]
    return false;
  Link* const link = reinterpret_cast<Link*>(frame + callee.param_cells);
  link->return_pc = return_pc;
  link->caller_fp = fp;
  Cell* local = frame + callee.param_cells + kLinkCells;
  for (Unit left = entry[-2]; left != 0; left -= 2) {
    local[0] = 0;
    local[1] = 0;
    local += 2;
    asm volatile("" : "+r"(local));  // or it becomes a call of memset, which costs more than most frames
  }
  fp = frame;
  pc = entry;
  return true;
}

#define WEFT_PUSH_FRAME(callee, frame, return_pc)                        \
  do {                                                                   \
    if (!push_frame(callee, frame, return_pc, pc, fp, ctx)) [[unlikely]] \
      WEFT_TRAP(TrapCode::CallStackExhausted);                           \
    WEFT_DISPATCH();                                                     \
  } while (false)

// Loads the accumulators from a call's first result, as a wasm callee leaves them.
inline void load_result(const Cell* results, uint64_t& acc, Vec& vacc) {
  acc = results[0];
  std::memcpy(&vacc, results, sizeof(vacc));  // the cell behind is the frame's too
}

// Runs a host function on the cells at `frame`. False when it trapped or threw.
bool call_host(Context& ctx, Instance* caller, Func& func, Cell* frame) {
  Store& store = *ctx.store;
  const uint32_t cells = std::max(func.type->param_cells, func.type->result_cells) + 2;
  if (static_cast<size_t>(ctx.limit - frame) < cells || !WasmStack::has_native_room()) {
    ctx.outcome = Outcome::Trap;
    ctx.trap_code = TrapCode::CallStackExhausted;
    return false;
  }
  Cell* const saved_top = store.stack().top();
  store.stack().set_top(frame + cells);
  HostContext context{store, caller};
  const Outcome outcome = func.host->callback(func.host->environment.get(), context, frame);
  store.stack().set_top(saved_top);
  if (outcome == Outcome::Return) return true;
  ctx.outcome = outcome;
  ctx.trap_recorded = true;
  return false;
}

// Ends the run; the outcome is set already.
WEFT_HANDLER leave_handler(WEFT_PARAMS) {
  WEFT_ENTER
  ctx->pc = pc;
  ctx->fp = fp;
  ctx->instance = inst;
  WEFT_LEAVE();
}

// After a host function failed: its exception may be caught here, its trap ends the run.
WEFT_HANDLER host_failed_handler(WEFT_PARAMS) {
  WEFT_ENTER
  if (ctx->outcome != Outcome::Exception) WEFT_TAIL(leave_handler);
  ctx->outcome = Outcome::Return;
  ctx->trap_recorded = false;
  WEFT_TAIL(unwind_handler);
}

// The frame that a call to another instance runs in lies above a record of what to restore: `arguments` move up by
// the record. Gives the new frame, or null when the stack is exhausted.
Cell* push_foreign(Context& ctx, Func& func, Cell* arguments, Code return_pc, Cell* fp, Instance* caller) {
  const RuntimeType& type = *func.type;
  const size_t wanted = kForeignCells + std::max(type.param_cells, type.result_cells) + kLinkCells;
  if (static_cast<size_t>(ctx.limit - arguments) < wanted) return nullptr;
  Cell* const frame = arguments + kForeignCells;
  std::memmove(frame, arguments, type.param_cells * sizeof(Cell));
  *reinterpret_cast<ForeignRecord*>(arguments) = {return_pc, fp, caller, type.result_cells};
  return frame;
}

// The callee of a tail call takes the place of the frame at fp: its arguments move there.
inline void move_arguments(Cell* fp, const Cell* arguments, uint32_t cells) {
  std::memmove(fp, arguments, cells * sizeof(Cell));
}

}  // namespace

WEFT_HANDLER trap_handler(WEFT_PARAMS) {
  WEFT_ENTER
  ctx->outcome = Outcome::Trap;
  ctx->trap_code = static_cast<TrapCode>(acc);
  WEFT_TAIL(leave_handler);
}

WEFT_HANDLER exit_handler(WEFT_PARAMS) {
  WEFT_ENTER
  WEFT_LEAVE();
}

WEFT_HANDLER unreachable_handler(WEFT_PARAMS) {
  WEFT_ENTER
  WEFT_TRAP(TrapCode::Unreachable);
}

WEFT_HANDLER spend_fuel_handler(WEFT_PARAMS) {
  WEFT_ENTER
  if (!ctx->store->spend_fuel()) WEFT_TRAP(TrapCode::OutOfFuel);
  WEFT_NEXT(kHandlerUnits);
}

WEFT_HANDLER translate_handler(WEFT_PARAMS) {
  WEFT_ENTER
  auto& function = *load_immediate<FunctionCode*>(pc + kHandlerUnits);
  function.owner->translate(function);
  // The link is in place; what the stub could not know is done now.
  const Code entry = function.entry.load(std::memory_order_acquire);
  if (static_cast<size_t>(ctx->limit - fp) < entry[-1]) {
    const Link& link = *reinterpret_cast<Link*>(fp + function.param_cells);
    pc = link.return_pc - 1;  // the caller's instruction traps, as it does when the callee is translated
    fp = link.caller_fp;
    WEFT_TRAP(TrapCode::CallStackExhausted);
  }
  std::memset(fp + function.param_cells + kLinkCells, 0, entry[-2] * sizeof(Cell));
  pc = entry;
  WEFT_DISPATCH();
}

WEFT_HANDLER branch_handler(WEFT_PARAMS) {
  WEFT_ENTER
  WEFT_NEXT(static_cast<int32_t>(pc[kHandlerUnits]));
}

namespace {

template <Place P, bool When>
WEFT_HANDLER branch_if(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kDistance = kHandlerUnits + kUnits<uint32_t, P>;
  if ((get<uint32_t, P>(pc + kHandlerUnits, fp, acc, vacc) != 0) == When)
    WEFT_NEXT(static_cast<int32_t>(pc[kDistance]));
  WEFT_NEXT(kDistance + 1);
}

template <Place P>
WEFT_HANDLER branch_table(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kCount = kHandlerUnits + kUnits<uint32_t, P>;
  const uint32_t index = get<uint32_t, P>(pc + kHandlerUnits, fp, acc, vacc);
  const uint32_t last = pc[kCount] - 1;
  WEFT_NEXT(static_cast<int32_t>(pc[kCount + 1 + (index < last ? index : last)]));
}

template <typename T, Place P>
WEFT_HANDLER return_one(WEFT_PARAMS) {
  WEFT_ENTER
  const Link link = *reinterpret_cast<Link*>(slot(fp, pc[kHandlerUnits]));
  const T value = get<T, P>(pc + kHandlerUnits + 1, fp, acc, vacc);
  if constexpr (kInVector<T>) {
    vacc = to_vec(value);
    std::memcpy(fp, &vacc, std::is_same_v<T, V128> ? 16 : 8);
  } else {
    acc = to_acc(value);
    *fp = acc;
  }
  fp = link.caller_fp;
  pc = link.return_pc;
  WEFT_DISPATCH();
}

template <typename T>
constexpr Handler kReturnOne[3] = {return_one<T, S>, return_one<T, A>, return_one<T, I>};

}  // namespace

Handler branch_if_handler(Place condition, bool when) {
  if (condition == S) return when ? branch_if<S, true> : branch_if<S, false>;
  return when ? branch_if<A, true> : branch_if<A, false>;
}

Handler branch_table_handler(Place index) { return index == S ? branch_table<S> : branch_table<A>; }

Handler return_one_handler(ValType type, Place result) {
  const auto place = static_cast<size_t>(result);
  switch (type.kind()) {
    case ValType::I32: return kReturnOne<uint32_t>[place];
    case ValType::F32: return kReturnOne<float>[place];
    case ValType::F64: return kReturnOne<double>[place];
    case ValType::V128: return result == S ? return_one<V128, S> : return_one<V128, A>;
    default: return kReturnOne<uint64_t>[place];
  }
}

WEFT_HANDLER return_handler(WEFT_PARAMS) {
  WEFT_ENTER
  const Link& link = *reinterpret_cast<Link*>(slot(fp, pc[kHandlerUnits]));
  pc = link.return_pc;
  fp = link.caller_fp;
  WEFT_DISPATCH();
}

WEFT_HANDLER return_many_handler(WEFT_PARAMS) {
  WEFT_ENTER
  const Link link = *reinterpret_cast<Link*>(slot(fp, pc[kHandlerUnits]));
  std::memmove(fp, slot(fp, pc[kHandlerUnits + 1]), pc[kHandlerUnits + 2] * sizeof(Cell));
  pc = link.return_pc;
  fp = link.caller_fp;
  WEFT_DISPATCH();
}

// -- calls --

WEFT_HANDLER call_handler(WEFT_PARAMS) {
  WEFT_ENTER
  FunctionCode& callee = *load_immediate<FunctionCode*>(pc + kHandlerUnits);
  WEFT_PUSH_FRAME(callee, slot(fp, pc[4]), pc + 5);
}

namespace {

// Calls any function: acc is the Func*, vacc is free. The units `arguments` and `next` are where the instruction has
// the offset of the arguments and how long it is.
template <int Arguments, int Length>
WEFT_HANDLER call_any(WEFT_PARAMS) {
  WEFT_ENTER
  Func& func = *reinterpret_cast<Func*>(acc);
  Cell* const frame = slot(fp, pc[Arguments]);
  if (func.host != nullptr) {
    if (!call_host(*ctx, inst, func, frame)) WEFT_TAIL(host_failed_handler);
    load_result(frame, acc, vacc);
    WEFT_NEXT(Length);
  }
  FunctionCode& callee = code_of(func);
  if (func.instance == inst) WEFT_PUSH_FRAME(callee, frame, pc + Length);
  Cell* const foreign_frame = push_foreign(*ctx, func, frame, pc + Length, fp, inst);
  if (foreign_frame == nullptr) WEFT_TRAP(TrapCode::CallStackExhausted);
  fp = frame;  // of the record, which the callee's link leads to
  inst = func.instance;
  mem = inst->memory0;
  if (!push_frame(callee, foreign_frame, foreign_return_code(), pc, fp, ctx)) {
    const auto& record = *reinterpret_cast<ForeignRecord*>(frame);
    inst = record.caller;
    fp = record.caller_fp;
    WEFT_TRAP(TrapCode::CallStackExhausted);
  }
  WEFT_DISPATCH();
}

// A tail call of any function: acc is the Func*. The units at `Arguments` are the offsets of arguments and link.
template <int Arguments>
WEFT_HANDLER return_call_any(WEFT_PARAMS) {
  WEFT_ENTER
  Func& func = *reinterpret_cast<Func*>(acc);
  Cell* const arguments = slot(fp, pc[Arguments]);
  const Link link = *reinterpret_cast<Link*>(slot(fp, pc[Arguments + 1]));
  if (func.host != nullptr) {
    if (!call_host(*ctx, inst, func, arguments)) WEFT_TAIL(host_failed_handler);
    std::memmove(fp, arguments, func.type->result_cells * sizeof(Cell));
    load_result(fp, acc, vacc);
    pc = link.return_pc;
    fp = link.caller_fp;
    WEFT_DISPATCH();
  }
  FunctionCode& callee = code_of(func);
  Cell* frame = fp;
  Link next = link;
  if (func.instance != inst && link.return_pc != foreign_return_code()) {
    // The caller waits in this instance: what it must find again is recorded once, below the frame.
    const size_t wanted = kForeignCells + callee.param_cells;
    if (static_cast<size_t>(ctx->limit - fp) < wanted) WEFT_TRAP(TrapCode::CallStackExhausted);
    frame = fp + kForeignCells;
    move_arguments(frame, arguments, callee.param_cells);
    *reinterpret_cast<ForeignRecord*>(fp) = {link.return_pc, link.caller_fp, inst, callee.result_cells};
    next = {foreign_return_code(), fp};
  } else {
    move_arguments(frame, arguments, callee.param_cells);
  }
  inst = func.instance;
  mem = inst->memory0;
  fp = next.caller_fp;
  if (!push_frame(callee, frame, next.return_pc, pc, fp, ctx)) {
    // This frame is gone; its caller's instruction traps.
    if (next.return_pc == foreign_return_code()) {
      const auto& record = *reinterpret_cast<ForeignRecord*>(next.caller_fp);
      inst = record.caller;
      next = {record.return_pc, record.caller_fp};
    }
    pc = next.return_pc - 1;
    fp = next.caller_fp;
    WEFT_TRAP(TrapCode::CallStackExhausted);
  }
  WEFT_DISPATCH();
}

// §4.6.8 call_indirect: the element, or null with the reason in `code`.
inline Func* indirect_callee(Instance* inst, uint32_t table_index, uint32_t type_index, uint64_t index,
                             TrapCode& code) {
  const Table& table = *inst->tables[table_index];
  if (index >= table.size) [[unlikely]] {
    code = TrapCode::UndefinedElement;
    return nullptr;
  }
  Func* const func = ref_to_func(table.elements[index]);
  if (func == nullptr) [[unlikely]] {
    code = TrapCode::UninitializedElement;
    return nullptr;
  }
  const RuntimeType* const type = inst->types[type_index];
  if (func->type != type && !func->type->is_subtype_of(type)) [[unlikely]] {
    code = TrapCode::IndirectCallTypeMismatch;
    return nullptr;
  }
  return func;
}

template <Place P, bool Is64>
WEFT_HANDLER call_indirect(WEFT_PARAMS) {
  WEFT_ENTER
  using Index = std::conditional_t<Is64, uint64_t, uint32_t>;
  constexpr int kIndex = kHandlerUnits + 3;
  constexpr int kLength = kIndex + kUnits<Index, P>;
  TrapCode code{};
  Func* const func =
      indirect_callee(inst, pc[kHandlerUnits], pc[kHandlerUnits + 1], get<Index, P>(pc + kIndex, fp, acc, vacc), code);
  if (func == nullptr) [[unlikely]]
    WEFT_TRAP(code);
  if (func->instance == inst && func->code != nullptr) [[likely]] {
    WEFT_PUSH_FRAME(*static_cast<FunctionCode*>(func->code), slot(fp, pc[kHandlerUnits + 2]), pc + kLength);
  }
  acc = reinterpret_cast<uint64_t>(func);
  WEFT_TAIL((call_any<kHandlerUnits + 2, kLength>));
}

template <bool Is64>
WEFT_HANDLER return_call_indirect(WEFT_PARAMS) {
  WEFT_ENTER
  using Index = std::conditional_t<Is64, uint64_t, uint32_t>;
  TrapCode code{};
  Func* const func = indirect_callee(inst, pc[kHandlerUnits], pc[kHandlerUnits + 1],
                                     get<Index, S>(pc + kHandlerUnits + 4, fp, acc, vacc), code);
  if (func == nullptr) [[unlikely]]
    WEFT_TRAP(code);
  acc = reinterpret_cast<uint64_t>(func);
  WEFT_TAIL((return_call_any<kHandlerUnits + 2>));
}

// Restores the caller after a callee of another instance returned; fp is the record.
WEFT_HANDLER foreign_return_handler(WEFT_PARAMS) {
  WEFT_ENTER
  const ForeignRecord record = *reinterpret_cast<ForeignRecord*>(fp);
  std::memmove(fp, fp + kForeignCells, record.result_cells * sizeof(Cell));
  inst = record.caller;
  mem = inst->memory0;
  fp = record.caller_fp;
  pc = record.return_pc;
  WEFT_DISPATCH();
}

// A handler alone, as code to return to.
struct LoneHandler {
  explicit LoneHandler(Handler handler) { std::memcpy(units, &handler, sizeof(handler)); }
  alignas(8) Unit units[kHandlerUnits] = {};
};

}  // namespace

Handler call_indirect_handler(Place index, bool is_64) {
  if (is_64) return index == S ? call_indirect<S, true> : call_indirect<A, true>;
  return index == S ? call_indirect<S, false> : call_indirect<A, false>;
}

WEFT_HANDLER call_import_handler(WEFT_PARAMS) {
  WEFT_ENTER
  acc = reinterpret_cast<uint64_t>(inst->imported_funcs[pc[kHandlerUnits]]);
  WEFT_TAIL((call_any<kHandlerUnits + 1, kHandlerUnits + 2>));
}

WEFT_HANDLER call_ref_handler(WEFT_PARAMS) {
  WEFT_ENTER
  acc = get<uint64_t, S>(pc + kHandlerUnits + 1, fp, acc, vacc);
  if (acc == kNullRef) [[unlikely]]
    WEFT_TRAP(TrapCode::NullFunctionReference);
  WEFT_TAIL((call_any<kHandlerUnits, kHandlerUnits + 2>));
}

WEFT_HANDLER return_call_handler(WEFT_PARAMS) {
  WEFT_ENTER
  FunctionCode& callee = *load_immediate<FunctionCode*>(pc + kHandlerUnits);
  const Link link = *reinterpret_cast<Link*>(slot(fp, pc[5]));
  move_arguments(fp, slot(fp, pc[4]), callee.param_cells);
  Cell* const frame = fp;
  fp = link.caller_fp;
  if (!push_frame(callee, frame, link.return_pc, pc, fp, ctx)) [[unlikely]] {
    pc = link.return_pc - 1;
    WEFT_TRAP(TrapCode::CallStackExhausted);
  }
  WEFT_DISPATCH();
}

WEFT_HANDLER return_call_import_handler(WEFT_PARAMS) {
  WEFT_ENTER
  acc = reinterpret_cast<uint64_t>(inst->imported_funcs[pc[kHandlerUnits]]);
  WEFT_TAIL((return_call_any<kHandlerUnits + 1>));
}

WEFT_HANDLER return_call_indirect_handler(WEFT_PARAMS) {
  WEFT_ENTER
  WEFT_TAIL(return_call_indirect<false>);
}

WEFT_HANDLER return_call_indirect_64_handler(WEFT_PARAMS) {
  WEFT_ENTER
  WEFT_TAIL(return_call_indirect<true>);
}

WEFT_HANDLER return_call_ref_handler(WEFT_PARAMS) {
  WEFT_ENTER
  acc = get<uint64_t, S>(pc + kHandlerUnits + 2, fp, acc, vacc);
  if (acc == kNullRef) [[unlikely]]
    WEFT_TRAP(TrapCode::NullFunctionReference);
  WEFT_TAIL((return_call_any<kHandlerUnits>));
}

Code exit_code() {
  static const LoneHandler lone(exit_handler);
  return lone.units;
}

Code foreign_return_code() {
  static const LoneHandler lone(foreign_return_handler);
  return lone.units;
}

}  // namespace weft::interp

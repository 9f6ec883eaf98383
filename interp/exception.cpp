// Throwing, and walking frames until a region of code catches.
#include "interp/exception.h"

#include "interp/code.h"
#include "interp/control.h"
#include "runtime/store.h"

namespace weft::interp {
namespace {

// Makes the exception of a throw; its arguments are at `arguments`. Null when memory is out.
Object* new_exception(Context& ctx, const TagInstance& tag, const Cell* arguments) {
  const uint32_t cells = tag.type->param_cells;
  WasmStack& stack = ctx.store->stack();
  Cell* const saved = stack.top();
  stack.set_top(const_cast<Cell*>(arguments) + cells);
  Object* const exception = ctx.store->heap().allocate(Object::Exception, cells * sizeof(Cell));
  stack.set_top(saved);
  if (exception == nullptr) return nullptr;
  exception->tag = &tag;
  std::copy_n(arguments, cells, exception->cells());
  return exception;
}

// Where in a function an exception that arises at `unit` is caught; null when it is not.
const CatchTarget* find_target(const FunctionCode& function, uint32_t unit, const Instance& instance,
                               const Object& exception) {
  uint32_t limit = ~0u;  // a delegate goes on with regions at this level and outside of it
  for (const TryRegion& region : function.regions) {
    if (unit < region.begin || unit >= region.end || region.level > limit) continue;
    if (region.delegates) {
      limit = region.delegate_level;
      continue;
    }
    for (const CatchTarget& target : region.targets) {
      if (target.catches_all || instance.tags[target.tag] == exception.tag) return &target;
    }
  }
  return nullptr;
}

// Puts what a catch clause gives into the frame.
void deliver(const CatchTarget& target, Cell* fp, Object& exception) {
  Cell* to = slot(fp, target.slot);
  if (target.ref_first) *to++ = object_to_ref(&exception);
  if (!target.catches_all) to = std::copy_n(exception.cells(), exception.tag->type->param_cells, to);
  if (target.ref_last) *to = object_to_ref(&exception);
}

}  // namespace

WEFT_HANDLER throw_handler(WEFT_PARAMS) {
  WEFT_ENTER
  Object* const exception = new_exception(*ctx, *inst->tags[pc[kHandlerUnits + 1]], slot(fp, pc[kHandlerUnits]));
  if (exception == nullptr) WEFT_TRAP(TrapCode::OutOfMemory);
  ctx->store->set_pending_exception(object_to_ref(exception));
  WEFT_TAIL(unwind_handler);
}

WEFT_HANDLER throw_ref_handler(WEFT_PARAMS) {
  WEFT_ENTER
  const Ref ref = *slot(fp, pc[kHandlerUnits]);
  if (ref == kNullRef) WEFT_TRAP(TrapCode::NullExceptionReference);
  ctx->store->set_pending_exception(ref);
  WEFT_TAIL(unwind_handler);
}

WEFT_HANDLER unwind_handler(WEFT_PARAMS) {
  WEFT_ENTER
  Object& exception = *ref_to_object(ctx->store->pending_exception());
  for (;;) {
    const FunctionCode& function = *static_cast<ModuleCode*>(inst->code)->find(pc);
    const auto unit = static_cast<uint32_t>(pc - function.units.data());
    if (const CatchTarget* const target = find_target(function, unit, *inst, exception)) {
      deliver(*target, fp, exception);
      ctx->store->set_pending_exception(kNullRef);
      pc = function.units.data() + target->unit;
      WEFT_DISPATCH();
    }
    Link link = *reinterpret_cast<Link*>(fp + function.param_cells);
    if (link.return_pc == foreign_return_code()) {
      const auto& record = *reinterpret_cast<ForeignRecord*>(link.caller_fp);
      inst = record.caller;
      mem = inst->memory0;
      link = {record.return_pc, record.caller_fp};
    }
    if (link.return_pc == exit_code()) {
      ctx->outcome = Outcome::Exception;
      WEFT_LEAVE();
    }
    pc = link.return_pc - 1;
    fp = link.caller_fp;
  }
}

}  // namespace weft::interp

// Translation of structured instructions, branches and calls.
//
// At a label every value is in its own slot and the accumulators hold nothing known; a branch moves the label's values
// to the slots where the label expects them.
#include <algorithm>

#include "interp/control.h"
#include "interp/translation.h"
#include "interp/variable.h"

namespace weft::interp {

bool Translator::structured(const Instruction& instruction, bool reachable, const FunctionValidator& state) {
  switch (instruction.op) {
    case Opcode::Block:
    case Opcode::Loop: open(instruction.op, reachable, state); return true;
    case Opcode::If: open_if(reachable, state); return true;
    case Opcode::Else: on_else(reachable); return true;
    case Opcode::TryTable:
    case Opcode::Try: open_try(instruction, reachable, state); return true;
    case Opcode::Catch:
    case Opcode::CatchAll: on_catch(instruction, reachable); return true;
    case Opcode::Delegate: on_delegate(instruction, reachable); return true;
    case Opcode::End: on_end(reachable); return true;
    default: return false;
  }
}

void Translator::open(Opcode op, bool reachable, const FunctionValidator& state) {
  const ControlFrame& frame = state.controls().back();
  Control control;
  control.op = op;
  control.params = frame.params;
  control.results = frame.results;
  control.dead = !reachable;
  if (reachable) {
    control.depth = emit_.depth() - frame.params.size();
    control.base = frame.params.empty() ? emit_.next_home() : emit_.top(frame.params.size() - 1).home;
    emit_.settle();
    if (op == Opcode::Loop) {
      emit_.settle_home(frame.params.size());
      emit_.barrier();
      control.loop_target = emit_.here();
      if (is_metered_) emit_.handler(spend_fuel_handler);
    }
  }
  controls_.push_back(control);
}

void Translator::open_if(bool reachable, const FunctionValidator& state) {
  if (!reachable) {
    open(Opcode::If, false, state);
    return;
  }
  const Condition condition = take_condition();
  open(Opcode::If, true, state);
  Control& control = controls_.back();
  emit_.settle_home(control.params.size());
  emit_branch_if(condition, false, control.else_patch);
}

void Translator::on_else(bool reachable) {
  Control& control = controls_.back();
  control.op = Opcode::Else;
  if (control.dead) return;
  if (reachable) {
    emit_.settle_home(control.results.size());
    emit_branch(control);
  }
  bind(control.else_patch);
  emit_.truncate(control.depth);
  for (const ValType type : control.params) emit_.push_home(type);
}

void Translator::on_end(bool reachable) {
  Control control = std::move(controls_.back());
  if (!control.dead && control.op == Opcode::TryTable) {
    end_try_table(control, reachable);
    return;
  }
  if (!control.dead && (control.op == Opcode::Try || control.op == Opcode::Catch)) {
    end_legacy_try(control, reachable);
    return;
  }
  const bool is_label = control.patches != 0 || control.else_patch != 0;
  if (!control.dead && (is_label || !reachable)) {
    if (reachable) emit_.settle_home(control.results.size());
    bind(control.else_patch);
    bind(control.patches);
    emit_.truncate(control.depth);
    for (const ValType type : control.results) emit_.push_home(type);
  }
  if (controls_.size() == 1) {
    if (reachable || is_label) emit_return();
    return;  // the function's end
  }
  controls_.pop_back();
}

// -- patches --

void Translator::add_patch(uint32_t begin, uint32_t& chain) {
  patches_.push_back({emit_.here(), begin, chain});
  chain = static_cast<uint32_t>(patches_.size());
  emit_.unit(0);
}

// Control arrives here from the branches of a chain.
void Translator::bind(uint32_t& chain) {
  for (uint32_t at = chain; at != 0;) {
    const Patch& patch = patches_[at - 1];
    emit_.units()[patch.unit] = emit_.here() - patch.begin;
    at = patch.next;
  }
  chain = 0;
  emit_.barrier();
}

void Translator::distance_to(uint32_t begin, Control& target) {
  if (target.op == Opcode::Loop) {
    emit_.unit(target.loop_target - begin);
  } else {
    add_patch(begin, target.patches);
  }
}

void Translator::emit_branch(Control& target) {
  const uint32_t begin = emit_.here();
  emit_.handler(branch_handler);
  distance_to(begin, target);
}

// -- conditions --

// Pops an i32 condition. A comparison that was just made for it is taken back, to become part of the branch.
Translator::Condition Translator::take_condition() {
  const Entry entry = emit_.pop();
  const Emitted* const last = emit_.last();
  Condition condition;
  if (entry.where == Entry::Acc && last != nullptr && is_comparison(last->op)) {
    condition = {last->op, true, last->left, last->right};
    emit_.take_back();
    // eqz of a comparison that has no opposite (floats).
    const Emitted* const before = emit_.last();
    const bool negates = condition.comparison == Opcode::I32Eq && condition.left.place == Place::A &&
                         condition.right.place == Place::I && condition.right.bits == 0;
    if (negates && before != nullptr && is_comparison(before->op)) {
      condition = {before->op, false, before->left, before->right};
      emit_.take_back();
    }
    return condition;
  }
  condition.left = emit_.read(entry, false);
  return condition;
}

void Translator::emit_branch_if(const Condition& condition, bool when, uint32_t& chain) {
  const uint32_t begin = emit_.here();
  if (condition.comparison != kNoOpcode) {
    emit_.handler(compare_branch_handler(condition.comparison, condition.left.place, condition.right.place,
                                         condition.when == when));
    emit_.operand(condition.left);
    emit_.operand(condition.right);
  } else {
    emit_.handler(branch_if_handler(condition.left.place, when));
    emit_.operand(condition.left);
  }
  add_patch(begin, chain);
}

// -- branches --

bool Translator::branching(const Instruction& instruction, const FunctionValidator& state) {
  switch (instruction.op) {
    case Opcode::Throw:
    case Opcode::ThrowRef:
    case Opcode::Rethrow: throw_exception(instruction); return true;
    case Opcode::Unreachable: emit_.handler(unreachable_handler); return true;
    case Opcode::Br: branch(instruction.index); return true;
    case Opcode::BrIf: branch_if(instruction.index, take_condition()); return true;
    case Opcode::BrOnNull: branch_on_null(instruction.index, true); return true;
    case Opcode::BrOnNonNull: branch_on_null(instruction.index, false); return true;
    case Opcode::BrTable: branch_table(instruction.labels); return true;
    case Opcode::Return: emit_return(); return true;
    case Opcode::Call: call(instruction.index); return true;
    case Opcode::CallIndirect: call_indirect(instruction); return true;
    case Opcode::CallRef: call_ref(module_.types[instruction.index].composite.func); return true;
    case Opcode::ReturnCall:
    case Opcode::ReturnCallIndirect:
    case Opcode::ReturnCallRef: return_call(instruction); return true;
    default: (void)state; return false;
  }
}

// Moves the topmost values, which nobody needs where they are afterwards, to consecutive slots.
void Translator::move_results(std::span<const ValType> types, uint32_t to) {
  if (types.size() == 1) {
    emit_.move_to(emit_.pop(), to);
    return;
  }
  if (types.empty()) return;
  const uint32_t from = emit_.top(types.size() - 1).home;
  emit_.settle_home(types.size());
  if (from == to) return;
  uint32_t cells = 0;
  for (const ValType type : types) cells += type.cells();
  emit_.handler(copy_many_handler);
  emit_.unit(from);
  emit_.unit(to);
  emit_.unit(cells);
}

void Translator::branch(uint32_t depth) {
  if (depth + 1 == controls_.size()) {
    emit_return();
    return;
  }
  Control& target = label(depth);
  move_results(target.label_types(), target.base);
  emit_branch(target);
}

void Translator::branch_if(uint32_t depth, const Condition& condition, bool when) {
  Control& target = label(depth);
  const std::span<const ValType> types = target.label_types();
  if (!types.empty()) emit_.settle_home(types.size());
  const bool in_place = types.empty() || emit_.top(types.size() - 1).home == target.base;
  if (in_place && target.op != Opcode::Loop) {
    emit_branch_if(condition, when, target.patches);
    return;
  }
  if (in_place) {
    uint32_t chain = 0;
    emit_branch_if(condition, when, chain);
    const Patch& patch = patches_[chain - 1];
    emit_.units()[patch.unit] = target.loop_target - patch.begin;
    return;
  }
  // The values move only when the branch is taken, and stay on the stack when it is not.
  emit_.free_accumulators();
  uint32_t skip = 0;
  emit_branch_if(condition, !when, skip);
  const uint32_t from = emit_.top(types.size() - 1).home;
  uint32_t cells = 0;
  for (const ValType type : types) cells += type.cells();
  emit_.handler(copy_many_handler);
  emit_.unit(from);
  emit_.unit(target.base);
  emit_.unit(cells);
  emit_branch(target);
  bind(skip);
}

// br_on_null, br_on_non_null: the reference is dropped where it is null.
void Translator::branch_on_null(uint32_t depth, bool when_null) {
  emit_.settle_home(1);
  emit_.free_accumulators();
  const Entry reference = emit_.pop();
  const Condition is_null = {Opcode::I64Eq,
                             true,
                             {.place = Place::S, .slot = reference.home},
                             {.place = Place::I, .bits = kNullRef, .bits_units = 2}};
  if (when_null) {
    branch_if(depth, is_null);
    emit_.push_home(reference.type);
  } else {
    emit_.push_home(reference.type);
    branch_if(depth, is_null, false);
    emit_.pop();
  }
}

void Translator::branch_table(const std::vector<uint32_t>& labels) {
  const Operand index = emit_.read(emit_.pop(), false);
  const std::span<const ValType> types = label(labels.back()).label_types();
  emit_.settle_home(types.size());
  const uint32_t from = types.empty() ? 0 : emit_.top(types.size() - 1).home;
  uint32_t cells = 0;
  for (const ValType type : types) cells += type.cells();

  const uint32_t begin = emit_.here();
  emit_.handler(branch_table_handler(index.place));
  emit_.operand(index);
  emit_.unit(static_cast<Unit>(labels.size()));
  std::unordered_map<uint32_t, uint32_t> stubs;  // label → chain of table entries that need a stub
  for (const uint32_t depth : labels) {
    Control& target = label(depth);
    if (types.empty() || target.base == from) {
      distance_to(begin, target);
    } else {
      add_patch(begin, stubs[depth]);
    }
  }
  for (auto& [depth, chain] : stubs) {
    bind(chain);
    emit_.handler(copy_many_handler);
    emit_.unit(from);
    emit_.unit(label(depth).base);
    emit_.unit(cells);
    emit_branch(label(depth));
  }
}

void Translator::emit_return() {
  const std::span<const ValType> types = controls_.front().results;
  if (types.empty()) {
    emit_.handler(return_handler);
    emit_.unit(emit_.link_slot());
  } else if (types.size() == 1) {
    const Operand result = emit_.read(emit_.pop(), true);
    emit_.handler(return_one_handler(types[0], result.place));
    emit_.unit(emit_.link_slot());
    emit_.operand(result);
  } else {
    uint32_t cells = 0;
    for (const ValType type : types) cells += type.cells();
    const uint32_t from = emit_.top(types.size() - 1).home;
    emit_.settle_home(types.size());
    emit_.handler(return_many_handler);
    emit_.unit(emit_.link_slot());
    emit_.unit(from);
    emit_.unit(cells);
  }
}

// -- calls --

// Puts the arguments in place and pops them; gives their slot.
uint32_t Translator::begin_call(const FuncType& type) {
  emit_.settle_home(type.params.size());
  emit_.free_accumulators();
  emit_.truncate(emit_.depth() - type.params.size());
  // Host functions find room for their results here, and load_result reads two cells.
  emit_.need_room((std::max(count_cells(type.params), count_cells(type.results)) + 2) * sizeof(Cell));
  return emit_.next_home();
}

void Translator::end_call(const FuncType& type) {
  emit_.forget_accumulators();
  if (type.results.size() == 1) {
    emit_.push_home_and_acc(type.results[0]);
  } else {
    for (const ValType result : type.results) emit_.push_home(result);
  }
}

void Translator::call(uint32_t function) {
  const FuncType& type = module_.func_type(function);
  const uint32_t arguments = begin_call(type);
  if (function < module_.imported_functions) {
    emit_.handler(call_import_handler);
    emit_.unit(function);
  } else {
    emit_.handler(call_handler);
    emit_.pointer(&code_.function(function));
  }
  emit_.unit(arguments);
  end_call(type);
}

void Translator::call_indirect(const Instruction& instruction) {
  const FuncType& type = module_.types[instruction.index].composite.func;
  const Entry index_entry = emit_.pop();
  const Operand index = emit_.read(index_entry, false);
  // The index may be in the accumulator: nothing that begin_call emits touches it.
  const uint32_t arguments = begin_call(type);
  emit_.handler(call_indirect_handler(index.place, module_.tables[instruction.index2].type.is_64));
  emit_.unit(instruction.index2);
  emit_.unit(instruction.index);
  emit_.unit(arguments);
  emit_.operand(index);
  end_call(type);
}

void Translator::call_ref(const FuncType& type) {
  const uint32_t reference = emit_.read_slot(emit_.pop());
  const uint32_t arguments = begin_call(type);
  emit_.handler(call_ref_handler);
  emit_.unit(arguments);
  emit_.unit(reference);
  end_call(type);
}

void Translator::return_call(const Instruction& instruction) {
  const bool direct = instruction.op == Opcode::ReturnCall;
  const FuncType& type =
      direct ? module_.func_type(instruction.index) : module_.types[instruction.index].composite.func;
  const uint32_t callee = direct ? 0 : emit_.read_slot(emit_.pop());
  const uint32_t arguments = begin_call(type);
  if (direct && instruction.index >= module_.imported_functions) {
    emit_.handler(return_call_handler);
    emit_.pointer(&code_.function(instruction.index));
  } else if (direct) {
    emit_.handler(return_call_import_handler);
    emit_.unit(instruction.index);
  } else if (instruction.op == Opcode::ReturnCallIndirect) {
    const bool is_64 = module_.tables[instruction.index2].type.is_64;
    emit_.handler(is_64 ? return_call_indirect_64_handler : return_call_indirect_handler);
    emit_.unit(instruction.index2);
    emit_.unit(instruction.index);
  } else {
    emit_.handler(return_call_ref_handler);
  }
  emit_.unit(arguments);
  emit_.unit(emit_.link_slot());
  if (!direct) emit_.unit(callee);
}

}  // namespace weft::interp

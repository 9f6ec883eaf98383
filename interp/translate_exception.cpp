// Translation of exceptions. What a clause catches is put where its label expects it by the search (exception.cpp);
// control goes on at a stub that branches to the label.
#include "interp/control.h"
#include "interp/exception.h"
#include "interp/translation.h"

namespace weft::interp {

void Translator::open_try(const Instruction& instruction, bool reachable, const FunctionValidator& state) {
  open(instruction.op, reachable, state);
  Control& control = controls_.back();
  if (!reachable) return;
  if (instruction.op == Opcode::TryTable) control.catches = instruction.catches;
  // What is thrown inside must not find values in accumulators only.
  emit_.barrier();
  control.try_begin = emit_.here();
}

void Translator::throw_exception(const Instruction& instruction) {
  if (instruction.op == Opcode::Rethrow) {
    emit_.handler(throw_ref_handler);
    emit_.unit(label(instruction.index).base);
    return;
  }
  if (instruction.op == Opcode::ThrowRef) {
    const uint32_t exception = emit_.read_slot(emit_.pop());
    emit_.handler(throw_ref_handler);
    emit_.unit(exception);
    return;
  }
  const size_t arguments = module_.types[module_.tags[instruction.index].type].composite.func.params.size();
  emit_.settle_home(arguments);
  emit_.free_accumulators();
  emit_.truncate(emit_.depth() - arguments);
  emit_.handler(throw_handler);
  emit_.unit(emit_.next_home());
  emit_.unit(instruction.index);
}

void Translator::end_try_table(Control& control, bool reachable) {
  controls_.pop_back();
  TryRegion region{.begin = control.try_begin, .end = emit_.here(), .level = level()};
  if (reachable) {
    emit_.settle_home(control.results.size());
    region.end = emit_.here();
    emit_branch(control);
  }
  for (const CatchClause& clause : control.catches) {
    Control& target = label(clause.label);
    region.targets.push_back({.tag = clause.tag,
                              .unit = emit_.here(),
                              .slot = target.base,
                              .catches_all = !clause.has_tag(),
                              .ref_last = clause.has_ref()});
    emit_branch(target);
  }
  if (!region.targets.empty()) regions_.push_back(std::move(region));
  bind(control.patches);
  emit_.truncate(control.depth);
  for (const ValType type : control.results) emit_.push_home(type);
}

// -- legacy --

// The body of a try, or of the catch before, ends here. The exception itself lies hidden below the values that the
// clause gives, at the place of the block's first result.
void Translator::on_catch(const Instruction& instruction, bool reachable) {
  Control& control = controls_.back();
  if (control.dead) return;
  if (control.op == Opcode::Try) {
    regions_.push_back({.begin = control.try_begin, .end = emit_.here(), .level = level() - 1});
    control.loop_target = static_cast<uint32_t>(regions_.size());  // where its targets go, see end_legacy_try
  }
  if (reachable) {
    move_results(control.results, control.base);
    emit_branch(control);
  }
  control.op = Opcode::Catch;
  emit_.barrier();
  emit_.truncate(control.depth);
  control.targets.push_back({.tag = instruction.index,
                             .unit = emit_.here(),
                             .slot = control.base,
                             .catches_all = instruction.op == Opcode::CatchAll,
                             .ref_first = true});
  emit_.push_home(kExnRef);
  if (instruction.op == Opcode::Catch) {
    for (const ValType type : module_.types[module_.tags[instruction.index].type].composite.func.params)
      emit_.push_home(type);
  }
}

void Translator::end_legacy_try(Control& control, bool reachable) {
  if (control.op == Opcode::Catch) regions_[control.loop_target - 1].targets = std::move(control.targets);
  if (reachable) move_results(control.results, control.base);
  controls_.pop_back();
  bind(control.patches);
  emit_.truncate(control.depth);
  for (const ValType type : control.results) emit_.push_home(type);
}

// Ends a try whose exceptions go on at a label outside.
void Translator::on_delegate(const Instruction& instruction, bool reachable) {
  Control control = controls_.back();
  if (control.dead) {
    controls_.pop_back();
    return;
  }
  if (reachable) move_results(control.results, control.base);
  controls_.pop_back();
  regions_.push_back({.begin = control.try_begin,
                      .end = emit_.here(),
                      .level = level(),
                      .delegates = true,
                      .delegate_level = level() - 1 - instruction.index});
  bind(control.patches);
  emit_.truncate(control.depth);
  for (const ValType type : control.results) emit_.push_home(type);
}

}  // namespace weft::interp

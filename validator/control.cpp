// Validation of control instructions, spec §3.4.8.
#include <fmt/format.h>

#include "validator/validator.h"

namespace weft {

bool FunctionValidator::control(ByteReader& reader) {
  switch (current_.op) {
    case Opcode::Unreachable: set_unreachable(); return true;
    case Opcode::Nop: return true;
    case Opcode::Block:
    case Opcode::Loop: return open_block(current_.op, current_.block);
    case Opcode::If: return pop(ValType::I32) && open_block(Opcode::If, current_.block);
    case Opcode::Else: return on_else();
    case Opcode::End: return on_end();
    case Opcode::Br: {
      const ControlFrame* const target = label(current_.index);
      if (target == nullptr || !pop(target->label_types())) return false;
      set_unreachable();
      return true;
    }
    case Opcode::BrIf: {
      const ControlFrame* const target = label(current_.index);
      return target != nullptr && pop(ValType::I32) && retype(target->label_types());
    }
    case Opcode::BrTable: return branch_table();
    case Opcode::Return:
      if (!pop(results_)) return false;
      set_unreachable();
      return true;
    case Opcode::Call:
    case Opcode::ReturnCall:
      if (current_.index >= module_.functions.size()) return fail(fmt::format("unknown function {}", current_.index));
      return call(module_.func_type(current_.index), current_.op == Opcode::ReturnCall);
    case Opcode::CallIndirect: return call_indirect(false);
    case Opcode::ReturnCallIndirect: return call_indirect(true);
    case Opcode::CallRef: return call_ref(false);
    case Opcode::ReturnCallRef: return call_ref(true);
    case Opcode::Throw:
    case Opcode::ThrowRef:
    case Opcode::TryTable: return exception();
    default: (void)reader; return legacy_exception();
  }
}

bool FunctionValidator::block_type(const BlockType& block, std::span<const ValType>& params,
                                   std::span<const ValType>& results) {
  switch (block.kind) {
    case BlockType::Empty: return true;
    case BlockType::Value:
      if (!val_type(block.value)) return false;
      results = {&single_results_.try_emplace(block.value.bits(), block.value).first->second, 1};
      return true;
    case BlockType::Index: {
      const FuncType* const type = called_type(block.index);
      if (type == nullptr) return false;
      if (!features_.has(Feature::MultiValue) && (!type->params.empty() || type->results.size() > 1)) {
        return fail("a block with parameters or several results requires feature multi-value, which is off");
      }
      params = type->params;
      results = type->results;
      return true;
    }
  }
  return false;
}

bool FunctionValidator::open_block(Opcode op, const BlockType& block) {
  std::span<const ValType> params;
  std::span<const ValType> results;
  if (!block_type(block, params, results) || !pop(params)) return false;
  push_control(op, params, results);
  return true;
}

bool FunctionValidator::on_else() {
  const ControlFrame frame = controls_.back();
  if (frame.op != Opcode::If) return fail("illegal opcode: else without if", ErrorKind::Malformed);
  if (!pop_control()) return false;
  push_control(Opcode::Else, frame.params, frame.results);
  controls_.back().entered_reachable = frame.entered_reachable;
  return true;
}

bool FunctionValidator::on_end() {
  const ControlFrame frame = controls_.back();
  if (!pop_control()) return false;
  // An if without else passes its parameters on.
  if (frame.op == Opcode::If &&
      !std::equal(frame.params.begin(), frame.params.end(), frame.results.begin(), frame.results.end(),
                  [&](ValType param, ValType result) { return is_subtype(param, result); })) {
    return fail("type mismatch: if without else must have results that match its parameters");
  }
  push(frame.results);
  return true;
}

const ControlFrame* FunctionValidator::label(uint32_t depth) {
  if (depth >= controls_.size()) {
    fail(fmt::format("unknown label {}", depth));
    return nullptr;
  }
  return &controls_[controls_.size() - 1 - depth];
}

// Every target is checked against the operands, which stay as they are; a label that was checked is not checked again,
// so that the work is bounded by the labels that are open.
bool FunctionValidator::branch_table() {
  if (!pop(ValType::I32)) return false;
  const ControlFrame* const last = label(current_.labels.back());
  if (last == nullptr) return false;
  const size_t arity = last->label_types().size();
  std::vector<bool> checked;
  std::vector<ValType> saved;
  for (const uint32_t depth : current_.labels) {
    const ControlFrame* const target = label(depth);
    if (target == nullptr) return false;
    if (depth < checked.size() && checked[depth]) continue;
    if (depth >= checked.size()) checked.resize(depth + 1);
    checked[depth] = true;
    const std::span<const ValType> types = target->label_types();
    if (types.size() != arity) {
      return fail(fmt::format("type mismatch: br_table has targets of {} and of {} operands", arity, types.size()));
    }
    if (arity == 0) continue;
    const size_t height = controls_.back().height;
    const size_t available = std::min(arity, operands_.size() - height);
    const auto operands = operands_.span().last(available);
    saved.assign(operands.begin(), operands.end());
    if (!pop(types)) return false;
    push(saved);
  }
  set_unreachable();
  return true;
}

// -- calls --

const FuncType* FunctionValidator::called_type(uint32_t type_index) {
  const SubType* const type = defined_type(type_index, CompositeKind::Func);
  return type == nullptr ? nullptr : &type->composite.func;
}

bool FunctionValidator::call(const FuncType& type, bool tail) {
  if (!pop(type.params)) return false;
  if (!tail) {
    push(type.results);
    return true;
  }
  const bool matches = std::equal(type.results.begin(), type.results.end(), results_.begin(), results_.end(),
                                  [&](ValType result, ValType wanted) { return is_subtype(result, wanted); });
  if (!matches) return fail("type mismatch: the results of the tail call are not those of the function");
  set_unreachable();
  return true;
}

bool FunctionValidator::call_indirect(bool tail) {
  const TableType* const table = table_type(current_.index2);
  if (table == nullptr) return false;
  if (!is_subtype(table->element, kFuncRef)) {
    return fail(fmt::format("type mismatch: {} needs a table of functions, found {}", current_.info().text,
                            to_string(table->element)));
  }
  const FuncType* const type = called_type(current_.index);
  return type != nullptr && pop(table->address_type()) && call(*type, tail);
}

bool FunctionValidator::call_ref(bool tail) {
  const FuncType* const type = called_type(current_.index);
  return type != nullptr && pop(ValType::ref(HeapType::defined(current_.index), true)) && call(*type, tail);
}

// §3.4.4: without a type only numbers and vectors are selected.
bool FunctionValidator::select(bool typed) {
  if (typed) {
    if (current_.types.size() != 1) return fail("invalid result arity: select has exactly one result");
    const ValType type = current_.types[0];
    if (!val_type(type) || !pop(ValType::I32) || !pop(type) || !pop(type)) return false;
    push(type);
    return true;
  }
  if (!pop(ValType::I32)) return false;
  const ValType second = pop_any();
  const ValType first = pop_any();
  if (error_ != nullptr) return false;
  if (first.is_ref() || second.is_ref()) {
    return fail(fmt::format("type mismatch: select without a type has operands of reference type {}",
                            to_string(first.is_ref() ? first : second)));
  }
  if (first != second && !first.is_bottom() && !second.is_bottom()) return mismatch(first, second);
  push(first.is_bottom() ? second : first);
  return true;
}

}  // namespace weft

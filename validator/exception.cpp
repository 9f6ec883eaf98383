// Validation of exceptions, spec §3.4.8, and of the legacy instructions of the exception handling proposal.
#include <fmt/format.h>

#include "validator/validator.h"

namespace weft {

const FuncType* FunctionValidator::tag_type(uint32_t index) {
  if (index < module_.tags.size()) return &module_.types[module_.tags[index].type].composite.func;
  fail(fmt::format("unknown tag {}", index));
  return nullptr;
}

bool FunctionValidator::exception() {
  switch (current_.op) {
    case Opcode::Throw: {
      const FuncType* const type = tag_type(current_.index);
      if (type == nullptr || !pop(type->params)) return false;
      set_unreachable();
      return true;
    }
    case Opcode::ThrowRef:
      if (!pop(kExnRef)) return false;
      set_unreachable();
      return true;
    default: return try_table();
  }
}

// The clauses' labels are seen from outside of the block; each must take the tag's values (and the exnref).
bool FunctionValidator::try_table() {
  std::span<const ValType> params;
  std::span<const ValType> results;
  if (!block_type(current_.block, params, results) || !pop(params)) return false;
  std::vector<ValType> caught;
  for (const CatchClause& clause : current_.catches) {
    const ControlFrame* const target = label(clause.label);
    if (target == nullptr) return false;
    caught.clear();
    if (clause.has_tag()) {
      const FuncType* const type = tag_type(clause.tag);
      if (type == nullptr) return false;
      caught = type->params;
    }
    if (clause.has_ref()) caught.push_back(ValType::ref(HeapType::Exn, false));
    const std::span<const ValType> wanted = target->label_types();
    if (!std::equal(caught.begin(), caught.end(), wanted.begin(), wanted.end(),
                    [&](ValType type, ValType want) { return is_subtype(type, want); })) {
      return fail("type mismatch: a catch clause does not give what its label takes");
    }
  }
  push_control(Opcode::TryTable, params, results);
  return true;
}

bool FunctionValidator::legacy_exception() {
  switch (current_.op) {
    case Opcode::Try: return open_block(Opcode::Try, current_.block);
    case Opcode::Catch:
    case Opcode::CatchAll: {
      const ControlFrame frame = controls_.back();
      if (frame.op != Opcode::Try && frame.op != Opcode::Catch) {
        return fail(fmt::format("illegal opcode: {} without try", current_.info().text), ErrorKind::Malformed);
      }
      const FuncType* const type = current_.op == Opcode::Catch ? tag_type(current_.index) : nullptr;
      if (error_ != nullptr || !pop_control()) return false;
      push_control(current_.op, {}, frame.results);
      controls_.back().entered_reachable = frame.entered_reachable;
      if (type != nullptr) push(type->params);
      return true;
    }
    case Opcode::Delegate: {
      const ControlFrame frame = controls_.back();
      if (frame.op != Opcode::Try) return fail("illegal opcode: delegate without try", ErrorKind::Malformed);
      // Labels count from outside of the try; the function's own label means its caller.
      if (current_.index >= controls_.size() - 1) return fail(fmt::format("unknown label {}", current_.index));
      if (!pop_control()) return false;
      push(frame.results);
      return true;
    }
    case Opcode::Rethrow: {
      const ControlFrame* const target = label(current_.index);
      if (target == nullptr) return false;
      if (target->op != Opcode::Catch && target->op != Opcode::CatchAll) {
        return fail(fmt::format("invalid rethrow label {}: it is no catch", current_.index));
      }
      set_unreachable();
      return true;
    }
    default: return fail("illegal opcode", ErrorKind::Malformed);
  }
}

}  // namespace weft

// Translation of references, aggregates and casts.
#include "interp/aggregate.h"
#include "interp/translation.h"

namespace weft::interp {
namespace {

// How many operands an instruction takes.
size_t operand_count(const Instruction& instruction, const Module& module) {
  switch (instruction.op) {
    case Opcode::StructNew: return module.types[instruction.index].composite.fields.size();
    case Opcode::ArrayNewFixed: return instruction.index2;
    case Opcode::StructNewDefault: return 0;
    case Opcode::StructGet:
    case Opcode::StructGetS:
    case Opcode::StructGetU:
    case Opcode::ArrayNewDefault:
    case Opcode::ArrayLen:
    case Opcode::RefI31:
    case Opcode::I31GetS:
    case Opcode::I31GetU: return 1;
    case Opcode::StructSet:
    case Opcode::ArrayNew:
    case Opcode::ArrayNewData:
    case Opcode::ArrayNewElem:
    case Opcode::ArrayGet:
    case Opcode::ArrayGetS:
    case Opcode::ArrayGetU: return 2;
    case Opcode::ArraySet: return 3;
    case Opcode::ArrayCopy: return 5;
    default: return 4;
  }
}

bool has_result(Opcode op) {
  switch (op) {
    case Opcode::StructSet:
    case Opcode::ArraySet:
    case Opcode::ArrayFill:
    case Opcode::ArrayCopy:
    case Opcode::ArrayInitData:
    case Opcode::ArrayInitElem: return false;
    default: return true;
  }
}

}  // namespace

bool Translator::aggregate(const Instruction& instruction, const FunctionValidator& state) {
  switch (instruction.op) {
    case Opcode::RefTest:
    case Opcode::RefTestNull:
      test_reference(emit_.pop(), instruction.heap, instruction.op == Opcode::RefTestNull);
      return true;
    case Opcode::RefCast:
    case Opcode::RefCastNull:
      emit_.settle_home(1);
      emit_.free_accumulators();
      emit_.handler(ref_cast_handler);
      emit_.unit(emit_.top().home);
      emit_.unit(instruction.heap.bits());
      emit_.unit(instruction.op == Opcode::RefCastNull);
      return true;
    case Opcode::BrOnCast:
    case Opcode::BrOnCastFail: branch_on_cast(instruction); return true;
    case Opcode::AnyConvertExtern:
    case Opcode::ExternConvertAny: return true;  // the same bits
    default: break;
  }
  const Handler handler = aggregate_handler(instruction.op);
  if (handler == nullptr) return false;
  const size_t operands = operand_count(instruction, module_);
  emit_.settle_home(operands);
  emit_.free_accumulators();
  emit_.truncate(emit_.depth() - operands);
  emit_.need_room(2 * sizeof(Cell));
  emit_.handler(handler);
  emit_.unit(emit_.next_home());
  emit_.unit(instruction.index);
  emit_.unit(instruction.index2);
  emit_.forget_accumulators();
  if (has_result(instruction.op)) emit_.push_home(state.operands().back());
  return true;
}

// Pushes whether a popped reference is of a heap type.
void Translator::test_reference(const Entry& reference, HeapType heap, bool nullable) {
  const uint32_t slot = emit_.read_slot(reference);
  emit_.begin_result(ValType::I32, ref_test_handlers());
  emit_.unit(slot);
  emit_.unit(heap.bits());
  emit_.unit(nullable);
  emit_.push_result(ValType::I32);
}

// The reference stays on the stack, taken or not: the label takes it as its last value.
void Translator::branch_on_cast(const Instruction& instruction) {
  emit_.settle_home(1);
  emit_.free_accumulators();
  // The test's result is pushed above the reference and popped as the condition.
  const uint32_t slot = emit_.top().home;
  emit_.begin_result(ValType::I32, ref_test_handlers());
  emit_.unit(slot);
  emit_.unit(instruction.heap2.bits());
  emit_.unit((instruction.lane & 2) != 0);
  emit_.push_result(ValType::I32);
  branch_if(instruction.index, take_condition(), instruction.op == Opcode::BrOnCast);
}

}  // namespace weft::interp

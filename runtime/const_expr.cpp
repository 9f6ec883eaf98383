// A stack machine for the few instructions that may be constant.
#include "runtime/const_expr.h"

#include <vector>

#include "module/instruction.h"
#include "runtime/store.h"

namespace weft {
namespace {

// Integers are kept as full cells; 32-bit ones are read from the low half.
Cell arithmetic(Opcode op, Cell a, Cell b) {
  switch (op) {
    case Opcode::I32Add: return cell_u32(a) + cell_u32(b);
    case Opcode::I32Sub: return cell_u32(a) - cell_u32(b);
    case Opcode::I32Mul: return cell_u32(a) * cell_u32(b);
    case Opcode::I64Add: return a + b;
    case Opcode::I64Sub: return a - b;
    default: return a * b;
  }
}

}  // namespace

Result<> evaluate_const_expr(Instance& instance, ConstExpr expr, Cell* value) {
  const Module& module = *instance.module;
  ByteReader reader(module.span(), expr);
  std::vector<Cell> stack;
  Instruction instruction;
  const auto pop = [&] {
    const Cell top = stack.back();
    stack.pop_back();
    return top;
  };
  while (read_instruction(reader, instruction)) {
    switch (instruction.op) {
      case Opcode::I32Const:
      case Opcode::I64Const:
      case Opcode::F32Const:
      case Opcode::F64Const: stack.push_back(instruction.bits); break;
      case Opcode::V128Const:
        stack.push_back(instruction.bits);
        stack.push_back(instruction.bits_high);
        break;
      case Opcode::GlobalGet: {
        const Global& global = *instance.globals[instruction.index];
        stack.push_back(global.value[0]);
        if (global.type.type.cells() == 2) stack.push_back(global.value[1]);
        break;
      }
      case Opcode::RefNull: stack.push_back(kNullRef); break;
      case Opcode::RefFunc: stack.push_back(func_to_ref(instance.func(instruction.index))); break;
      case Opcode::I32Add:
      case Opcode::I32Sub:
      case Opcode::I32Mul:
      case Opcode::I64Add:
      case Opcode::I64Sub:
      case Opcode::I64Mul: {
        const Cell right = pop();
        const Cell left = pop();
        stack.push_back(arithmetic(instruction.op, left, right));
        break;
      }
      default: break;  // end
    }
  }
  for (size_t i = 0; i < stack.size(); ++i) value[i] = stack[i];
  return {};
}

}  // namespace weft

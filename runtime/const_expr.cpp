// A stack machine for the few instructions that may be constant.
#include "runtime/const_expr.h"

#include <vector>

#include "module/instruction.h"
#include "runtime/aggregate.h"
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

// Makes an object of the operands on the stack. False when memory is out.
bool allocate(Instance& instance, const Instruction& instruction, std::vector<Cell>& stack) {
  Heap& heap = instance.store->heap();
  const RuntimeType& type = *instance.types[instruction.index];
  Object* object = nullptr;
  size_t operands = 0;
  switch (instruction.op) {
    case Opcode::StructNew:
      for (const FieldType& field : type.composite.fields) operands += field.type.cells();
      object = new_struct(heap, type, stack.data() + stack.size() - operands);
      break;
    case Opcode::StructNewDefault: object = new_struct(heap, type, nullptr); break;
    case Opcode::ArrayNew: {
      const size_t cells = type.composite.fields[0].type.cells();
      operands = cells + 1;
      object = new_array(heap, type, cell_u32(stack.back()), stack.data() + stack.size() - operands);
      break;
    }
    case Opcode::ArrayNewDefault:
      operands = 1;
      object = new_array(heap, type, cell_u32(stack.back()), nullptr);
      break;
    default: {  // array.new_fixed
      const ValType element = type.composite.fields[0].type;
      operands = size_t{instruction.index2} * element.cells();
      object = new_array(heap, type, instruction.index2, nullptr);
      const Cell* from = stack.data() + stack.size() - operands;
      for (uint32_t i = 0; object != nullptr && i < instruction.index2; ++i, from += element.cells()) {
        store_field(element_at(*object, i), element, from);
      }
      break;
    }
  }
  stack.resize(stack.size() - operands);
  stack.push_back(object_to_ref(object));
  return object != nullptr;
}

// The operand stack of an evaluation; the collector sees it while it is in use.
class ConstStack {
 public:
  explicit ConstStack(Store& store) : store_(store) { store_.set_const_stack(&cells_); }
  ~ConstStack() { store_.set_const_stack(nullptr); }
  ConstStack(const ConstStack&) = delete;
  ConstStack& operator=(const ConstStack&) = delete;
  std::vector<Cell>& cells() const { return cells_; }

 private:
  Store& store_;
  mutable std::vector<Cell> cells_;
};

}  // namespace

Result<> evaluate_const_expr(Instance& instance, ConstExpr expr, Cell* value) {
  const Module& module = *instance.module;
  ByteReader reader(module.span(), expr);
  Store& store = *instance.store;
  const ConstStack scope(store);
  std::vector<Cell>& stack = scope.cells();
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
      case Opcode::StructNew:
      case Opcode::StructNewDefault:
      case Opcode::ArrayNew:
      case Opcode::ArrayNewDefault:
      case Opcode::ArrayNewFixed:
        if (!allocate(instance, instruction, stack)) {
          store.set_trap(Trap{.code = TrapCode::OutOfMemory});
          return fail(ErrorKind::Trap, "out of memory");
        }
        break;
      case Opcode::RefI31: stack.back() = make_i31(cell_u32(stack.back())); break;
      default: break;  // end, and conversions between extern and any, which change no bits
    }
  }
  for (size_t i = 0; i < stack.size(); ++i) value[i] = stack[i];
  return {};
}

}  // namespace weft

// Handlers of instructions that take their operands from consecutive frame slots and leave their results there: bulk
// memory and table instructions, references, and whatever else is too rare for variants by operand place.
//
// Units: base (slot of the first operand and of the first result), then the instruction's immediates as said below.
// The first result is in its accumulator as well.
#pragma once

#include "interp/handlers.h"

namespace weft::interp {

/// Such an instruction: its handler, and how many operands it takes and results it leaves.
struct StackOp {
  Handler handler = nullptr;  // null for instructions that are not of this kind
  uint8_t params = 0;
  uint8_t results = 0;
};

/// `is_64`: width of the address type of the (destination) memory or table; `is_64_source`: of the source. The
/// immediates are the Instruction's index and index2.
StackOp stack_op(Opcode op, bool is_64, bool is_64_source);

}  // namespace weft::interp

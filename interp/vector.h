// Handlers of vector instructions, by operand places; see handlers.h. v128 operands are in S or A, never in the code.
#pragma once

#include "interp/handlers.h"

namespace weft::interp {

bool is_vector_unary(Opcode op);
bool is_vector_binary(Opcode op);
bool is_vector_ternary(Opcode op);

/// UNARY rows of vector.def: operand in S or A.
ResultHandlers vector_unary_handlers(Opcode op, Place operand);
/// BINARY rows: not both in A; a shift's count in S, A or I.
ResultHandlers vector_binary_handlers(Opcode op, Place left, Place right);
/// TERNARY rows: three slots.
ResultHandlers vector_ternary_handlers(Opcode op);
/// EXTRACT rows: operand in S or A, lane.
ResultHandlers extract_lane_handlers(Opcode op, Place vector);
/// REPLACE rows: slot of the vector, scalar in S or A, lane.
ResultHandlers replace_lane_handlers(Opcode op, Place scalar);
/// i8x16.shuffle: two slots, four units of lanes.
ResultHandlers shuffle_handlers();
/// v128.loadN_lane: memory index, address slot, offset (two units), vector slot, lane.
ResultHandlers load_lane_handlers(Opcode op, bool is_64);
/// v128.storeN_lane: the same, without result.
Handler store_lane_handler(Opcode op, bool is_64);

}  // namespace weft::interp

// The handlers by instruction and operand places: what the translator emits. Each table is filled next to its
// handlers, in the file of their kind.
#pragma once

#include "interp/machine.h"
#include "interp/operands.h"
#include "module/opcode.h"

namespace weft::interp {

/// Result places of a handler: in the accumulator only, or in a frame slot as well. Both have the operands at the same
/// units, the slot's last; the unit of the slot is there in both.
struct ResultHandlers {
  Handler to_acc = nullptr;
  Handler to_slot = nullptr;
};

// numeric.cpp

/// UNARY rows: operand in S or A.
ResultHandlers unary_handlers(Opcode op, Place operand);
/// BINARY and COMPARE rows: operands in S, A or I; not both A, not both I.
ResultHandlers binary_handlers(Opcode op, Place left, Place right);
/// The COMPARE row as a branch: taken when the comparison gives `when`. Operands as above, then the distance.
Handler compare_branch_handler(Opcode op, Place left, Place right, bool when);
/// True for UNARY rows, and for BINARY and COMPARE rows.
bool is_unary(Opcode op);
bool is_binary(Opcode op);
/// True for COMPARE rows.
bool is_comparison(Opcode op);
/// The integer comparison that gives the opposite, or kNoOpcode (floats: NaN makes neither true).
Opcode inverse_comparison(Opcode op);
/// True when the operands may be exchanged without changing the result.
bool is_commutative(Opcode op);

// memory.cpp

/// How an address is made: from one operand, from the sum of two slots, or of a slot and a shifted slot
/// (units: base, index, shift); the sums wrap at 32 bits.
enum class Address : uint8_t { Slot, Acc, Sum, Scaled };
inline constexpr size_t kAddresses = 4;

/// Loads from a guarded memory 0: address operands, offset unit, result.
ResultHandlers guarded_load_handlers(Opcode op, Address address);
/// Stores to it: address operands, value in S, A or I, offset unit. With Address::Acc an integer value is in S or I.
Handler guarded_store_handler(Opcode op, Address address, Place value);
/// Any memory: [memory index][address slot][offset, two units]; the address has the memory's width.
ResultHandlers checked_load_handlers(Opcode op, bool is_64);
/// … [value slot].
Handler checked_store_handler(Opcode op, bool is_64);

}  // namespace weft::interp

// Handlers of control instructions, spec §4.6.8 and following. The comment behind each says its operand units.
#pragma once

#include "interp/code.h"
#include "interp/handlers.h"

namespace weft::interp {

/// The stub of an untranslated function: FunctionCode* (two units).
WEFT_CONVENTION void translate_handler(WEFT_PARAMS);
/// Ends the run with Outcome::Return.
WEFT_CONVENTION void exit_handler(WEFT_PARAMS);

WEFT_CONVENTION void unreachable_handler(WEFT_PARAMS);  // none
WEFT_CONVENTION void spend_fuel_handler(WEFT_PARAMS);   // none
WEFT_CONVENTION void branch_handler(WEFT_PARAMS);       // distance
/// Taken when the i32 condition is nonzero (`when`) or zero: condition in S or A, distance.
Handler branch_if_handler(Place condition, bool when);
/// Index in S or A, count of targets, that many distances (the default last).
Handler branch_table_handler(Place index);

/// Return with no result: offset of the link. With one: offset of the link, the result in S, A or I (v128: S or A).
WEFT_CONVENTION void return_handler(WEFT_PARAMS);
Handler return_one_handler(ValType type, Place result);
/// Offset of the link, offset of the first result, result cells.
WEFT_CONVENTION void return_many_handler(WEFT_PARAMS);

WEFT_CONVENTION void call_handler(WEFT_PARAMS);         // FunctionCode* (two units), offset of the arguments
WEFT_CONVENTION void call_import_handler(WEFT_PARAMS);  // function index, offset of the arguments
/// Table index, type index, offset of the arguments, element index in S or A.
Handler call_indirect_handler(Place index, bool is_64);
/// Offset of the arguments, the reference in S.
WEFT_CONVENTION void call_ref_handler(WEFT_PARAMS);

/// Tail calls: as the calls, with the offset of this frame's link after the offset of the arguments.
WEFT_CONVENTION void return_call_handler(WEFT_PARAMS);
WEFT_CONVENTION void return_call_import_handler(WEFT_PARAMS);
WEFT_CONVENTION void return_call_indirect_handler(WEFT_PARAMS);  // index in S, table with 32-bit indices
WEFT_CONVENTION void return_call_indirect_64_handler(WEFT_PARAMS);
WEFT_CONVENTION void return_call_ref_handler(WEFT_PARAMS);

/// What a run returns to: exit_handler as code.
Code exit_code();
/// Where callees of another instance return to.
Code foreign_return_code();

/// What lies below the frame of a callee of another instance, see call_foreign in control.cpp.
struct ForeignRecord {
  Code return_pc;
  Cell* caller_fp;
  Instance* caller;
  uint64_t result_cells;
};
inline constexpr uint32_t kForeignCells = sizeof(ForeignRecord) / sizeof(Cell);

}  // namespace weft::interp

// Handlers that move values, spec §4.6.3 and §4.6.5. The comment behind each says its operand units; "slot" is a byte
// offset from fp. None of those that only move between slots touches the accumulators.
#pragma once

#include "interp/handlers.h"

namespace weft::interp {

WEFT_CONVENTION void copy_handler(WEFT_PARAMS);             // slot from, slot to
WEFT_CONVENTION void copy_two_handler(WEFT_PARAMS);         // slot from, slot to, slot from, slot to: in that order
WEFT_CONVENTION void copy_v128_handler(WEFT_PARAMS);        // slot from, slot to
WEFT_CONVENTION void copy_many_handler(WEFT_PARAMS);        // slot from, slot to, cells; may overlap
WEFT_CONVENTION void constant_handler(WEFT_PARAMS);         // bits (two units), slot to
WEFT_CONVENTION void constant_32_handler(WEFT_PARAMS);      // bits (one unit, zero-extended), slot to
WEFT_CONVENTION void constant_v128_handler(WEFT_PARAMS);    // bits (four units), slot to
WEFT_CONVENTION void store_acc_handler(WEFT_PARAMS);        // slot to
WEFT_CONVENTION void store_vacc_handler(WEFT_PARAMS);       // slot to (f32, f64)
WEFT_CONVENTION void store_vacc_v128_handler(WEFT_PARAMS);  // slot to

/// The deterministic profile: makes a NaN in a result that is in vacc and in a slot canonical. Slot; the type says how
/// many lanes of which width.
Handler canonical_nan_handler(ValType type, bool lanes_64);

/// global.get: index among the own globals (or among all, for imported ones), result.
ResultHandlers global_get_handlers(ValType type, bool imported);
/// global.set: index as above, value in S or A.
Handler global_set_handler(ValType type, bool imported, Place value);

/// select: condition in S or A, the two values in S or I (v128: S), result.
ResultHandlers select_handlers(ValType type, Place condition, Place first, Place second);

}  // namespace weft::interp

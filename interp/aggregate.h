// Handlers of references and aggregates, spec §4.6.2 and §4.6.3.
#pragma once

#include "interp/handlers.h"

namespace weft::interp {

/// Instructions on consecutive slots, with the units of stack_ops.h: base, index, index2. Results are left at the base
/// and in no accumulator. Null for other instructions.
Handler aggregate_handler(Opcode op);

/// ref.test: slot, heap type (its bits), nullable, result.
ResultHandlers ref_test_handlers();
/// ref.cast: slot, heap type, nullable; traps, or leaves the reference where it is.
WEFT_CONVENTION void ref_cast_handler(WEFT_PARAMS);

}  // namespace weft::interp

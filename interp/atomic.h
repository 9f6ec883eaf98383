// Handlers of atomic instructions (threads proposal). Operands are in slots.
#pragma once

#include "interp/handlers.h"

namespace weft::interp {

/// Units: memory index, address slot, offset (two units), value slot, second value slot (cmpxchg, wait), result.
/// Loads and stores have no value or no result; the units are there all the same. Both null for other instructions.
ResultHandlers atomic_handlers(Opcode op, bool is_64);

}  // namespace weft::interp

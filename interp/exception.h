// Handlers of exceptions, spec §4.6.8, and the search for who catches them.
#pragma once

#include "interp/handlers.h"

namespace weft::interp {

WEFT_CONVENTION void throw_handler(WEFT_PARAMS);      // slot of the arguments, tag index
WEFT_CONVENTION void throw_ref_handler(WEFT_PARAMS);  // slot of the exnref; traps when it is null
/// Goes on where the store's pending exception, thrown at pc, is caught; or ends the run with it.
WEFT_CONVENTION void unwind_handler(WEFT_PARAMS);

}  // namespace weft::interp

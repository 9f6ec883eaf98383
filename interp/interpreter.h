// The interpreter as a way to execute code.
#pragma once

#include <memory>

#include "runtime/tier.h"

namespace weft::interp {

/// Makes the interpreter. It translates functions when they are first called.
std::unique_ptr<ExecutionTier> make_interpreter();

/// "tail calls" or "loop": how handlers are dispatched in this build.
const char* dispatch_name();

}  // namespace weft::interp

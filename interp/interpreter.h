// The interpreter as a way to execute code.
#pragma once

#include <memory>

#include "module/features.h"
#include "runtime/tier.h"

namespace weft::interp {

/// Makes the interpreter. It translates functions when they are first called.
std::unique_ptr<ExecutionTier> make_interpreter();

/// The features whose instructions the interpreter executes. Engines are configured with no others.
FeatureSet supported_features();

/// "tail calls" or "loop": how handlers are dispatched in this build.
const char* dispatch_name();

}  // namespace weft::interp

// The module "spectest" that the official scripts import from.
#pragma once

#include "runtime/linker.h"

namespace weft::spec {

/// Defines it in a linker.
Result<> define_spectest(Engine& engine, Linker& linker);

}  // namespace weft::spec

// Constant expressions at run time, spec §3.4.13 and §4.7.2: initial values of globals, tables and segments.
#pragma once

#include "module/error.h"
#include "module/module.h"
#include "runtime/instance.h"

namespace weft {

/// Evaluates a validated constant expression in an instance whose functions and earlier globals exist. Writes the
/// value's one or two cells. Errors: Trap (allocation can fail), with the details in the store's trap().
Result<> evaluate_const_expr(Instance& instance, ConstExpr expr, Cell* value);

}  // namespace weft

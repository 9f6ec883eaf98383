// Module → text format, spec §6: the inverse of parser.h.
#pragma once

#include <string>

#include "module/error.h"
#include "module/module.h"

namespace weft::text {

/// Prints a module, one instruction a line, with indices (and names as comments where the name section has them), so
/// that parse_module of the text encodes to the same bytes (custom sections aside; LEB128 integers as short as they
/// can be). Fails with Malformed when a function body cannot be decoded.
Result<std::string> print_module(const Module& module);

}  // namespace weft::text

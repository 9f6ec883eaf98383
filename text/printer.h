// Module → text format, spec §6: the inverse of parser.h.
#pragma once

#include <string>

#include "module/error.h"
#include "module/module.h"

namespace weft::text {

/// How print_module writes.
struct PrintOptions {
  bool fold = false;  // folded expressions instead of flat instructions
  bool names = true;  // identifiers from the name section where they are unique and well-formed
};

/// Prints a module so that parse_module of the text encodes to the same bytes (custom sections aside; LEB128 integers
/// as short as they can be). Fails with Malformed when a function body cannot be decoded.
Result<std::string> print_module(const Module& module, const PrintOptions& options = {});

}  // namespace weft::text

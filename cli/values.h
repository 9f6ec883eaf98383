// Values on the command line: `--invoke` takes and prints them.
#pragma once

#include <string>
#include <string_view>

#include "module/error.h"
#include "runtime/store.h"

namespace weft {

/// Parses an argument of a number type: integers in decimal or 0x form (signed or unsigned range), floats as C does,
/// with nan and inf. Errors (Usage) name the type and the text.
Result<Value> parse_value(ValType type, std::string_view text);

/// "i32:-1", "f64:0.5", "v128:0x…", "externref:null" …
std::string format_value(const Value& value);

}  // namespace weft

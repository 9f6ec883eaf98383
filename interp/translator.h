// Validated bytecode → threaded code, one function at a time, in one pass.
#pragma once

#include <cstdint>
#include <vector>

#include "interp/code.h"

namespace weft::interp {

/// What translation gives: the units, with the frame's facts in front of the entry, see FunctionCode::entry.
struct Translation {
  static constexpr size_t kEntry = 2;
  std::vector<Unit> units;
  std::vector<CodeOffset> offsets;
  std::vector<TryRegion> regions;
};

/// Translates a defined function of a validated module.
Translation translate_function(ModuleCode& code, uint32_t function_index);

}  // namespace weft::interp

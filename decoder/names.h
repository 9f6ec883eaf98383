// The name section (spec, appendix "Custom Sections", §7.4.1 and the extended-name-section proposal).
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "module/module.h"

namespace weft {

/// Names by index. Views point into the module's bytes (or strings).
using NameMap = std::unordered_map<uint32_t, std::string_view>;
using IndirectNameMap = std::unordered_map<uint32_t, NameMap>;

struct Names {
  std::string_view module;
  NameMap functions, types, tables, memories, globals, elements, datas, tags;
  IndirectNameMap locals, labels, fields;
};

/// Decodes the name section of a module. A malformed subsection ends the decoding and what came before it is kept:
/// names are advice and never make a module unusable. Costs time in the size of the section: decode on demand.
Names decode_names(const Module& module);

}  // namespace weft

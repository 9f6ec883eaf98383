// Module → binary format, spec §5: the inverse of decoder.h.
#pragma once

#include <cstdint>
#include <vector>

#include "module/module.h"

namespace weft {

/// Encodes a module. LEB128 integers are as short as they can be outside of function bodies and constant expressions,
/// which are taken as they are; custom sections are written at their places. Sections without entries are left out.
std::vector<uint8_t> encode(const Module& module);

}  // namespace weft

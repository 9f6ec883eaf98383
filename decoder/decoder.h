// Binary format → Module, spec §5. Everything but the instructions of function bodies is decoded here; those are
// decoded where they are validated, so that a body is read once.
#pragma once

#include <memory>

#include "module/error.h"
#include "module/features.h"
#include "module/module.h"

namespace weft {

/// True when the bytes begin with the binary format's magic number "\0asm".
bool has_wasm_magic(std::span<const uint8_t> bytes);

/// Decodes a binary module. The module shares ownership of `bytes`; names and ranges point into them, nothing is
/// copied. `features`: a construct of a feature that is off is an error that names the feature. Errors: Malformed with
/// section and offset, texts as the official suite begins them; Limit for module/limits.h.
Result<std::unique_ptr<Module>> decode(std::shared_ptr<const Bytes> bytes, const FeatureSet& features = {});

}  // namespace weft

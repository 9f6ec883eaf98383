// Text format → Module, spec §6.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "module/error.h"
#include "module/features.h"
#include "module/module.h"

namespace weft::text {

/// Parses one module: `(module …)`, or module fields without that frame. The module's bytes hold function bodies,
/// constant expressions and segment contents in the binary format; module.positions maps them to the source. The
/// identifiers of the source become a name section (a custom section "name"), so that backtraces can show them.
/// `(module binary …)` is decoded and `(module quote …)` is parsed again.
/// Errors: Malformed with line and column, texts as the official suite begins them.
Result<std::unique_ptr<Module>> parse_module(std::string_view source, const FeatureSet& features = {});

}  // namespace weft::text

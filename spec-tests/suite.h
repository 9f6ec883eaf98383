// What the folders of the official suite expect of an engine.
#pragma once

#include <string_view>

#include "module/features.h"

namespace weft::spec {

/// The features that a script is written for, by its path: legacy exceptions in `legacy/`; `proposals/threads/` is a
/// fork of the suite from before multiple memories, 64-bit memories and reference types, and asserts that they are
/// refused. Others get `base`.
FeatureSet features_for(std::string_view path, const FeatureSet& base);

/// True for scripts of proposals that Weft does not implement; `reason` says which.
bool is_unsupported(std::string_view path, std::string_view& reason);

}  // namespace weft::spec

// Reading of module files.
#pragma once

#include <memory>
#include <string>

#include "module/error.h"
#include "module/features.h"
#include "module/module.h"

namespace weft {

/// Maps a regular file for reading, or reads standard input for "-". Errors (Io): the file is missing, no regular
/// file, or too large to be a module. Never blocks on FIFOs and devices: they are refused.
Result<std::shared_ptr<const Bytes>> map_file(const std::string& path);

/// Reads a module in either format: binary by its magic number, else text when the name ends in .wat.
/// Errors: Io; those of the decoder and the text parser.
Result<std::unique_ptr<Module>> load_module(const std::string& path, const FeatureSet& features);

}  // namespace weft

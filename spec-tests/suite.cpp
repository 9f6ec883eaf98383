// Folders to features.
#include "spec-tests/suite.h"

namespace weft::spec {

FeatureSet features_for(std::string_view path, const FeatureSet& base) {
  FeatureSet features = base;
  if (path.find("legacy/") != std::string_view::npos) features.set(Feature::LegacyExceptions, true);
  if (path.find("proposals/threads/") != std::string_view::npos) {
    for (const Feature newer : {Feature::MultiMemory, Feature::Memory64, Feature::ReferenceTypes})
      features.set(newer, false);
  }
  return features;
}

bool is_unsupported(std::string_view path, std::string_view& reason) {
  if (path.find("proposals/custom-descriptors/") == std::string_view::npos) return false;
  reason = "custom descriptors are not supported";
  return true;
}

}  // namespace weft::spec

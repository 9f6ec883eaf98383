// Names of features and the command-line syntax that switches them.
#include "module/features.h"

#include <array>

namespace weft {
namespace {

constexpr std::array kNames = {
#define FEATURE(name, text, on) std::string_view(text),
#include "module/features.def"
};

}  // namespace

std::string_view feature_name(Feature feature) { return kNames[static_cast<size_t>(feature)]; }

std::expected<void, std::string> FeatureSet::apply(std::string_view list) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    const size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    if (value != "on" && value != "off") {
      return std::unexpected("'" + std::string(item) + "' is not of the form FEATURE=on or FEATURE=off");
    }
    bool found = false;
    for (size_t i = 1; i < kNames.size(); ++i) {
      if (name != "all" && name != kNames[i]) continue;
      set(static_cast<Feature>(i), value == "on");
      found = true;
    }
    if (!found) {
      std::string known = "all";
      for (size_t i = 1; i < kNames.size(); ++i) known += ", " + std::string(kNames[i]);
      return std::unexpected("there is no feature '" + std::string(name) + "'; known are " + known);
    }
  }
  return {};
}

}  // namespace weft

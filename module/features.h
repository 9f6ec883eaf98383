// The set of WebAssembly features that a module may use; see features.def for the list.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace weft {

enum class Feature : uint8_t {
#define FEATURE(name, text, on) name,
#include "module/features.def"
};

/// The command-line name of a feature ("gc", "simd" …); empty for Feature::Core.
std::string_view feature_name(Feature feature);

/// A set of features. Feature::Core is a member of every set. Cheap to copy.
class FeatureSet {
 public:
  /// The features that are on by default: WebAssembly 3.0, threads, custom page sizes and wide arithmetic.
  constexpr FeatureSet() = default;

  constexpr bool has(Feature feature) const { return (bits_ >> static_cast<int>(feature)) & 1; }
  constexpr void set(Feature feature, bool on) {
    const uint32_t bit = 1u << static_cast<int>(feature);
    if (feature != Feature::Core) bits_ = on ? (bits_ | bit) : (bits_ & ~bit);
  }
  constexpr bool operator==(const FeatureSet&) const = default;

  /// Every feature that Weft knows, legacy exceptions included.
  static constexpr FeatureSet all() {
    FeatureSet set;
    set.bits_ = ~0u;
    return set;
  }

  /// Applies a command-line list such as "gc=off,threads=on": each item is NAME=on or NAME=off, with "all" for every
  /// feature. Returns a one-line message that lists the known names when an item is not understood.
  std::expected<void, std::string> apply(std::string_view list);

 private:
  static constexpr uint32_t kDefault = 0
#define FEATURE(name, text, on) | ((on) ? 1u << static_cast<int>(Feature::name) : 0u)
#include "module/features.def"
      ;
  uint32_t bits_ = kDefault;
};

}  // namespace weft

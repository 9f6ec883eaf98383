// Runs scripts of the official test suite's language and counts what they assert.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/engine.h"
#include "text/script.h"

namespace weft::spec {

/// Assertions are counted by their kind; bare modules, instances, registrations and actions likewise.
enum class Kind : uint8_t {
  Return,
  Trap,
  Exhaustion,
  Exception,
  Malformed,
  Invalid,
  Unlinkable,
  MalformedCustom,
  InvalidCustom,
  Module,
  Instance,
  Register,
  Action,
  Thread,
  Wait,
  Script,
};
inline constexpr size_t kKinds = 16;
const char* to_string(Kind kind);

struct Count {
  uint64_t passed = 0;
  uint64_t failed = 0;
};

/// What became of scripts.
struct Summary {
  std::array<Count, kKinds> counts{};
  uint64_t other_words = 0;  // malformed, invalid and unlinkable modules refused in other words than expected

  Count total() const;
  void add(const Summary& other);
};

struct Options {
  EngineConfig config;
  std::function<std::unique_ptr<ExecutionTier>()> make_tier;
  /// Called with a line for each failure: "file:line:column: what, expected …, actual …".
  std::function<void(const std::string&)> on_failure;
  /// Every module is printed, parsed, encoded and decoded first, twice, and the second time must give the same bytes.
  bool round_trip = false;
  bool report_words = false;  // report other words than expected as well (they do not fail)
};

/// Runs a script; `name` is its file for messages. Everything in it has an engine and a store of its own.
Summary run_script(std::string_view name, std::string_view source, const Options& options);

}  // namespace weft::spec

// Values of scripts as run-time values, and their comparison with results.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runtime/store.h"
#include "text/script.h"

namespace weft::spec {

/// The host references of one script: `(ref.extern n)` is the same object for the same n.
class HostReferences {
 public:
  explicit HostReferences(Store& store) : store_(store) {}
  /// The reference for a number.
  Ref get(uint64_t number);
  /// The number of a reference, or nothing when it is none of these.
  std::optional<uint64_t> find(Ref ref) const;

 private:
  Store& store_;
  std::map<uint64_t, Ref> references_;
};

/// An argument of an action.
Value to_value(const text::ScriptValue& value, HostReferences& references);

/// Whether a result is as expected.
bool matches(const text::ScriptValue& expected, const Value& actual, const HostReferences& references);

/// For messages.
std::string describe(const text::ScriptValue& value);
std::string describe(const Value& value, const HostReferences& references);

}  // namespace weft::spec

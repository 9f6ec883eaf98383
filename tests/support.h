// What tests share: modules from text, and programs of one engine, store and instance.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/linker.h"

namespace weft::test {

/// Assembles a module written in the text format. Fails the test when the text is malformed.
std::vector<uint8_t> assemble(const std::string& text);

/// An engine with the interpreter, and one store.
class Host {
 public:
  explicit Host(EngineConfig config = default_config(), StoreLimits limits = {});

  static EngineConfig default_config();
  /// Compiles and instantiates a module from text; imports come from `linker`. Fails the test on errors.
  Instance& instantiate(const std::string& text);
  Result<Instance*> try_instantiate(std::vector<uint8_t> bytes);
  /// Calls an export with number arguments; gives the results' cells, or the trap as text in front of a colon-less
  /// place: "trap: REASON".
  std::string call(Instance& instance, std::string_view name, std::vector<Value> arguments = {});

  Engine engine;
  Store store;
  Linker linker;
};

Value i32(int32_t value);
Value i64(int64_t value);
Value f32(float value);
Value f64(double value);

}  // namespace weft::test

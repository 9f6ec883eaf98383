// Assembling test modules, and running them.
#include "tests/support.h"

#include <catch2/catch.hpp>

#include "cli/values.h"
#include "decoder/encoder.h"
#include "interp/interpreter.h"
#include "text/parser.h"

namespace weft::test {

std::vector<uint8_t> assemble(const std::string& source) {
  auto module = text::parse_module(source);
  if (!module) FAIL(module.error().to_string() + "\n" + source);
  return encode(**module);
}

EngineConfig Host::default_config() {
  EngineConfig config;
  return config;
}

Host::Host(EngineConfig config, StoreLimits limits)
    : engine(config, interp::make_interpreter()), store(engine, limits), linker(store) {}

Result<Instance*> Host::try_instantiate(std::vector<uint8_t> bytes) {
  auto module = CompiledModule::create(engine, Bytes::from_vector(std::move(bytes)));
  if (!module) return std::unexpected(std::move(module).error());
  return linker.instantiate(*std::move(module));
}

Instance& Host::instantiate(const std::string& text) {
  auto instance = try_instantiate(assemble(text));
  if (!instance) FAIL(instance.error().to_string());
  return **instance;
}

std::string Host::call(Instance& instance, std::string_view name, std::vector<Value> arguments) {
  const auto found = instance.find_export(name);
  REQUIRE(found.has_value());
  auto results = store.call(*found->func(), arguments);
  if (!results) return "trap: " + results.error().message();
  std::string text;
  for (const Value& result : *results) text += (text.empty() ? "" : " ") + format_value(result);
  return text;
}

Value i32(int32_t value) { return {ValType::I32, to_cell(value)}; }
Value i64(int64_t value) { return {ValType::I64, to_cell(value)}; }
Value f32(float value) { return {ValType::F32, to_cell(value)}; }
Value f64(double value) { return {ValType::F64, to_cell(value)}; }

}  // namespace weft::test

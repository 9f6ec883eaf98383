// What "spectest" exports (spec repository, interpreter/host/spectest.ml).
#include "spec-tests/spectest.h"

#include "text/parser.h"

namespace weft::spec {
namespace {

constexpr std::string_view kDefinitions = R"(
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2))";

constexpr std::string_view kTable64 = R"((table (export "table64") i64 10 20 funcref))";
constexpr std::string_view kSharedMemory = R"((memory (export "shared_memory") 1 2 shared))";

Outcome print_nothing(void*, HostContext&, Cell*) { return Outcome::Return; }

Result<> define_module(Engine& engine, Linker& linker, std::string_view source) {
  auto module = text::parse_module(source);
  if (!module) return std::unexpected(std::move(module).error());
  auto compiled = CompiledModule::create(engine, *std::move(module));
  if (!compiled) return std::unexpected(std::move(compiled).error());
  auto instance = linker.instantiate(*std::move(compiled));
  if (!instance) return std::unexpected(std::move(instance).error());
  linker.define("spectest", **instance);
  return {};
}

}  // namespace

Result<> define_spectest(Engine& engine, Linker& linker) {
  WEFT_TRY(define_module(engine, linker, kDefinitions));
  if (engine.config().features.has(Feature::Memory64)) WEFT_TRY(define_module(engine, linker, kTable64));
  if (engine.config().features.has(Feature::Threads)) WEFT_TRY(define_module(engine, linker, kSharedMemory));
  const auto define = [&](const char* name, std::vector<ValType> params) {
    linker.define("spectest", name, HostFunction{{std::move(params), {}}, print_nothing, nullptr});
  };
  define("print", {});
  define("print_i32", {ValType::I32});
  define("print_i64", {ValType::I64});
  define("print_f32", {ValType::F32});
  define("print_f64", {ValType::F64});
  define("print_i32_f32", {ValType::I32, ValType::F32});
  define("print_f64_f64", {ValType::F64, ValType::F64});
  return {};
}

}  // namespace weft::spec

// Hostile bytes: every prefix of small modules, and every change of a single byte, ends in an error with a place or in
// a run that ends. Nothing else may happen; the sanitizer builds watch.
#include <catch2/catch.hpp>

#include "runtime/store.h"
#include "tests/support.h"

using namespace weft;
using namespace weft::test;

namespace {

const char* const kModules[] = {
    "(module)",
    "(module (func (export \"f\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))",
    "(module (func (export \"f\") (result f64) (f64.div (f64.const 1) (f64.convert_i32_u (i32.const 3)))))",
    "(module (memory 1) (data (i32.const 3) \"abc\") (func (export \"f\") (result i32) (i32.load8_u (i32.const 4))))",
    "(module (memory 1) (func (export \"f\") (memory.fill (i32.const 1) (i32.const 2) (i32.const 30))"
    " (memory.copy (i32.const 9) (i32.const 2) (i32.const 8))))",
    "(module (memory 1) (data \"xyz\") (func (export \"f\") (memory.init 0 (i32.const 1) (i32.const 0) (i32.const 2))"
    " (data.drop 0)))",
    "(module (table 3 funcref) (elem (i32.const 0) 0 1) (func) (func (export \"f\") (call_indirect (i32.const 0))))",
    "(module (table 2 funcref) (elem func 0) (func (export \"f\") (table.init 0 (i32.const 0) (i32.const 0) (i32.const "
    "1))"
    " (table.set 0 (i32.const 1) (ref.func 0)) (drop (table.grow 0 (ref.null func) (i32.const 1)))))",
    "(module (global (mut i64) (i64.const 5)) (func (export \"f\") (global.set 0 (i64.mul (global.get 0) (i64.const "
    "3)))))",
    "(module (func $f (export \"f\") (param i32) (result i32) (if (result i32) (local.get 0) (then (call $f (i32.sub"
    " (local.get 0) (i32.const 1)))) (else (i32.const 7)))))",
    "(module (func (export \"f\") (param i32) (result i32) (local i32) (loop (local.set 1 (i32.add (local.get 1)"
    " (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))",
    "(module (func (export \"f\") (param i32) (result i32) (block (block (block (br_table 0 1 2 (local.get 0)))"
    " (return (i32.const 1))) (return (i32.const 2))) (i32.const 3)))",
    "(module (func (export \"f\") (param i64 i64) (result i64 i64) (i64.div_s (local.get 0) (local.get 1))"
    " (i64.rem_u (local.get 0) (local.get 1))))",
    "(module (func (export \"f\") (param i32) (result i32) (select (i32.const 1) (i32.popcnt (local.get 0)) (local.get "
    "0))))",
    "(module (func (export \"f\") (param f32) (result i32) (i32.trunc_sat_f32_s (f32.sqrt (f32.neg (local.get 0))))))",
    "(module (import \"host\" \"call\" (func (param i32) (result i32))) (func (export \"f\") (result i32)"
    " (call 0 (i32.const 9))))",
    "(module (func $e (export \"f\") (param i32) (result i32) (return_call $g (local.get 0))) (func $g (param i32)"
    " (result i32) (i32.rotl (local.get 0) (i32.const 3))))",
    "(module (memory 1 3) (func (export \"f\") (result i32) (i32.add (memory.grow (i32.const 1)) (memory.size))))",
    "(module (type (func (param i64) (result i64))) (func (export \"f\") (param i64) (result i64) (local f64 i32 i32)"
    " (block (result i64) (br 0 (i64.shl (local.get 0) (i64.const 2))))))",
    "(module (start 0) (func (nop)) (func (export \"f\") (unreachable)) (global (export \"g\") i32 (i32.const -1)))",
};

// Runs a module from bytes in an engine of its own, with little of everything.
class Trial {
 public:
  Trial() : host_(config(), {.memory_bytes = 4 << 16, .table_entries = 1000, .stack_bytes = 64 << 10}) {
    host_.linker.define(
        "host", "call",
        HostFunction{
            {{ValType::I32}, {ValType::I32}}, [](void*, HostContext&, Cell*) { return Outcome::Return; }, nullptr});
  }

  // The error's line, or "" when it ran.
  std::string run(std::vector<uint8_t> bytes) {
    host_.store.set_fuel(2000);
    auto instance = host_.try_instantiate(std::move(bytes));
    if (!instance) return instance.error().to_string();
    for (const Export& exported : (*instance)->module->exports) {
      if (exported.kind != ExternKind::Func) continue;
      Func& func = *(*instance)->func(exported.index);
      std::vector<Value> arguments;
      for (const ValType param : func.type->composite.func.params) {
        if (param.is_ref() && !param.is_nullable()) return "";
        arguments.push_back({param, 5});
        if (param.is_ref()) arguments.back().bits = kNullRef;
      }
      host_.store.set_fuel(2000);
      (void)host_.store.call(func, arguments);
    }
    return "";
  }

 private:
  static EngineConfig config() {
    EngineConfig config = Host::default_config();
    config.metered = true;
    return config;
  }
  Host host_;
};

}  // namespace

TEST_CASE("every prefix of a module is an error with a place", "[mutation]") {
  for (const char* const text : kModules) {
    const std::vector<uint8_t> bytes = assemble(text);
    CHECK(Trial().run(bytes) == "");
    for (size_t size = 0; size < bytes.size(); ++size) {
      const std::string error = Trial().run({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)});
      INFO(text << ", first " << size << " bytes: " << error);
      CHECK((error.empty() || error.find("offset 0x") != std::string::npos));
      CHECK(error.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("every change of one byte is an error or a run that ends", "[mutation]") {
  size_t runs = 0;
  size_t errors = 0;
  for (const char* const text : kModules) {
    const std::vector<uint8_t> bytes = assemble(text);
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int change = 1; change < 256; ++change) {
        std::vector<uint8_t> changed = bytes;
        changed[at] = static_cast<uint8_t>(changed[at] ^ change);
        errors += !Trial().run(std::move(changed)).empty();
        ++runs;
      }
    }
  }
  CHECK(runs > 200'000);
  CHECK(errors > runs / 2);
}

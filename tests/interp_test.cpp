// The interpreter: what instructions give, where traps are said to be, calls in all directions.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "module/instruction.h"
#include "runtime/store.h"
#include "tests/support.h"

using namespace weft;
using namespace weft::test;

namespace {

// The offset of the first instruction with this opcode in a function of the module.
uint32_t offset_of(const Module& module, uint32_t function, Opcode op) {
  ByteReader reader(module.span(), module.functions[function].body);
  read_locals(reader, 0);
  Instruction instruction;
  while (read_instruction(reader, instruction)) {
    if (instruction.op == op) return instruction.offset;
  }
  return 0;
}

bool is_scalar_access(const OpcodeInfo& info) { return info.immediate == Immediate::MemArg && info.prefix == 0; }

const char* constant_of(char letter) {
  switch (letter) {
    case 'i': return "(i32.const 7)";
    case 'l': return "(i64.const 7)";
    case 'f': return "(f32.const 7)";
    default: return "(f64.const 7)";
  }
}

}  // namespace

// Guarded accesses find their place by registers at the fault: every access, in every form of address and value.
TEST_CASE("out-of-bounds accesses trap at their own offset", "[interp]") {
  const Bounds bounds = GENERATE(Bounds::Guard, Bounds::Explicit);
  EngineConfig config = Host::default_config();
  config.bounds = bounds;
  const char* const addresses[] = {
      "(local.get 0)",                                                  // slot
      "(i32.sub (local.get 0) (i32.const 1))",                          // accumulator
      "(i32.add (local.get 0) (local.get 1))",                          // sum
      "(i32.add (local.get 1) (i32.shl (local.get 2) (i32.const 2)))",  // scaled
  };
  for (size_t i = 0; i < kOpcodeCount; ++i) {
    const OpcodeInfo& info = kOpcodes[i];
    if (!is_scalar_access(info)) continue;
    const bool is_load = info.signature[1] == ':';
    std::string text = "(module (memory 1)";
    size_t count = 0;
    for (const char* const address : addresses) {
      std::vector<std::string> values = {""};
      if (!is_load) {
        const std::string constant = constant_of(info.signature[1]);
        const std::string type = constant.substr(1, 3);
        values = {constant, fmt::format("({0}.add {1} {1})", type, constant)};
      }
      for (const std::string& value : values) {
        text += fmt::format("(func (export \"f{}\") (param i32 i32 i32) (nop) ({} offset=4 {} {}) {})", count++,
                            info.text, address, value, is_load ? "(drop)" : "");
      }
    }
    Host host(config);
    Instance& instance = host.instantiate(text + ")");
    for (uint32_t function = 0; function < count; ++function) {
      INFO(info.text << " in function " << function);
      const std::vector<Value> arguments = {i32(0x7FFFFFF0), i32(0x10000000), i32(0x10000000)};
      CHECK(host.call(instance, fmt::format("f{}", function), arguments) == "trap: out of bounds memory access");
      const Trap& trap = host.store.trap();
      REQUIRE(trap.backtrace.size() == 1);
      CHECK(trap.backtrace[0].function_index == function);
      CHECK(trap.backtrace[0].offset == offset_of(*instance.module, function, static_cast<Opcode>(i)));
    }
  }
}

TEST_CASE("the last bytes of memory can be reached and no more", "[interp]") {
  const Bounds bounds = GENERATE(Bounds::Guard, Bounds::Explicit);
  EngineConfig config = Host::default_config();
  config.bounds = bounds;
  Host host(config);
  Instance& instance = host.instantiate(R"((module (memory 1 2)
    (func (export "store") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
    (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
    (func (export "far") (param i32) (result i32) (i32.load8_u offset=0xffffffff (local.get 0)))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))))");
  CHECK(host.call(instance, "store", {i32(65528), i64(-2)}) == "");
  CHECK(host.call(instance, "load", {i32(65528)}) == "i64:-2");
  CHECK(host.call(instance, "load", {i32(65529)}) == "trap: out of bounds memory access");
  CHECK(host.call(instance, "far", {i32(-1)}) == "trap: out of bounds memory access");  // 33-bit sum
  CHECK(host.call(instance, "far", {i32(1)}) == "trap: out of bounds memory access");   // no wrap to 0
  CHECK(host.call(instance, "grow") == "i32:1");
  CHECK(host.call(instance, "grow") == "i32:-1");
  CHECK(host.call(instance, "load", {i32(65529)}) == "i64:72057594037927935");
}

TEST_CASE("numeric traps", "[interp]") {
  Host host;
  Instance& instance = host.instantiate(R"((module
    (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "rem") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
    (func (export "trunc") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
    (func (export "trunc64") (param f64) (result i64) (i64.trunc_f64_u (local.get 0)))
    (func (export "unreachable") (unreachable))))");
  CHECK(host.call(instance, "div", {i32(-7), i32(2)}) == "i32:-3");
  CHECK(host.call(instance, "div", {i32(1), i32(0)}) == "trap: integer divide by zero");
  CHECK(host.call(instance, "div", {i32(INT32_MIN), i32(-1)}) == "trap: integer overflow");
  CHECK(host.call(instance, "rem", {i64(INT64_MIN), i64(-1)}) == "i64:0");
  CHECK(host.call(instance, "rem", {i64(1), i64(0)}) == "trap: integer divide by zero");
  CHECK(host.call(instance, "trunc", {f32(-2147483648.0F)}) == "i32:-2147483648");
  CHECK(host.call(instance, "trunc", {f32(2147483648.0F)}) == "trap: integer overflow");
  CHECK(host.call(instance, "trunc", {f32(__builtin_nanf(""))}) == "trap: invalid conversion to integer");
  CHECK(host.call(instance, "trunc64", {f64(-0.9)}) == "i64:0");
  CHECK(host.call(instance, "trunc64", {f64(-1.0)}) == "trap: integer overflow");
  CHECK(host.call(instance, "unreachable") == "trap: unreachable");
}

TEST_CASE("locals keep their value on the stack when they are set", "[interp]") {
  Host host;
  Instance& instance = host.instantiate(R"((module
    (func (export "old") (param i32) (result i32)
      (local.get 0) (local.set 0 (i32.const 5)) (local.get 0) (i32.sub))
    (func (export "tee") (param i32) (result i32)
      (i32.sub (local.tee 0 (i32.mul (local.get 0) (i32.const 3))) (local.get 0)))
    (func (export "swap") (param i32 i32) (result i32 i32) (local i32)
      (local.get 1) (local.get 0) (local.set 1) (local.set 0) (local.get 0) (local.get 1))
    (func (export "block") (param i32) (result i32)
      (local.get 0) (block (br_if 0 (i32.eqz (local.get 0))) (local.set 0 (i32.const 9))) (local.get 0) (i32.sub))
    (func (export "same") (param i32) (result i32)
      (i32.mul (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (local.get 0)))))");
  CHECK(host.call(instance, "old", {i32(12)}) == "i32:7");
  CHECK(host.call(instance, "tee", {i32(4)}) == "i32:0");
  CHECK(host.call(instance, "swap", {i32(1), i32(2)}) == "i32:2 i32:1");
  CHECK(host.call(instance, "block", {i32(0)}) == "i32:0");
  CHECK(host.call(instance, "block", {i32(4)}) == "i32:-5");
  CHECK(host.call(instance, "same", {i32(6)}) == "i32:49");
}

TEST_CASE("blocks, branches and their values", "[interp]") {
  Host host;
  Instance& instance = host.instantiate(R"((module
    (func (export "value") (param i32) (result i32)
      (i32.add (i32.const 100) (block (result i32) (i32.const 1) (br_if 0 (i32.const 2) (local.get 0)) (drop))))
    (func (export "multi") (param i32) (result i32 i64)
      (block (result i32 i64) (i32.const 7) (i32.const 1) (i64.const 2) (br_if 0 (local.get 0)) (drop) (drop) (drop)
        (i32.const 3) (i64.const 4)))
    (func (export "table") (param i32) (result i32)
      (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 10))) (return (i32.const 20))) (i32.const 30))
    (func (export "table_value") (param i32) (result i32)
      (i32.add (i32.const 1000) (block (result i32) (i32.add (i32.const 100)
        (block (result i32) (br_table 0 1 (i32.const 5) (local.get 0)))))))
    (func (export "sum") (param i32) (result i32) (local i32)
      (loop (if (local.get 0) (then
        (local.set 1 (i32.add (local.get 1) (local.get 0)))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br 1))))
      (local.get 1))
    (func (export "loop_value") (param i32) (result i32)
      (i32.const 0) (loop (param i32) (result i32) (i32.const 2) (i32.add)
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "nan") (param f64) (result i32) (if (result i32) (i32.eqz (f64.lt (local.get 0) (f64.const 1)))
      (then (i32.const 1)) (else (i32.const 2))))
    (func (export "if_else") (param i32) (result i64)
      (if (result i64) (local.get 0) (then (i64.const 1)) (else (i64.const 2))))))");
  CHECK(host.call(instance, "value", {i32(1)}) == "i32:102");
  CHECK(host.call(instance, "value", {i32(0)}) == "i32:101");
  CHECK(host.call(instance, "multi", {i32(1)}) == "i32:1 i64:2");
  CHECK(host.call(instance, "multi", {i32(0)}) == "i32:3 i64:4");
  CHECK(host.call(instance, "table", {i32(0)}) == "i32:10");
  CHECK(host.call(instance, "table", {i32(1)}) == "i32:20");
  CHECK(host.call(instance, "table", {i32(-1)}) == "i32:30");
  CHECK(host.call(instance, "table_value", {i32(0)}) == "i32:1105");
  CHECK(host.call(instance, "table_value", {i32(9)}) == "i32:1005");
  CHECK(host.call(instance, "sum", {i32(100)}) == "i32:5050");
  CHECK(host.call(instance, "loop_value", {i32(5)}) == "i32:10");
  CHECK(host.call(instance, "nan", {f64(__builtin_nan(""))}) == "i32:1");
  CHECK(host.call(instance, "nan", {f64(0)}) == "i32:2");
  CHECK(host.call(instance, "if_else", {i32(0)}) == "i64:2");
}

TEST_CASE("calls, indirect calls and tail calls", "[interp]") {
  Host host;
  Instance& instance = host.instantiate(R"((module
    (type $i (func (param i32) (result i32)))
    (table 4 funcref) (elem (i32.const 0) $inc $void)
    (func $inc (type $i) (i32.add (local.get 0) (i32.const 1)))
    (func $void)
    (func (export "fib") (param i32) (result i32) (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call 2 (i32.sub (local.get 0) (i32.const 1))) (call 2 (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "indirect") (param i32) (result i32) (call_indirect (type $i) (i32.const 41) (local.get 0)))
    (func $down (export "down") (param i64) (result i64) (if (result i64) (i64.eqz (local.get 0))
      (then (i64.const 99)) (else (return_call $down (i64.sub (local.get 0) (i64.const 1))))))
    (func $even (export "even") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 1)) (else (return_call $odd (i32.const 0) (i32.sub (local.get 0) (i32.const 1))))))
    (func $odd (param i32 i32) (result i32) (if (result i32) (i32.eqz (local.get 1))
      (then (i32.const 0)) (else (return_call $even (i32.sub (local.get 1) (i32.const 1))))))
    (func (export "tail_indirect") (param i32) (result i32) (return_call_indirect (type $i) (i32.const 1) (local.get 0)))
    (func $deep (export "deep") (call $deep))))");
  CHECK(host.call(instance, "fib", {i32(20)}) == "i32:6765");
  CHECK(host.call(instance, "indirect", {i32(0)}) == "i32:42");
  CHECK(host.call(instance, "indirect", {i32(1)}) == "trap: indirect call type mismatch");
  CHECK(host.call(instance, "indirect", {i32(2)}) == "trap: uninitialized element");
  CHECK(host.call(instance, "indirect", {i32(4)}) == "trap: undefined element");
  CHECK(host.call(instance, "down", {i64(1'000'000)}) == "i64:99");
  CHECK(host.call(instance, "even", {i32(1'000'001)}) == "i32:0");
  CHECK(host.call(instance, "tail_indirect", {i32(0)}) == "i32:2");
  CHECK(host.call(instance, "deep") == "trap: call stack exhausted");
  const Trap& trap = host.store.trap();
  CHECK(trap.backtrace.size() == Trap::kMaxFrames);
  CHECK(trap.omitted > 100'000);
  CHECK_THAT(format_backtrace(trap), Catch::Contains("\"deep\""));
  CHECK(host.call(instance, "fib", {i32(10)}) == "i32:55");  // the store goes on
}

TEST_CASE("host functions and calls between instances", "[interp]") {
  Host host;
  host.linker.define("host", "add",
                     HostFunction{{{ValType::I32, ValType::I32}, {ValType::I32}},
                                  [](void*, HostContext&, Cell* cells) {
                                    cells[0] = to_cell(cell_i32(cells[0]) + cell_i32(cells[1]));
                                    return Outcome::Return;
                                  },
                                  nullptr});
  host.linker.define(
      "host", "fail",
      HostFunction{
          {}, [](void*, HostContext& context, Cell*) { return context.trap(TrapCode::Host, "no luck"); }, nullptr});
  Instance& library = host.instantiate(R"((module $library (memory (export "memory") 1)
    (global $n (export "n") (mut i32) (i32.const 5))
    (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "bump") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
    (func (export "boom") (param i32) (result i32) (i32.load offset=65533 (local.get 0)))))");
  host.linker.define("library", library);
  Instance& instance = host.instantiate(R"((module $main
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "fail" (func $fail))
    (import "library" "peek" (func $peek (param i32) (result i32)))
    (import "library" "bump" (func $bump (result i32)))
    (import "library" "boom" (func $boom (param i32) (result i32)))
    (import "library" "n" (global $n (mut i32)))
    (memory 1) (data (i32.const 8) "\2a")
    (table (export "t") 2 funcref) (elem (i32.const 0) $peek $add)
    (func (export "sum") (param i32) (result i32) (call $add (local.get 0) (i32.load8_u (i32.const 8))))
    (func (export "peek") (result i32) (i32.add (call $peek (i32.const 8)) (i32.load8_u (i32.const 8))))
    (func (export "bump") (result i32) (i32.add (i32.mul (call $bump) (i32.const 100)) (global.get $n)))
    (func (export "indirect") (result i32) (call_indirect (param i32) (result i32) (i32.const 8) (i32.const 0)))
    (func (export "tail") (param i32) (result i32) (return_call $boom (local.get 0)))
    (func (export "tail_add") (result i32) (return_call $add (i32.const 1) (i32.const 2)))
    (func (export "inner") (result i32) (call $boom (i32.const 0)))
    (func (export "fail") (call $fail))))");
  CHECK(host.call(instance, "sum", {i32(8)}) == "i32:50");
  CHECK(host.call(instance, "peek") == "i32:42");
  CHECK(host.call(instance, "bump") == "i32:606");
  CHECK(host.call(instance, "indirect") == "i32:0");
  CHECK(host.call(instance, "tail_add") == "i32:3");
  CHECK(host.call(instance, "fail") == "trap: host function failed: no luck");
  CHECK(host.call(instance, "tail", {i32(0)}) == "trap: out of bounds memory access");
  CHECK(host.call(instance, "inner") == "trap: out of bounds memory access");
  const Trap& trap = host.store.trap();
  REQUIRE(trap.backtrace.size() == 2);
  CHECK(trap.backtrace[0].instance == &library);
  CHECK(trap.backtrace[1].instance == &instance);
  CHECK(host.call(instance, "peek") == "i32:42");
}

TEST_CASE("bulk memory and tables", "[interp]") {
  Host host;
  Instance& instance = host.instantiate(R"((module (memory 1) (table $t 4 funcref)
    (data $d "abcdef") (elem $e func 0)
    (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export "drop") (data.drop $d))
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "tinit") (param i32) (table.init $t $e (local.get 0) (i32.const 0) (i32.const 1)))
    (func (export "tnull") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
    (func (export "tgrow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
    (func (export "tsize") (result i32) (table.size $t))))");
  CHECK(host.call(instance, "init", {i32(10), i32(1), i32(3)}) == "");
  CHECK(host.call(instance, "get", {i32(10)}) == "i32:98");
  CHECK(host.call(instance, "init", {i32(65534), i32(0), i32(3)}) == "trap: out of bounds memory access");
  CHECK(host.call(instance, "drop") == "");
  CHECK(host.call(instance, "init", {i32(0), i32(0), i32(1)}) == "trap: out of bounds memory access");
  CHECK(host.call(instance, "init", {i32(0), i32(0), i32(0)}) == "");
  CHECK(host.call(instance, "fill", {i32(100), i32(255), i32(8)}) == "");
  CHECK(host.call(instance, "copy", {i32(104), i32(8), i32(8)}) == "");
  CHECK(host.call(instance, "get", {i32(106)}) == "i32:98");
  CHECK(host.call(instance, "fill", {i32(65536), i32(0), i32(0)}) == "");
  CHECK(host.call(instance, "fill", {i32(65536), i32(0), i32(1)}) == "trap: out of bounds memory access");
  CHECK(host.call(instance, "tnull", {i32(2)}) == "i32:1");
  CHECK(host.call(instance, "tinit", {i32(2)}) == "");
  CHECK(host.call(instance, "tnull", {i32(2)}) == "i32:0");
  CHECK(host.call(instance, "tinit", {i32(4)}) == "trap: out of bounds table access");
  CHECK(host.call(instance, "tgrow", {i32(3)}) == "i32:4");
  CHECK(host.call(instance, "tsize") == "i32:7");
  CHECK(host.call(instance, "tgrow", {i32(-1)}) == "i32:-1");
}

TEST_CASE("fuel ends what would not end", "[interp]") {
  EngineConfig config = Host::default_config();
  config.metered = true;
  Host host(config);
  Instance& instance = host.instantiate("(module (func (export \"spin\") (loop (br 0))) (func (export \"ok\")))");
  host.store.set_fuel(10'000);
  CHECK(host.call(instance, "spin") == "trap: out of fuel");
  CHECK(host.call(instance, "ok") == "trap: out of fuel");
  host.store.set_fuel(1);
  CHECK(host.call(instance, "ok") == "");
  CHECK(host.store.fuel() == 0);
}

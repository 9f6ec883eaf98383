// The text format: numbers, errors with their place, abbreviations, and nesting without end.
#include <catch2/catch.hpp>

#include "module/type_registry.h"
#include "text/numbers.h"
#include "text/parser.h"
#include "validator/validator.h"

using namespace weft;
using namespace weft::text;

TEST_CASE("float literals are rounded to nearest, ties to even", "[text]") {
  struct Case {
    const char* text;
    uint32_t bits;
  };
  const Case cases[] = {
      {"0", 0},
      {"-0.0", 0x80000000},
      {"1", 0x3F800000},
      {"1e-45", 1},
      {"0x1p-149", 1},
      {"0x1p-150", 0},         // a tie, to even
      {"0x1.000001p-150", 1},  // above the tie
      {"0x1.fffffep127", 0x7F7FFFFF},
      {"0x1.000001p0", 0x3F800000},  // a tie, to even
      {"0x1.000003p0", 0x3F800002},  // a tie, to even
      {"0x1.00000100000000001p0", 0x3F800001},
      {"16777217", 0x4B800000},
      {"1_000.5", 0x447A2000},
      {"inf", 0x7F800000},
      {"-nan", 0xFFC00000},
      {"nan:0x1", 0x7F800001},
  };
  for (const Case& item : cases) {
    INFO(item.text);
    uint32_t bits = 0;
    CHECK(parse_f32(item.text, bits) == NumberStatus::Ok);
    CHECK(bits == item.bits);
  }
  uint32_t bits = 0;
  CHECK(parse_f32("0x1.ffffffp127", bits) == NumberStatus::OutOfRange);
  CHECK(parse_f32("1e39", bits) == NumberStatus::OutOfRange);
  CHECK(parse_f32("nan:0x800000", bits) == NumberStatus::OutOfRange);
  CHECK(parse_f32("1__0", bits) == NumberStatus::Malformed);
  CHECK(parse_f32(".5", bits) == NumberStatus::Malformed);
}

TEST_CASE("errors in text say line and column", "[text]") {
  struct Case {
    const char* source;
    const char* error;
    uint32_t line, column;
  };
  const Case cases[] = {
      {"(module\n  (func (i32.foo)))", "unknown operator i32.foo", 2, 10},
      {"(module (func $f) (func $f))", "duplicate func $f", 1, 25},
      {"(module (func (br $x)))", "unknown label $x", 1, 19},
      {"(module (func (block $a end $b)))", "unexpected token: end", 1, 25},
      {"(module\n\n(func", "unexpected token: this parenthesis is never closed", 3, 1},
      {"(module (func (i32.const 0x1_0000_0000)))", "constant out of range", 1, 26},
      {"(module \"x)", "unclosed string", 1, 9},
      {"(module (func (i32.load align=3 (i32.const 0))))", "alignment must be a power of two", 1, 33},
      {"(module (func) (import \"a\" \"b\" (func)))", "import after function", 1, 37},
  };
  for (const Case& item : cases) {
    INFO(item.source);
    auto module = parse_module(item.source);
    REQUIRE_FALSE(module.has_value());
    CHECK_THAT(module.error().message(), Catch::StartsWith(item.error));
    CHECK(module.error().place().line == item.line);
    CHECK(module.error().place().column == item.column);
  }
}

TEST_CASE("a million nested things end in a module or an error", "[text]") {
  const size_t depth = 1'000'000;
  const auto nested = [&](std::string_view open, std::string_view inner, std::string_view close) {
    std::string source;
    for (size_t i = 0; i < depth; ++i) source += open;
    source += inner;
    for (size_t i = 0; i < depth; ++i) source += close;
    return source;
  };
  const auto outcome = [](const std::string& source) {
    auto module = parse_module(source);
    if (!module) return module.error().message();
    TypeRegistry types;
    auto valid = validate(**module, types);
    module->reset();
    return valid ? std::string("valid") : valid.error().message();
  };
  CHECK(outcome("(module (func " + nested("(block ", "", ")") + "))") == "valid");
  CHECK(outcome("(module (func " + nested("block ", "", "end ") + "))") == "valid");
  CHECK(outcome("(module (func (drop " + nested("(i32.eqz ", "(i32.const 0)", ")") + ")))") == "valid");
  CHECK_THAT(outcome("(module (func " + nested("(", "", ")") + "))"), Catch::StartsWith("unexpected token"));
  CHECK_THAT(outcome("(module (func (param " + nested("(ref null ", "0", ")") + ")))"),
             Catch::StartsWith("unexpected token"));
  CHECK(outcome("(module " + nested("(; ", "", ";)") + ")") == "valid");
  CHECK(outcome("(module (@x " + nested("(", "", ")") + "))") == "valid");
}

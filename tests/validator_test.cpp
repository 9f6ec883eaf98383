// What the validator refuses, with which words and where; the facts that it gathers; and that hostile nesting is cheap.
#include <catch2/catch.hpp>

#include "decoder/decoder.h"
#include "tests/bytes.h"
#include "validator/facts.h"

using namespace weft;
using namespace weft::test;

namespace {

// Decodes and validates; gives the error's text, or "".
std::string validity(const ByteList& bytes, const FeatureSet& features = {}) {
  TypeRegistry types;
  auto module = decode(to_bytes(bytes), features);
  if (!module) return "not decoded: " + module.error().message();
  auto valid = validate(**module, types, features);
  module->reset();
  return valid ? "" : valid.error().message();
}

constexpr int kI32 = 0x7F;
constexpr int kI64 = 0x7E;

}  // namespace

TEST_CASE("bodies are valid or say what is wrong", "[validator]") {
  struct Case {
    const char* what;
    ByteList body;  // of a function [i32] -> [i32]
    const char* error;
  };
  const Case cases[] = {
      {"local.get", {0, 0x20, 0, 0x0B}, ""},
      {"no result", {0, 0x0B}, "type mismatch"},
      {"wrong result", {0, 0x42, 0, 0x0B}, "type mismatch: end expected i32, found i64"},
      {"too many results", {0, 0x41, 0, 0x41, 0, 0x0B}, "type mismatch: 1 operands are left"},
      {"no operand", {0, 0x6A, 0x0B}, "type mismatch: i32.add expected i32, found nothing"},
      {"anything after unreachable", {0, 0x00, 0x6A, 0x0B}, ""},
      {"wrong type after unreachable",
       {0, 0x00, 0x42, 0, 0x6A, 0x0B},
       "type mismatch: i32.add expected i32, found i64"},
      {"unknown local", {0, 0x20, 1, 0x0B}, "unknown local 1"},
      {"declared local", {1, 1, kI64, 0x20, 1, 0xA7, 0x0B}, ""},
      {"unknown label", {0, 0x0C, 1, 0x0B}, "unknown label 1"},
      {"unknown function", {0, 0x10, 7, 0x0B}, "unknown function 7"},
      {"unknown global", {0, 0x23, 0, 0x0B}, "unknown global 0"},
      {"no memory", {0, 0x20, 0, 0x28, 2, 0, 0x0B}, "unknown memory 0"},
      {"no table", {0, 0x41, 0, 0x25, 0, 0x0B}, "unknown table 0"},
      {"if without else with a result",
       {0, 0x20, 0, 0x04, kI32, 0x41, 0, 0x0B, 0x0B},
       "type mismatch: if without else"},
      {"if with else", {0, 0x20, 0, 0x04, kI32, 0x41, 0, 0x05, 0x41, 1, 0x0B, 0x0B}, ""},
      {"else without if", {0, 0x05, 0x0B}, "illegal opcode"},
      {"branch with a value", {0, 0x02, kI32, 0x41, 1, 0x0C, 0, 0x0B, 0x0B}, ""},
      {"branch without the value", {0, 0x02, kI32, 0x0C, 0, 0x0B, 0x0B}, "type mismatch"},
      {"br_table of two arities",
       {0, 0x02, 0x40, 0x41, 0, 0x41, 0, 0x0E, 1, 0, 1, 0x0B, 0x41, 0, 0x0B},
       "type mismatch: br_table"},
      {"select of references",
       {0, 0xD0, 0x70, 0xD0, 0x70, 0x41, 0, 0x1B, 0x1A, 0x41, 0, 0x0B},
       "type mismatch: select"},
      {"typed select", {0, 0xD0, 0x70, 0xD0, 0x70, 0x41, 0, 0x1C, 1, 0x70, 0x1A, 0x41, 0, 0x0B}, ""},
      {"an opcode that is none", {0, 0x27, 0x0B}, "illegal opcode"},
      {"no end", {0, 0x41, 0}, "unexpected end of section or function"},
      {"code behind the end", {0, 0x41, 0, 0x0B, 0x0B}, "section size mismatch"},
      {"an integer cut off", {0, 0x41, 0x80}, "unexpected end"},
      {"lane 16 of 16", {0, 0x20, 0, 0xFD, 15, 0xFD, 21, 16, 0x0B}, "invalid lane index"},
      {"undeclared ref.func", {0, 0xD2, 0, 0x1A, 0x41, 0, 0x0B}, "undeclared function reference"},
      {"non-null local used too early", {1, 1, 0x64, 0x70, 0x20, 1, 0x1A, 0x41, 0, 0x0B}, "uninitialized local 1"},
      {"too many locals", {1, 0xD1, 0x86, 0x03, kI32, 0x41, 0, 0x0B}, "too many locals"},
      {"data.drop without data count", {0, 0xFC, 9, 0, 0x41, 0, 0x0B}, "data count section required"},
  };
  for (const Case& item : cases) {
    INFO(item.what);
    const std::string error = validity(with_body(item.body, {kI32}, {kI32}));
    if (*item.error == '\0') {
      CHECK(error == "");
    } else {
      CHECK_THAT(error, Catch::StartsWith(item.error));
    }
  }
}

TEST_CASE("modules are valid or say what is wrong", "[validator]") {
  struct Case {
    const char* what;
    ByteList bytes;
    const char* error;
  };
  const ByteList nullary = section(1, {1, 0x60, 0, 0});
  const Case cases[] = {
      {"function of an unknown type", header().add(section(3, {1, 4})).add(section(10, {1, 2, 0, 0x0B})),
       "unknown type 4"},
      {"memory of 65537 pages", header().add(section(5, {1, 0, 0x81, 0x80, 0x04})),
       "memory size must be at most 65536 pages"},
      {"maximum below minimum", header().add(section(5, {1, 1, 2, 1})),
       "size minimum must not be greater than maximum"},
      {"shared memory without maximum", header().add(section(5, {1, 2, 1})), "shared memory must have maximum"},
      {"page size 2^3", header().add(section(5, {1, 8, 1, 3})), "invalid custom page size"},
      {"two exports of one name", header().add(section(5, {1, 0, 1})).add(section(7, {2, 1, 'm', 2, 0, 1, 'm', 2, 0})),
       "duplicate export name"},
      {"global of the wrong type", header().add(section(6, {1, kI32, 0, 0x42, 0, 0x0B})), "type mismatch"},
      {"global that is not constant", header().add(section(6, {1, kI32, 0, 0x41, 0, 0x45, 0x0B})),
       "constant expression required"},
      {"extended constant", header().add(section(6, {1, kI32, 0, 0x41, 1, 0x41, 2, 0x6A, 0x0B})), ""},
      {"start function with a parameter",
       header()
           .add(section(1, {1, 0x60, 1, kI32, 0}))
           .add(section(3, {1, 0}))
           .add(section(8, {0}))
           .add(section(10, {1, 2, 0, 0x0B})),
       "start function"},
      {"active data without memory", header().add(section(11, {1, 0, 0x41, 0, 0x0B, 0})), "unknown memory 0"},
      {"final supertype", header().add(section(1, {2, 0x5F, 0, 0x50, 1, 0, 0x5F, 0})), "sub type"},
      {"matching supertype", header().add(section(1, {2, 0x50, 0, 0x5F, 0, 0x50, 1, 0, 0x5F, 1, kI32, 0})), ""},
      {"tag with a result", header().add(section(1, {1, 0x60, 0, 1, kI32})).add(section(13, {1, 0, 0})),
       "non-empty tag result type"},
      {"table of non-null references", header().add(section(4, {1, 0x64, 0x70, 0, 1})), "type mismatch"},
  };
  for (const Case& item : cases) {
    INFO(item.what);
    const std::string error = validity(item.bytes);
    if (*item.error == '\0') {
      CHECK(error == "");
    } else {
      CHECK_THAT(error, Catch::StartsWith(item.error));
    }
  }
}

TEST_CASE("instructions of features that are off are refused by name", "[validator]") {
  FeatureSet features;
  REQUIRE(features.apply("simd=off,sign-extension=off"));
  CHECK_THAT(validity(with_body({0, 0x41, 0, 0xC0, 0x0B}, {}, {kI32}), features),
             Catch::Contains("i32.extend8_s requires feature sign-extension, which is off"));
  CHECK_THAT(validity(with_body({0, 0x41, 0, 0xFD, 17, 0x1A, 0x0B}), features), Catch::Contains("feature simd"));
}

TEST_CASE("a million nested blocks are valid, and cheap", "[validator]") {
  const int depth = 1'000'000;
  std::vector<uint8_t> body = {0};
  for (int i = 0; i < depth; ++i) body.insert(body.end(), {0x02, 0x40});
  body.insert(body.end(), depth + 1, 0x0B);
  Module module;
  module.bytes = Bytes::from_vector(body);
  module.types.emplace_back();
  module.rec_groups.push_back({0, 1});
  module.functions.push_back({0, {0, static_cast<uint32_t>(body.size())}});
  TypeRegistry types;
  CHECK(validate(module, types).has_value());
  module.groups.clear();
}

TEST_CASE("facts of a function", "[validator]") {
  // A loop that uses local 0 three times and local 1 twice, with a block inside that is branched to, and a call.
  TypeRegistry types;
  const ByteList bytes = with_body({1,    1, kI32, 0x03, 0x40, 0x20, 0,    0x21, 0,    0x02, 0x40, 0x20, 1, 0x0D, 0,
                                    0x20, 1, 0x10, 0,    0x1A, 0x0B, 0x20, 0,    0x0D, 0,    0x0B, 0x20, 0, 0x0B},
                                   {kI32}, {kI32});
  auto module = decode(to_bytes(bytes));
  REQUIRE(module.has_value());
  REQUIRE(validate(**module, types));
  FunctionValidator validator(**module, {});
  auto facts = collect_facts(validator, 0);
  REQUIRE(facts.has_value());
  CHECK(facts->blocks.size() == 2);
  CHECK(facts->blocks[0].branches == 1);
  CHECK(facts->blocks[1].branches == 1);
  REQUIRE(facts->loops.size() == 1);
  CHECK(facts->loops[0].has_calls);
  REQUIRE(facts->loops[0].locals.size() == 2);
  CHECK(facts->loops[0].locals[0].local == 0);
  CHECK(facts->loops[0].locals[0].reads == 2);
  CHECK(facts->loops[0].locals[0].writes == 1);
  CHECK(facts->locals[0].reads == 17);  // two in the loop, eight-fold, and one behind it
  CHECK(facts->max_operands == 1);
  CHECK(facts->has_calls);
  module->reset();
}

// What the decoder refuses, with which words and where; and what it finds.
#include "decoder/decoder.h"

#include <catch2/catch.hpp>

#include "decoder/names.h"
#include "tests/bytes.h"

using namespace weft;
using namespace weft::test;

TEST_CASE("malformed modules", "[decoder]") {
  struct Case {
    const char* what;
    ByteList bytes;
    const char* error;
    size_t offset;
  };
  const Case cases[] = {
      {"nothing", {}, "unexpected end", 0},
      {"half a magic number", {0, 'a'}, "unexpected end", 2},
      {"another magic number", {'w', 'a', 's', 'm', 1, 0, 0, 0}, "magic header not detected", 0},
      {"another version", {0, 'a', 's', 'm', 2, 0, 0, 0}, "unknown binary version", 4},
      {"a component", {0, 'a', 's', 'm', 13, 0, 1, 0}, "unknown binary version", 4},
      {"section 14", header().add({14, 0}), "malformed section id", 8},
      {"a section longer than the module", header().add({1, 9, 0}), "length out of bounds", 8},
      {"a section with more than its contents", header().add(section(1, {0, 0})), "section size mismatch", 11},
      {"sections out of order", header().add(section(3, {0})).add(section(1, {0})),
       "unexpected content after last section", 11},
      {"a section twice", header().add(section(1, {0})).add(section(1, {0})), "unexpected content after last section",
       11},
      {"functions without bodies", header().add(section(1, {1, 0x60, 0, 0})).add(section(3, {1, 0})),
       "function and code section have inconsistent lengths", 18},
      {"bodies without functions", header().add(section(10, {1, 2, 0, 0x0B})),
       "function and code section have inconsistent lengths", 10},
      {"data count without data", header().add(section(12, {1})),
       "data count and data section have inconsistent lengths", 11},
      {"import of kind 5", header().add(section(2, {1, 1, 'm', 1, 'f', 5})), "malformed import kind", 15},
      {"mutability 2", header().add(section(6, {1, 0x7F, 2, 0x41, 0, 0x0B})), "malformed mutability", 12},
      {"limits flags 16", header().add(section(5, {1, 16, 0})), "malformed limits flags", 11},
      {"a table of numbers", header().add(section(4, {1, 0x7F, 0, 0})), "malformed reference type", 11},
      {"a name that is not UTF-8", header().add(section(7, {1, 2, 0xC0, 0x80, 0, 0})), "malformed UTF-8 encoding", 11},
      {"a count beyond the section", header().add(section(1, {0x7F})), "length out of bounds", 10},
      {"a count of five bytes that is too large", header().add(section(1, {0xFF, 0xFF, 0xFF, 0xFF, 0x7F})),
       "integer too large", 10},
      {"a count of six bytes", header().add(section(1, {0x80, 0x80, 0x80, 0x80, 0x80, 0})),
       "integer representation too long", 10},
      {"a custom section without name", header().add(section(0, {})), "unexpected end", 10},
      {"a value type that is none", header().add(section(1, {1, 0x60, 1, 0x7A, 0})), "malformed value type", 13},
  };
  for (const Case& item : cases) {
    INFO(item.what);
    auto module = decode(to_bytes(item.bytes));
    REQUIRE_FALSE(module.has_value());
    CHECK(module.error().kind() == ErrorKind::Malformed);
    CHECK_THAT(module.error().message(), Catch::StartsWith(item.error));
    CHECK(module.error().place().offset == item.offset);
  }
}

TEST_CASE("features that are off are named", "[decoder]") {
  const auto error_without = [](const char* list, const ByteList& bytes) {
    FeatureSet features;
    REQUIRE(features.apply(list));
    auto module = decode(to_bytes(bytes), features);
    return module ? std::string() : module.error().message();
  };
  CHECK_THAT(error_without("threads=off", header().add(section(5, {1, 3, 1, 1}))),
             Catch::Contains("feature threads, which is off"));
  CHECK_THAT(error_without("memory64=off", header().add(section(5, {1, 4, 1}))), Catch::Contains("feature memory64"));
  CHECK_THAT(error_without("gc=off", header().add(section(1, {1, 0x5F, 0}))), Catch::Contains("feature gc"));
  CHECK(error_without("gc=on", header().add(section(1, {1, 0x5F, 0}))).empty());
}

TEST_CASE("a module's parts", "[decoder]") {
  const ByteList bytes =
      header()
          .add(section(1, {3, 0x60, 1, 0x7F, 0, 0x4E, 1, 0x50, 0, 0x5F, 1, 0x78, 1, 0x5E, 0x63, 1, 0}))
          .add(section(2, ByteList{2, 1, 'm', 1, 'f', 0, 0, 1, 'm', 1, 'g', 3, 0x7E, 1}))
          .add(section(3, {1, 0}))
          .add(section(4, {1, 0x70, 1, 2, 8}))
          .add(section(5, {1, 5, 1, 2}))
          .add(section(13, {1, 0, 0}))
          .add(section(7, {1, 3, 'r', 'u', 'n', 0, 1}))
          .add(section(9, {2, 0, 0x41, 1, 0x0B, 2, 0, 1, 5, 0x63, 0, 1, 0xD2, 1, 0x0B}))
          .add(section(12, {1}))
          .add(section(10, {1, 4, 0, 0x20, 0, 0x0B}))
          .add(section(11, {1, 1, 2, 'h', 'i'}))
          .add(section(0, {4, 'n', 'a', 'm', 'e', 1, 4, 1, 1, 1, 'x'}));
  auto decoded = decode(to_bytes(bytes));
  if (!decoded) FAIL(decoded.error().to_string());
  const Module& module = **decoded;
  REQUIRE(module.types.size() == 3);
  CHECK(module.types[1].composite.kind == CompositeKind::Struct);
  CHECK_FALSE(module.types[1].is_final);
  CHECK(module.types[2].composite.fields[0].type == ValType::ref(HeapType::defined(1), true));
  CHECK(module.imported_functions == 1);
  CHECK(module.functions.size() == 2);
  CHECK(module.functions[1].body.size == 4);
  CHECK(module.globals[0].type.is_mutable);
  CHECK(module.tables[0].type.limits == Limits{2, 8});
  CHECK(module.memories[0].type.is_64);
  CHECK(module.tags.size() == 1);
  CHECK(module.find_export("run")->index == 1);
  REQUIRE(module.elements.size() == 2);
  CHECK(module.elements[0].mode == SegmentMode::Active);
  CHECK(module.elements[0].functions == std::vector<uint32_t>{0, 1});
  CHECK(module.elements[1].mode == SegmentMode::Passive);
  CHECK(module.elements[1].expressions.size() == 1);
  CHECK(module.data_count == 1u);
  CHECK(module.datas[0].contents.size == 2);
  CHECK(decode_names(module).functions.at(1) == "x");
}

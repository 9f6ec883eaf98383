// The opcode table, the reader's primitives, features, and canonical types.
#include <catch2/catch.hpp>
#include <set>

#include "module/opcode.h"
#include "module/reader.h"
#include "module/type_registry.h"

using namespace weft;

TEST_CASE("every opcode is found by its code, and no code is taken twice", "[module]") {
  std::set<std::pair<int, int>> codes;
  for (size_t i = 0; i < kOpcodeCount; ++i) {
    const OpcodeInfo& info = kOpcodes[i];
    INFO(info.text);
    CHECK(codes.emplace(info.prefix, info.code).second);
    const Opcode found =
        info.prefix == 0 ? lookup_opcode(static_cast<uint8_t>(info.code)) : lookup_opcode(info.prefix, info.code);
    CHECK(found == static_cast<Opcode>(i));
    CHECK((info.signature == "*" || info.signature.find(':') != std::string_view::npos));
  }
  CHECK(kOpcodeCount == 575);
}

TEST_CASE("LEB128 integers", "[module]") {
  struct Case {
    std::vector<uint8_t> bytes;
    uint64_t u32;
    const char* error;
  };
  const Case cases[] = {
      {{0x00}, 0, nullptr},
      {{0x7F}, 127, nullptr},
      {{0x80, 0x01}, 128, nullptr},
      {{0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, 0xFFFFFFFF, nullptr},
      {{0x80, 0x80, 0x80, 0x80, 0x00}, 0, nullptr},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 0, "integer representation too long"},
      {{0xFF, 0xFF, 0xFF, 0xFF, 0x1F}, 0, "integer too large"},
      {{0x80}, 0, "unexpected end"},
      {{}, 0, "unexpected end"},
  };
  for (const Case& item : cases) {
    ByteReader reader(item.bytes);
    CHECK(reader.leb_u32() == item.u32);
    if (item.error == nullptr) {
      CHECK_FALSE(reader.failed());
    } else {
      CHECK(reader.error() == std::string(item.error));
    }
  }
  const auto s64 = [](std::vector<uint8_t> bytes) { return ByteReader(bytes).leb_s64(); };
  CHECK(s64({0x7F}) == -1);
  CHECK(s64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F}) == INT64_MIN);
  CHECK(s64({0xC0, 0x00}) == 64);
  std::vector<uint8_t> bad = {0xFF, 0xFF, 0xFF, 0xFF, 0x4F};
  ByteReader reader(bad);
  reader.leb_s32();
  CHECK(reader.error() == std::string("integer too large"));
}

TEST_CASE("UTF-8", "[module]") {
  CHECK(is_valid_utf8("plain"));
  CHECK(is_valid_utf8("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  CHECK_FALSE(is_valid_utf8("\xC0\x80"));          // overlong
  CHECK_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
  CHECK_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  CHECK_FALSE(is_valid_utf8("\xE2\x82"));          // cut off
  CHECK_FALSE(is_valid_utf8("\x80"));
}

TEST_CASE("features are switched by name", "[module]") {
  FeatureSet features;
  CHECK(features.has(Feature::Gc));
  CHECK_FALSE(features.has(Feature::LegacyExceptions));
  REQUIRE(features.apply("gc=off,legacy-exceptions=on"));
  CHECK_FALSE(features.has(Feature::Gc));
  CHECK(features.has(Feature::LegacyExceptions));
  CHECK_THAT(features.apply("threds=on").error(), Catch::Contains("no feature 'threds'") && Catch::Contains("threads"));
  CHECK_THAT(features.apply("gc").error(), Catch::Contains("FEATURE=on"));
}

namespace {

// A module with struct types only: (rec (type (struct (field (ref null OTHER))))…).
Module ring(uint32_t first, uint32_t size) {
  Module module;
  for (uint32_t i = 0; i < first; ++i) {
    module.types.push_back({});
    module.rec_groups.push_back({i, 1});
  }
  for (uint32_t i = 0; i < size; ++i) {
    SubType sub;
    sub.composite.kind = CompositeKind::Struct;
    sub.composite.fields = {{ValType::ref(HeapType::defined(first + (i + 1) % size), true), true}};
    module.types.push_back(sub);
  }
  module.rec_groups.push_back({first, size});
  return module;
}

void canonicalise(TypeRegistry& registry, Module& module) {
  for (const RecGroupRange range : module.rec_groups) {
    auto group = registry.intern(module, range);
    for (const auto& type : group->types) module.canonical.push_back(type.get());
    module.groups.push_back(std::move(group));
  }
}

}  // namespace

TEST_CASE("equal recursive groups are one object, wherever they stand", "[module]") {
  TypeRegistry registry;
  Module a = ring(0, 2);
  Module b = ring(3, 2);
  Module c = ring(0, 3);
  canonicalise(registry, a);
  canonicalise(registry, b);
  canonicalise(registry, c);
  CHECK(a.canonical[0] == b.canonical[3]);
  CHECK(a.canonical[1] == b.canonical[4]);
  CHECK(a.canonical[0] != a.canonical[1]);
  CHECK(a.canonical[0] != c.canonical[0]);
}

TEST_CASE("groups end with the last module that uses them", "[module]") {
  TypeRegistry registry;
  uint32_t id = 0;
  {
    Module a = ring(0, 2);
    canonicalise(registry, a);
    id = a.canonical[0]->id;
    CHECK(registry.find(id) == a.canonical[0]);
  }
  CHECK(registry.find(id) == nullptr);
}

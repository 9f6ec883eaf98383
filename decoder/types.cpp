// The type section and the types of imports, spec §5.3 and §5.5.4.
#include "decoder/sections.h"

namespace weft::decoding {
namespace {

enum TypeCode : uint8_t {
  kRec = 0x4E,
  kSubFinal = 0x4F,
  kSub = 0x50,
  kArray = 0x5E,
  kStruct = 0x5F,
  kFunc = 0x60,
};

// Flags of limits, §5.3.11 and proposals.
enum LimitsFlag : uint8_t {
  kHasMax = 0x01,
  kShared = 0x02,
  kIs64 = 0x04,
  kHasPageSize = 0x08,
};

std::vector<ValType> read_val_types(Context& context, ByteReader& reader, uint32_t limit, std::string_view what) {
  std::vector<ValType> types(context.count(reader, limit, what));
  for (ValType& type : types) {
    type = reader.val_type();
    if (context.failed(reader)) return {};
  }
  return types;
}

FieldType read_field(ByteReader& reader) {
  FieldType field;
  field.type = reader.storage_type();
  const uint8_t mutability = reader.u8();
  if (mutability > 1) reader.fail("malformed mutability");
  field.is_mutable = mutability == 1;
  return field;
}

CompositeType read_composite(Context& context, ByteReader& reader) {
  CompositeType type;
  const uint32_t start = reader.offset();
  switch (reader.u8()) {
    case kFunc:
      type.kind = CompositeKind::Func;
      type.func.params = read_val_types(context, reader, limits::kFunctionParams, "function parameters");
      type.func.results = read_val_types(context, reader, limits::kFunctionResults, "function results");
      break;
    case kStruct: {
      context.require(Feature::Gc, "a struct type", start);
      type.kind = CompositeKind::Struct;
      const uint32_t count = context.count(reader, limits::kStructFields, "struct fields");
      for (uint32_t i = 0; i < count && !context.failed(reader); ++i) type.fields.push_back(read_field(reader));
      break;
    }
    case kArray:
      context.require(Feature::Gc, "an array type", start);
      type.kind = CompositeKind::Array;
      type.fields.push_back(read_field(reader));
      break;
    default: reader.fail_at("malformed type definition: unknown form", start);
  }
  return type;
}

SubType read_sub_type(Context& context, ByteReader& reader) {
  SubType sub;
  const uint32_t start = reader.offset();
  const uint8_t code = reader.peek();
  if (code == kSub || code == kSubFinal) {
    reader.u8();
    context.require(Feature::Gc, "a sub type", start);
    sub.is_final = code == kSubFinal;
    const uint32_t supers = reader.leb_u32();
    if (supers > 1) reader.fail_at("malformed sub type: more than one supertype", start);
    if (supers == 1) sub.super = reader.leb_u32();
  }
  sub.composite = read_composite(context, reader);
  return sub;
}

// Reads flags and bounds; `allowed` are the flags that may be set.
Limits read_limits(Context& context, ByteReader& reader, uint8_t allowed, uint8_t& flags) {
  const uint32_t start = reader.offset();
  flags = reader.u8();
  if (flags & ~allowed) reader.fail_at("malformed limits flags", start);
  if (flags & kIs64) context.require(Feature::Memory64, "a 64-bit address type", start);
  Limits limits;
  limits.min = flags & kIs64 ? reader.leb_u64() : reader.leb_u32();
  if (flags & kHasMax) limits.max = flags & kIs64 ? reader.leb_u64() : reader.leb_u32();
  return limits;
}

}  // namespace

void read_types(Context& context, ByteReader& reader) {
  Module& module = context.module;
  const uint32_t groups = context.count(reader, limits::kTypes, "types");
  for (uint32_t i = 0; i < groups && !context.failed(reader); ++i) {
    RecGroupRange group{static_cast<uint32_t>(module.types.size()), 1};
    const uint32_t start = reader.offset();
    if (reader.peek() == kRec) {
      reader.u8();
      context.require(Feature::Gc, "a recursive type group", start);
      group.count = context.count(reader, limits::kRecGroupTypes, "types in a recursive group");
    }
    for (uint32_t j = 0; j < group.count && !context.failed(reader); ++j) {
      module.types.push_back(read_sub_type(context, reader));
    }
    if (module.types.size() > limits::kTypes) {
      context.fail(ErrorKind::Limit, fmt::format("more than {} types", limits::kTypes), start);
    }
    module.rec_groups.push_back(group);
  }
}

TableType read_table_type(Context& context, ByteReader& reader) {
  TableType type;
  const uint32_t start = reader.offset();
  type.element = reader.val_type();
  if (!reader.failed() && !type.element.is_ref()) reader.fail_at("malformed reference type", start);
  uint8_t flags = 0;
  type.limits = read_limits(context, reader, kHasMax | kIs64, flags);
  type.is_64 = flags & kIs64;
  return type;
}

MemoryType read_memory_type(Context& context, ByteReader& reader) {
  MemoryType type;
  const uint32_t start = reader.offset();
  uint8_t flags = 0;
  type.limits = read_limits(context, reader, kHasMax | kShared | kIs64 | kHasPageSize, flags);
  type.is_64 = flags & kIs64;
  type.is_shared = flags & kShared;
  if (type.is_shared) context.require(Feature::Threads, "a shared memory", start);
  if (flags & kHasPageSize) {
    context.require(Feature::CustomPageSizes, "a page size", start);
    const uint32_t at = reader.offset();
    const uint32_t log2 = reader.leb_u32();
    if (log2 >= 64) reader.fail_at("invalid custom page size", at);
    type.page_size_log2 = static_cast<uint8_t>(log2);
  }
  return type;
}

GlobalType read_global_type(ByteReader& reader) {
  GlobalType type;
  type.type = reader.val_type();
  const uint32_t at = reader.offset();
  const uint8_t mutability = reader.u8();
  if (mutability > 1) reader.fail_at("malformed mutability", at);
  type.is_mutable = mutability == 1;
  return type;
}

uint32_t read_tag_type(ByteReader& reader) {
  const uint32_t at = reader.offset();
  if (reader.u8() != 0) reader.fail_at("malformed tag attribute", at);
  return reader.leb_u32();
}

}  // namespace weft::decoding

// Element and data segments, spec §5.5.12, §5.5.14 and §5.5.15.
#include "decoder/sections.h"

namespace weft::decoding {
namespace {

// Bits of an element segment's leading integer.
enum ElementFlag : uint32_t {
  kPassiveOrDeclarative = 1,
  kExplicitIndex = 2,  // active: a table index follows; else: declarative
  kExpressions = 4,
};

void read_element(Context& context, ByteReader& reader) {
  ElementSegment segment;
  const uint32_t start = reader.offset();
  const uint32_t flags = reader.leb_u32();
  if (flags > (kPassiveOrDeclarative | kExplicitIndex | kExpressions)) {
    reader.fail_at("malformed elements segment kind", start);
    return;
  }
  if (flags & kPassiveOrDeclarative) {
    segment.mode = flags & kExplicitIndex ? SegmentMode::Declarative : SegmentMode::Passive;
  } else {
    segment.mode = SegmentMode::Active;
    if (flags & kExplicitIndex) segment.table = reader.leb_u32();
    segment.offset = skip_const_expr(reader);
  }
  segment.uses_functions = !(flags & kExpressions);
  const bool has_type = flags & (kPassiveOrDeclarative | kExplicitIndex);
  if (segment.uses_functions) {
    segment.type = ValType::ref(HeapType::Func, false);
    const uint32_t at = reader.offset();
    if (has_type && reader.u8() != 0) reader.fail_at("malformed element kind", at);
  } else if (has_type) {
    const uint32_t at = reader.offset();
    segment.type = reader.val_type();
    if (!reader.failed() && !segment.type.is_ref()) reader.fail_at("malformed reference type", at);
  }
  const uint32_t entries = context.count(reader, limits::kElementSegmentEntries, "element segment entries");
  for (uint32_t i = 0; i < entries && !context.failed(reader); ++i) {
    if (segment.uses_functions) {
      segment.functions.push_back(reader.leb_u32());
    } else {
      segment.expressions.push_back(skip_const_expr(reader));
    }
  }
  context.module.elements.push_back(std::move(segment));
}

void read_data(Context& context, ByteReader& reader) {
  enum DataForm : uint32_t { kActive = 0, kPassive = 1, kActiveWithMemory = 2 };
  DataSegment segment;
  const uint32_t start = reader.offset();
  const uint32_t form = reader.leb_u32();
  if (form > kActiveWithMemory) {
    reader.fail_at("malformed data segment kind", start);
    return;
  }
  segment.mode = form == kPassive ? SegmentMode::Passive : SegmentMode::Active;
  if (form == kActiveWithMemory) segment.memory = reader.leb_u32();
  if (form != kPassive) segment.offset = skip_const_expr(reader);
  segment.contents = reader.take(reader.leb_u32());
  context.module.datas.push_back(segment);
}

}  // namespace

void read_elements(Context& context, ByteReader& reader) {
  const uint32_t number = context.count(reader, limits::kElementSegments, "element segments");
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) read_element(context, reader);
}

void read_datas(Context& context, ByteReader& reader) {
  const uint32_t start = reader.offset();
  const uint32_t number = context.count(reader, limits::kDataSegments, "data segments");
  if (context.module.data_count && *context.module.data_count != number) {
    reader.fail_at("data count and data section have inconsistent lengths", start);
  }
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) read_data(context, reader);
}

void read_data_count(Context& context, ByteReader& reader) { context.module.data_count = reader.leb_u32(); }

}  // namespace weft::decoding

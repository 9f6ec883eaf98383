// The slow paths of ByteReader, and UTF-8.
#include "module/reader.h"

namespace weft {

void ByteReader::fail_at(const char* text, size_t at) {
  if (error_ == nullptr) {
    error_ = text;
    error_offset_ = at;
  }
  pos_ = end_;
}

uint8_t ByteReader::fail_end() {
  fail("unexpected end");
  return 0;
}

// §5.2.2: at most ceil(bits / 7) bytes, and the unused bits of the last byte repeat the sign (or are zero).
uint64_t ByteReader::leb_slow(unsigned bits, bool is_signed) {
  const uint32_t start = offset();
  uint64_t value = 0;
  unsigned shift = 0;
  for (;;) {
    if (pos_ == end_) return fail_end();
    const uint8_t byte = *pos_++;
    const unsigned used = bits - shift;  // bits that this byte may still contribute
    if (used < 7) {
      if (byte & 0x80) {
        fail_at("integer representation too long", start);
        return 0;
      }
      const uint8_t unused = static_cast<uint8_t>(0x7F << used) & 0x7F;
      const bool negative = is_signed && ((byte >> (used - 1)) & 1);
      if ((byte & unused) != (negative ? unused : 0)) {
        fail_at("integer too large", start);
        return 0;
      }
    }
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    shift += 7;
    if (!(byte & 0x80)) {
      if (is_signed && shift < 64 && (byte & 0x40)) value |= ~uint64_t{0} << shift;
      return value;
    }
    if (shift >= bits) {
      fail_at("integer representation too long", start);
      return 0;
    }
  }
}

ByteRange ByteReader::take(uint32_t count, const char* text) {
  if (count > remaining()) {
    fail(text);
    return {offset(), 0};
  }
  const ByteRange range{offset(), count};
  pos_ += count;
  return range;
}

std::string_view ByteReader::name() {
  const uint32_t start = offset();
  const uint32_t size = leb_u32();
  if (failed()) return {};
  if (size > remaining()) {
    fail_at("length out of bounds", start);
    return {};
  }
  const std::string_view text(reinterpret_cast<const char*>(pos_), size);
  if (!is_valid_utf8(text)) {
    fail_at("malformed UTF-8 encoding", start);
    return {};
  }
  pos_ += size;
  return text;
}

HeapType ByteReader::heap_type() {
  const uint32_t start = offset();
  const int64_t code = leb_s33();
  if (failed()) return {};
  if (code >= 0) {
    // No module has as many types; the validator reports the clamped index as unknown.
    return HeapType::defined(static_cast<uint32_t>(code < HeapType::kIndexLimit ? code : HeapType::kIndexLimit - 1));
  }
  const uint8_t byte = static_cast<uint8_t>(code & 0x7F);
  if (code < -64 || !HeapType::is_abstract_code(byte)) {
    fail_at("malformed heap type", start);
    return {};
  }
  return static_cast<HeapType::Abstract>(byte);
}

ValType ByteReader::val_type() {
  const uint32_t start = offset();
  const uint8_t code = u8();
  switch (code) {
    case ValType::I32:
    case ValType::I64:
    case ValType::F32:
    case ValType::F64:
    case ValType::V128: return static_cast<ValType::Kind>(code);
    case ValType::Ref: return ValType::ref(heap_type(), false);
    case ValType::RefNull: return ValType::ref(heap_type(), true);
    default:
      if (HeapType::is_abstract_code(code)) return ValType::ref(static_cast<HeapType::Abstract>(code), true);
      fail_at("malformed value type", start);
      return {};
  }
}

ValType ByteReader::storage_type() {
  const uint8_t code = peek();
  if (code == ValType::I8 || code == ValType::I16) {
    u8();
    return static_cast<ValType::Kind>(code);
  }
  return val_type();
}

bool is_valid_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = p + text.size();
  while (p != end) {
    const uint8_t lead = *p++;
    if (lead < 0x80) continue;
    const int extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || end - p < extra) return false;
    uint32_t code = lead & (0x3F >> extra);
    for (int i = 0; i < extra; ++i) {
      if ((*p & 0xC0) != 0x80) return false;
      code = code << 6 | (*p++ & 0x3F);
    }
    constexpr uint32_t kMinimum[] = {0, 0x80, 0x800, 0x10000};
    if (code < kMinimum[extra] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  }
  return true;
}

}  // namespace weft

// Checked reading of the binary format's primitives, spec §5.2: bytes, LEB128 integers, floats, names, types.
//
// A reader never leaves its range. Its error is sticky: the first failure is kept with its offset, the reader then
// stands at its end, and every further read gives 0, so that callers check once per construct instead of per byte.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "module/error.h"
#include "module/module.h"
#include "module/types.h"

namespace weft {

class ByteReader {
 public:
  /// Reads `range` of the bytes of a module; offsets in errors count from the start of `bytes`.
  ByteReader(std::span<const uint8_t> bytes, ByteRange range)
      : base_(bytes.data()), pos_(base_ + range.offset), end_(pos_ + range.size) {}
  explicit ByteReader(std::span<const uint8_t> bytes)
      : ByteReader(bytes, ByteRange{0, static_cast<uint32_t>(bytes.size())}) {}

  bool failed() const { return error_ != nullptr; }
  /// A static text that begins as the official suite's does; null when nothing failed.
  const char* error() const { return error_; }
  size_t error_offset() const { return error_offset_; }
  /// The failure as an Error; only when failed().
  Error to_error(std::string_view section = {}) const {
    return Error(ErrorKind::Malformed, error_, ErrorPlace{.offset = error_offset_, .section = section});
  }
  /// Records a failure at the current place, unless there is one already. `text` must be a static string.
  void fail(const char* text) { fail_at(text, offset()); }
  void fail_at(const char* text, size_t at);

  bool at_end() const { return pos_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - pos_); }
  uint32_t offset() const { return static_cast<uint32_t>(pos_ - base_); }
  const uint8_t* position() const { return pos_; }

  /// The next byte without taking it; 0 at the end.
  uint8_t peek() const { return pos_ != end_ ? *pos_ : 0; }

  uint8_t u8() {
    if (pos_ == end_) [[unlikely]]
      return fail_end();
    return *pos_++;
  }

  uint32_t leb_u32() {
    if (pos_ != end_ && *pos_ < 0x80) [[likely]]
      return *pos_++;
    return static_cast<uint32_t>(leb_slow(32, false));
  }
  int32_t leb_s32() {
    if (pos_ != end_ && *pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return static_cast<int32_t>(leb_slow(32, true));
  }
  int64_t leb_s33() {
    if (pos_ != end_ && *pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return static_cast<int64_t>(leb_slow(33, true));
  }
  uint64_t leb_u64() {
    if (pos_ != end_ && *pos_ < 0x80) [[likely]]
      return *pos_++;
    return leb_slow(64, false);
  }
  int64_t leb_s64() {
    if (pos_ != end_ && *pos_ < 0x80) [[likely]]
      return sign_extend7(*pos_++);
    return static_cast<int64_t>(leb_slow(64, true));
  }

  uint32_t fixed_u32() { return fixed<uint32_t>(); }
  uint64_t fixed_u64() { return fixed<uint64_t>(); }

  /// Takes `count` bytes as a range; fails with `text` when fewer are left.
  ByteRange take(uint32_t count, const char* text = "unexpected end of section or function");
  /// A length-prefixed UTF-8 string (§5.2.4); points into the bytes.
  std::string_view name();
  /// A heap type (§5.3.3), a value type (§5.3.5), a storage type (§5.3.7: packed types allowed).
  HeapType heap_type();
  ValType val_type();
  ValType storage_type();

 private:
  static int32_t sign_extend7(uint8_t byte) { return static_cast<int32_t>(static_cast<uint32_t>(byte) << 25) >> 25; }
  template <typename T>
  T fixed() {
    if (remaining() < sizeof(T)) [[unlikely]]
      return static_cast<T>(fail_end());
    T value;
    std::memcpy(&value, pos_, sizeof(T));  // the format and both hosts are little-endian
    pos_ += sizeof(T);
    return value;
  }
  uint8_t fail_end();
  uint64_t leb_slow(unsigned bits, bool is_signed);

  const uint8_t* base_;
  const uint8_t* pos_;
  const uint8_t* end_;
  const char* error_ = nullptr;
  size_t error_offset_ = 0;
};

/// True when the bytes are well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_valid_utf8(std::string_view text);

}  // namespace weft

// Text forms of values.
#include "cli/values.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace weft {
namespace {

std::unexpected<Error> bad_value(ValType type, std::string_view text) {
  return fail(ErrorKind::Usage, fmt::format("'{}' is no value of type {}", text, to_string(type)));
}

// Takes any integer of 64 bits, signed or not; `ok` says whether the whole text was one in the range of `bits` bits.
uint64_t parse_integer(std::string_view text, unsigned bits, bool& ok) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, hex ? 16 : 10);
  ok = error == std::errc() && end == text.data() + text.size() && !text.empty();
  const uint64_t max = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  const uint64_t max_negative = uint64_t{1} << (bits - 1);
  ok = ok && magnitude <= (negative ? max_negative : max);
  return (negative ? 0 - magnitude : magnitude) & max;
}

template <typename T>
bool parse_float(std::string_view text, T& value) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value,
                                            hex ? std::chars_format::hex : std::chars_format::general);
  if (negative) value = -value;
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

Result<Value> parse_value(ValType type, std::string_view text) {
  bool ok = false;
  Value value{type};
  switch (type.kind()) {
    case ValType::I32: value.bits = parse_integer(text, 32, ok); break;
    case ValType::I64: value.bits = parse_integer(text, 64, ok); break;
    case ValType::F32: {
      float number = 0;
      ok = parse_float(text, number);
      value.bits = to_cell(number);
      break;
    }
    case ValType::F64: {
      double number = 0;
      ok = parse_float(text, number);
      value.bits = to_cell(number);
      break;
    }
    default: ok = type.is_nullable() && text == "null"; break;
  }
  if (!ok) return bad_value(type, text);
  return value;
}

std::string format_value(const Value& value) {
  const std::string type = to_string(value.type);
  switch (value.type.kind()) {
    case ValType::I32: return fmt::format("{}:{}", type, cell_i32(value.bits));
    case ValType::I64: return fmt::format("{}:{}", type, static_cast<int64_t>(value.bits));
    case ValType::F32: return fmt::format("{}:{}", type, cell_f32(value.bits));
    case ValType::F64: return fmt::format("{}:{}", type, cell_f64(value.bits));
    case ValType::V128: return fmt::format("{}:0x{:016x}{:016x}", type, value.bits_high, value.bits);
    default: return fmt::format("{}:{}", type, value.bits == kNullRef ? "null" : "<reference>");
  }
}

}  // namespace weft

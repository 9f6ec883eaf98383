// Literals to bits. Decimal floats are rounded by the standard library, hexadecimal ones here.
#include "text/numbers.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <string>

namespace weft::text {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

bool take_hex(std::string_view& text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  return hex;
}

// Digits of a base with single underscores between them; gives them without, or nothing when they are not that.
std::optional<std::string> plain_digits(std::string_view text, int base) {
  std::string digits;
  bool last_is_digit = false;
  for (const char c : text) {
    if (c == '_' && last_is_digit) {
      last_is_digit = false;
      continue;
    }
    if (digit_value(c) >= base) return std::nullopt;
    digits += c;
    last_is_digit = true;
  }
  if (!last_is_digit) return std::nullopt;
  return digits;
}

// The parts of a float literal without sign and prefix.
struct FloatParts {
  std::string whole;
  std::string fraction;
  std::string exponent;  // with its sign
};

bool split_float(std::string_view text, int base, FloatParts& parts) {
  const std::string_view exponent_letters = base == 16 ? "pP" : "eE";
  const size_t exponent_at = text.find_first_of(exponent_letters);
  if (exponent_at != std::string_view::npos) {
    std::string_view exponent = text.substr(exponent_at + 1);
    const bool negative = take_sign(exponent);
    const auto digits = plain_digits(exponent, 10);
    if (!digits) return false;
    parts.exponent = (negative ? "-" : "") + *digits;
    text = text.substr(0, exponent_at);
  }
  const size_t dot = text.find('.');
  const auto whole = plain_digits(text.substr(0, dot), base);
  if (!whole) return false;
  parts.whole = *whole;
  if (dot != std::string_view::npos && dot + 1 < text.size()) {
    const auto fraction = plain_digits(text.substr(dot + 1), base);
    if (!fraction) return false;
    parts.fraction = *fraction;
  }
  return true;
}

// A hexadecimal float, rounded to nearest, ties to even, in one step.
template <typename F, typename Bits>
bool round_hex(const FloatParts& parts, Bits& bits) {
  constexpr int kFraction = std::numeric_limits<F>::digits - 1;  // stored bits of the significand
  constexpr int kMinExponent = std::numeric_limits<F>::min_exponent - 1;
  constexpr int kMaxExponent = std::numeric_limits<F>::max_exponent - 1;
  // The significand's leading 62 bits, whether anything follows, and the exponent of its lowest bit.
  uint64_t significand = 0;
  bool sticky = false;
  int64_t exponent = 0;
  const auto add = [&](char c, bool in_fraction) {
    if (significand >> 58 == 0) {
      significand = significand << 4 | static_cast<uint64_t>(digit_value(c));
      if (in_fraction) exponent -= 4;
    } else {
      sticky |= c != '0';
      if (!in_fraction) exponent += 4;
    }
  };
  for (const char c : parts.whole) add(c, false);
  for (const char c : parts.fraction) add(c, true);
  if (significand == 0) {
    bits = 0;
    return true;
  }
  int64_t written = 0;
  if (!parts.exponent.empty()) {
    const auto [end, error] =
        std::from_chars(parts.exponent.data(), parts.exponent.data() + parts.exponent.size(), written);
    (void)end;
    constexpr int64_t kFar = int64_t{1} << 40;
    if (error != std::errc()) written = parts.exponent.starts_with('-') ? -kFar : kFar;
    written = std::min(kFar, std::max(-kFar, written));
  }
  exponent += written;
  // value = significand * 2^exponent; its leading bit has this exponent:
  int64_t leading = exponent + 63 - std::countl_zero(significand);
  if (leading > kMaxExponent) return false;
  // The exponent of the lowest bit that can be kept.
  const int64_t lowest = std::max<int64_t>(leading, kMinExponent) - kFraction;
  const int64_t drop = lowest - exponent;
  uint64_t kept = 0;
  if (drop <= 0) {
    kept = significand << -drop;
  } else if (drop < 64) {
    kept = significand >> drop;
    const uint64_t half = uint64_t{1} << (drop - 1);
    const uint64_t rest = significand & (half * 2 - 1);
    if (rest > half || (rest == half && (sticky || kept & 1))) ++kept;
  }
  if (kept >> (kFraction + 1) != 0) {  // rounded up to the next power of two
    kept >>= 1;
    ++leading;
    if (leading > kMaxExponent) return false;
  }
  if (kept >> kFraction == 0) {  // subnormal, or zero
    bits = static_cast<Bits>(kept);
    return true;
  }
  const int64_t biased = std::max<int64_t>(leading, kMinExponent) - kMinExponent + 1;
  bits = static_cast<Bits>(static_cast<Bits>(biased) << kFraction | (kept & ((Bits{1} << kFraction) - 1)));
  return true;
}

template <typename F, typename Bits>
NumberStatus parse_float(std::string_view text, Bits& bits) {
  constexpr int kFraction = std::numeric_limits<F>::digits - 1;
  constexpr Bits kSign = Bits{1} << (sizeof(Bits) * 8 - 1);
  constexpr Bits kInfinity = std::bit_cast<Bits>(std::numeric_limits<F>::infinity());
  constexpr Bits kQuiet = Bits{1} << (kFraction - 1);
  const Bits sign = take_sign(text) ? kSign : 0;
  if (text == "inf") {
    bits = sign | kInfinity;
    return NumberStatus::Ok;
  }
  if (text == "nan") {
    bits = sign | kInfinity | kQuiet;
    return NumberStatus::Ok;
  }
  if (text.starts_with("nan:0x")) {
    uint64_t payload = 0;
    const NumberStatus status = parse_unsigned(text.substr(4), kFraction, payload);
    if (status == NumberStatus::Ok && payload == 0) return NumberStatus::OutOfRange;
    bits = sign | kInfinity | static_cast<Bits>(payload);
    return status;
  }
  const bool hex = take_hex(text);
  FloatParts parts;
  if (!split_float(text, hex ? 16 : 10, parts)) return NumberStatus::Malformed;
  if (hex) {
    if (!round_hex<F>(parts, bits)) return NumberStatus::OutOfRange;
    bits |= sign;
    return NumberStatus::Ok;
  }
  std::string decimal = parts.whole + "." + (parts.fraction.empty() ? "0" : parts.fraction);
  if (!parts.exponent.empty()) decimal += "e" + parts.exponent;
  F value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  (void)end;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero; too large is an error. Which one it was, the exponent and the digits say.
    const bool zero_whole = parts.whole.find_first_not_of('0') == std::string::npos;
    const bool tiny = parts.exponent.starts_with('-') || (parts.exponent.empty() && zero_whole);
    if (!tiny) return NumberStatus::OutOfRange;
    value = 0;
  }
  if (value > std::numeric_limits<F>::max()) return NumberStatus::OutOfRange;
  bits = std::bit_cast<Bits>(value) | sign;
  return NumberStatus::Ok;
}

}  // namespace

NumberStatus parse_unsigned(std::string_view text, unsigned bits, uint64_t& value) {
  const bool hex = take_hex(text);
  const auto digits = plain_digits(text, hex ? 16 : 10);
  if (!digits) return NumberStatus::Malformed;
  const auto [end, error] = std::from_chars(digits->data(), digits->data() + digits->size(), value, hex ? 16 : 10);
  (void)end;
  if (error != std::errc() || (bits < 64 && value >> bits != 0)) return NumberStatus::OutOfRange;
  return NumberStatus::Ok;
}

NumberStatus parse_integer(std::string_view text, unsigned bits, uint64_t& value) {
  const bool negative = take_sign(text);
  const NumberStatus status = parse_unsigned(text, bits, value);
  if (status != NumberStatus::Ok) return status;
  if (negative) {
    if (value > uint64_t{1} << (bits - 1)) return NumberStatus::OutOfRange;
    value = 0 - value;
  }
  if (bits < 64) value &= (uint64_t{1} << bits) - 1;
  return NumberStatus::Ok;
}

NumberStatus parse_f32(std::string_view text, uint32_t& bits) { return parse_float<float>(text, bits); }
NumberStatus parse_f64(std::string_view text, uint64_t& bits) { return parse_float<double>(text, bits); }

}  // namespace weft::text

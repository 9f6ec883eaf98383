// Number literals, spec §6.3.1 and §6.3.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::text {

/// How a literal was read.
enum class NumberStatus : uint8_t { Ok, Malformed, OutOfRange };

/// An unsigned integer (decimal or 0x, underscores between digits) below 2^bits.
NumberStatus parse_unsigned(std::string_view text, unsigned bits, uint64_t& value);

/// An integer constant of `bits` bits, signed or unsigned notation; the value is its two's complement, masked.
NumberStatus parse_integer(std::string_view text, unsigned bits, uint64_t& value);

/// A float constant in any form: decimal, hexadecimal, inf, nan, nan:0x…; correctly rounded. The value is its bits.
NumberStatus parse_f32(std::string_view text, uint32_t& bits);
NumberStatus parse_f64(std::string_view text, uint64_t& bits);

}  // namespace weft::text

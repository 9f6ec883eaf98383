// The arithmetic of WebAssembly where C++ means something else, spec §4.3.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "runtime/trap.h"

namespace weft::interp {

/// A result that may be a trap instead.
template <typename T>
struct Checked {
  T value{};
  bool trapped = false;
  TrapCode code = TrapCode::Unreachable;
  static Checked trap(TrapCode code) { return {T{}, true, code}; }
};

// §4.3.2.6 ff.: division truncates; the one overflow traps, remainders do not overflow.
template <typename T>
inline Checked<T> div(T a, T b) {
  if (b == 0) return Checked<T>::trap(TrapCode::IntegerDivideByZero);
  if constexpr (std::is_signed_v<T>) {
    if (a == std::numeric_limits<T>::min() && b == -1) return Checked<T>::trap(TrapCode::IntegerOverflow);
  }
  return {static_cast<T>(a / b)};
}
template <typename T>
inline Checked<T> rem(T a, T b) {
  if (b == 0) return Checked<T>::trap(TrapCode::IntegerDivideByZero);
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return {T{0}};
  }
  return {static_cast<T>(a % b)};
}

// Shift counts are taken modulo the width.
template <typename T>
inline T shl(T a, T b) {
  return a << (b & (sizeof(T) * 8 - 1));
}
template <typename T>
inline T shr(T a, T b) {
  return a >> (b & static_cast<T>(sizeof(T) * 8 - 1));
}
template <typename T>
inline T rotl(T a, T b) {
  return std::rotl(a, static_cast<int>(b & (sizeof(T) * 8 - 1)));
}
template <typename T>
inline T rotr(T a, T b) {
  return std::rotr(a, static_cast<int>(b & (sizeof(T) * 8 - 1)));
}

// §4.3.3: NaN if either operand is NaN, and -0 is less than +0.
template <typename T>
inline T fmin(T a, T b) {
  if (a < b) return a;
  if (b < a) return b;
  if (a == b) return std::signbit(a) ? a : b;
  return a + b;
}
template <typename T>
inline T fmax(T a, T b) {
  if (a > b) return a;
  if (b > a) return b;
  if (a == b) return std::signbit(a) ? b : a;
  return a + b;
}
template <typename T>
inline T nearest(T a) {
  return std::nearbyint(a);
}

// The bounds of an integer type as floats: lowest - 1 and highest + 1, both exact or the nearest exact neighbour.
template <typename I, typename F>
inline bool truncates_into(F value) {
  constexpr F kHigh = static_cast<F>(std::numeric_limits<I>::max() / 2 + 1) * F{2};  // 2^31, 2^32, 2^63 or 2^64
  if constexpr (std::is_unsigned_v<I>) {
    return value > F{-1} && value < kHigh;
  } else if constexpr (sizeof(I) == 4 && sizeof(F) == 8) {
    return value > -kHigh - 1 && value < kHigh;
  } else {
    return value >= -kHigh && value < kHigh;
  }
}

template <typename I, typename F>
inline Checked<I> trunc(F value) {
  if (truncates_into<I>(value)) return {static_cast<I>(value)};
  return Checked<I>::trap(value != value ? TrapCode::InvalidConversion : TrapCode::IntegerOverflow);
}

template <typename I, typename F>
inline I trunc_sat(F value) {
  if (truncates_into<I>(value)) return static_cast<I>(value);
  if (value != value) return 0;
  return value < 0 ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max();
}

}  // namespace weft::interp

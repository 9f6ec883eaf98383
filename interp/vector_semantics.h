// The arithmetic of vectors, spec §4.3.5 and the relaxed operations in their deterministic profile.
//
// Lanes are the compilers' vector types, unsigned wherever arithmetic wraps. Where these have no operator and x86-64
// has an instruction, its intrinsic is used; the lane loops are for machines without.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "interp/operands.h"
#include "interp/semantics.h"

#if defined(__SSE4_1__)
#include <smmintrin.h>
#endif

namespace weft::interp {

typedef uint8_t U8x16 __attribute__((vector_size(16)));
typedef int8_t S8x16 __attribute__((vector_size(16)));
typedef uint16_t U16x8 __attribute__((vector_size(16)));
typedef int16_t S16x8 __attribute__((vector_size(16)));
typedef uint32_t U32x4 __attribute__((vector_size(16)));
typedef int32_t S32x4 __attribute__((vector_size(16)));
typedef uint64_t U64x2 __attribute__((vector_size(16)));
typedef int64_t S64x2 __attribute__((vector_size(16)));
typedef float F32x4 __attribute__((vector_size(16)));
typedef double F64x2 __attribute__((vector_size(16)));
typedef uint8_t U8x8 __attribute__((vector_size(8)));
typedef int8_t S8x8 __attribute__((vector_size(8)));
typedef uint16_t U16x4 __attribute__((vector_size(8)));
typedef int16_t S16x4 __attribute__((vector_size(8)));
typedef uint32_t U32x2 __attribute__((vector_size(8)));
typedef int32_t S32x2 __attribute__((vector_size(8)));
typedef float F32x2 __attribute__((vector_size(8)));

template <typename V>
using LaneOf = std::remove_reference_t<decltype(std::declval<V&>()[0])>;
template <typename V>
inline constexpr int kLanes = static_cast<int>(sizeof(V) / sizeof(LaneOf<V>));

/// A v128 as lanes, and back.
template <typename V>
inline V as(V128 v) {
  return (V)v;
}
template <typename V>
inline V128 v128(V lanes) {
  return (V128)lanes;
}

#if defined(__SSE4_1__)
inline __m128i x86(V128 v) { return (__m128i)v; }
inline V128 from_x86(__m128i v) { return (V128)v; }
#endif

/// One function on every lane.
template <typename V, typename F>
inline V128 map(V128 a, F f) {
  V lanes = as<V>(a);
  V result{};
  for (int i = 0; i < kLanes<V>; ++i) result[i] = f(lanes[i]);
  return v128(result);
}
template <typename V, typename F>
inline V128 map(V128 a, V128 b, F f) {
  V left = as<V>(a);
  V right = as<V>(b);
  V result{};
  for (int i = 0; i < kLanes<V>; ++i) result[i] = f(left[i], right[i]);
  return v128(result);
}

// -- lanes in and out --

template <typename V, typename T>
inline V128 splat(T value) {
  return v128(V{} + static_cast<LaneOf<V>>(value));
}

// Adding to zero would make -0 to +0.
template <typename V>
inline V128 splat_float(LaneOf<V> value) {
  V result{};
  for (int i = 0; i < kLanes<V>; ++i) result[i] = value;
  return v128(result);
}

inline V128 swizzle(V128 a, V128 lanes) {
#if defined(__SSE4_1__)
  // pshufb gives zero where bit 7 is set: saturate what is out of range up to there.
  return from_x86(_mm_shuffle_epi8(x86(a), _mm_adds_epu8(x86(lanes), _mm_set1_epi8(0x70))));
#else
  U8x16 from = as<U8x16>(a);
  return map<U8x16>(lanes, [&](uint8_t lane) { return lane < 16 ? from[lane] : uint8_t{0}; });
#endif
}

inline V128 shuffle(V128 a, V128 b, const uint8_t* lanes) {
#if defined(__SSE4_1__)
  __m128i index;
  std::memcpy(&index, lanes, sizeof(index));
  const __m128i first = _mm_shuffle_epi8(x86(a), _mm_adds_epu8(index, _mm_set1_epi8(0x70)));
  const __m128i second = _mm_shuffle_epi8(x86(b), _mm_sub_epi8(index, _mm_set1_epi8(16)));
  return from_x86(_mm_or_si128(first, second));
#else
  uint8_t both[32];
  std::memcpy(both, &a, 16);
  std::memcpy(both + 16, &b, 16);
  U8x16 result{};
  for (int i = 0; i < 16; ++i) result[i] = both[lanes[i]];
  return v128(result);
#endif
}

// -- whole vectors --

inline uint32_t any_true(V128 a) {
  const U64x2 halves = as<U64x2>(a);
  return (halves[0] | halves[1]) != 0;
}
template <typename V>
inline uint32_t all_true(V128 a) {
  const V lanes = as<V>(a);
  uint32_t all = 1;
  for (int i = 0; i < kLanes<V>; ++i) all &= lanes[i] != 0;
  return all;
}
template <typename V>
inline uint32_t bitmask(V128 a) {
#if defined(__SSE4_1__)
  if constexpr (sizeof(LaneOf<V>) == 1) return static_cast<uint32_t>(_mm_movemask_epi8(x86(a)));
  if constexpr (sizeof(LaneOf<V>) == 4) return static_cast<uint32_t>(_mm_movemask_ps((__m128)a));
  if constexpr (sizeof(LaneOf<V>) == 8) return static_cast<uint32_t>(_mm_movemask_pd((__m128d)a));
#endif
  const V lanes = as<V>(a);
  uint32_t mask = 0;
  for (int i = 0; i < kLanes<V>; ++i) mask |= static_cast<uint32_t>(lanes[i] < 0) << i;
  return mask;
}
inline V128 bitselect(V128 a, V128 b, V128 mask) {
  const U64x2 m = as<U64x2>(mask);
  return v128((as<U64x2>(a) & m) | (as<U64x2>(b) & ~m));
}

// -- integers --

template <typename V>
inline V128 shl_lanes(V128 a, uint32_t count) {
  return v128(as<V>(a) << static_cast<LaneOf<V>>(count & (sizeof(LaneOf<V>) * 8 - 1)));
}
template <typename V>
inline V128 shr_lanes(V128 a, uint32_t count) {
  return v128(as<V>(a) >> static_cast<LaneOf<V>>(count & (sizeof(LaneOf<V>) * 8 - 1)));
}
// |lowest| wraps to itself.
template <typename S, typename U>
inline V128 abs_lanes(V128 a) {
  const U sign = (U)(as<S>(a) < S{});
  return v128((as<U>(a) ^ sign) - sign);
}
template <typename V>
inline V128 min_lanes(V128 a, V128 b) {
  const V mask = (V)(as<V>(a) < as<V>(b));
  return v128((as<V>(a) & mask) | (as<V>(b) & ~mask));
}
template <typename V>
inline V128 max_lanes(V128 a, V128 b) {
  const V mask = (V)(as<V>(a) > as<V>(b));
  return v128((as<V>(a) & mask) | (as<V>(b) & ~mask));
}

template <typename T, typename W>
inline T saturate(W value) {
  constexpr W kLow = std::numeric_limits<T>::min();
  constexpr W kHigh = std::numeric_limits<T>::max();
  return static_cast<T>(value < kLow ? kLow : value > kHigh ? kHigh : value);
}

template <typename V>
inline V128 add_sat(V128 a, V128 b) {
#if defined(__SSE4_1__)
  if constexpr (std::is_same_v<V, S8x16>) return from_x86(_mm_adds_epi8(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U8x16>) return from_x86(_mm_adds_epu8(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, S16x8>) return from_x86(_mm_adds_epi16(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U16x8>) return from_x86(_mm_adds_epu16(x86(a), x86(b)));
#endif
  return map<V>(a, b, [](int x, int y) { return saturate<LaneOf<V>>(x + y); });
}
template <typename V>
inline V128 sub_sat(V128 a, V128 b) {
#if defined(__SSE4_1__)
  if constexpr (std::is_same_v<V, S8x16>) return from_x86(_mm_subs_epi8(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U8x16>) return from_x86(_mm_subs_epu8(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, S16x8>) return from_x86(_mm_subs_epi16(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U16x8>) return from_x86(_mm_subs_epu16(x86(a), x86(b)));
#endif
  return map<V>(a, b, [](int x, int y) { return saturate<LaneOf<V>>(x - y); });
}
template <typename V>
inline V128 avgr(V128 a, V128 b) {
#if defined(__SSE4_1__)
  if constexpr (std::is_same_v<V, U8x16>) return from_x86(_mm_avg_epu8(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U16x8>) return from_x86(_mm_avg_epu16(x86(a), x86(b)));
#endif
  return map<V>(a, b, [](uint32_t x, uint32_t y) { return static_cast<LaneOf<V>>((x + y + 1) / 2); });
}

inline V128 popcnt_lanes(V128 a) {
#if defined(__SSE4_1__)
  const __m128i table = _mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m128i nibble = _mm_set1_epi8(0x0F);
  const __m128i low = _mm_shuffle_epi8(table, _mm_and_si128(x86(a), nibble));
  const __m128i high = _mm_shuffle_epi8(table, _mm_and_si128(_mm_srli_epi16(x86(a), 4), nibble));
  return from_x86(_mm_add_epi8(low, high));
#else
  return map<U8x16>(a, [](uint8_t lane) { return static_cast<uint8_t>(std::popcount(lane)); });
#endif
}

// §4.3.2 q15mulr_sat: rounds the product of two Q15 numbers; only -1 * -1 saturates.
inline V128 q15mulr(V128 a, V128 b) {
#if defined(__SSE4_1__)
  const __m128i product = _mm_mulhrs_epi16(x86(a), x86(b));
  return from_x86(_mm_xor_si128(product, _mm_cmpeq_epi16(product, _mm_set1_epi16(INT16_MIN))));
#else
  return map<S16x8>(a, b, [](int x, int y) { return saturate<int16_t>((x * y + 0x4000) >> 15); });
#endif
}

// Adds neighbouring products of 16-bit lanes; the sum wraps.
inline V128 dot(V128 a, V128 b) {
#if defined(__SSE4_1__)
  return from_x86(_mm_madd_epi16(x86(a), x86(b)));
#else
  const S16x8 x = as<S16x8>(a);
  const S16x8 y = as<S16x8>(b);
  U32x4 result{};
  for (int i = 0; i < 4; ++i) {
    result[i] = static_cast<uint32_t>(x[2 * i] * y[2 * i]) + static_cast<uint32_t>(x[2 * i + 1] * y[2 * i + 1]);
  }
  return v128(result);
#endif
}

// -- between widths --

template <typename Half>
inline Half half_of(V128 a, int which) {
  Half half;
  std::memcpy(&half, reinterpret_cast<const char*>(&a) + which * 8, sizeof(half));
  return half;
}
template <typename Half, typename Wide, int Which>
inline Wide extend_lanes(V128 a) {
  return __builtin_convertvector(half_of<Half>(a, Which), Wide);
}
template <typename Half, typename Wide, int Which>
inline V128 extend(V128 a) {
  return v128(extend_lanes<Half, Wide, Which>(a));
}

// Products of the widened lanes fit, so signed lanes do not overflow.
template <typename Half, typename Wide, int Which>
inline V128 extmul(V128 a, V128 b) {
  return v128(extend_lanes<Half, Wide, Which>(a) * extend_lanes<Half, Wide, Which>(b));
}
template <typename V, typename Wide>
inline V128 extadd_pairwise(V128 a) {
  const V lanes = as<V>(a);
  Wide result{};
  for (int i = 0; i < kLanes<Wide>; ++i) {
    result[i] = static_cast<LaneOf<Wide>>(LaneOf<Wide>{lanes[2 * i]} + LaneOf<Wide>{lanes[2 * i + 1]});
  }
  return v128(result);
}
template <typename Wide, typename V>
inline V128 narrow(V128 a, V128 b) {
#if defined(__SSE4_1__)
  if constexpr (std::is_same_v<V, S8x16>) return from_x86(_mm_packs_epi16(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U8x16>) return from_x86(_mm_packus_epi16(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, S16x8>) return from_x86(_mm_packs_epi32(x86(a), x86(b)));
  if constexpr (std::is_same_v<V, U16x8>) return from_x86(_mm_packus_epi32(x86(a), x86(b)));
#endif
  const Wide low = as<Wide>(a);
  const Wide high = as<Wide>(b);
  V result{};
  for (int i = 0; i < kLanes<Wide>; ++i) {
    result[i] = saturate<LaneOf<V>>(low[i]);
    result[i + kLanes<Wide>] = saturate<LaneOf<V>>(high[i]);
  }
  return v128(result);
}

// -- floats --

template <typename V>
inline V128 fabs_lanes(V128 a) {
  return map<V>(a, [](auto x) { return std::fabs(x); });
}
template <typename V>
inline V128 sqrt_lanes(V128 a) {
#if defined(__SSE4_1__)
  if constexpr (std::is_same_v<V, F32x4>) return (V128)_mm_sqrt_ps((__m128)a);
  if constexpr (std::is_same_v<V, F64x2>) return (V128)_mm_sqrt_pd((__m128d)a);
#endif
  return map<V>(a, [](auto x) { return std::sqrt(x); });
}

enum class Rounding { Ceil, Floor, Trunc, Nearest };
template <typename V, Rounding R>
inline V128 round_lanes(V128 a) {
#if defined(__SSE4_1__)
  constexpr int kMode = (R == Rounding::Ceil    ? _MM_FROUND_TO_POS_INF
                         : R == Rounding::Floor ? _MM_FROUND_TO_NEG_INF
                         : R == Rounding::Trunc ? _MM_FROUND_TO_ZERO
                                                : _MM_FROUND_TO_NEAREST_INT) |
                        _MM_FROUND_NO_EXC;
  if constexpr (std::is_same_v<V, F32x4>) return (V128)_mm_round_ps((__m128)a, kMode);
  if constexpr (std::is_same_v<V, F64x2>) return (V128)_mm_round_pd((__m128d)a, kMode);
#endif
  return map<V>(a, [](auto x) {
    switch (R) {
      case Rounding::Ceil: return std::ceil(x);
      case Rounding::Floor: return std::floor(x);
      case Rounding::Trunc: return std::trunc(x);
      case Rounding::Nearest: return nearest(x);
    }
  });
}
template <typename V>
inline V128 fmin_lanes(V128 a, V128 b) {
  return map<V>(a, b, [](auto x, auto y) { return fmin(x, y); });
}
template <typename V>
inline V128 fmax_lanes(V128 a, V128 b) {
  return map<V>(a, b, [](auto x, auto y) { return fmax(x, y); });
}
// b where b is less (greater), else a: NaN and zeros as the comparison has them.
template <typename V>
inline V128 pmin(V128 a, V128 b) {
  return map<V>(a, b, [](auto x, auto y) { return y < x ? y : x; });
}
template <typename V>
inline V128 pmax(V128 a, V128 b) {
  return map<V>(a, b, [](auto x, auto y) { return x < y ? y : x; });
}

template <typename From, typename To>
inline V128 trunc_sat_lanes(V128 a) {
  const From lanes = as<From>(a);
  To result{};
  for (int i = 0; i < kLanes<From>; ++i) result[i] = trunc_sat<LaneOf<To>>(lanes[i]);
  return v128(result);
}
template <typename From, typename To>
inline V128 convert(V128 a) {
  return v128(__builtin_convertvector(as<From>(a), To));
}
template <typename Half, typename To>
inline V128 convert_low(V128 a) {
  return v128(__builtin_convertvector(half_of<Half>(a, 0), To));
}
inline V128 demote_zero(V128 a) {
  const F64x2 lanes = as<F64x2>(a);
  return v128(F32x4{static_cast<float>(lanes[0]), static_cast<float>(lanes[1]), 0, 0});
}

// -- relaxed --

// a * b + c with both roundings, which is one of the two results that the specification allows.
template <typename V>
inline V128 madd(V128 a, V128 b, V128 c) {
  return v128(as<V>(a) * as<V>(b) + as<V>(c));
}
template <typename V>
inline V128 nmadd(V128 a, V128 b, V128 c) {
  return v128(-(as<V>(a) * as<V>(b)) + as<V>(c));
}

inline V128 relaxed_dot(V128 a, V128 b) {
  const S8x16 x = as<S8x16>(a);
  const S8x16 y = as<S8x16>(b);
  S16x8 result{};
  for (int i = 0; i < 8; ++i) result[i] = static_cast<int16_t>(x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1]);
  return v128(result);
}
inline V128 relaxed_dot_add(V128 a, V128 b, V128 c) {
  const S16x8 pairs = as<S16x8>(relaxed_dot(a, b));
  U32x4 result = as<U32x4>(c);
  for (int i = 0; i < 4; ++i) result[i] += static_cast<uint32_t>(pairs[2 * i] + pairs[2 * i + 1]);
  return v128(result);
}

}  // namespace weft::interp

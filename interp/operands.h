// Where operands live, apart from what an instruction means: in a frame slot, in the accumulator of their kind, or in
// the code. Handlers are templates over these places.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "interp/machine.h"

namespace weft::interp {

/// S: frame slot (one unit: byte offset from fp). A: accumulator (no unit). I: immediate (its size in units).
enum class Place : uint8_t { S, A, I };
inline constexpr Place S = Place::S;
inline constexpr Place A = Place::A;
inline constexpr Place I = Place::I;

/// v128 as the handlers see it.
using V128 = Vec;

template <typename T>
inline constexpr bool kInVector = std::is_floating_point_v<T> || std::is_same_v<T, V128>;

template <typename T, Place P>
inline constexpr int kUnits = P == S   ? 1
                              : P == A ? 0
                                       : static_cast<int>((sizeof(T) + 3) / 4);

inline Cell* slot(Cell* fp, Unit byte_offset) {
  return reinterpret_cast<Cell*>(reinterpret_cast<char*>(fp) + byte_offset);
}

template <typename T>
inline T vec_to(Vec vec) {
  if constexpr (std::is_same_v<T, V128>) {
    return vec;
  } else if constexpr (std::is_same_v<T, float>) {
    return vec[0];
  } else {
    typedef double Doubles __attribute__((vector_size(16)));
    return std::bit_cast<Doubles>(vec)[0];
  }
}

/// The lanes beyond a scalar are unspecified: setting them would cost an instruction in every handler.
template <typename T>
inline Vec to_vec(T value) {
  if constexpr (std::is_same_v<T, V128>) {
    return value;
  } else {
    typedef T Lanes __attribute__((vector_size(16)));
#if defined(__clang__)
    Lanes lanes;
#else
    Lanes lanes = {};
#endif
    lanes[0] = value;
    return std::bit_cast<Vec>(lanes);
  }
}

/// Reads an operand; `at` is its place in the code.
template <typename T, Place P>
inline T get(Code at, Cell* fp, uint64_t acc, Vec vacc) {
  if constexpr (P == S) {
    return load_immediate<T>(reinterpret_cast<Code>(slot(fp, *at)));
  } else if constexpr (P == I) {
    return load_immediate<T>(at);
  } else if constexpr (kInVector<T>) {
    return vec_to<T>(vacc);
  } else {
    return static_cast<T>(acc);
  }
}

/// A value as the integer accumulator holds it: 32-bit values zero-extended.
template <typename T>
inline uint64_t to_acc(T value) {
  return static_cast<std::make_unsigned_t<T>>(value);
}

/// Writes a result to its accumulator and, with P == S, to a frame slot: always a whole cell, so that later copies of
/// the cell are forwarded from the store buffer.
template <Place P, typename T>
inline void put(Code at, Cell* fp, uint64_t& acc, Vec& vacc, T value) {
  if constexpr (kInVector<T>) {
    vacc = to_vec(value);
    if constexpr (P == S) std::memcpy(slot(fp, *at), &vacc, std::is_same_v<T, V128> ? 16 : 8);
  } else {
    acc = to_acc(value);
    if constexpr (P == S) *slot(fp, *at) = acc;
  }
}

}  // namespace weft::interp

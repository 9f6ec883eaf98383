// How values look at run time: 64-bit cells, v128 in two of them, references as 64-bit words.
#pragma once

#include <bit>
#include <cstdint>

namespace weft {

struct Func;

/// One cell of a frame, an argument array or a global. i32 and f32 use the low half; the high half is unspecified.
using Cell = uint64_t;

/// A reference. 0 is null; an odd word is an i31; a funcref is a Func*; everything else is an object of the store's
/// heap (runtime/heap.h).
using Ref = uint64_t;
inline constexpr Ref kNullRef = 0;

constexpr bool is_i31(Ref ref) { return ref & 1; }
constexpr Ref make_i31(uint32_t value) { return Ref{value & 0x7FFF'FFFF} << 1 | 1; }
constexpr uint32_t i31_get_u(Ref ref) { return static_cast<uint32_t>(ref >> 1); }
constexpr int32_t i31_get_s(Ref ref) { return static_cast<int32_t>(static_cast<uint32_t>(ref >> 1) << 1) >> 1; }

inline Ref func_to_ref(const Func* func) { return reinterpret_cast<Ref>(func); }
inline Func* ref_to_func(Ref ref) { return reinterpret_cast<Func*>(ref); }

/// Conversions between cells and the number types.
inline uint32_t cell_u32(Cell cell) { return static_cast<uint32_t>(cell); }
inline int32_t cell_i32(Cell cell) { return static_cast<int32_t>(static_cast<uint32_t>(cell)); }
inline float cell_f32(Cell cell) { return std::bit_cast<float>(static_cast<uint32_t>(cell)); }
inline double cell_f64(Cell cell) { return std::bit_cast<double>(cell); }
inline Cell to_cell(uint32_t value) { return value; }
inline Cell to_cell(int32_t value) { return static_cast<uint32_t>(value); }
inline Cell to_cell(uint64_t value) { return value; }
inline Cell to_cell(int64_t value) { return static_cast<uint64_t>(value); }
inline Cell to_cell(float value) { return std::bit_cast<uint32_t>(value); }
inline Cell to_cell(double value) { return std::bit_cast<uint64_t>(value); }

}  // namespace weft

// Handlers of the vector instructions: the rows of vector.def, lanes, shuffles, and accesses to single lanes.
#include "interp/vector.h"

#include "interp/access.h"
#include "interp/rows.h"
#include "interp/vector_semantics.h"

namespace weft::interp {

#define UNARY(op, operand, out, expression)               \
  template <>                                             \
  struct Row<Opcode::op> {                                \
    using Operand = operand;                              \
    using Result = out;                                   \
    static Result apply(Operand a) { return expression; } \
  };
#define BINARY(op, left, right, out, expression)                \
  template <>                                                   \
  struct Row<Opcode::op> {                                      \
    using Left = left;                                          \
    using Right = right;                                        \
    using Result = out;                                         \
    static Result apply(Left a, Right b) { return expression; } \
  };
#define TERNARY(op, expression)                                      \
  template <>                                                        \
  struct Row<Opcode::op> {                                           \
    static V128 apply(V128 a, V128 b, V128 c) { return expression; } \
  };
#define EXTRACT(op, lanes, out) \
  template <>                   \
  struct Row<Opcode::op> {      \
    using Lanes = lanes;        \
    using Result = out;         \
  };
#define REPLACE(op, lanes, scalar) \
  template <>                      \
  struct Row<Opcode::op> {         \
    using Lanes = lanes;           \
    using Scalar = scalar;         \
  };
#include "interp/vector.def"

namespace {

constexpr int kFirst = kHandlerUnits;

template <Opcode Op, Place D>
WEFT_HANDLER ternary(WEFT_PARAMS) {
  WEFT_ENTER
  const auto operand = [&](int index) { return get<V128, S>(pc + kFirst + index, fp, acc, vacc); };
  put<D>(pc + kFirst + 3, fp, acc, vacc, Row<Op>::apply(operand(0), operand(1), operand(2)));
  WEFT_NEXT(kFirst + 4);
}

template <Opcode Op, Place P, Place D>
WEFT_HANDLER extract_lane(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kLane = kFirst + kUnits<V128, P>;
  const auto lanes = as<typename Row<Op>::Lanes>(get<V128, P>(pc + kFirst, fp, acc, vacc));
  put<D>(pc + kLane + 1, fp, acc, vacc, static_cast<typename Row<Op>::Result>(lanes[pc[kLane]]));
  WEFT_NEXT(kLane + 2);
}

template <Opcode Op, Place P, Place D>
WEFT_HANDLER replace_lane(WEFT_PARAMS) {
  WEFT_ENTER
  using Lanes = typename Row<Op>::Lanes;
  using Scalar = typename Row<Op>::Scalar;
  constexpr int kScalar = kFirst + 1;
  constexpr int kLane = kScalar + kUnits<Scalar, P>;
  const Scalar scalar = get<Scalar, P>(pc + kScalar, fp, acc, vacc);
  auto lanes = as<Lanes>(get<V128, S>(pc + kFirst, fp, acc, vacc));
  lanes[pc[kLane]] = static_cast<LaneOf<Lanes>>(scalar);
  put<D>(pc + kLane + 1, fp, acc, vacc, v128(lanes));
  WEFT_NEXT(kLane + 2);
}

template <Place D>
WEFT_HANDLER shuffle_lanes(WEFT_PARAMS) {
  WEFT_ENTER
  const V128 first = get<V128, S>(pc + kFirst, fp, acc, vacc);
  const V128 second = get<V128, S>(pc + kFirst + 1, fp, acc, vacc);
  put<D>(pc + kFirst + 6, fp, acc, vacc, shuffle(first, second, reinterpret_cast<const uint8_t*>(pc + kFirst + 2)));
  WEFT_NEXT(kFirst + 7);
}

// memory index, address, offset, vector, lane: where they are.
constexpr int kAddress = kFirst + 1;
constexpr int kOffset = kFirst + 2;
constexpr int kVector = kFirst + 4;
constexpr int kLaneIndex = kFirst + 5;
constexpr int kResult = kFirst + 6;

template <typename Lanes, bool Is64, Place D>
WEFT_HANDLER load_lane(WEFT_PARAMS) {
  WEFT_ENTER
  const uint8_t* const from = checked_address<Is64>(inst, fp, pc + kFirst, sizeof(LaneOf<Lanes>));
  if (from == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  auto lanes = as<Lanes>(get<V128, S>(pc + kVector, fp, acc, vacc));
  LaneOf<Lanes> lane;
  std::memcpy(&lane, from, sizeof(lane));
  lanes[pc[kLaneIndex]] = lane;
  put<D>(pc + kResult, fp, acc, vacc, v128(lanes));
  WEFT_NEXT(kResult + 1);
}

template <typename Lanes, bool Is64>
WEFT_HANDLER store_lane(WEFT_PARAMS) {
  WEFT_ENTER
  uint8_t* const to = checked_address<Is64>(inst, fp, pc + kFirst, sizeof(LaneOf<Lanes>));
  if (to == nullptr) [[unlikely]]
    WEFT_TRAP(TrapCode::OutOfBoundsMemory);
  const auto lanes = as<Lanes>(get<V128, S>(pc + kVector, fp, acc, vacc));
  const LaneOf<Lanes> lane = lanes[pc[kLaneIndex]];
  std::memcpy(to, &lane, sizeof(lane));
  WEFT_NEXT(kResult);
}
static_assert(kAddress + 1 == kOffset);

template <Opcode Op>
ResultHandlers binary_of(Place left, Place right) {
  if (left == S && right == S) return kPair<Op, S, S>;
  if (left == S && right == A) return kPair<Op, S, A>;
  if (left == A && right == S) return kPair<Op, A, S>;
  if constexpr (!std::is_same_v<typename Row<Op>::Right, V128>) {
    return left == S ? kPair<Op, S, I> : kPair<Op, A, I>;
  }
  return {};
}

template <Opcode Op>
ResultHandlers unary_of(Place operand) {
  return operand == S ? kUnary<Op>.slot : kUnary<Op>.acc;
}

template <Opcode Op>
ResultHandlers extract_of(Place vector) {
  if (vector == S) return {extract_lane<Op, S, A>, extract_lane<Op, S, S>};
  return {extract_lane<Op, A, A>, extract_lane<Op, A, S>};
}

template <Opcode Op>
ResultHandlers replace_of(Place scalar) {
  if (scalar == S) return {replace_lane<Op, S, A>, replace_lane<Op, S, S>};
  return {replace_lane<Op, A, A>, replace_lane<Op, A, S>};
}

template <typename Lanes>
ResultHandlers load_lane_of(bool is_64) {
  if (is_64) return {load_lane<Lanes, true, A>, load_lane<Lanes, true, S>};
  return {load_lane<Lanes, false, A>, load_lane<Lanes, false, S>};
}

}  // namespace

bool is_vector_unary(Opcode op) { return vector_unary_handlers(op, S).to_acc != nullptr; }
bool is_vector_binary(Opcode op) { return vector_binary_handlers(op, S, S).to_acc != nullptr; }
bool is_vector_ternary(Opcode op) { return vector_ternary_handlers(op).to_acc != nullptr; }

ResultHandlers vector_unary_handlers(Opcode op, Place operand) {
  switch (op) {
#define UNARY(op, operand_type, out, expression) \
  case Opcode::op: return unary_of<Opcode::op>(operand);
#define BINARY(op, left, right, out, expression)
#define TERNARY(op, expression)
#define EXTRACT(op, lanes, out)
#define REPLACE(op, lanes, scalar)
#include "interp/vector.def"
    default: return {};
  }
}

ResultHandlers vector_binary_handlers(Opcode op, Place left, Place right) {
  switch (op) {
#define UNARY(op, operand_type, out, expression)
#define BINARY(op, left_type, right_type, out, expression) \
  case Opcode::op: return binary_of<Opcode::op>(left, right);
#define TERNARY(op, expression)
#define EXTRACT(op, lanes, out)
#define REPLACE(op, lanes, scalar)
#include "interp/vector.def"
    default: return {};
  }
}

ResultHandlers vector_ternary_handlers(Opcode op) {
  switch (op) {
#define UNARY(op, operand_type, out, expression)
#define BINARY(op, left_type, right_type, out, expression)
#define TERNARY(op, expression) \
  case Opcode::op: return {ternary<Opcode::op, A>, ternary<Opcode::op, S>};
#define EXTRACT(op, lanes, out)
#define REPLACE(op, lanes, scalar)
#include "interp/vector.def"
    default: return {};
  }
}

ResultHandlers extract_lane_handlers(Opcode op, Place vector) {
  switch (op) {
#define UNARY(op, operand_type, out, expression)
#define BINARY(op, left_type, right_type, out, expression)
#define TERNARY(op, expression)
#define EXTRACT(op, lanes, out) \
  case Opcode::op: return extract_of<Opcode::op>(vector);
#define REPLACE(op, lanes, scalar)
#include "interp/vector.def"
    default: return {};
  }
}

ResultHandlers replace_lane_handlers(Opcode op, Place scalar) {
  switch (op) {
#define UNARY(op, operand_type, out, expression)
#define BINARY(op, left_type, right_type, out, expression)
#define TERNARY(op, expression)
#define EXTRACT(op, lanes, out)
#define REPLACE(op, lanes, scalar_type) \
  case Opcode::op: return replace_of<Opcode::op>(scalar);
#include "interp/vector.def"
    default: return {};
  }
}

ResultHandlers shuffle_handlers() { return {shuffle_lanes<A>, shuffle_lanes<S>}; }

ResultHandlers load_lane_handlers(Opcode op, bool is_64) {
  switch (op) {
    case Opcode::V128Load8Lane: return load_lane_of<U8x16>(is_64);
    case Opcode::V128Load16Lane: return load_lane_of<U16x8>(is_64);
    case Opcode::V128Load32Lane: return load_lane_of<U32x4>(is_64);
    case Opcode::V128Load64Lane: return load_lane_of<U64x2>(is_64);
    default: return {};
  }
}

Handler store_lane_handler(Opcode op, bool is_64) {
  switch (op) {
    case Opcode::V128Store8Lane: return is_64 ? store_lane<U8x16, true> : store_lane<U8x16, false>;
    case Opcode::V128Store16Lane: return is_64 ? store_lane<U16x8, true> : store_lane<U16x8, false>;
    case Opcode::V128Store32Lane: return is_64 ? store_lane<U32x4, true> : store_lane<U32x4, false>;
    case Opcode::V128Store64Lane: return is_64 ? store_lane<U64x2, true> : store_lane<U64x2, false>;
    default: return nullptr;
  }
}

}  // namespace weft::interp

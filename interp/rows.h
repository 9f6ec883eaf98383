// Handlers of instructions that compute a result from one or two operands: one template for each shape, instantiated
// for every row of numeric.def and vector.def and every place that operands and results may be in.
#pragma once

#include <array>
#include <type_traits>

#include "interp/handlers.h"
#include "interp/semantics.h"

namespace weft::interp {

/// A row as a type: Operand (or Left and Right), Result, and apply(). Specialised where the rows are included.
template <Opcode>
struct Row;

template <typename T>
inline constexpr bool kIsChecked = false;
template <typename T>
inline constexpr bool kIsChecked<Checked<T>> = true;

#define WEFT_FINISH(result, at)                                        \
  do {                                                                 \
    if constexpr (kIsChecked<std::remove_const_t<decltype(result)>>) { \
      if (result.trapped) [[unlikely]]                                 \
        WEFT_TRAP(result.code);                                        \
      put<D>(pc + (at), fp, acc, vacc, result.value);                  \
    } else {                                                           \
      put<D>(pc + (at), fp, acc, vacc, result);                        \
    }                                                                  \
    WEFT_NEXT((at) + 1);                                               \
  } while (false)

template <Opcode Op, Place P, Place D>
WEFT_HANDLER unary(WEFT_PARAMS) {
  WEFT_ENTER
  using T = typename Row<Op>::Operand;
  constexpr int kOperand = kHandlerUnits;
  constexpr int kResult = kOperand + kUnits<T, P>;
  const auto result = Row<Op>::apply(get<T, P>(pc + kOperand, fp, acc, vacc));
  WEFT_FINISH(result, kResult);
}

template <Opcode Op, Place L, Place R, Place D>
WEFT_HANDLER binary(WEFT_PARAMS) {
  WEFT_ENTER
  using Left = typename Row<Op>::Left;
  using Right = typename Row<Op>::Right;
  constexpr int kLeft = kHandlerUnits;
  constexpr int kRight = kLeft + kUnits<Left, L>;
  constexpr int kResult = kRight + kUnits<Right, R>;
  const Left left = get<Left, L>(pc + kLeft, fp, acc, vacc);
  const Right right = get<Right, R>(pc + kRight, fp, acc, vacc);
  const auto result = Row<Op>::apply(left, right);
  WEFT_FINISH(result, kResult);
}

// The seven pairs of places that a binary instruction's operands may be in.
constexpr size_t kPairs = 7;
constexpr size_t pair_index(Place left, Place right) {
  if (left == S) return right == S ? 0 : right == A ? 1 : 2;
  if (left == A) return right == S ? 3 : 4;
  return right == S ? 5 : 6;
}

struct UnaryTable {
  ResultHandlers slot, acc;
};
struct BinaryTable {
  std::array<ResultHandlers, kPairs> pairs;
};

template <Opcode Op>
constexpr UnaryTable kUnary = {{unary<Op, S, A>, unary<Op, S, S>}, {unary<Op, A, A>, unary<Op, A, S>}};

template <Opcode Op, Place L, Place R>
constexpr ResultHandlers kPair = {binary<Op, L, R, A>, binary<Op, L, R, S>};
template <Opcode Op>
constexpr BinaryTable kBinary = {{kPair<Op, S, S>, kPair<Op, S, A>, kPair<Op, S, I>, kPair<Op, A, S>, kPair<Op, A, I>,
                                  kPair<Op, I, S>, kPair<Op, I, A>}};

}  // namespace weft::interp

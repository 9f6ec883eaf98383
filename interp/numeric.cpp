// Handlers of the numeric instructions, and of comparisons as branches.
#include "interp/rows.h"

namespace weft::interp {

#define BINARY(op, operand, out, expression)                      \
  template <>                                                     \
  struct Row<Opcode::op> {                                        \
    using Left = operand;                                         \
    using Right = operand;                                        \
    using Result = out;                                           \
    static Result apply(Left a, Right b) { return (expression); } \
  };
#define COMPARE(op, operand, expression) BINARY(op, operand, uint32_t, expression)
#define UNARY(op, operand, out, expression)                 \
  template <>                                               \
  struct Row<Opcode::op> {                                  \
    using Operand = operand;                                \
    using Result = out;                                     \
    static Result apply(Operand a) { return (expression); } \
  };
#include "interp/numeric.def"

namespace {

template <Opcode Op, Place L, Place R, bool When>
WEFT_HANDLER compare_branch(WEFT_PARAMS) {
  WEFT_ENTER
  using T = typename Row<Op>::Left;
  constexpr int kLeft = kHandlerUnits;
  constexpr int kRight = kLeft + kUnits<T, L>;
  constexpr int kDistance = kRight + kUnits<T, R>;
  const T left = get<T, L>(pc + kLeft, fp, acc, vacc);
  const T right = get<T, R>(pc + kRight, fp, acc, vacc);
  if ((Row<Op>::apply(left, right) != 0) == When) WEFT_NEXT(static_cast<int32_t>(pc[kDistance]));
  WEFT_NEXT(kDistance + 1);
}

struct BranchTable {
  std::array<std::array<Handler, 2>, kPairs> pairs;
};

template <Opcode Op, Place L, Place R>
constexpr std::array<Handler, 2> kBranchPair = {compare_branch<Op, L, R, false>, compare_branch<Op, L, R, true>};
template <Opcode Op>
constexpr BranchTable kBranch = {{kBranchPair<Op, S, S>, kBranchPair<Op, S, A>, kBranchPair<Op, S, I>,
                                  kBranchPair<Op, A, S>, kBranchPair<Op, A, I>, kBranchPair<Op, I, S>,
                                  kBranchPair<Op, I, A>}};

const UnaryTable* unary_table(Opcode op) {
  switch (op) {
#define BINARY(op, operand, out, expression)
#define COMPARE(op, operand, expression)
#define UNARY(op, operand, out, expression) \
  case Opcode::op: return &kUnary<Opcode::op>;
#include "interp/numeric.def"
    default: return nullptr;
  }
}

const BinaryTable* binary_table(Opcode op) {
  switch (op) {
#define BINARY(op, operand, out, expression) \
  case Opcode::op: return &kBinary<Opcode::op>;
#define COMPARE(op, operand, expression) BINARY(op, operand, uint32_t, expression)
#define UNARY(op, operand, out, expression)
#include "interp/numeric.def"
    default: return nullptr;
  }
}

const BranchTable* branch_table(Opcode op) {
  switch (op) {
#define BINARY(op, operand, out, expression)
#define COMPARE(op, operand, expression) \
  case Opcode::op: return &kBranch<Opcode::op>;
#define UNARY(op, operand, out, expression)
#include "interp/numeric.def"
    default: return nullptr;
  }
}

}  // namespace

ResultHandlers unary_handlers(Opcode op, Place operand) {
  const UnaryTable& table = *unary_table(op);
  return operand == S ? table.slot : table.acc;
}

ResultHandlers binary_handlers(Opcode op, Place left, Place right) {
  return binary_table(op)->pairs[pair_index(left, right)];
}

Handler compare_branch_handler(Opcode op, Place left, Place right, bool when) {
  return branch_table(op)->pairs[pair_index(left, right)][when];
}

bool is_unary(Opcode op) { return unary_table(op) != nullptr; }

bool is_binary(Opcode op) { return binary_table(op) != nullptr; }

bool is_comparison(Opcode op) { return branch_table(op) != nullptr; }

Opcode inverse_comparison(Opcode op) {
#define WEFT_INVERSE(a, b)          \
  case Opcode::a: return Opcode::b; \
  case Opcode::b: return Opcode::a;
  switch (op) {
    WEFT_INVERSE(I32Eq, I32Ne)
    WEFT_INVERSE(I32LtS, I32GeS)
    WEFT_INVERSE(I32LtU, I32GeU)
    WEFT_INVERSE(I32GtS, I32LeS)
    WEFT_INVERSE(I32GtU, I32LeU)
    WEFT_INVERSE(I64Eq, I64Ne)
    WEFT_INVERSE(I64LtS, I64GeS)
    WEFT_INVERSE(I64LtU, I64GeU)
    WEFT_INVERSE(I64GtS, I64LeS)
    WEFT_INVERSE(I64GtU, I64LeU)
    WEFT_INVERSE(F32Eq, F32Ne)
    WEFT_INVERSE(F64Eq, F64Ne)
    default: return kNoOpcode;
  }
#undef WEFT_INVERSE
}

bool is_commutative(Opcode op) {
  switch (op) {
    case Opcode::I32Add:
    case Opcode::I32Mul:
    case Opcode::I32And:
    case Opcode::I32Or:
    case Opcode::I32Xor:
    case Opcode::I32Eq:
    case Opcode::I32Ne:
    case Opcode::I64Add:
    case Opcode::I64Mul:
    case Opcode::I64And:
    case Opcode::I64Or:
    case Opcode::I64Xor:
    case Opcode::I64Eq:
    case Opcode::I64Ne: return true;
    default: return false;
  }
}

}  // namespace weft::interp

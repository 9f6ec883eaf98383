// Copies, constants, globals, select.
#include "interp/variable.h"

#include <bit>
#include <limits>

namespace weft::interp {
namespace {

constexpr int kFirst = kHandlerUnits;

enum class Scope { Own, Imported };

template <Scope From>
inline Cell* global_cell(Instance* inst, Unit index) {
  constexpr size_t kCellsPerGlobal = 2;
  if constexpr (From == Scope::Own) return inst->own_globals + index * kCellsPerGlobal;
  return inst->globals[index]->value;
}

template <typename T, Scope From, Place D>
WEFT_HANDLER global_get(WEFT_PARAMS) {
  WEFT_ENTER
  T value;
  std::memcpy(&value, global_cell<From>(inst, pc[kFirst]), sizeof(value));
  put<D>(pc + kFirst + 1, fp, acc, vacc, value);
  WEFT_NEXT(kFirst + 2);
}

template <typename T, Scope From, Place P>
WEFT_HANDLER global_set(WEFT_PARAMS) {
  WEFT_ENTER
  const T value = get<T, P>(pc + kFirst + 1, fp, acc, vacc);
  std::memcpy(global_cell<From>(inst, pc[kFirst]), &value, sizeof(value));
  WEFT_NEXT(kFirst + 1 + kUnits<T, P>);
}

template <typename T, Place C, Place F, Place G, Place D>
WEFT_HANDLER select(WEFT_PARAMS) {
  WEFT_ENTER
  constexpr int kValue = kFirst + kUnits<uint32_t, C>;
  constexpr int kOther = kValue + kUnits<T, F>;
  constexpr int kResult = kOther + kUnits<T, G>;
  const bool condition = get<uint32_t, C>(pc + kFirst, fp, acc, vacc) != 0;
  const T first = get<T, F>(pc + kValue, fp, acc, vacc);
  const T second = get<T, G>(pc + kOther, fp, acc, vacc);
  put<D>(pc + kResult, fp, acc, vacc, condition ? first : second);
  WEFT_NEXT(kResult + 1);
}

template <typename T, Place C, Place F, Place G>
constexpr ResultHandlers kSelect = {select<T, C, F, G, A>, select<T, C, F, G, S>};

template <typename T, Place C>
ResultHandlers select_of(Place first, Place second) {
  if (first == S) return second == S ? kSelect<T, C, S, S> : kSelect<T, C, S, I>;
  return second == S ? kSelect<T, C, I, S> : kSelect<T, C, I, I>;
}

template <typename T>
ResultHandlers select_of(Place condition, Place first, Place second) {
  return condition == S ? select_of<T, S>(first, second) : select_of<T, A>(first, second);
}

template <typename T>
ResultHandlers global_get_of(bool imported) {
  if (imported) return {global_get<T, Scope::Imported, A>, global_get<T, Scope::Imported, S>};
  return {global_get<T, Scope::Own, A>, global_get<T, Scope::Own, S>};
}

template <typename T>
Handler global_set_of(bool imported, Place value) {
  if (imported) return value == S ? global_set<T, Scope::Imported, S> : global_set<T, Scope::Imported, A>;
  return value == S ? global_set<T, Scope::Own, S> : global_set<T, Scope::Own, A>;
}

}  // namespace

WEFT_HANDLER copy_handler(WEFT_PARAMS) {
  WEFT_ENTER
  *slot(fp, pc[kFirst + 1]) = *slot(fp, pc[kFirst]);
  WEFT_NEXT(kFirst + 2);
}

WEFT_HANDLER copy_two_handler(WEFT_PARAMS) {
  WEFT_ENTER
  *slot(fp, pc[kFirst + 1]) = *slot(fp, pc[kFirst]);
  *slot(fp, pc[kFirst + 3]) = *slot(fp, pc[kFirst + 2]);
  WEFT_NEXT(kFirst + 4);
}

WEFT_HANDLER copy_v128_handler(WEFT_PARAMS) {
  WEFT_ENTER
  std::memmove(slot(fp, pc[kFirst + 1]), slot(fp, pc[kFirst]), 16);
  WEFT_NEXT(kFirst + 2);
}

WEFT_HANDLER copy_many_handler(WEFT_PARAMS) {
  WEFT_ENTER
  std::memmove(slot(fp, pc[kFirst + 1]), slot(fp, pc[kFirst]), pc[kFirst + 2] * sizeof(Cell));
  WEFT_NEXT(kFirst + 3);
}

WEFT_HANDLER constant_handler(WEFT_PARAMS) {
  WEFT_ENTER
  *slot(fp, pc[kFirst + 2]) = load_immediate<uint64_t>(pc + kFirst);
  WEFT_NEXT(kFirst + 3);
}

WEFT_HANDLER constant_32_handler(WEFT_PARAMS) {
  WEFT_ENTER
  *slot(fp, pc[kFirst + 1]) = pc[kFirst];
  WEFT_NEXT(kFirst + 2);
}

WEFT_HANDLER constant_v128_handler(WEFT_PARAMS) {
  WEFT_ENTER
  std::memcpy(slot(fp, pc[kFirst + 4]), pc + kFirst, 16);
  WEFT_NEXT(kFirst + 5);
}

WEFT_HANDLER store_acc_handler(WEFT_PARAMS) {
  WEFT_ENTER
  *slot(fp, pc[kFirst]) = acc;
  WEFT_NEXT(kFirst + 1);
}

WEFT_HANDLER store_vacc_handler(WEFT_PARAMS) {
  WEFT_ENTER
  std::memcpy(slot(fp, pc[kFirst]), &vacc, 8);
  WEFT_NEXT(kFirst + 1);
}

WEFT_HANDLER store_vacc_v128_handler(WEFT_PARAMS) {
  WEFT_ENTER
  std::memcpy(slot(fp, pc[kFirst]), &vacc, 16);
  WEFT_NEXT(kFirst + 1);
}

namespace {

// §4.3.3 and the deterministic profile: every NaN is the positive canonical one.
template <typename T, int Lanes>
WEFT_HANDLER canonical_nan(WEFT_PARAMS) {
  WEFT_ENTER
  typedef T All __attribute__((vector_size(16)));
  All lanes = std::bit_cast<All>(vacc);
  for (int i = 0; i < Lanes; ++i) {
    if (lanes[i] != lanes[i]) lanes[i] = std::numeric_limits<T>::quiet_NaN();
  }
  vacc = std::bit_cast<Vec>(lanes);
  std::memcpy(slot(fp, pc[kFirst]), &vacc, Lanes == 1 ? 8 : 16);
  WEFT_NEXT(kFirst + 1);
}

}  // namespace

Handler canonical_nan_handler(ValType type, bool lanes_64) {
  switch (type.kind()) {
    case ValType::F32: return canonical_nan<float, 1>;
    case ValType::F64: return canonical_nan<double, 1>;
    default: return lanes_64 ? canonical_nan<double, 2> : canonical_nan<float, 4>;
  }
}

// f32 and f64 move as f64: a whole cell, whatever it holds.
ResultHandlers global_get_handlers(ValType type, bool imported) {
  switch (type.kind()) {
    case ValType::F32:
    case ValType::F64: return global_get_of<double>(imported);
    case ValType::V128: return global_get_of<V128>(imported);
    default: return global_get_of<uint64_t>(imported);
  }
}

Handler global_set_handler(ValType type, bool imported, Place value) {
  switch (type.kind()) {
    case ValType::F32:
    case ValType::F64: return global_set_of<double>(imported, value);
    case ValType::V128: return global_set_of<V128>(imported, value);
    default: return global_set_of<uint64_t>(imported, value);
  }
}

ResultHandlers select_handlers(ValType type, Place condition, Place first, Place second) {
  switch (type.kind()) {
    case ValType::F32:
    case ValType::F64: return select_of<double>(condition, first, second);
    case ValType::V128: return condition == S ? kSelect<V128, S, S, S> : kSelect<V128, A, S, S>;
    default: return select_of<uint64_t>(condition, first, second);
  }
}

}  // namespace weft::interp

// Translation of instructions that do not branch.
#include "interp/translator.h"

#include "interp/atomic.h"
#include "interp/control.h"
#include "interp/stack_ops.h"
#include "interp/translation.h"
#include "interp/variable.h"
#include "interp/vector.h"

namespace weft::interp {
namespace {

ValType type_of_letter(char letter) {
  switch (letter) {
    case 'i': return ValType::I32;
    case 'l': return ValType::I64;
    case 'f': return ValType::F32;
    case 'd': return ValType::F64;
    default: return ValType::V128;
  }
}

// The type of the last operand or result in a fixed signature.
ValType last_type(std::string_view signature) { return type_of_letter(signature.back()); }

Operand zero_operand(ValType type) {
  return {.place = Place::I, .bits = 0, .bits_units = type.kind() == ValType::I32 ? 1u : 2u};
}

}  // namespace

Translation translate_function(ModuleCode& code, uint32_t function_index) {
  return Translator(code, function_index).run();
}

Translator::Translator(ModuleCode& code, uint32_t function_index)
    : code_(code),
      module_(code.module()),
      function_index_(function_index),
      is_metered_(code.compiled().engine().config().metered),
      is_deterministic_(code.compiled().engine().config().deterministic) {}

Translation Translator::run() {
  FunctionValidator validator(module_, code_.compiled().engine().config().features);
  // The module is valid: this walk drives the translation and cannot fail.
  [[maybe_unused]] const auto valid = validator.function(function_index_, this);
  std::vector<Unit>& units = emit_.units();
  units[0] = emit_.zero_cells();
  units[1] = emit_.frame_cells();
  return {std::move(units), std::move(offsets_), std::move(regions_)};
}

void Translator::on_instruction(const Instruction& instruction, bool reachable, const FunctionValidator& state) {
  if (controls_.empty()) {
    const FuncType& type = module_.func_type(function_index_);
    emit_.start(state.locals(), static_cast<uint32_t>(type.params.size()));
    emit_.unit(0);  // the two units in front of the entry
    emit_.unit(0);
    Control body;
    body.base = emit_.next_home();
    body.results = type.results;
    controls_.push_back(body);
    if (is_metered_) emit_.handler(spend_fuel_handler);
  }
  emit_.reset_low_water();
  if (!structured(instruction, reachable, state) && reachable) straight(instruction, state);
  if (emit_.here() == emit_.low_water()) return;
  while (!offsets_.empty() && offsets_.back().unit >= emit_.low_water()) offsets_.pop_back();
  offsets_.push_back({emit_.low_water(), instruction.offset});
}

void Translator::straight(const Instruction& instruction, const FunctionValidator& state) {
  switch (instruction.op) {
    case Opcode::Nop: break;
    case Opcode::Drop: emit_.pop(); break;
    case Opcode::Select:
    case Opcode::SelectT: select(); break;
    case Opcode::LocalGet: emit_.push_local(instruction.index); break;
    case Opcode::LocalSet: {
      const Entry value = emit_.pop();
      emit_.set_local(instruction.index, value);
      break;
    }
    case Opcode::LocalTee: {
      const Entry value = emit_.pop();
      emit_.set_local(instruction.index, value);
      emit_.push_local(instruction.index);
      break;
    }
    case Opcode::GlobalGet: global_get(instruction.index); break;
    case Opcode::GlobalSet: global_set(instruction.index); break;
    case Opcode::I32Const: emit_.push_const(ValType::I32, static_cast<uint32_t>(instruction.bits)); break;
    case Opcode::I64Const: emit_.push_const(ValType::I64, instruction.bits); break;
    case Opcode::F32Const: emit_.push_const(ValType::F32, instruction.bits); break;
    case Opcode::F64Const: emit_.push_const(ValType::F64, instruction.bits); break;
    case Opcode::V128Const: emit_.push_const(ValType::V128, instruction.bits, instruction.bits_high); break;
    case Opcode::RefNull: emit_.push_const(state.operands().back(), kNullRef); break;
    case Opcode::RefIsNull: equals_zero(Opcode::I64Eq, kAnyRef); break;
    case Opcode::RefEq: binary(Opcode::I64Eq, ValType::I32); break;
    case Opcode::I32Eqz: equals_zero(Opcode::I32Eq, ValType::I32); break;
    case Opcode::I64Eqz: equals_zero(Opcode::I64Eq, ValType::I64); break;
    default:
      if (branching(instruction, state) || numeric(instruction) || vector(instruction) || memory_access(instruction) ||
          aggregate(instruction, state)) {
        if (is_deterministic_) make_deterministic(instruction);
        break;
      }
      stack_operation(instruction, state);
      break;
  }
}

bool Translator::numeric(const Instruction& instruction) {
  const std::string_view signature = instruction.info().signature;
  if (instruction.info().immediate != Immediate::None || signature.size() < 3) return false;
  const ValType result = last_type(signature);
  if (is_unary(instruction.op)) {
    unary(instruction.op, result);
  } else if (is_binary(instruction.op)) {
    binary(instruction.op, result);
  } else {
    return false;
  }
  return true;
}

namespace {

// Whether an instruction computes floats, so that NaNs in its result may be any: not those that only move bits.
bool computes_floats(const Instruction& instruction) {
  const std::string_view text = instruction.info().text;
  const bool is_float =
      text.starts_with("f32.") || text.starts_with("f64.") || text.starts_with("f32x4.") || text.starts_with("f64x2.");
  if (!is_float) return false;
  for (const std::string_view computing :
       {"add", "sub", "mul", "div", "sqrt", "min", "max", "ceil", "floor", "trunc", "nearest", "demote_f64",
        "promote_f32", "demote_f64x2_zero", "promote_low_f32x4", "relaxed_madd", "relaxed_nmadd", "relaxed_min",
        "relaxed_max"}) {
    if (text.substr(text.find('.') + 1) == computing) return true;
  }
  return false;
}

}  // namespace

// The deterministic profile (spec, appendix "Profiles"): NaNs that instructions make are canonical.
void Translator::make_deterministic(const Instruction& instruction) {
  if (!computes_floats(instruction)) return;
  emit_.settle_home(1);
  emit_.handler(canonical_nan_handler(emit_.top().type, instruction.info().text.starts_with("f64x2")));
  emit_.unit(emit_.top().home);
}

bool Translator::vector(const Instruction& instruction) {
  const Opcode op = instruction.op;
  if (instruction.info().prefix != 0xFD) return false;
  const ValType result = last_type(instruction.info().signature);
  if (is_vector_unary(op)) {
    const Operand operand = emit_.read(emit_.pop(), false);
    emit_.begin_result(result, vector_unary_handlers(op, operand.place));
    emit_.operand(operand);
  } else if (is_vector_binary(op)) {
    const Entry right = emit_.pop();
    const Entry left = emit_.pop();
    const auto [first, second] = emit_.read_two(left, right);
    emit_.begin_result(result, vector_binary_handlers(op, first.place, second.place));
    emit_.operand(first);
    emit_.operand(second);
  } else if (is_vector_ternary(op) || op == Opcode::I8x16Shuffle) {
    slots_operation(instruction);
    return true;
  } else if (instruction.info().immediate == Immediate::Lane) {
    lane_operation(instruction);
  } else {
    return false;
  }
  emit_.push_result(result);
  return true;
}

// Ternary instructions and shuffles read their operands from slots.
void Translator::slots_operation(const Instruction& instruction) {
  const bool is_shuffle = instruction.op == Opcode::I8x16Shuffle;
  uint32_t slots[3] = {};
  const int count = is_shuffle ? 2 : 3;
  for (int i = count; i > 0; --i) slots[i - 1] = emit_.read_slot(emit_.pop());
  emit_.begin_result(ValType::V128, is_shuffle ? shuffle_handlers() : vector_ternary_handlers(instruction.op));
  for (int i = 0; i < count; ++i) emit_.unit(slots[i]);
  if (is_shuffle) {
    for (int i = 0; i < 4; ++i) {
      Unit lanes = 0;
      std::memcpy(&lanes, instruction.shuffle.data() + i * sizeof(Unit), sizeof(Unit));
      emit_.unit(lanes);
    }
  }
  emit_.push_result(ValType::V128);
}

void Translator::lane_operation(const Instruction& instruction) {
  const Entry top = emit_.pop();
  if (instruction.info().signature[0] == 'v' && instruction.info().signature[1] == ':') {
    const Operand vector = emit_.read(top, false);
    emit_.begin_result(last_type(instruction.info().signature), extract_lane_handlers(instruction.op, vector.place));
    emit_.operand(vector);
  } else {
    const Operand scalar = emit_.read(top, false);
    const uint32_t vector = emit_.read_slot(emit_.pop());
    emit_.begin_result(ValType::V128, replace_lane_handlers(instruction.op, scalar.place));
    emit_.unit(vector);
    emit_.operand(scalar);
  }
  emit_.unit(instruction.lane);
}

void Translator::unary(Opcode op, ValType result) {
  const Operand operand = emit_.read(emit_.pop(), false);
  emit_.begin_result(result, unary_handlers(op, operand.place));
  emit_.operand(operand);
  emit_.push_result(result, op, operand);
}

void Translator::binary(Opcode op, ValType result) {
  Entry right = emit_.pop();
  Entry left = emit_.pop();
  if (left.where == Entry::Const && is_commutative(op)) std::swap(left, right);
  const auto [first, second] = emit_.read_two(left, right);
  emit_.begin_result(result, binary_handlers(op, first.place, second.place));
  emit_.operand(first);
  emit_.operand(second);
  emit_.push_result(result, op, first, second);
}

// eqz: the opposite of the comparison before it, or a comparison with zero.
void Translator::equals_zero(Opcode equal, ValType type) {
  const Emitted* const last = emit_.last();
  if (equal == Opcode::I32Eq && emit_.top().where == Entry::Acc && last != nullptr) {
    const Opcode inverse = inverse_comparison(last->op);
    if (inverse != kNoOpcode) {
      const Emitted taken = *last;
      emit_.pop();
      emit_.take_back();
      emit_.begin_result(ValType::I32, binary_handlers(inverse, taken.left.place, taken.right.place));
      emit_.operand(taken.left);
      emit_.operand(taken.right);
      emit_.push_result(ValType::I32, inverse, taken.left, taken.right);
      return;
    }
  }
  const Operand zero = zero_operand(type);
  const Operand operand = emit_.read(emit_.pop(), false);
  emit_.begin_result(ValType::I32, binary_handlers(equal, operand.place, Place::I));
  emit_.operand(operand);
  emit_.operand(zero);
  emit_.push_result(ValType::I32, equal, operand, zero);
}

void Translator::global_get(uint32_t index) {
  const ValType type = module_.globals[index].type.type;
  const bool imported = index < module_.imported_globals;
  emit_.begin_result(type, global_get_handlers(type, imported));
  emit_.unit(imported ? index : index - module_.imported_globals);
  emit_.push_result(type);
}

void Translator::global_set(uint32_t index) {
  const ValType type = module_.globals[index].type.type;
  const bool imported = index < module_.imported_globals;
  const Operand value = emit_.read(emit_.pop(), false);
  emit_.handler(global_set_handler(type, imported, value.place));
  emit_.unit(imported ? index : index - module_.imported_globals);
  emit_.operand(value);
}

void Translator::select() {
  const Entry condition_entry = emit_.pop();
  const Entry second_entry = emit_.pop();
  const Entry first_entry = emit_.pop();
  const ValType type = first_entry.type.is_bottom() ? second_entry.type : first_entry.type;
  const Operand condition = emit_.read(condition_entry, false);
  const auto value = [&](const Entry& entry) -> Operand {
    if (entry.where == Entry::Const && type.kind() != ValType::V128) {
      return {.place = Place::I, .bits = entry.bits, .bits_units = 2};
    }
    return {.place = Place::S, .slot = emit_.read_slot(entry)};
  };
  const Operand first = value(first_entry);
  const Operand second = value(second_entry);
  emit_.begin_result(type, select_handlers(type, condition.place, first.place, second.place));
  emit_.operand(condition);
  emit_.operand(first);
  emit_.operand(second);
  emit_.push_result(type);
}

// -- memory --

bool Translator::memory_access(const Instruction& instruction) {
  const std::string_view signature = instruction.info().signature;
  if (instruction.info().immediate == Immediate::MemArgLane) {
    lane_access(instruction);
    return true;
  }
  if (instruction.op == Opcode::AtomicFence) return true;  // every atomic access is sequentially consistent
  if (instruction.info().immediate != Immediate::MemArg) return false;
  if (instruction.info().prefix == 0xFE) {
    atomic_access(instruction);
    return true;
  }
  if (guarded_load_handlers(instruction.op, Address::Slot).to_acc != nullptr) {
    load(instruction.op, instruction.memarg, last_type(signature));
    return true;
  }
  if (guarded_store_handler(instruction.op, Address::Slot, Place::S) != nullptr) {
    store(instruction.op, instruction.memarg, type_of_letter(signature[1]));
    return true;
  }
  return false;
}

void Translator::lane_access(const Instruction& instruction) {
  const MemArg& memarg = instruction.memarg;
  const bool is_64 = module_.memories[memarg.memory].type.is_64;
  const uint32_t vector = emit_.read_slot(emit_.pop());
  const uint32_t address = emit_.read_slot(emit_.pop());
  const Handler store = store_lane_handler(instruction.op, is_64);
  if (store != nullptr) {
    emit_.handler(store);
  } else {
    emit_.begin_result(ValType::V128, load_lane_handlers(instruction.op, is_64));
  }
  emit_.unit(memarg.memory);
  emit_.unit(address);
  emit_.operand({.place = Place::I, .bits = memarg.offset, .bits_units = 2});
  emit_.unit(vector);
  emit_.unit(instruction.lane);
  if (store == nullptr) emit_.push_result(ValType::V128);
}

void Translator::atomic_access(const Instruction& instruction) {
  const std::string_view signature = instruction.info().signature;  // "p", then at most two values, ":", a result
  const size_t values = signature.find(':') - 1;
  const MemArg& memarg = instruction.memarg;
  uint32_t slots[2] = {};
  for (size_t i = values; i > 0; --i) slots[i - 1] = emit_.read_slot(emit_.pop());
  const uint32_t address = emit_.read_slot(emit_.pop());
  const ResultHandlers handlers = atomic_handlers(instruction.op, module_.memories[memarg.memory].type.is_64);
  const bool has_result = signature.back() != ':';
  const ValType type = has_result ? last_type(signature) : ValType();
  if (has_result) {
    emit_.begin_result(type, handlers);
  } else {
    emit_.handler(handlers.to_acc);
  }
  emit_.unit(memarg.memory);
  emit_.unit(address);
  emit_.operand({.place = Place::I, .bits = memarg.offset, .bits_units = 2});
  emit_.unit(slots[0]);
  emit_.unit(slots[1]);
  if (has_result) {
    emit_.push_result(type);
  } else {
    emit_.unit(0);
  }
}

bool Translator::is_guarded(uint32_t memory) const { return memory == 0 && code_.bounds() == Bounds::Guard; }

// Pops an address; sums that were just made for it are folded in.
Translator::AddressOperands Translator::take_address() {
  const Entry entry = emit_.pop();
  const Emitted* const sum = emit_.last();
  if (entry.where == Entry::Acc && sum != nullptr && sum->op == Opcode::I32Add) {
    const Operand left = sum->left;
    const Operand right = sum->right;
    if (left.place == Place::S && right.place == Place::S) {
      emit_.take_back();
      return {Address::Sum, {left.slot, right.slot}, 2};
    }
    const Emitted* const shift = emit_.last(1);
    const bool one_slot = (left.place == Place::S) != (right.place == Place::S) && right.place != Place::I;
    if (one_slot && shift != nullptr && shift->op == Opcode::I32Shl && shift->left.place == Place::S &&
        shift->right.place == Place::I) {
      const Unit base = left.place == Place::S ? left.slot : right.slot;
      const Unit index = shift->left.slot;
      const Unit bits = static_cast<Unit>(shift->right.bits);
      emit_.take_back();
      emit_.take_back();
      return {Address::Scaled, {base, index, bits}, 3};
    }
  }
  const Operand operand = emit_.read(entry, false);
  if (operand.place == Place::A) return {Address::Acc, {}, 0};
  return {Address::Slot, {operand.slot}, 1};
}

void Translator::load(Opcode op, const MemArg& memarg, ValType type) {
  if (!is_guarded(memarg.memory)) {
    const uint32_t address = emit_.read_slot(emit_.pop());
    emit_.begin_result(type, checked_load_handlers(op, module_.memories[memarg.memory].type.is_64));
    emit_.unit(memarg.memory);
    emit_.unit(address);
    emit_.operand({.place = Place::I, .bits = memarg.offset, .bits_units = 2});
    emit_.push_result(type);
    return;
  }
  const AddressOperands address = take_address();
  emit_.begin_result(type, guarded_load_handlers(op, address.form));
  for (int i = 0; i < address.count; ++i) emit_.unit(address.units[i]);
  emit_.unit(static_cast<Unit>(memarg.offset));
  emit_.push_result(type);
}

void Translator::store(Opcode op, const MemArg& memarg, ValType type) {
  const Entry value_entry = emit_.pop();
  if (!is_guarded(memarg.memory)) {
    const uint32_t value = emit_.read_slot(value_entry);
    const uint32_t address = emit_.read_slot(emit_.pop());
    emit_.handler(checked_store_handler(op, module_.memories[memarg.memory].type.is_64));
    emit_.unit(memarg.memory);
    emit_.unit(address);
    emit_.operand({.place = Place::I, .bits = memarg.offset, .bits_units = 2});
    emit_.unit(value);
    return;
  }
  const AddressOperands address = take_address();
  Operand value = emit_.read(value_entry, true);
  if (address.form == Address::Acc && value.place == Place::A && !in_vector_accumulator(type)) {
    value = {.place = Place::S, .slot = emit_.read_slot(value_entry)};
  }
  emit_.handler(guarded_store_handler(op, address.form, value.place));
  for (int i = 0; i < address.count; ++i) emit_.unit(address.units[i]);
  emit_.operand(value);
  emit_.unit(static_cast<Unit>(memarg.offset));
}

// -- instructions on consecutive slots --

bool Translator::stack_operation(const Instruction& instruction, const FunctionValidator& state) {
  bool is_64 = false;
  bool is_64_source = false;
  const auto memory_is_64 = [&](uint32_t index) { return module_.memories[index].type.is_64; };
  const auto table_is_64 = [&](uint32_t index) { return module_.tables[index].type.is_64; };
  switch (instruction.info().immediate) {
    case Immediate::Memory: is_64 = memory_is_64(instruction.index); break;
    case Immediate::DataMemory: is_64 = memory_is_64(instruction.index2); break;
    case Immediate::MemoryMemory:
      is_64 = memory_is_64(instruction.index);
      is_64_source = memory_is_64(instruction.index2);
      break;
    case Immediate::Table: is_64 = table_is_64(instruction.index); break;
    case Immediate::ElemTable: is_64 = table_is_64(instruction.index2); break;
    case Immediate::TableTable:
      is_64 = table_is_64(instruction.index);
      is_64_source = table_is_64(instruction.index2);
      break;
    default: break;
  }
  const StackOp op = stack_op(instruction.op, is_64, is_64_source);
  if (op.handler == nullptr) return false;
  emit_.settle_home(op.params);
  emit_.free_accumulators();
  emit_.truncate(emit_.depth() - op.params);
  emit_.handler(op.handler);
  emit_.unit(emit_.next_home());
  emit_.unit(instruction.index);
  emit_.unit(instruction.index2);
  emit_.forget_accumulators();
  if (op.results == 1) emit_.push_home_and_acc(state.operands().back());
  for (int i = 0; op.results == 2 && i < 2; ++i) emit_.push_home(ValType::I64);
  return true;
}

}  // namespace weft::interp

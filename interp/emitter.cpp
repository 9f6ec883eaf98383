// Where values are, and how they get where they are wanted.
#include "interp/emitter.h"

#include "interp/variable.h"

namespace weft::interp {
namespace {

constexpr uint32_t bytes_of(ValType type) { return type.cells() * sizeof(Cell); }

}  // namespace

void Emitter::start(std::span<const ValType> locals, uint32_t params) {
  locals_ = locals;
  local_slots_.clear();
  local_refs_.assign(locals.size(), 0);
  entries_.clear();
  units_.clear();
  forget_accumulators();
  barrier();
  settled_ = 0;
  uint32_t slot = 0;
  for (uint32_t i = 0; i < locals.size(); ++i) {
    if (i == params) {
      link_slot_ = slot;
      slot += kLinkCells * sizeof(Cell);
    }
    local_slots_.push_back(slot);
    slot += bytes_of(locals[i]);
  }
  if (params == locals.size()) {
    link_slot_ = slot;
    slot += kLinkCells * sizeof(Cell);
  }
  const uint32_t behind_link = link_slot_ + kLinkCells * sizeof(Cell);
  zero_cells_ = ((slot - behind_link) / sizeof(Cell) + 1) & ~1u;
  next_home_ = behind_link + zero_cells_ * sizeof(Cell);
  max_home_ = next_home_;
}

// -- the buffer --

void Emitter::append(const void* bytes, size_t size) {
  const size_t at = units_.size();
  units_.resize(at + size / sizeof(Unit));
  std::memcpy(units_.data() + at, bytes, size);
}

void Emitter::operand(const Operand& operand) {
  if (operand.place == Place::S) {
    unit(operand.slot);
  } else if (operand.place == Place::I) {
    append(&operand.bits, operand.bits_units * sizeof(Unit));
  }
}

const Emitted* Emitter::last(int back) const {
  if (history_[0].op == kNoOpcode || history_[0].end != here()) return nullptr;
  if (back == 0) return &history_[0];
  return history_[1].op != kNoOpcode && history_[1].end == history_[0].begin ? &history_[1] : nullptr;
}

void Emitter::take_back() {
  units_.resize(history_[0].begin);
  low_water_ = std::min(low_water_, here());
  history_[0] = history_[1];
  history_[1] = {};
  accumulators_[0] = {};
  last_copy_ = 0;
}

void Emitter::barrier() {
  history_[0] = history_[1] = {};
  last_copy_ = 0;
  forget_accumulators();
}

// -- the operand stack --

void Emitter::push(Entry entry) {
  entry.home = next_home_;
  next_home_ += bytes_of(entry.type);
  max_home_ = std::max(max_home_, next_home_);
  entries_.push_back(entry);
}

void Emitter::push_const(ValType type, uint64_t bits, uint64_t bits_high) {
  push(Entry{.where = Entry::Const, .type = type, .bits = bits, .bits_high = bits_high});
}

void Emitter::push_local(uint32_t local) {
  ++local_refs_[local];
  push(Entry{.where = Entry::Local, .type = locals_[local], .local = local});
}

void Emitter::begin_result(ValType type, ResultHandlers handlers) {
  free_accumulator(type);
  result_ = handlers;
  result_begin_ = here();
  handler(handlers.to_acc);
}

void Emitter::push_result(ValType type, Opcode op, const Operand& left, const Operand& right) {
  unit(0);
  history_[1] = history_[0];
  history_[0] = {result_begin_, here(), op, left, right};
  Accumulator& holder = accumulator(type);
  holder = {};
  holder.entry = static_cast<int64_t>(entries_.size());
  holder.begin = result_begin_;
  holder.end = here();
  holder.to_slot = result_.to_slot;
  push(Entry{.where = Entry::Acc, .type = type});
}

void Emitter::push_home_and_acc(ValType type) {
  push_home(type);
  Accumulator& holder = accumulator(type);
  holder = {};
  holder.mirror = top().home;
  holder.mirror_bytes = bytes_of(type);
}

Entry Emitter::pop() {
  const Entry entry = entries_.back();
  entries_.pop_back();
  next_home_ = entry.home;
  settled_ = std::min(settled_, entries_.size());
  if (entry.where == Entry::Local) --local_refs_[entry.local];
  if (entry.where == Entry::Acc) accumulator(entry.type).entry = Accumulator::kNothing;
  return entry;
}

void Emitter::truncate(size_t depth) {
  while (entries_.size() > depth) pop();
}

void Emitter::free_accumulator(ValType type) {
  Accumulator& holder = accumulator(type);
  if (holder.entry != Accumulator::kNothing) materialise(entries_[static_cast<size_t>(holder.entry)]);
}

void Emitter::free_accumulators() {
  free_accumulator(ValType::I32);
  free_accumulator(ValType::F32);
}

void Emitter::forget_accumulators() { accumulators_[0] = accumulators_[1] = {}; }

// -- operands --

bool Emitter::is_in_accumulator(const Entry& entry) const {
  if (entry.where == Entry::Acc) return true;
  if (entry.where == Entry::Const) return false;
  const uint32_t slot = entry.where == Entry::Local ? local_slots_[entry.local] : entry.home;
  return accumulator(entry.type).mirror == slot;
}

Operand Emitter::read(const Entry& entry, bool immediate) {
  if (is_in_accumulator(entry)) return {.place = Place::A};
  if (entry.where == Entry::Const && immediate && entry.type.kind() != ValType::V128) {
    const bool narrow = entry.type.kind() == ValType::I32 || entry.type.kind() == ValType::F32;
    return {.place = Place::I, .bits = entry.bits, .bits_units = narrow ? 1u : 2u};
  }
  return {.place = Place::S, .slot = read_slot(entry)};
}

uint32_t Emitter::read_slot(const Entry& entry) {
  if (entry.where == Entry::Local) return local_slots_[entry.local];
  Entry copy = entry;
  materialise(copy);
  if (copy.where == Entry::Const) constant(copy, copy.home);
  return entry.home;
}

std::pair<Operand, Operand> Emitter::read_two(const Entry& left, const Entry& right) {
  Operand first = read(left, true);
  Operand second = read(right, true);
  if (first.place == Place::I && second.place == Place::I) first = {.place = Place::S, .slot = read_slot(left)};
  if (first.place == Place::A && second.place == Place::A) {
    // The same value twice: one of the two entries also has a slot, or gets one.
    const bool second_has_slot = right.where != Entry::Acc;
    (second_has_slot ? second : first) = {.place = Place::S, .slot = read_slot(second_has_slot ? right : left)};
  }
  return {first, second};
}

// Gives Local and Acc entries their home slot.
void Emitter::materialise(Entry& entry) {
  if (entry.where == Entry::Local) {
    copy(entry.type, local_slots_[entry.local], entry.home);
    entry.where = Entry::Home;
  } else if (entry.where == Entry::Acc) {
    Accumulator& holder = accumulator(entry.type);
    redirect(holder, entry.type, entry.home);
    holder.entry = Accumulator::kNothing;
    entry.where = Entry::Home;
  }
}

void Emitter::settle(size_t except_top) {
  const size_t end = entries_.size() - except_top;
  for (size_t i = settled_; i < end; ++i) {
    if (entries_[i].where == Entry::Local) --local_refs_[entries_[i].local];
    materialise(entries_[i]);
  }
  settled_ = std::max(settled_, end);
}

void Emitter::settle_home(size_t count) {
  for (size_t i = entries_.size() - count; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.where == Entry::Local) --local_refs_[entry.local];
    materialise(entry);
    if (entry.where == Entry::Const) {
      constant(entry, entry.home);
      entry.where = Entry::Home;
    }
  }
}

void Emitter::move_to(const Entry& entry, uint32_t slot) {
  if (entry.where == Entry::Const) {
    constant(entry, slot);
    return;
  }
  const Accumulator& holder = accumulator(entry.type);
  if (entry.where == Entry::Acc && holder.to_slot != nullptr && holder.end == here()) {
    redirect(accumulator(entry.type), entry.type, slot);
    return;
  }
  const uint32_t from = entry.where == Entry::Local ? local_slots_[entry.local] : entry.home;
  if (entry.where != Entry::Acc && from == slot) return;
  if (is_in_accumulator(entry)) {
    store_accumulator(entry.type, slot);
  } else {
    copy(entry.type, from, slot);
  }
}

void Emitter::set_local(uint32_t local, const Entry& value) {
  if (local_refs_[local] != 0) preserve_local(local);
  if (value.where == Entry::Local && value.local == local) return;
  move_to(value, local_slots_[local]);
}

// Entries that stand for the local's old value get slots of their own before it changes.
void Emitter::preserve_local(uint32_t local) {
  for (size_t i = entries_.size(); i > 0 && local_refs_[local] != 0; --i) {
    Entry& entry = entries_[i - 1];
    if (entry.where != Entry::Local || entry.local != local) continue;
    --local_refs_[local];
    materialise(entry);
  }
}

// -- moves --

// Changes the instruction that made the accumulator's value so that it writes the slot as well.
void Emitter::redirect(Accumulator& holder, ValType type, uint32_t slot) {
  slot_written(slot, bytes_of(type));
  for (Emitted& emitted : history_) {
    if (emitted.begin == holder.begin) emitted = {};  // its result is not only in the accumulator any more
  }
  std::memcpy(units_.data() + holder.begin, &holder.to_slot, sizeof(Handler));
  units_[holder.end - 1] = slot;
  holder.mirror = slot;
  holder.mirror_bytes = bytes_of(type);
  holder.to_slot = nullptr;
}

void Emitter::slot_written(uint32_t slot, uint32_t bytes) {
  for (Accumulator& holder : accumulators_) {
    if (holder.mirror == Accumulator::kNothing) continue;
    const auto mirror = static_cast<uint32_t>(holder.mirror);
    if (mirror < slot + bytes && slot < mirror + holder.mirror_bytes) holder.mirror = Accumulator::kNothing;
  }
}

void Emitter::copy(ValType type, uint32_t from, uint32_t to) {
  slot_written(to, bytes_of(type));
  if (type.kind() == ValType::V128) {
    handler(copy_v128_handler);
  } else if (last_copy_ == here() && last_copy_ != 0) {
    constexpr uint32_t kCopyUnits = kHandlerUnits + 2;
    const Handler two = copy_two_handler;
    std::memcpy(units_.data() + here() - kCopyUnits, &two, sizeof(two));
    last_copy_ = 0;
    unit(from);
    unit(to);
    return;
  } else {
    handler(copy_handler);
  }
  unit(from);
  unit(to);
  if (type.kind() != ValType::V128) last_copy_ = here();
}

void Emitter::constant(const Entry& entry, uint32_t to) {
  slot_written(to, bytes_of(entry.type));
  if (entry.type.kind() == ValType::V128) {
    handler(constant_v128_handler);
    append(&entry.bits, sizeof(entry.bits));
    append(&entry.bits_high, sizeof(entry.bits_high));
  } else if (entry.bits <= 0xFFFF'FFFF) {
    handler(constant_32_handler);
    unit(static_cast<Unit>(entry.bits));
  } else {
    handler(constant_handler);
    append(&entry.bits, sizeof(entry.bits));
  }
  unit(to);
}

void Emitter::store_accumulator(ValType type, uint32_t to) {
  slot_written(to, bytes_of(type));
  if (type.kind() == ValType::V128) {
    handler(store_vacc_v128_handler);
  } else {
    handler(in_vector_accumulator(type) ? store_vacc_handler : store_acc_handler);
  }
  unit(to);
  Accumulator& holder = accumulator(type);
  if (holder.mirror == Accumulator::kNothing) {
    holder.mirror = to;
    holder.mirror_bytes = bytes_of(type);
  }
}

}  // namespace weft::interp

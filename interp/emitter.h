// The lower half of translation: a buffer of units, and where each value of the operand stack currently is.
//
// Values stay where they are until they are needed: constants and locals are only noted, and a result stays in its
// accumulator. An instruction whose result turns out to be wanted in a frame slot (because the accumulator is needed
// for another value, or local.set follows) is changed to its slot variant after the fact: both variants have the
// same units.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "interp/code.h"
#include "interp/handlers.h"
#include "module/types.h"

namespace weft::interp {

/// A value on the operand stack.
struct Entry {
  enum Where : uint8_t {
    Home,   // in its own slot
    Local,  // the value of local `local`, as long as nobody sets that
    Const,  // `bits`, `bits_high`
    Acc,    // only in the accumulator of its type
  } where = Home;
  ValType type;
  uint32_t home = 0;  // byte offset of its own slot
  uint32_t local = 0;
  uint64_t bits = 0;
  uint64_t bits_high = 0;
};

/// An operand as handlers take it: its place, and the units that follow the handler for it.
struct Operand {
  Place place = Place::S;
  uint32_t slot = 0;        // S
  uint64_t bits = 0;        // I
  uint32_t bits_units = 0;  // I: 1 or 2
};

/// True for types whose accumulator is vacc.
constexpr bool in_vector_accumulator(ValType type) {
  return type.kind() == ValType::F32 || type.kind() == ValType::F64 || type.kind() == ValType::V128;
}

/// An instruction that was emitted last and may still be taken back, to be fused with the one that follows.
struct Emitted {
  uint32_t begin = 0;
  uint32_t end = 0;
  Opcode op = kNoOpcode;
  Operand left, right;
};

class Emitter {
 public:
  /// `locals`: types of parameters and locals; the first `params` are parameters.
  void start(std::span<const ValType> locals, uint32_t params);

  // -- the buffer --
  uint32_t here() const { return static_cast<uint32_t>(units_.size()); }
  std::vector<Unit>& units() { return units_; }
  void handler(Handler handler) { append(&handler, sizeof(handler)); }
  void unit(Unit unit) { units_.push_back(unit); }
  void pointer(const void* pointer) { append(&pointer, sizeof(pointer)); }
  void operand(const Operand& operand);
  /// The last instruction, if it ends here and is `op`-like; null otherwise. `back` 1: the one before it.
  const Emitted* last(int back = 0) const;
  /// Takes back the last instruction, whose integer result has been popped. What it read is where it was.
  void take_back();
  /// The lowest here() since the last call of reset_low_water.
  uint32_t low_water() const { return low_water_; }
  void reset_low_water() { low_water_ = here(); }
  /// A place where control may arrive from elsewhere: nothing before it can be changed any more.
  void barrier();

  // -- the operand stack --
  size_t depth() const { return entries_.size(); }
  const Entry& top(size_t below = 0) const { return entries_[entries_.size() - 1 - below]; }
  /// Byte offset of the slot that the next pushed value would own.
  uint32_t next_home() const { return next_home_; }
  void push_home(ValType type) { push(Entry{.where = Entry::Home, .type = type}); }
  void push_const(ValType type, uint64_t bits, uint64_t bits_high = 0);
  void push_local(uint32_t local);
  /// Begins an instruction with a result of `type`: frees the accumulator and emits handlers.to_acc. Operands follow.
  void begin_result(ValType type, ResultHandlers handlers);
  /// Ends it: reserves the unit of the result slot and pushes the result. With `op` it may be fused later.
  void push_result(ValType type, Opcode op = kNoOpcode, const Operand& left = {}, const Operand& right = {});
  /// Pushes a value that lies in its home slot and in its accumulator (results of calls and stack instructions).
  void push_home_and_acc(ValType type);
  Entry pop();
  /// Drops entries beyond `depth` without looking at them (unreachable code, branches).
  void truncate(size_t depth);

  /// Before an instruction that writes the accumulator of `type`: what only the accumulator holds goes to its slot.
  void free_accumulator(ValType type);
  /// Before calls: both accumulators.
  void free_accumulators();
  /// The accumulators hold nothing known (after calls that leave no result, at labels).
  void forget_accumulators();

  // -- operands of instructions --
  /// Where a popped entry can be read: accumulator if it is there, constants as immediates when `immediate`.
  Operand read(const Entry& entry, bool immediate);
  /// A popped entry in a slot, whatever it takes (constants and accumulator values go to their home).
  uint32_t read_slot(const Entry& entry);
  /// Two popped entries for a binary instruction: not both accumulators, not both immediates.
  std::pair<Operand, Operand> read_two(const Entry& left, const Entry& right);

  /// Puts all entries but constants into their slots; with `below` only those under the topmost `below` entries.
  void settle(size_t except_top = 0);
  /// Puts the topmost `count` entries into their home slots, constants as well.
  void settle_home(size_t count);
  /// Moves a popped value to a slot.
  void move_to(const Entry& entry, uint32_t slot);
  /// local.set and local.tee of a popped value.
  void set_local(uint32_t local, const Entry& value);

  uint32_t local_slot(uint32_t local) const { return local_slots_[local]; }
  ValType local_type(uint32_t local) const { return locals_[local]; }
  uint32_t link_slot() const { return link_slot_; }
  /// Cells to zero behind the link (even), and of the whole frame with its deepest operand stack.
  uint32_t zero_cells() const { return zero_cells_; }
  uint32_t frame_cells() const { return (max_home_ + 7) / 8; }
  /// Makes sure that the frame reaches `bytes` beyond the current top of the operand stack.
  void need_room(uint32_t bytes) { max_home_ = std::max(max_home_, next_home_ + bytes); }

 private:
  // What an accumulator holds.
  struct Accumulator {
    static constexpr int64_t kNothing = -1;
    int64_t entry = kNothing;   // index of the entry that is only here
    int64_t mirror = kNothing;  // slot whose value is here as well
    uint32_t mirror_bytes = 0;
    uint32_t begin = 0;  // the instruction that made `entry`'s value, and how to change it
    uint32_t end = 0;
    Handler to_slot = nullptr;
  };

  void append(const void* bytes, size_t size);
  void push(Entry entry);
  Accumulator& accumulator(ValType type) { return accumulators_[in_vector_accumulator(type)]; }
  const Accumulator& accumulator(ValType type) const { return accumulators_[in_vector_accumulator(type)]; }
  void redirect(Accumulator& accumulator, ValType type, uint32_t slot);
  void materialise(Entry& entry);
  void copy(ValType type, uint32_t from, uint32_t to);
  void constant(const Entry& entry, uint32_t to);
  void store_accumulator(ValType type, uint32_t to);
  bool is_in_accumulator(const Entry& entry) const;
  void slot_written(uint32_t slot, uint32_t bytes);
  void preserve_local(uint32_t local);

  std::span<const ValType> locals_;
  std::vector<uint32_t> local_slots_;
  std::vector<uint32_t> local_refs_;  // entries that are Local
  std::vector<Entry> entries_;
  std::vector<Unit> units_;
  Accumulator accumulators_[2];
  Emitted history_[2];  // [0] the last instruction, [1] the one before
  size_t settled_ = 0;  // entries below are neither Local nor Acc
  uint32_t link_slot_ = 0;
  uint32_t zero_cells_ = 0;
  uint32_t next_home_ = 0;
  uint32_t max_home_ = 0;
  ResultHandlers result_;  // of the instruction that begin_result began, which began at result_begin_
  uint32_t result_begin_ = 0;
  uint32_t low_water_ = 0;
  uint32_t last_copy_ = 0;  // end of a copy instruction that another may be joined to
};

}  // namespace weft::interp

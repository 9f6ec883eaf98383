// The upper half of translation: follows a body instruction by instruction behind the validator.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "interp/emitter.h"
#include "interp/translator.h"
#include "validator/validator.h"

namespace weft::interp {

class Translator final : public InstructionSink {
 public:
  Translator(ModuleCode& code, uint32_t function_index);
  Translation run();

  void on_instruction(const Instruction& instruction, bool reachable, const FunctionValidator& state) override;

 private:
  // A branch whose target is not known yet: the unit of its distance, and where the instruction begins.
  struct Patch {
    uint32_t unit;
    uint32_t begin;
    uint32_t next;  // index + 1 into patches_, 0 for the end
  };

  // An open structured instruction.
  struct Control {
    Opcode op = Opcode::Block;
    bool dead = false;                 // opened in unreachable code
    size_t depth = 0;                  // entries below its parameters
    uint32_t base = 0;                 // slot of its first parameter and of its first result
    uint32_t loop_target = 0;          // loops
    uint32_t patches = 0;              // branches to its end: chain into patches_
    uint32_t else_patch = 0;           // if: the branch to else, likewise
    uint32_t try_begin = 0;            // try_table, try: where the body begins
    std::vector<CatchClause> catches;  // try_table
    std::vector<CatchTarget> targets;  // try: of the catch clauses so far
    std::span<const ValType> params;
    std::span<const ValType> results;
    std::span<const ValType> label_types() const { return op == Opcode::Loop ? params : results; }
  };

  // A condition, possibly a comparison that was not emitted.
  struct Condition {
    Opcode comparison = kNoOpcode;
    bool when = true;     // the comparison must give this
    Operand left, right;  // without comparison: the i32 in `left`
  };

  // Straight-line instructions (translator.cpp). False when the instruction is not of the kind.
  void straight(const Instruction& instruction, const FunctionValidator& state);
  bool numeric(const Instruction& instruction);
  void make_deterministic(const Instruction& instruction);
  bool vector(const Instruction& instruction);
  void slots_operation(const Instruction& instruction);
  void lane_operation(const Instruction& instruction);
  bool memory_access(const Instruction& instruction);
  void lane_access(const Instruction& instruction);
  void atomic_access(const Instruction& instruction);
  bool stack_operation(const Instruction& instruction, const FunctionValidator& state);
  bool aggregate(const Instruction& instruction, const FunctionValidator& state);  // translate_aggregate.cpp
  void test_reference(const Entry& reference, HeapType heap, bool nullable);
  void branch_on_cast(const Instruction& instruction);
  void unary(Opcode op, ValType result);
  void binary(Opcode op, ValType result);
  void comparison(Opcode op, const Entry& left, const Entry& right);
  void equals_zero(Opcode equal, ValType type);
  void global_get(uint32_t index);
  void global_set(uint32_t index);
  void select();
  void load(Opcode op, const MemArg& memarg, ValType type);
  void store(Opcode op, const MemArg& memarg, ValType type);
  bool is_guarded(uint32_t memory) const;
  struct AddressOperands {
    Address form = Address::Slot;
    Unit units[3] = {};
    int count = 0;
  };
  AddressOperands take_address();

  // Control (translate_control.cpp). False when the instruction is not structured.
  bool structured(const Instruction& instruction, bool reachable, const FunctionValidator& state);
  bool branching(const Instruction& instruction, const FunctionValidator& state);
  void open(Opcode op, bool reachable, const FunctionValidator& state);
  void open_if(bool reachable, const FunctionValidator& state);
  void on_else(bool reachable);
  void on_end(bool reachable);
  void end_try_table(Control& control, bool reachable);  // translate_exception.cpp
  void on_catch(const Instruction& instruction, bool reachable);
  void on_delegate(const Instruction& instruction, bool reachable);
  void end_legacy_try(Control& control, bool reachable);
  void throw_exception(const Instruction& instruction);
  void open_try(const Instruction& instruction, bool reachable, const FunctionValidator& state);
  uint32_t level() const { return static_cast<uint32_t>(controls_.size()); }
  Condition take_condition();
  void branch(uint32_t label);
  void branch_if(uint32_t label, const Condition& condition, bool when = true);
  void branch_on_null(uint32_t label, bool when_null);
  void branch_table(const std::vector<uint32_t>& labels);
  void emit_branch_if(const Condition& condition, bool when, uint32_t& patches);
  void emit_branch(Control& target);
  void distance(uint32_t begin, uint32_t target) { emit_.unit(target - begin); }
  void distance_to(uint32_t begin, Control& target);
  void add_patch(uint32_t begin, uint32_t& chain);
  void bind(uint32_t& chain);
  void move_results(std::span<const ValType> types, uint32_t to);
  void emit_return();
  void call(uint32_t function);
  void call_indirect(const Instruction& instruction);
  void call_ref(const FuncType& type);
  void return_call(const Instruction& instruction);
  uint32_t begin_call(const FuncType& type);
  void end_call(const FuncType& type);
  Control& label(uint32_t depth) { return controls_[controls_.size() - 1 - depth]; }

  ModuleCode& code_;
  const Module& module_;
  uint32_t function_index_;
  bool is_metered_;
  bool is_deterministic_;
  Emitter emit_;
  std::vector<Control> controls_;
  std::vector<Patch> patches_;
  std::vector<CodeOffset> offsets_;
  std::vector<TryRegion> regions_;
};

}  // namespace weft::interp

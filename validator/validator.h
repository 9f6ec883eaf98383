// Module → proof that it is valid, spec §3.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/error.h"
#include "module/features.h"
#include "module/instruction.h"
#include "module/module.h"
#include "module/type_registry.h"
#include "validator/type_stack.h"

namespace weft {

/// Validates a whole module and fills module.canonical and module.groups from `registry`, which must outlive it.
/// Errors: Invalid (or Malformed where a body cannot be decoded, or Limit) with offset, section and function.
Result<> validate(Module& module, TypeRegistry& registry, const FeatureSet& features = {});

/// A structured control instruction that is open, spec appendix "Validation Algorithm".
struct ControlFrame {
  Opcode op = Opcode::Block;        // Block, Loop, If, Else, Try, Catch, CatchAll, TryTable; Block for the body
  bool unreachable = false;         // the rest of this frame's code cannot be reached
  bool entered_reachable = true;    // the instruction that opened it was reachable
  uint32_t height = 0;              // operands below this frame
  uint32_t inits = 0;               // initialised-locals trail length at entry
  std::span<const ValType> params;  // of the block type
  std::span<const ValType> results;
  std::span<const ValType> label_types() const { return op == Opcode::Loop ? params : results; }
};

class FunctionValidator;

/// Receives every instruction of a body after it was validated and its effect on the stacks took place. An engine's
/// translator and the collector of facts are sinks.
class InstructionSink {
 public:
  virtual ~InstructionSink() = default;
  /// `reachable`: whether control can arrive at this instruction. Instructions in unreachable code are reported too,
  /// so that nesting can be followed. For End and Else the frame is popped or replaced already.
  virtual void on_instruction(const Instruction& instruction, bool reachable, const FunctionValidator& state) = 0;
};

/// Validates function bodies and constant expressions, one after the other; keeps its memory between them. The module
/// must have canonical types already. One thread at a time.
class FunctionValidator {
 public:
  FunctionValidator(const Module& module, const FeatureSet& features);

  /// Validates the body of a defined function; `sink` may be null and is told each instruction otherwise.
  Result<> function(uint32_t function_index, InstructionSink* sink = nullptr);

  /// Validates a constant expression that must give `expected`; global.get may name globals below `global_limit`.
  Result<> const_expr(ConstExpr expr, ValType expected, uint32_t global_limit);

  // The state, for sinks.
  const Module& module() const { return module_; }
  /// Types of parameters and locals.
  std::span<const ValType> locals() const { return locals_; }
  /// Types on the operand stack, the top last.
  std::span<const ValType> operands() const { return operands_.span(); }
  /// Open control frames, the innermost last; the first is the function body.
  std::span<const ControlFrame> controls() const { return controls_; }

 private:
  // function.cpp: frames, operands, errors
  void begin(std::span<const ValType> results);
  Result<> body(ByteReader& reader, InstructionSink* sink);
  void push_control(Opcode op, std::span<const ValType> params, std::span<const ValType> results);
  bool pop_control();
  void set_unreachable();
  void push(ValType type) { operands_.push_back(type); }
  void push(std::span<const ValType> types) { operands_.push(types); }
  ValType pop_any();
  bool pop(ValType expected) {
    const size_t height = controls_.back().height;
    if (operands_.size() > height && operands_.back() == expected) [[likely]] {
      operands_.pop_back();
      return true;
    }
    return pop_slow(expected);
  }
  bool pop_slow(ValType expected);
  bool pop(std::span<const ValType> expected);
  /// Checks the topmost operands against types and leaves them as those types.
  bool retype(std::span<const ValType> expected);
  bool fail(std::string message, ErrorKind kind = ErrorKind::Invalid);
  bool mismatch(ValType expected, ValType found);
  bool require(Feature feature);
  bool is_subtype(ValType sub, ValType super) const { return weft::is_subtype(module_, sub, super); }

  // One instruction; false after fail().
  bool instruction(ByteReader& reader);
  void short_way(ByteReader& reader);
  bool plain(const OpcodeInfo& info);
  bool constant_instruction();

  // By kind of instruction
  bool control(ByteReader& reader);
  bool block_type(const BlockType& block, std::span<const ValType>& params, std::span<const ValType>& results);
  bool open_block(Opcode op, const BlockType& block);
  bool on_else();
  bool on_end();
  const ControlFrame* label(uint32_t depth);
  bool branch_table();
  bool call(const FuncType& type, bool tail);
  const FuncType* called_type(uint32_t type_index);
  bool call_indirect(bool tail);
  bool call_ref(bool tail);
  bool select(bool typed);
  bool variable();
  bool memory();
  bool memory_argument(uint32_t width, bool exact_alignment, ValType& address);
  bool memory_access(const OpcodeInfo& info, bool atomic);
  bool memory_exists(uint32_t index);
  bool table();
  const TableType* table_type(uint32_t index);
  bool elements_exist(uint32_t index);
  bool datas_exist(uint32_t index);
  bool vector(const OpcodeInfo& info);
  bool reference();
  bool heap_type(HeapType heap);
  bool val_type(ValType type);
  bool branch_on_cast();
  bool aggregate();
  bool structure();
  bool array();
  const FieldType* array_field(uint32_t type_index);
  const FieldType* struct_field(uint32_t type_index, uint32_t field_index);
  const SubType* defined_type(uint32_t index, CompositeKind kind);
  bool exception();
  bool try_table();
  bool legacy_exception();
  const FuncType* tag_type(uint32_t index);

  const Module& module_;
  const FeatureSet features_;
  std::vector<ValType> locals_;
  TypeStack operands_;
  std::vector<ControlFrame> controls_;
  std::vector<uint8_t> initialised_;  // locals
  std::vector<uint32_t> initialised_trail_;
  std::unordered_map<uint32_t, ValType> single_results_;  // one-result block types by bits: places that stay
  Instruction current_;
  std::unique_ptr<Error> error_;
  size_t function_index_ = ErrorPlace::kNone;
  std::string_view section_;
  bool has_plain_memory_ = false;  // memory 0 exists and has 32-bit addresses
  bool is_constant_ = false;       // validating a constant expression
  uint32_t global_limit_ = 0;
  std::span<const ValType> results_;
};

}  // namespace weft

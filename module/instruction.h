// One instruction with its immediates, spec §5.4: how each kind of immediate is encoded is written here, once. The
// validator, the printer and whoever walks code read instructions through read_instruction.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "module/opcode.h"
#include "module/reader.h"
#include "module/types.h"

namespace weft {

/// A block type (§5.4.1): nothing, one result, or a function type by index.
struct BlockType {
  enum Kind : uint8_t { Empty, Value, Index } kind = Empty;
  ValType value;
  uint32_t index = 0;
};

/// A memory argument (§5.4.6). `align` is the exponent.
struct MemArg {
  uint32_t align = 0;
  uint32_t memory = 0;
  uint64_t offset = 0;
};

/// A catch clause of try_table (§5.4.1).
struct CatchClause {
  enum Kind : uint8_t { Catch = 0, CatchRef = 1, CatchAll = 2, CatchAllRef = 3 } kind = Catch;
  uint32_t tag = 0;  // Catch and CatchRef
  uint32_t label = 0;
  bool has_tag() const { return kind == Catch || kind == CatchRef; }
  bool has_ref() const { return kind == CatchRef || kind == CatchAllRef; }
};

/// An instruction. Only the members that its Immediate names are meaningful. Reuse one object for a whole walk: the
/// vectors keep their memory.
struct Instruction {
  Opcode op = Opcode::Nop;
  uint32_t offset = 0;  // of the opcode, from the start of the module
  uint32_t index = 0;   // the first (or only) index: label, func, type, tag, local, global, table, elem, data, memory
  uint32_t index2 = 0;  // the second index, field index, operand count, or label of br_on_cast
  uint8_t lane = 0;     // lane index; flags of br_on_cast (bit 0: source nullable, bit 1: target nullable)
  BlockType block;      // Block, TryTable
  MemArg memarg;        // MemArg, MemArgLane
  HeapType heap;        // HeapType; source of BrOnCast
  HeapType heap2;       // target of BrOnCast
  uint64_t bits = 0;    // I32 (sign-extended), I64, F32, F64: the constant's bits; low half of V128
  uint64_t bits_high = 0;             // high half of V128
  std::array<uint8_t, 16> shuffle{};  // Shuffle
  std::vector<uint32_t> labels;       // LabelTable: targets, default last
  std::vector<ValType> types;         // SelectTypes
  std::vector<CatchClause> catches;   // TryTable

  const OpcodeInfo& info() const { return opcode_info(op); }
};

/// Reads an opcode. Gives kNoOpcode and fails the reader ("illegal opcode") when there is no such instruction.
Opcode read_opcode(ByteReader& reader);

/// Reads the immediates of out.op. Failures are the reader's sticky error.
void read_immediates(ByteReader& reader, Instruction& out);

/// Reads a whole instruction. False when the reader has failed.
inline bool read_instruction(ByteReader& reader, Instruction& out) {
  out.offset = reader.offset();
  out.op = read_opcode(reader);
  if (reader.failed()) [[unlikely]]
    return false;
  read_immediates(reader, out);
  return !reader.failed();
}

/// The pieces that read_immediates is made of, for readers that know what comes.
BlockType read_block_type(ByteReader& reader);
inline MemArg read_memarg(ByteReader& reader) {
  MemArg arg;
  arg.align = reader.leb_u32();
  if (arg.align >= 0x40) [[unlikely]] {  // bit 6: a memory index follows
    if (arg.align >= 0x80) reader.fail("malformed memop flags");
    arg.align &= 0x3F;
    arg.memory = reader.leb_u32();
  }
  arg.offset = reader.leb_u64();
  return arg;
}

/// Walks a constant expression from the reader's place to behind its `end`; gives its range. Bounded by the reader.
ConstExpr skip_const_expr(ByteReader& reader);

/// Local declarations at the start of a function body (§5.5.13), expanded run by run.
struct LocalRun {
  uint32_t count = 0;
  ValType type;
};
/// Reads the declarations. Fails the reader with "too many locals" beyond limits::kFunctionLocals (with `params`).
std::vector<LocalRun> read_locals(ByteReader& reader, uint32_t params);

}  // namespace weft

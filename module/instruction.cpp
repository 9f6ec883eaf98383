// How opcodes and immediates are encoded, spec §5.4.
#include "module/instruction.h"

#include "module/limits.h"

namespace weft {
namespace {

void read_label_table(ByteReader& reader, Instruction& out) {
  out.labels.clear();
  const uint32_t count = reader.leb_u32();
  if (count > limits::kBranchTableTargets || count > reader.remaining()) {  // each label takes a byte at least
    reader.fail("unexpected end: br_table has more targets than the function has bytes");
    return;
  }
  out.labels.reserve(count + 1);
  for (uint32_t i = 0; i <= count; ++i) out.labels.push_back(reader.leb_u32());
}

void read_select_types(ByteReader& reader, Instruction& out) {
  out.types.clear();
  const uint32_t count = reader.leb_u32();
  if (count > reader.remaining()) {
    reader.fail("unexpected end: select has more types than the function has bytes");
    return;
  }
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) out.types.push_back(reader.val_type());
}

void read_catches(ByteReader& reader, Instruction& out) {
  out.catches.clear();
  const uint32_t count = reader.leb_u32();
  if (count > limits::kCatchClauses || count > reader.remaining()) {
    reader.fail("unexpected end: try_table has more catch clauses than the function has bytes");
    return;
  }
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    CatchClause clause;
    const uint32_t at = reader.offset();
    const uint8_t kind = reader.u8();
    if (kind > CatchClause::CatchAllRef) {
      reader.fail_at("malformed catch clause", at);
      return;
    }
    clause.kind = static_cast<CatchClause::Kind>(kind);
    if (clause.has_tag()) clause.tag = reader.leb_u32();
    clause.label = reader.leb_u32();
    out.catches.push_back(clause);
  }
}

void read_br_on_cast(ByteReader& reader, Instruction& out) {
  const uint32_t at = reader.offset();
  out.lane = reader.u8();
  if (out.lane > 3) reader.fail_at("malformed br_on_cast flags", at);
  out.index = reader.leb_u32();
  out.heap = reader.heap_type();
  out.heap2 = reader.heap_type();
}

}  // namespace

Opcode read_opcode(ByteReader& reader) {
  const uint32_t start = reader.offset();
  const uint8_t byte = reader.u8();
  Opcode op = kNoOpcode;
  if (!is_opcode_prefix(byte)) {
    op = lookup_opcode(byte);
  } else {
    op = lookup_opcode(byte, reader.leb_u32());
  }
  if (op == kNoOpcode) [[unlikely]]
    reader.fail_at("illegal opcode", start);
  return op;
}

BlockType read_block_type(ByteReader& reader) {
  constexpr uint8_t kEmpty = 0x40;
  BlockType block;
  const uint8_t byte = reader.peek();
  if (byte == kEmpty) {
    reader.u8();
  } else if (byte > kEmpty && byte < 0x80) {  // a value type is a negative one-byte s33
    block.kind = BlockType::Value;
    block.value = reader.val_type();
  } else {
    const uint32_t at = reader.offset();
    const int64_t index = reader.leb_s33();
    if (index < 0) reader.fail_at("malformed block type", at);
    block.kind = BlockType::Index;
    block.index = static_cast<uint32_t>(index);
  }
  return block;
}

void read_immediates(ByteReader& reader, Instruction& out) {
  switch (out.info().immediate) {
    case Immediate::None: break;
    case Immediate::Block: out.block = read_block_type(reader); break;
    case Immediate::LabelTable: read_label_table(reader, out); break;
    case Immediate::Label:
    case Immediate::Func:
    case Immediate::Type:
    case Immediate::Tag:
    case Immediate::Local:
    case Immediate::Global:
    case Immediate::Table:
    case Immediate::Elem:
    case Immediate::Memory:
    case Immediate::Data: out.index = reader.leb_u32(); break;
    case Immediate::TypeTable:
    case Immediate::TableTable:
    case Immediate::ElemTable:
    case Immediate::MemoryMemory:
    case Immediate::DataMemory:
    case Immediate::TypeField:
    case Immediate::TypeCount:
    case Immediate::TypeData:
    case Immediate::TypeElem:
    case Immediate::TypeType:
      out.index = reader.leb_u32();
      out.index2 = reader.leb_u32();
      break;
    case Immediate::MemArgLane:
      out.memarg = read_memarg(reader);
      out.lane = reader.u8();
      break;
    case Immediate::MemArg: out.memarg = read_memarg(reader); break;
    case Immediate::Lane: out.lane = reader.u8(); break;
    case Immediate::Shuffle:
      for (uint8_t& lane : out.shuffle) lane = reader.u8();
      break;
    case Immediate::I32: out.bits = static_cast<uint64_t>(int64_t{reader.leb_s32()}); break;
    case Immediate::I64: out.bits = static_cast<uint64_t>(reader.leb_s64()); break;
    case Immediate::F32: out.bits = reader.fixed_u32(); break;
    case Immediate::F64: out.bits = reader.fixed_u64(); break;
    case Immediate::V128:
      out.bits = reader.fixed_u64();
      out.bits_high = reader.fixed_u64();
      break;
    case Immediate::HeapType: out.heap = reader.heap_type(); break;
    case Immediate::SelectTypes: read_select_types(reader, out); break;
    case Immediate::BrOnCast: read_br_on_cast(reader, out); break;
    case Immediate::TryTable:
      out.block = read_block_type(reader);
      read_catches(reader, out);
      break;
    case Immediate::Zero:
      if (reader.u8() != 0) reader.fail("zero byte expected");
      break;
  }
}

ConstExpr skip_const_expr(ByteReader& reader) {
  const uint32_t start = reader.offset();
  Instruction instruction;
  for (uint32_t depth = 0; read_instruction(reader, instruction);) {
    switch (instruction.op) {
      case Opcode::Block:
      case Opcode::Loop:
      case Opcode::If:
      case Opcode::Try:
      case Opcode::TryTable: ++depth; break;
      case Opcode::End:
        if (depth-- == 0) return {start, reader.offset() - start};
        break;
      default: break;
    }
  }
  return {start, 0};
}

std::vector<LocalRun> read_locals(ByteReader& reader, uint32_t params) {
  std::vector<LocalRun> runs;
  uint64_t total = params;
  const uint32_t count = reader.leb_u32();
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    const uint32_t at = reader.offset();
    LocalRun run;
    run.count = reader.leb_u32();
    run.type = reader.val_type();
    total += run.count;
    if (total > limits::kFunctionLocals) reader.fail_at("too many locals", at);
    if (!reader.failed() && run.count != 0) runs.push_back(run);
  }
  return runs;
}

}  // namespace weft

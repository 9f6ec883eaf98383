// The instructions as an enumeration, and what the one table (module/opcodes.def) says about each.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "module/features.h"

namespace weft {

/// Every instruction, in the order of module/opcodes.def.
enum class Opcode : uint16_t {
#define OPCODE(name, text, prefix, code, imm, sig, width, feature) name,
#include "module/opcodes.def"
};

inline constexpr size_t kOpcodeCount = 0
#define OPCODE(name, text, prefix, code, imm, sig, width, feature) +1
#include "module/opcodes.def"
    ;

/// "No such instruction": what lookup_opcode gives for an unassigned code.
inline constexpr Opcode kNoOpcode = static_cast<Opcode>(0xFFFF);

/// What follows an opcode in the binary format, spec §5.4. Indices are LEB128 u32 unless said otherwise.
enum class Immediate : uint8_t {
  None,
  Block,         // block type
  Label,         // label index
  LabelTable,    // vector of label indices, default label index
  Func,          // function index
  Type,          // type index
  TypeTable,     // type index, table index
  Tag,           // tag index
  Local,         // local index
  Global,        // global index
  Table,         // table index
  TableTable,    // destination table index, source table index
  ElemTable,     // element segment index, table index
  Elem,          // element segment index
  Memory,        // memory index
  MemoryMemory,  // destination memory index, source memory index
  DataMemory,    // data segment index, memory index
  Data,          // data segment index
  MemArg,        // alignment exponent, [memory index,] offset
  MemArgLane,    // memarg, lane byte
  Lane,          // lane byte
  Shuffle,       // 16 lane bytes
  I32,           // LEB128 s32
  I64,           // LEB128 s64
  F32,           // 4 bytes
  F64,           // 8 bytes
  V128,          // 16 bytes
  HeapType,      // LEB128 s33
  SelectTypes,   // vector of value types
  TypeField,     // type index, field index
  TypeCount,     // type index, operand count
  TypeData,      // type index, data segment index
  TypeElem,      // type index, element segment index
  TypeType,      // destination type index, source type index
  BrOnCast,      // nullability flags byte, label index, heap type, heap type
  TryTable,      // block type, vector of catch clauses
  Zero,          // one zero byte
};

/// One row of the table.
struct OpcodeInfo {
  std::string_view text;  // name in the text format
  uint8_t prefix;         // 0 or 0xFB, 0xFC, 0xFD, 0xFE
  uint16_t code;          // the code after the prefix
  Immediate immediate;
  std::string_view signature;  // "params:results", "*" for a typing rule of its own
  uint8_t width;               // bytes accessed in memory
  Feature feature;
};

inline constexpr std::array<OpcodeInfo, kOpcodeCount> kOpcodes = {{
#define OPCODE(name, text, prefix, code, imm, sig, width, feature) \
  {text, prefix, code, Immediate::imm, sig, width, Feature::feature},
#include "module/opcodes.def"
}};

constexpr const OpcodeInfo& opcode_info(Opcode op) { return kOpcodes[static_cast<size_t>(op)]; }

namespace detail {

// Codes behind each prefix, densely: index by code.
inline constexpr size_t kMaxCode = 0x120;

constexpr std::array<Opcode, kMaxCode> make_code_table(uint8_t prefix) {
  std::array<Opcode, kMaxCode> table{};
  table.fill(kNoOpcode);
  for (size_t i = 0; i < kOpcodeCount; ++i) {
    if (kOpcodes[i].prefix == prefix) table[kOpcodes[i].code] = static_cast<Opcode>(i);
  }
  return table;
}

inline constexpr auto kPlainCodes = make_code_table(0x00);
inline constexpr std::array<std::array<Opcode, kMaxCode>, 4> kPrefixedCodes = {
    make_code_table(0xFB), make_code_table(0xFC), make_code_table(0xFD), make_code_table(0xFE)};

}  // namespace detail

constexpr bool is_opcode_prefix(uint8_t byte) { return byte >= 0xFB && byte <= 0xFE; }

/// The instruction with this one-byte opcode, or kNoOpcode.
constexpr Opcode lookup_opcode(uint8_t code) { return detail::kPlainCodes[code]; }

/// The instruction with this code behind a prefix byte (0xFB to 0xFE), or kNoOpcode.
constexpr Opcode lookup_opcode(uint8_t prefix, uint32_t code) {
  return code < detail::kMaxCode ? detail::kPrefixedCodes[prefix - 0xFB][code] : kNoOpcode;
}

}  // namespace weft

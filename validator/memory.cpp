// Validation of variable, memory and table instructions, spec §3.4.5 to §3.4.7 and §3.4.10.
#include <fmt/format.h>

#include "validator/validator.h"

namespace weft {

// -- variables --

bool FunctionValidator::variable() {
  const uint32_t index = current_.index;
  if (current_.op == Opcode::GlobalGet || current_.op == Opcode::GlobalSet) {
    if (index >= global_limit_) return fail(fmt::format("unknown global {}", index));
    const GlobalType& type = module_.globals[index].type;
    if (current_.op == Opcode::GlobalSet) {
      if (!type.is_mutable) return fail(fmt::format("immutable global: global {} is immutable", index));
      return pop(type.type);
    }
    if (is_constant_ && type.is_mutable) {
      return fail(fmt::format("constant expression required: global {} is mutable", index));
    }
    push(type.type);
    return true;
  }
  if (index >= locals_.size()) return fail(fmt::format("unknown local {}", index));
  const ValType type = locals_[index];
  if (current_.op == Opcode::LocalGet) {
    if (!initialised_[index]) return fail(fmt::format("uninitialized local {}", index));
    push(type);
    return true;
  }
  if (!pop(type)) return false;
  if (!initialised_[index]) {
    initialised_[index] = 1;
    initialised_trail_.push_back(index);
  }
  if (current_.op == Opcode::LocalTee) push(type);
  return true;
}

// -- memories --

bool FunctionValidator::memory_exists(uint32_t index) {
  return index < module_.memories.size() || fail(fmt::format("unknown memory {}", index));
}

bool FunctionValidator::memory_argument(uint32_t width, bool exact_alignment, ValType& address) {
  const MemArg& arg = current_.memarg;
  if (!memory_exists(arg.memory)) return false;
  if (arg.memory != 0 && !require(Feature::MultiMemory)) return false;
  const uint32_t natural = static_cast<uint32_t>(__builtin_ctz(width));
  if (arg.align > natural) {
    return fail(fmt::format("alignment must not be larger than natural: 2^{} for {} bytes", arg.align, width));
  }
  if (exact_alignment && arg.align != natural) {
    return fail(fmt::format("atomic alignment must be natural: 2^{} for {} bytes", arg.align, width));
  }
  const MemoryType& memory = module_.memories[arg.memory].type;
  if (!memory.is_64 && arg.offset > 0xFFFF'FFFF) {
    return fail(fmt::format("offset out of range: {} for a 32-bit memory", arg.offset));
  }
  address = memory.address_type();
  return true;
}

bool FunctionValidator::datas_exist(uint32_t index) {
  if (!module_.data_count) return fail("data count section required", ErrorKind::Malformed);
  return index < *module_.data_count || fail(fmt::format("unknown data segment {}", index));
}

bool FunctionValidator::memory() {
  const uint32_t index = current_.index;
  const uint32_t index2 = current_.index2;
  const auto address = [&](uint32_t memory) { return module_.memories[memory].type.address_type(); };
  switch (current_.op) {
    case Opcode::MemorySize:
      if (!memory_exists(index)) return false;
      push(address(index));
      return true;
    case Opcode::MemoryGrow: return memory_exists(index) && retype(std::array{address(index)});
    case Opcode::MemoryFill:
      return memory_exists(index) && pop(address(index)) && pop(ValType::I32) && pop(address(index));
    case Opcode::MemoryCopy: {
      if (!memory_exists(index) || !memory_exists(index2)) return false;
      const bool both_64 = module_.memories[index].type.is_64 && module_.memories[index2].type.is_64;
      return pop(both_64 ? ValType::I64 : ValType::I32) && pop(address(index2)) && pop(address(index));
    }
    case Opcode::MemoryInit:
      return memory_exists(index2) && datas_exist(index) && pop(ValType::I32) && pop(ValType::I32) &&
             pop(address(index2));
    default: return datas_exist(index);  // data.drop
  }
}

// -- tables --

const TableType* FunctionValidator::table_type(uint32_t index) {
  if (index < module_.tables.size()) return &module_.tables[index].type;
  fail(fmt::format("unknown table {}", index));
  return nullptr;
}

bool FunctionValidator::elements_exist(uint32_t index) {
  return index < module_.elements.size() || fail(fmt::format("unknown elem segment {}", index));
}

bool FunctionValidator::table() {
  if (current_.op == Opcode::ElemDrop) return elements_exist(current_.index);
  if (current_.op == Opcode::TableInit) {
    const TableType* const table = table_type(current_.index2);
    if (table == nullptr || !elements_exist(current_.index)) return false;
    const ValType element = module_.elements[current_.index].type;
    if (!is_subtype(element, table->element)) return mismatch(table->element, element);
    return pop(ValType::I32) && pop(ValType::I32) && pop(table->address_type());
  }
  const TableType* const table = table_type(current_.index);
  if (table == nullptr) return false;
  const ValType address = table->address_type();
  switch (current_.op) {
    case Opcode::TableGet:
      if (!pop(address)) return false;
      push(table->element);
      return true;
    case Opcode::TableSet: return pop(table->element) && pop(address);
    case Opcode::TableSize: push(address); return true;
    case Opcode::TableGrow:
      if (!pop(address) || !pop(table->element)) return false;
      push(address);
      return true;
    case Opcode::TableFill: return pop(address) && pop(table->element) && pop(address);
    default: {  // table.copy
      const TableType* const source = table_type(current_.index2);
      if (source == nullptr) return false;
      if (!is_subtype(source->element, table->element)) return mismatch(table->element, source->element);
      const bool both_64 = table->is_64 && source->is_64;
      return pop(both_64 ? ValType::I64 : ValType::I32) && pop(source->address_type()) && pop(address);
    }
  }
}

}  // namespace weft

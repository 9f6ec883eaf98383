// The text of a module's definitions and code.
#include "text/printer.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "decoder/names.h"
#include "module/instruction.h"

namespace weft::text {
namespace {

std::string quoted(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
      text += c;
    } else {
      text += fmt::format("\\{:02x}", byte);
    }
  }
  return text + "\"";
}

// Every bit pattern as a literal that gives it back.
template <typename F, typename Bits>
std::string float_text(Bits bits) {
  constexpr int kFraction = std::numeric_limits<F>::digits - 1;
  const F value = std::bit_cast<F>(bits);
  std::string text = std::signbit(value) ? "-" : "";
  if (std::isnan(value)) return fmt::format("{}nan:0x{:x}", text, bits & ((Bits{1} << kFraction) - 1));
  if (std::isinf(value)) return text + "inf";
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof(digits), std::fabs(value), std::chars_format::hex).ptr;
  return text + "0x" + std::string(digits, end);
}

std::string limits_text(const Limits& limits, bool is_64) {
  std::string text = is_64 ? "i64 " : "";
  text += std::to_string(limits.min);
  if (limits.max) text += fmt::format(" {}", *limits.max);
  return text;
}

std::string table_type(const TableType& type) {
  return limits_text(type.limits, type.is_64) + " " + to_string(type.element);
}

std::string memory_type(const MemoryType& type) {
  std::string text = limits_text(type.limits, type.is_64);
  if (type.is_shared) text += " shared";
  if (type.page_size_log2 != 16) text += fmt::format(" (pagesize {})", type.page_size());
  return text;
}

std::string global_type(const GlobalType& type) {
  return type.is_mutable ? fmt::format("(mut {})", to_string(type.type)) : to_string(type.type);
}

std::string field_text(const FieldType& field) {
  return field.is_mutable ? fmt::format("(mut {})", to_string(field.type)) : to_string(field.type);
}

std::string reference(HeapType heap, bool nullable) {
  return fmt::format("(ref {}{})", nullable ? "null " : "", to_string(heap));
}

class Printer {
 public:
  explicit Printer(const Module& module) : module_(module), names_(decode_names(module)) {}

  Result<std::string> run() {
    line("(module" + (names_.module.empty() ? "" : " (; " + plain(names_.module) + " ;)"));
    ++depth_;
    types();
    imports();
    for (size_t i = module_.imported_functions; i < module_.functions.size(); ++i) {
      WEFT_TRY(function(static_cast<uint32_t>(i)));
    }
    WEFT_TRY(definitions());
    --depth_;
    line(")");
    return std::move(out_);
  }

 private:
  void line(const std::string& text) {
    out_.append(depth_ * 2, ' ');
    out_ += text;
    out_ += '\n';
  }
  // What a comment may hold.
  static std::string plain(std::string_view text) {
    std::string kept;
    for (const char c : text) {
      if (c >= 0x20 && c != 0x7F && c != ';' && c != '(' && c != ')') kept += c;
    }
    return kept;
  }
  static std::string index_comment(const NameMap& names, uint32_t index) {
    const auto found = names.find(index);
    return found == names.end() ? fmt::format("(;{};)", index) : fmt::format("(;{} {};)", index, plain(found->second));
  }

  void types();
  std::string composite(const CompositeType& type) const;
  void imports();
  Result<> function(uint32_t index);
  Result<> definitions();
  Result<> element(const ElementSegment& segment, uint32_t index);
  Result<> code(ByteReader& reader, bool is_body);
  Result<std::string> expression(ConstExpr expr);
  std::string instruction(const Instruction& instruction) const;
  std::string block_type(const BlockType& block) const;
  std::string memory_argument(const Instruction& instruction) const;
  static std::string vector_constant(const Instruction& instruction);

  const Module& module_;
  Names names_;
  std::string out_;
  size_t depth_ = 0;
};

// -- types and imports --

std::string Printer::composite(const CompositeType& type) const {
  switch (type.kind) {
    case CompositeKind::Func: {
      std::string text = "(func";
      const auto list = [&](const char* keyword, const std::vector<ValType>& types) {
        if (types.empty()) return;
        text += fmt::format(" ({}", keyword);
        for (const ValType each : types) text += " " + to_string(each);
        text += ")";
      };
      list("param", type.func.params);
      list("result", type.func.results);
      return text + ")";
    }
    case CompositeKind::Struct: {
      std::string text = "(struct";
      for (const FieldType& field : type.fields) text += fmt::format(" (field {})", field_text(field));
      return text + ")";
    }
    case CompositeKind::Array: return fmt::format("(array {})", field_text(type.fields[0]));
  }
  return {};
}

void Printer::types() {
  for (const RecGroupRange group : module_.rec_groups) {
    const bool is_group = group.count != 1;
    if (is_group) {
      line("(rec");
      ++depth_;
    }
    for (uint32_t i = group.first; i < group.first + group.count; ++i) {
      const SubType& type = module_.types[i];
      std::string text = composite(type.composite);
      if (!type.is_final || type.super) {
        text = fmt::format("(sub {}{}{})", type.is_final ? "final " : "",
                           type.super ? std::to_string(*type.super) + " " : "", text);
      }
      line(fmt::format("(type {} {})", index_comment(names_.types, i), text));
    }
    if (is_group) {
      --depth_;
      line(")");
    }
  }
}

void Printer::imports() {
  for (const Import& import : module_.imports) {
    std::string type;
    switch (import.kind) {
      case ExternKind::Func: type = fmt::format("(type {})", module_.functions[import.index].type); break;
      case ExternKind::Table: type = table_type(module_.tables[import.index].type); break;
      case ExternKind::Memory: type = memory_type(module_.memories[import.index].type); break;
      case ExternKind::Global: type = global_type(module_.globals[import.index].type); break;
      case ExternKind::Tag: type = fmt::format("(type {})", module_.tags[import.index].type); break;
    }
    line(fmt::format("(import {} {} ({} (;{};) {}))", quoted(import.module), quoted(import.name),
                     to_string(import.kind), import.index, type));
  }
}

// -- code --

Result<> Printer::function(uint32_t index) {
  const Function& function = module_.functions[index];
  line(fmt::format("(func {} (type {})", index_comment(names_.functions, index), function.type));
  ++depth_;
  ByteReader reader(module_.span(), function.body);
  for (const LocalRun& run : read_locals(reader, 0)) {
    // One clause a run, so that runs of one type stay as long as they are.
    std::string text = "(local";
    for (uint32_t i = 0; i < run.count; ++i) text += " " + to_string(run.type);
    line(text + ")");
  }
  WEFT_TRY(code(reader, true));
  --depth_;
  line(")");
  return {};
}

// Instructions up to the last `end`, which the text leaves out.
Result<> Printer::code(ByteReader& reader, bool is_body) {
  Instruction current;
  const size_t base = depth_;
  while (read_instruction(reader, current)) {
    switch (current.op) {
      case Opcode::End:
      case Opcode::Delegate:
        if (depth_ == base) return {};
        --depth_;
        line(instruction(current));
        continue;
      case Opcode::Else:
      case Opcode::Catch:
      case Opcode::CatchAll:
        if (depth_ > base) --depth_;
        line(instruction(current));
        ++depth_;
        continue;
      default: break;
    }
    line(instruction(current));
    const Immediate immediate = current.info().immediate;
    if (immediate == Immediate::Block || immediate == Immediate::TryTable) ++depth_;
  }
  depth_ = base;
  return std::unexpected(reader.to_error(is_body ? "code" : ""));
}

// A constant expression in one line.
Result<std::string> Printer::expression(ConstExpr expr) {
  ByteReader reader(module_.span(), expr);
  Instruction current;
  std::string text;
  while (read_instruction(reader, current)) {
    if (reader.at_end()) return text;
    text += (text.empty() ? "" : " ") + instruction(current);
  }
  return std::unexpected(reader.to_error());
}

std::string Printer::block_type(const BlockType& block) const {
  switch (block.kind) {
    case BlockType::Empty: return "";
    case BlockType::Value: return fmt::format(" (result {})", to_string(block.value));
    case BlockType::Index: return fmt::format(" (type {})", block.index);
  }
  return {};
}

std::string Printer::memory_argument(const Instruction& instruction) const {
  const MemArg& arg = instruction.memarg;
  std::string text;
  if (arg.memory != 0 || instruction.info().immediate == Immediate::MemArgLane) text += fmt::format(" {}", arg.memory);
  if (arg.offset != 0) text += fmt::format(" offset={}", arg.offset);
  if (arg.align != static_cast<uint32_t>(__builtin_ctz(instruction.info().width))) {
    text += fmt::format(" align={}", uint64_t{1} << arg.align);
  }
  return text;
}

std::string Printer::vector_constant(const Instruction& instruction) {
  std::string text = " i32x4";
  for (const uint64_t half : {instruction.bits, instruction.bits_high}) {
    text += fmt::format(" 0x{:08x} 0x{:08x}", half & 0xFFFF'FFFF, half >> 32);
  }
  return text;
}

std::string Printer::instruction(const Instruction& instruction) const {
  const OpcodeInfo& info = instruction.info();
  std::string text(info.text);
  switch (info.immediate) {
    case Immediate::None:
    case Immediate::Zero: break;
    case Immediate::Block: text += block_type(instruction.block); break;
    case Immediate::TryTable: {
      static constexpr const char* kClauses[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
      text += block_type(instruction.block);
      for (const CatchClause& clause : instruction.catches) {
        text += fmt::format(" ({}", kClauses[clause.kind]);
        if (clause.has_tag()) text += fmt::format(" {}", clause.tag);
        text += fmt::format(" {})", clause.label);
      }
      break;
    }
    case Immediate::LabelTable:
      for (const uint32_t label : instruction.labels) text += fmt::format(" {}", label);
      break;
    case Immediate::TypeTable: text += fmt::format(" {} (type {})", instruction.index2, instruction.index); break;
    case Immediate::ElemTable:
    case Immediate::DataMemory: text += fmt::format(" {} {}", instruction.index2, instruction.index); break;
    case Immediate::TableTable:
    case Immediate::MemoryMemory:
    case Immediate::TypeField:
    case Immediate::TypeCount:
    case Immediate::TypeData:
    case Immediate::TypeElem:
    case Immediate::TypeType: text += fmt::format(" {} {}", instruction.index, instruction.index2); break;
    case Immediate::MemArg: text += memory_argument(instruction); break;
    case Immediate::MemArgLane: text += memory_argument(instruction) + fmt::format(" {}", instruction.lane); break;
    case Immediate::Lane: text += fmt::format(" {}", instruction.lane); break;
    case Immediate::Shuffle:
      for (const uint8_t lane : instruction.shuffle) text += fmt::format(" {}", lane);
      break;
    case Immediate::I32: text += fmt::format(" {}", static_cast<int32_t>(instruction.bits)); break;
    case Immediate::I64: text += fmt::format(" {}", static_cast<int64_t>(instruction.bits)); break;
    case Immediate::F32: text += " " + float_text<float>(static_cast<uint32_t>(instruction.bits)); break;
    case Immediate::F64: text += " " + float_text<double>(instruction.bits); break;
    case Immediate::V128: text += vector_constant(instruction); break;
    case Immediate::HeapType:
      if (instruction.op == Opcode::RefNull) {
        text += " " + to_string(instruction.heap);
      } else {
        text += " " + reference(instruction.heap,
                                instruction.op == Opcode::RefTestNull || instruction.op == Opcode::RefCastNull);
      }
      break;
    case Immediate::SelectTypes:
      text += " (result";
      for (const ValType type : instruction.types) text += " " + to_string(type);
      text += ")";
      break;
    case Immediate::BrOnCast:
      text += fmt::format(" {} {} {}", instruction.index, reference(instruction.heap, instruction.lane & 1),
                          reference(instruction.heap2, instruction.lane & 2));
      break;
    default: text += fmt::format(" {}", instruction.index); break;
  }
  return text;
}

// -- definitions --

Result<> Printer::definitions() {
  for (size_t i = module_.imported_tables; i < module_.tables.size(); ++i) {
    const TableDefinition& table = module_.tables[i];
    std::string init;
    if (table.init) {
      auto text = expression(*table.init);
      if (!text) return std::unexpected(std::move(text).error());
      init = " " + *text;
    }
    line(fmt::format("(table (;{};) {}{})", i, table_type(table.type), init));
  }
  for (size_t i = module_.imported_memories; i < module_.memories.size(); ++i) {
    line(fmt::format("(memory (;{};) {})", i, memory_type(module_.memories[i].type)));
  }
  for (size_t i = module_.imported_tags; i < module_.tags.size(); ++i) {
    line(fmt::format("(tag (;{};) (type {}))", i, module_.tags[i].type));
  }
  for (size_t i = module_.imported_globals; i < module_.globals.size(); ++i) {
    auto init = expression(module_.globals[i].init);
    if (!init) return std::unexpected(std::move(init).error());
    line(fmt::format("(global {} {} {})", index_comment(names_.globals, static_cast<uint32_t>(i)),
                     global_type(module_.globals[i].type), *init));
  }
  for (const Export& exported : module_.exports) {
    line(fmt::format("(export {} ({} {}))", quoted(exported.name), to_string(exported.kind), exported.index));
  }
  if (module_.start) line(fmt::format("(start {})", *module_.start));
  for (size_t i = 0; i < module_.elements.size(); ++i) WEFT_TRY(element(module_.elements[i], static_cast<uint32_t>(i)));
  for (size_t i = 0; i < module_.datas.size(); ++i) {
    const DataSegment& segment = module_.datas[i];
    std::string place;
    if (segment.mode == SegmentMode::Active) {
      auto offset = expression(segment.offset);
      if (!offset) return std::unexpected(std::move(offset).error());
      place = fmt::format(" (memory {}) (offset {})", segment.memory, *offset);
    }
    const auto bytes = module_.range(segment.contents);
    line(fmt::format("(data (;{};){} {})", i, place,
                     quoted({reinterpret_cast<const char*>(bytes.data()), bytes.size()})));
  }
  return {};
}

Result<> Printer::element(const ElementSegment& segment, uint32_t index) {
  std::string text = fmt::format("(elem (;{};)", index);
  if (segment.mode == SegmentMode::Declarative) text += " declare";
  if (segment.mode == SegmentMode::Active) {
    auto offset = expression(segment.offset);
    if (!offset) return std::unexpected(std::move(offset).error());
    text += fmt::format(" (table {}) (offset {})", segment.table, *offset);
  }
  text += segment.uses_functions ? " func" : " " + to_string(segment.type);
  for (const uint32_t function : segment.functions) text += fmt::format(" {}", function);
  for (const ConstExpr expr : segment.expressions) {
    auto item = expression(expr);
    if (!item) return std::unexpected(std::move(item).error());
    text += fmt::format(" (item {})", *item);
  }
  line(text + ")");
  return {};
}

}  // namespace

Result<std::string> print_module(const Module& module) { return Printer(module).run(); }

}  // namespace weft::text

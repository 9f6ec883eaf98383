// A module as data: what the binary and the text format both produce, what the validator proves valid, and what the
// runtime instantiates. Function bodies, constant expressions and segment contents stay where they are in the bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module/types.h"

namespace weft {

struct RuntimeType;
struct RecGroup;

/// Immutable bytes with an owner: a mapped file, or memory.
class Bytes {
 public:
  virtual ~Bytes() = default;
  std::span<const uint8_t> span() const { return span_; }

  /// Takes over a vector.
  static std::shared_ptr<const Bytes> from_vector(std::vector<uint8_t> bytes);
  /// Copies bytes that the caller keeps.
  static std::shared_ptr<const Bytes> copy_of(std::span<const uint8_t> bytes);

 protected:
  std::span<const uint8_t> span_;
};

/// A range of the module's bytes. Offsets are from the start of the module.
struct ByteRange {
  uint32_t offset = 0;
  uint32_t size = 0;
};

/// A constant expression (§3.4.13) including its `end`.
using ConstExpr = ByteRange;

struct Import {
  std::string_view module;
  std::string_view name;
  ExternKind kind = ExternKind::Func;
  uint32_t index = 0;  // in the index space of its kind
};

struct Export {
  std::string_view name;
  ExternKind kind = ExternKind::Func;
  uint32_t index = 0;
};

struct Function {
  uint32_t type = 0;  // type index
  ByteRange body;     // local declarations and instructions (§5.5.13 "func"), empty for imports
};

struct TableDefinition {
  TableType type;
  std::optional<ConstExpr> init;  // none: null
};

struct MemoryDefinition {
  MemoryType type;
};

struct GlobalDefinition {
  GlobalType type;
  ConstExpr init;  // empty for imports
};

struct TagDefinition {
  uint32_t type = 0;  // type index of a function type
};

enum class SegmentMode : uint8_t { Active, Passive, Declarative };

struct ElementSegment {
  SegmentMode mode = SegmentMode::Passive;
  uint32_t table = 0;  // active
  ConstExpr offset;    // active
  ValType type = kFuncRef;
  // Exactly one of the two lists is used; `functions` when the binary format gave plain indices.
  bool uses_functions = true;
  std::vector<uint32_t> functions;
  std::vector<ConstExpr> expressions;
  size_t size() const { return uses_functions ? functions.size() : expressions.size(); }
};

struct DataSegment {
  SegmentMode mode = SegmentMode::Passive;
  uint32_t memory = 0;  // active
  ConstExpr offset;     // active
  ByteRange contents;
};

struct CustomSection {
  std::string_view name;
  ByteRange contents;         // after the name
  uint8_t after_section = 0;  // id of the last non-custom section before it; 0 at the start of the module
};

/// For modules from text: the instruction or definition at `offset` of the bytes stands at line:column of the source.
struct SourcePosition {
  uint32_t offset = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

/// A module. Index spaces hold imports first, then definitions (§2.5.1). Immutable once validated; shared by threads.
struct Module {
  std::shared_ptr<const Bytes> bytes;
  std::deque<std::string> strings;  // owned text that string_views below may point into (modules from text)

  std::vector<SubType> types;
  std::vector<RecGroupRange> rec_groups;  // in order, covering all types
  std::vector<Import> imports;
  std::vector<Function> functions;
  std::vector<TableDefinition> tables;
  std::vector<MemoryDefinition> memories;
  std::vector<GlobalDefinition> globals;
  std::vector<TagDefinition> tags;
  std::vector<Export> exports;
  std::optional<uint32_t> start;
  std::vector<ElementSegment> elements;
  std::vector<DataSegment> datas;
  std::optional<uint32_t> data_count;  // of the data count section
  std::vector<CustomSection> customs;
  std::vector<SourcePosition> positions;  // ascending by offset; empty for binary modules

  uint32_t imported_functions = 0;
  uint32_t imported_tables = 0;
  uint32_t imported_memories = 0;
  uint32_t imported_globals = 0;
  uint32_t imported_tags = 0;

  // Filled by the validator: the canonical type of each entry of `types`, what keeps them alive, and the functions that
  // ref.func may name because something outside of function bodies does (§3.5.1 "refs").
  std::vector<const RuntimeType*> canonical;
  std::vector<std::shared_ptr<const RecGroup>> groups;
  std::vector<bool> declared_functions;

  std::span<const uint8_t> span() const { return bytes->span(); }
  std::span<const uint8_t> range(ByteRange r) const { return bytes->span().subspan(r.offset, r.size); }
  /// The function type of a function; the type index must have been validated or belong to a function type.
  const FuncType& func_type(uint32_t function) const { return types[functions[function].type].composite.func; }
  /// The export of that name, or null.
  const Export* find_export(std::string_view name) const;
  /// The custom section of that name, or null.
  const CustomSection* find_custom(std::string_view name) const;
};

}  // namespace weft

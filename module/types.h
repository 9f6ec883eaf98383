// The types of WebAssembly, spec §2.3: value types, composite types, and the types of what a module imports and
// exports. Plain data, no validation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// A heap type: an abstract one or a defined type by index. Which space the index is in (a module's type section, or
/// the canonical ids of a TypeRegistry) is said by whoever holds the type.
class HeapType {
 public:
  /// Abstract heap types, by their codes in the binary format (§5.3.3). Bottom is the validator's "below every type".
  enum Abstract : uint8_t {
    Bottom = 0,
    Exn = 0x69,
    Array = 0x6A,
    Struct = 0x6B,
    I31 = 0x6C,
    Eq = 0x6D,
    Any = 0x6E,
    Extern = 0x6F,
    Func = 0x70,
    None = 0x71,
    NoExtern = 0x72,
    NoFunc = 0x73,
    NoExn = 0x74,
  };

  constexpr HeapType() = default;
  constexpr HeapType(Abstract abstract) : bits_(kAbstractBit | abstract) {}  // NOLINT: implicit by intent
  static constexpr HeapType defined(uint32_t index) { return HeapType(index, 0); }
  static constexpr HeapType from_bits(uint32_t bits) { return HeapType(bits, 0); }

  constexpr bool is_abstract() const { return bits_ & kAbstractBit; }
  constexpr bool is_defined() const { return !is_abstract(); }
  constexpr Abstract abstract() const { return static_cast<Abstract>(bits_ & 0xFF); }
  constexpr uint32_t index() const { return bits_; }
  constexpr uint32_t bits() const { return bits_; }
  constexpr bool operator==(const HeapType&) const = default;

  static constexpr bool is_abstract_code(uint8_t code) { return code >= Exn && code <= NoExn; }
  /// Indices must stay below this.
  static constexpr uint32_t kIndexLimit = 1u << 23;

 private:
  static constexpr uint32_t kAbstractBit = 1u << 23;
  constexpr HeapType(uint32_t bits, int) : bits_(bits) {}
  uint32_t bits_ = kAbstractBit;
};

/// A value type or, in fields of aggregates, a packed type (§2.3.7, §2.3.9). Four bytes; equal bits are equal types
/// within one index space.
class ValType {
 public:
  enum Kind : uint8_t {
    Bottom = 0,  // the validator's type of operands in unreachable code
    Ref = 0x64,
    RefNull = 0x63,
    I16 = 0x77,  // storage only
    I8 = 0x78,   // storage only
    V128 = 0x7B,
    F64 = 0x7C,
    F32 = 0x7D,
    I64 = 0x7E,
    I32 = 0x7F,
  };

  constexpr ValType() = default;
  constexpr ValType(Kind kind) : bits_(kind) {}  // NOLINT: implicit by intent
  static constexpr ValType ref(HeapType heap, bool nullable) {
    ValType type;
    type.bits_ = (nullable ? RefNull : Ref) | heap.bits() << 8;
    return type;
  }

  constexpr Kind kind() const { return static_cast<Kind>(bits_ & 0xFF); }
  constexpr bool is_bottom() const { return bits_ == 0; }
  constexpr bool is_ref() const { return kind() == Ref || kind() == RefNull; }
  constexpr bool is_nullable() const { return kind() == RefNull; }
  constexpr bool is_packed() const { return kind() == I8 || kind() == I16; }
  constexpr bool is_numeric() const { return kind() >= F64; }
  constexpr bool is_vector() const { return kind() == V128; }
  /// True for types with a default value (§3.1.6 "defaultable"): everything but non-null references.
  constexpr bool is_defaultable() const { return kind() != Ref; }
  constexpr HeapType heap() const { return HeapType::from_bits(bits_ >> 8); }
  constexpr ValType as_nullable() const { return is_ref() ? ref(heap(), true) : *this; }
  constexpr ValType as_non_null() const { return is_ref() ? ref(heap(), false) : *this; }
  /// The type on the operand stack of a field of this type: i32 for packed ones.
  constexpr ValType unpacked() const { return is_packed() ? ValType(I32) : *this; }
  /// 64-bit cells that a value occupies in frames and in argument arrays.
  constexpr uint32_t cells() const { return kind() == V128 ? 2 : 1; }
  /// Bytes that a field of this type occupies in an aggregate.
  constexpr uint32_t storage_bytes() const {
    switch (kind()) {
      case I8: return 1;
      case I16: return 2;
      case I32:
      case F32: return 4;
      case V128: return 16;
      default: return 8;
    }
  }
  constexpr uint32_t bits() const { return bits_; }
  constexpr bool operator==(const ValType&) const = default;

 private:
  uint32_t bits_ = Bottom;
};

inline constexpr ValType kFuncRef = ValType::ref(HeapType::Func, true);
inline constexpr ValType kExternRef = ValType::ref(HeapType::Extern, true);
inline constexpr ValType kAnyRef = ValType::ref(HeapType::Any, true);
inline constexpr ValType kExnRef = ValType::ref(HeapType::Exn, true);

/// Text form: "i32", "funcref", "(ref null 3)" …
std::string to_string(ValType type);
std::string to_string(HeapType type);

struct FieldType {
  ValType type;  // may be packed
  bool is_mutable = false;
  bool operator==(const FieldType&) const = default;
};

struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  bool operator==(const FuncType&) const = default;
};

/// Text form as in the specification: "[i32 i64] -> [f32]".
std::string to_string(const FuncType& type);

/// Cells that a list of value types occupies.
uint32_t count_cells(const std::vector<ValType>& types);

enum class CompositeKind : uint8_t { Func, Struct, Array };

/// A composite type (§2.3.8). Only the member that `kind` names is meaningful; an array has exactly one field.
struct CompositeType {
  CompositeKind kind = CompositeKind::Func;
  FuncType func;
  std::vector<FieldType> fields;
};

/// A defined type as a module's type section spells it: a sub type of a recursive group (§2.3.8).
struct SubType {
  bool is_final = true;
  std::optional<uint32_t> super;  // type index
  CompositeType composite;
};

/// Types [first, first + count) of the type section form one recursive group.
struct RecGroupRange {
  uint32_t first = 0;
  uint32_t count = 1;
};

struct Limits {
  uint64_t min = 0;
  std::optional<uint64_t> max;
  bool operator==(const Limits&) const = default;
};

struct MemoryType {
  Limits limits;  // in pages
  bool is_shared = false;
  bool is_64 = false;           // address type i64
  uint8_t page_size_log2 = 16;  // 16, or 0 with custom page sizes; whatever the module says until it is validated
  ValType address_type() const { return is_64 ? ValType::I64 : ValType::I32; }
  uint64_t page_size() const { return uint64_t{1} << page_size_log2; }
  bool operator==(const MemoryType&) const = default;
};

struct TableType {
  ValType element = kFuncRef;
  Limits limits;
  bool is_64 = false;
  ValType address_type() const { return is_64 ? ValType::I64 : ValType::I32; }
};

struct GlobalType {
  ValType type;
  bool is_mutable = false;
};

enum class ExternKind : uint8_t { Func = 0, Table = 1, Memory = 2, Global = 3, Tag = 4 };

/// "func", "table", "memory", "global", "tag".
const char* to_string(ExternKind kind);

}  // namespace weft

// Types, type uses, indices and integer literals, spec §6.4 and §6.6.
#include <fmt/format.h>

#include <algorithm>

#include "text/module_parser.h"
#include "text/numbers.h"

namespace weft::text {

bool TokenCursor::fail_at(const Token& token, std::string message) {
  if (error_.empty()) {
    error_ = std::move(message);
    line_ = token.line;
    column_ = token.column;
    pos_ = end_;
  }
  return false;
}

bool TokenCursor::unexpected() {
  const Token& token = peek();
  switch (token.kind) {
    case Token::End: return fail("unexpected token: end of the module");
    case Token::Left: return fail("unexpected token: (");
    case Token::Right: return fail("unexpected token: )");
    case Token::Annotation: return fail(fmt::format("misplaced @{} annotation", token.text));
    case Token::Id: return fail(fmt::format("unexpected token: ${}", token.text));
    case Token::String: return fail("unexpected token: a string");
    case Token::Reserved: return fail(fmt::format("unknown operator {}", token.text));
    default: return fail(fmt::format("unexpected token: {}", token.text));
  }
}

void append_unsigned(std::vector<uint8_t>& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) to.push_back(static_cast<uint8_t>(value | 0x80));
  to.push_back(static_cast<uint8_t>(value));
}

void append_signed(std::vector<uint8_t>& to, int64_t value) {
  while (value < -64 || value > 63) {
    to.push_back(static_cast<uint8_t>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  to.push_back(static_cast<uint8_t>(value & 0x7F));
}

// -- literals and indices --

uint64_t ModuleParser::unsigned_literal(unsigned bits) {
  const Token& token = cursor_.peek();
  uint64_t value = 0;
  if (token.kind != Token::Atom) return cursor_.unexpected(), 0;
  switch (parse_unsigned(token.text, bits, value)) {
    case NumberStatus::Ok: cursor_.next(); break;
    case NumberStatus::Malformed: cursor_.unexpected(); break;
    case NumberStatus::OutOfRange: cursor_.fail(fmt::format("i{} constant out of range: {}", bits, token.text)); break;
  }
  return value;
}

uint64_t ModuleParser::integer_literal(unsigned bits) {
  const Token& token = cursor_.peek();
  uint64_t value = 0;
  if (token.kind != Token::Atom) return cursor_.unexpected(), 0;
  switch (parse_integer(token.text, bits, value)) {
    case NumberStatus::Ok: cursor_.next(); break;
    case NumberStatus::Malformed: cursor_.fail(fmt::format("unknown operator {}", token.text)); break;
    case NumberStatus::OutOfRange:
      cursor_.fail(fmt::format("{}constant out of range: {}", bits < 32 ? fmt::format("i{} ", bits) : "", token.text));
      break;
  }
  return value;
}

bool ModuleParser::has_index() const {
  if (cursor_.is(Token::Id)) return true;
  return cursor_.is(Token::Atom) && cursor_.peek().text[0] >= '0' && cursor_.peek().text[0] <= '9';
}

uint32_t ModuleParser::index(IndexSpace& space) {
  const Token& token = cursor_.peek();
  if (token.kind != Token::Id) return static_cast<uint32_t>(unsigned_literal(32));
  const auto found = space.ids.find(token.text);
  if (found == space.ids.end()) {
    cursor_.fail(fmt::format("unknown {} ${}", space.what, token.text));
    return 0;
  }
  cursor_.next();
  return found->second;
}

// -- types --

namespace {

struct HeapName {
  std::string_view heap;
  std::string_view ref;  // abbreviation of (ref null heap)
  HeapType::Abstract type;
};
constexpr HeapName kHeapNames[] = {
    {"func", "funcref", HeapType::Func},
    {"extern", "externref", HeapType::Extern},
    {"any", "anyref", HeapType::Any},
    {"eq", "eqref", HeapType::Eq},
    {"i31", "i31ref", HeapType::I31},
    {"struct", "structref", HeapType::Struct},
    {"array", "arrayref", HeapType::Array},
    {"exn", "exnref", HeapType::Exn},
    {"none", "nullref", HeapType::None},
    {"nofunc", "nullfuncref", HeapType::NoFunc},
    {"noextern", "nullexternref", HeapType::NoExtern},
    {"noexn", "nullexnref", HeapType::NoExn},
};

struct NumberName {
  std::string_view text;
  ValType::Kind kind;
};
constexpr NumberName kNumberNames[] = {{"i32", ValType::I32}, {"i64", ValType::I64},   {"f32", ValType::F32},
                                       {"f64", ValType::F64}, {"v128", ValType::V128}, {"i8", ValType::I8},
                                       {"i16", ValType::I16}};

// The type that one atom names, packed ones included; Bottom for none.
ValType atom_type(std::string_view text) {
  for (const NumberName& name : kNumberNames) {
    if (name.text == text) return name.kind;
  }
  for (const HeapName& name : kHeapNames) {
    if (name.ref == text) return ValType::ref(name.type, true);
  }
  return {};
}

}  // namespace

HeapType ModuleParser::heap_type() {
  if (!cursor_.is(Token::Atom) || has_index()) {
    if (!has_index()) return cursor_.unexpected(), HeapType();
    const uint32_t type = index(types_);
    return HeapType::defined(std::min(type, HeapType::kIndexLimit - 1));
  }
  for (const HeapName& name : kHeapNames) {
    if (cursor_.take_atom(name.heap)) return name.type;
  }
  cursor_.unexpected();
  return {};
}

bool ModuleParser::is_val_type() const {
  if (cursor_.is_list("ref")) return true;
  if (!cursor_.is(Token::Atom)) return false;
  const ValType type = atom_type(cursor_.peek().text);
  return !type.is_bottom() && !type.is_packed();
}

ValType ModuleParser::storage_type() {
  if (cursor_.take_list("ref")) {
    const bool nullable = cursor_.take_atom("null");
    const HeapType heap = heap_type();
    cursor_.expect_close();
    return ValType::ref(heap, nullable);
  }
  const Token& token = cursor_.peek();
  const ValType type = token.kind == Token::Atom ? atom_type(token.text) : ValType();
  if (type.is_bottom()) return cursor_.unexpected(), type;
  cursor_.next();
  return type;
}

ValType ModuleParser::val_type() {
  const Token& token = cursor_.peek();
  const ValType type = storage_type();
  if (type.is_packed()) cursor_.fail_at(token, "unexpected token: packed types are for fields");
  return type;
}

FieldType ModuleParser::field_type() {
  FieldType field;
  field.is_mutable = cursor_.take_list("mut");
  field.type = storage_type();
  if (field.is_mutable) cursor_.expect_close();
  return field;
}

CompositeType ModuleParser::composite_type(uint32_t type_index) {
  CompositeType type;
  if (cursor_.take_list("func")) {
    type.kind = CompositeKind::Func;
    signature(type.func, nullptr);
  } else if (cursor_.take_list("array")) {
    type.kind = CompositeKind::Array;
    type.fields.push_back(field_type());
  } else if (cursor_.take_list("struct")) {
    type.kind = CompositeKind::Struct;
    IndexSpace& names = struct_fields_[type_index];
    names.what = "field";
    while (cursor_.take_list("field")) {
      const bool named = cursor_.is(Token::Id);
      if (named) {
        names.count = static_cast<uint32_t>(type.fields.size());
        bind(names, false);
        type.fields.push_back(field_type());
      } else {
        while (!cursor_.is(Token::Right) && !cursor_.failed()) type.fields.push_back(field_type());
      }
      cursor_.expect_close();
    }
  } else {
    cursor_.unexpected();
  }
  cursor_.expect_close();
  return type;
}

void ModuleParser::sub_type(uint32_t type_index) {
  SubType& type = module_->types[type_index];
  if (cursor_.take_list("sub")) {
    type.is_final = cursor_.take_atom("final");
    if (has_index()) type.super = index(types_);
    type.composite = composite_type(type_index);
    cursor_.expect_close();
  } else {
    type.composite = composite_type(type_index);
  }
}

// (param …)* (result …)*; parameters may have names where `param_names` wants them.
void ModuleParser::signature(FuncType& type, std::vector<std::string_view>* param_names) {
  while (cursor_.take_list("param")) {
    if (cursor_.is(Token::Id)) {
      if (param_names != nullptr) {
        param_names->resize(type.params.size());
        param_names->push_back(cursor_.peek().text);
      }
      cursor_.next();
      skip_name_annotation();
      type.params.push_back(val_type());
    } else {
      while (!cursor_.is(Token::Right) && !cursor_.failed()) type.params.push_back(val_type());
    }
    cursor_.expect_close();
  }
  while (cursor_.take_list("result")) {
    while (!cursor_.is(Token::Right) && !cursor_.failed()) type.results.push_back(val_type());
    cursor_.expect_close();
  }
}

// §6.6.3: the first function type that is alone in its group and equal, or a new one at the end.
uint32_t ModuleParser::implicit_type(const FuncType& type) {
  const std::string key = to_string(type);
  const auto found = plain_types_.find(key);
  if (found != plain_types_.end()) return found->second;
  const auto created = static_cast<uint32_t>(module_->types.size());
  SubType sub;
  sub.composite.func = type;
  module_->types.push_back(std::move(sub));
  module_->rec_groups.push_back({created, 1});
  plain_types_.emplace(key, created);
  return created;
}

// (type x)? (param …)* (result …)*. The signature that comes out is given when `out` is there.
uint32_t ModuleParser::type_use(FuncType* out, std::vector<std::string_view>* param_names) {
  const Token& start = cursor_.peek();
  bool has_type = false;
  uint32_t type = 0;
  if (cursor_.take_list("type")) {
    has_type = true;
    type = index(types_);
    cursor_.expect_close();
  }
  FuncType written;
  const bool has_signature = cursor_.is_list("param") || cursor_.is_list("result");
  signature(written, param_names);
  if (cursor_.failed()) return 0;
  if (!has_type) {
    if (out != nullptr) *out = written;
    return implicit_type(written);
  }
  const bool known = type < module_->types.size() && module_->types[type].composite.kind == CompositeKind::Func;
  if (has_signature && (!known || !(module_->types[type].composite.func == written))) {
    if (type >= module_->types.size()) {
      cursor_.fail_at(start, fmt::format("unknown type {}", type));
    } else {
      cursor_.fail_at(start, "inline function type: it is not the type that is named");
    }
    return 0;
  }
  if (out != nullptr && known) *out = module_->types[type].composite.func;
  return type;
}

Limits ModuleParser::limits() {
  // Whether they fit the address type is for the validator to say; without memory64 they are 32-bit literals.
  const unsigned bits = features_.has(Feature::Memory64) ? 64 : 32;
  Limits limits;
  limits.min = unsigned_literal(bits);
  const bool more = cursor_.is(Token::Atom) && cursor_.peek().text[0] >= '0' && cursor_.peek().text[0] <= '9';
  if (more) limits.max = unsigned_literal(bits);
  return limits;
}

// i32 or i64 in front of limits; true for i64.
bool ModuleParser::take_address_type() {
  if (cursor_.take_atom("i64")) return true;
  cursor_.take_atom("i32");
  return false;
}

TableType ModuleParser::table_type() {
  TableType type;
  type.is_64 = take_address_type();
  type.limits = limits();
  const Token& token = cursor_.peek();
  type.element = val_type();
  if (!cursor_.failed() && !type.element.is_ref())
    cursor_.fail_at(token, "unexpected token: a reference type is expected");
  return type;
}

MemoryType ModuleParser::memory_type() {
  MemoryType type;
  type.is_64 = take_address_type();
  type.limits = limits();
  type.is_shared = cursor_.take_atom("shared");
  if (cursor_.take_list("pagesize")) {
    const Token& token = cursor_.peek();
    const uint64_t size = unsigned_literal(64);
    if (!cursor_.failed() && (size == 0 || (size & (size - 1)) != 0)) {
      cursor_.fail_at(token, "invalid custom page size: it is no power of two");
      return type;
    }
    if (size != 0) type.page_size_log2 = static_cast<uint8_t>(__builtin_ctzll(size));
    cursor_.expect_close();
  }
  return type;
}

GlobalType ModuleParser::global_type() {
  GlobalType type;
  type.is_mutable = cursor_.take_list("mut");
  type.type = val_type();
  if (type.is_mutable) cursor_.expect_close();
  return type;
}

ExternKind ModuleParser::extern_kind(const Token& token) {
  if (token.kind == Token::Atom) {
    for (const ExternKind kind :
         {ExternKind::Func, ExternKind::Table, ExternKind::Memory, ExternKind::Global, ExternKind::Tag}) {
      if (token.text == to_string(kind)) return kind;
    }
  }
  cursor_.fail_at(token, fmt::format("unexpected token: {}", token.text));
  return ExternKind::Func;
}

}  // namespace weft::text

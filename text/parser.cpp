// The fields of a module, spec §6.6.
//
// Three passes over the tokens: the first gives every definition its index, so that identifiers can be used before they
// are bound; the second parses the type section; the third everything else in the order of the text, which is the order
// in which type uses add types and segments get their indices.
#include "text/parser.h"

#include <fmt/format.h>

#include "decoder/decoder.h"
#include "text/module_parser.h"
#include "text/numbers.h"

namespace weft::text {

ModuleParser::ModuleParser(const TokenList& list, size_t begin, size_t end, const FeatureSet& features)
    : cursor_(list, begin, end), list_(list), features_(features), module_(std::make_unique<Module>()) {}

Result<std::unique_ptr<Module>> ModuleParser::run(std::string_view module_name) {
  if (const std::string_view given = name_annotation(); !given.empty()) {
    module_name = given;
    has_name_annotation_ = true;
  }
  declare_fields();
  if (!cursor_.failed()) parse_types();
  for (const Field& field : fields_) {
    if (cursor_.failed()) break;
    cursor_.seek(field.position);
    parse_field(field);
  }
  if (cursor_.failed()) return std::unexpected(cursor_.to_error());
  if (needs_data_count_) module_->data_count = static_cast<uint32_t>(module_->datas.size());
  add_hint_section();
  add_name_section(module_name);
  module_->bytes = Bytes::from_vector(std::move(out_));
  return std::move(module_);
}

// -- first pass: indices --

void ModuleParser::declare_fields() {
  while (!cursor_.at_end() && !cursor_.failed()) {
    const size_t position = cursor_.position();
    if (cursor_.is(Token::Annotation)) {
      fields_.push_back({position, "@"});
      cursor_.skip_list();
      continue;
    }
    if (!cursor_.is(Token::Left) || cursor_.peek(1).kind != Token::Atom) {
      cursor_.next();
      cursor_.unexpected();
      return;
    }
    const Field field{position, cursor_.peek(1).text};
    const size_t after = cursor_.peek().match + size_t{1};
    cursor_.seek(position + 2);
    declare(field);
    if (!cursor_.failed()) cursor_.seek(after);
  }
}

// Binds the identifier at the cursor, if there is one, to the space's next index.
void ModuleParser::bind(IndexSpace& space, bool advance) {
  if (cursor_.is(Token::Id)) {
    const Token& token = cursor_.next();
    if (!space.ids.emplace(token.text, space.count).second) {
      cursor_.fail_at(token, fmt::format("duplicate {} ${}", space.what, token.text));
      return;
    }
    space.names.emplace(space.count, token.text);
  }
  const std::string_view given = name_annotation();
  if (!given.empty()) space.names[space.count] = given;
  if (advance) ++space.count;
}

// (@name "text") behind an identifier; gives the text, or "".
std::string_view ModuleParser::name_annotation() {
  if (!cursor_.is(Token::Annotation) || cursor_.peek().text != "name") return {};
  cursor_.next();
  const std::string_view given = name();
  cursor_.expect_close();
  return given;
}

// The same where the name was taken before.
void ModuleParser::skip_name_annotation() {
  if (cursor_.is(Token::Annotation) && cursor_.peek().text == "name") cursor_.skip_list();
}

// The list at `position` has a direct child (keyword …).
bool ModuleParser::contains_list(size_t position, std::string_view keyword) const {
  const size_t end = list_.tokens[position].match;
  for (size_t i = position + 1; i < end; ++i) {
    const Token& token = list_.tokens[i];
    if (token.kind != Token::Left && token.kind != Token::Annotation) continue;
    if (token.kind == Token::Left && list_.tokens[i + 1].kind == Token::Atom && list_.tokens[i + 1].text == keyword) {
      return true;
    }
    i = token.match;
  }
  return false;
}

void ModuleParser::declare_type(size_t position) {
  cursor_.seek(position + 2);
  bind(types_);
}

void ModuleParser::declare(const Field& field) {
  Field declared = field;
  const auto add = [&](IndexSpace& space) {
    declared.index = space.count;
    bind(space);
    fields_.push_back(declared);
  };
  // Imports come before definitions, because they come first in the index spaces.
  const auto add_definition = [&](IndexSpace& space, uint32_t& imported) {
    const bool is_import = field.keyword == "import" || contains_list(field.position, "import");
    if (is_import) {
      for (const IndexSpace* other : {&functions_, &tables_, &memories_, &globals_, &tags_}) {
        const uint32_t imports = other == &functions_  ? module_->imported_functions
                                 : other == &tables_   ? module_->imported_tables
                                 : other == &memories_ ? module_->imported_memories
                                 : other == &globals_  ? module_->imported_globals
                                                       : module_->imported_tags;
        if (other->count > imports) {
          const char* const kind = other == &functions_ ? "function" : other->what;
          cursor_.fail(fmt::format("import after {}", kind));
          return;
        }
      }
      ++imported;
    }
    add(space);
  };
  const std::string_view keyword = field.keyword;
  if (keyword == "type") {
    fields_.push_back(field);
    declare_type(field.position);
  } else if (keyword == "rec") {
    fields_.push_back(field);
    for (size_t i = field.position + 2; i < list_.tokens[field.position].match; i = list_.tokens[i].match + size_t{1}) {
      cursor_.seek(i);
      if (!cursor_.is_list("type")) {
        cursor_.unexpected();
        return;
      }
      declare_type(i);
    }
  } else if (keyword == "func") {
    add_definition(functions_, module_->imported_functions);
  } else if (keyword == "table") {
    add_definition(tables_, module_->imported_tables);
    if (contains_list(field.position, "elem")) ++elements_.count;
  } else if (keyword == "memory") {
    add_definition(memories_, module_->imported_memories);
    if (contains_list(field.position, "data")) ++datas_.count;
  } else if (keyword == "global") {
    add_definition(globals_, module_->imported_globals);
  } else if (keyword == "tag") {
    add_definition(tags_, module_->imported_tags);
  } else if (keyword == "elem") {
    add(elements_);
  } else if (keyword == "data") {
    add(datas_);
  } else if (keyword == "export" || keyword == "start") {
    fields_.push_back(field);
  } else if (keyword == "import") {
    // (import "m" "f" (kind $id? …))
    cursor_.expect(Token::String);
    cursor_.expect(Token::String);
    cursor_.expect(Token::Left);
    if (cursor_.failed()) return;
    switch (extern_kind(cursor_.next())) {
      case ExternKind::Func: add_definition(functions_, module_->imported_functions); break;
      case ExternKind::Table: add_definition(tables_, module_->imported_tables); break;
      case ExternKind::Memory: add_definition(memories_, module_->imported_memories); break;
      case ExternKind::Global: add_definition(globals_, module_->imported_globals); break;
      case ExternKind::Tag: add_definition(tags_, module_->imported_tags); break;
    }
  } else {
    cursor_.seek(field.position + 1);
    cursor_.unexpected();
  }
}

// -- second pass: types --

void ModuleParser::parse_types() {
  module_->types.resize(types_.count);
  explicit_types_ = types_.count;
  uint32_t next = 0;
  const auto one = [&](size_t position) {
    cursor_.seek(position + 2);
    if (cursor_.is(Token::Id)) cursor_.next();
    skip_name_annotation();
    sub_type(next++);
    cursor_.expect_close();
  };
  for (const Field& field : fields_) {
    if (cursor_.failed()) return;
    if (field.keyword == "type") {
      module_->rec_groups.push_back({next, 1});
      one(field.position);
      const SubType& type = module_->types[next - 1];
      if (type.is_final && !type.super && type.composite.kind == CompositeKind::Func) {
        plain_types_.emplace(to_string(type.composite.func), next - 1);
      }
    } else if (field.keyword == "rec") {
      const uint32_t first = next;
      const size_t end = list_.tokens[field.position].match;
      for (size_t i = field.position + 2; i < end; i = list_.tokens[i].match + size_t{1}) one(i);
      module_->rec_groups.push_back({first, next - first});
      // A group of one is the same as a type alone.
      if (next - first == 1) {
        const SubType& type = module_->types[first];
        if (type.is_final && !type.super && type.composite.kind == CompositeKind::Func) {
          plain_types_.emplace(to_string(type.composite.func), first);
        }
      }
    }
  }
}

// -- third pass: the rest --

void ModuleParser::parse_field(const Field& field) {
  if (field.keyword == "@") {
    custom_annotation();
    return;
  }
  if (field.keyword == "type" || field.keyword == "rec") return;
  cursor_.seek(field.position + 2);
  if (field.keyword == "import") {
    import_field();
    return;
  }
  const bool may_have_id = field.keyword != "export" && field.keyword != "start";
  if (may_have_id) {
    if (cursor_.is(Token::Id)) cursor_.next();
    skip_name_annotation();
  }
  if (field.keyword == "func") function_field(field.index);
  if (field.keyword == "table") table_field(field.index);
  if (field.keyword == "memory") memory_field(field.index);
  if (field.keyword == "global") global_field(field.index);
  if (field.keyword == "tag") tag_field(field.index);
  if (field.keyword == "export") export_field();
  if (field.keyword == "start") start_field();
  if (field.keyword == "elem") element_field(field.index);
  if (field.keyword == "data") data_field(field.index);
  cursor_.expect_close();
}

std::string_view ModuleParser::name() {
  if (!cursor_.is(Token::String)) return cursor_.unexpected(), std::string_view();
  const Token& token = cursor_.next();
  std::string text = decode_string(token.text);
  if (!is_valid_utf8(text)) return cursor_.fail_at(token, "malformed UTF-8 encoding"), std::string_view();
  return own(std::move(text));
}

// (export "n")* (import "m" "f")?; true when there was an import.
bool ModuleParser::inline_exports_and_import(ExternKind kind, uint32_t index) {
  while (cursor_.take_list("export")) {
    module_->exports.push_back({name(), kind, index});
    cursor_.expect_close();
  }
  if (!cursor_.take_list("import")) return false;
  Import import;
  import.module = name();
  import.name = name();
  import.kind = kind;
  import.index = index;
  module_->imports.push_back(import);
  cursor_.expect_close();
  return true;
}

void ModuleParser::import_field() {
  Import import;
  import.module = name();
  import.name = name();
  cursor_.expect(Token::Left);
  import.kind = extern_kind(cursor_.next());
  if (cursor_.is(Token::Id)) cursor_.next();
  skip_name_annotation();
  switch (import.kind) {
    case ExternKind::Func:
      import.index = static_cast<uint32_t>(module_->functions.size());
      module_->functions.push_back({type_use(nullptr, nullptr), {}});
      break;
    case ExternKind::Table:
      import.index = static_cast<uint32_t>(module_->tables.size());
      module_->tables.push_back({table_type(), {}});
      break;
    case ExternKind::Memory:
      import.index = static_cast<uint32_t>(module_->memories.size());
      module_->memories.push_back({memory_type()});
      break;
    case ExternKind::Global:
      import.index = static_cast<uint32_t>(module_->globals.size());
      module_->globals.push_back({global_type(), {}});
      break;
    case ExternKind::Tag:
      import.index = static_cast<uint32_t>(module_->tags.size());
      module_->tags.push_back({type_use(nullptr, nullptr)});
      break;
  }
  module_->imports.push_back(import);
  cursor_.expect_close();
  cursor_.expect_close();
}

void ModuleParser::function_field(uint32_t index) {
  std::vector<std::string_view> param_names;
  FuncType type;
  if (inline_exports_and_import(ExternKind::Func, index)) {
    module_->functions.push_back({type_use(nullptr, nullptr), {}});
    return;
  }
  const uint32_t type_index = type_use(&type, &param_names);
  module_->functions.push_back({type_index, {}});
  locals_and_body(index, type, param_names);
}

void ModuleParser::table_field(uint32_t index) {
  if (inline_exports_and_import(ExternKind::Table, index)) {
    module_->tables.push_back({table_type(), {}});
    return;
  }
  TableDefinition table;
  table.type.is_64 = take_address_type();
  if (!is_val_type()) {
    table.type.limits = limits();
    const Token& token = cursor_.peek();
    table.type.element = val_type();
    if (!cursor_.failed() && !table.type.element.is_ref()) {
      cursor_.fail_at(token, "unexpected token: a reference type is expected");
    }
    if (!cursor_.is(Token::Right)) table.init = code(false);
    module_->tables.push_back(table);
    return;
  }
  // (table reftype (elem …)): as large as its elements.
  table.type.element = val_type();
  if (!cursor_.take_list("elem")) {
    cursor_.unexpected();
    return;
  }
  ElementSegment segment;
  segment.mode = SegmentMode::Active;
  segment.table = index;
  segment.type = table.type.element;
  segment.offset = constant(table.type.is_64, 0);
  element_list(segment);
  if (segment.uses_functions && table.type.element != kFuncRef) use_expressions(segment, table.type.element);
  cursor_.expect_close();
  table.type.limits = {segment.size(), segment.size()};
  module_->tables.push_back(table);
  module_->elements.push_back(std::move(segment));
}

void ModuleParser::memory_field(uint32_t index) {
  if (inline_exports_and_import(ExternKind::Memory, index)) {
    module_->memories.push_back({memory_type()});
    return;
  }
  MemoryDefinition memory;
  const size_t start = cursor_.position();
  memory.type.is_64 = take_address_type();
  uint64_t page_size = uint64_t{1} << 16;
  if (cursor_.is_list("pagesize")) {
    cursor_.take_list("pagesize");
    page_size = unsigned_literal(64);
    cursor_.expect_close();
  }
  if (!cursor_.take_list("data")) {
    cursor_.seek(start);
    memory.type = memory_type();
    module_->memories.push_back(memory);
    return;
  }
  // (memory (data "…")): as large as its data.
  DataSegment segment;
  segment.mode = SegmentMode::Active;
  segment.memory = index;
  segment.offset = constant(memory.type.is_64, 0);
  segment.contents = data_strings();
  cursor_.expect_close();
  if (page_size == 0 || (page_size & (page_size - 1)) != 0) {
    cursor_.fail("invalid custom page size: it is no power of two");
    return;
  }
  memory.type.page_size_log2 = static_cast<uint8_t>(__builtin_ctzll(page_size));
  const uint64_t pages = (segment.contents.size + page_size - 1) / page_size;
  memory.type.limits = {pages, pages};
  module_->memories.push_back(memory);
  module_->datas.push_back(segment);
}

void ModuleParser::global_field(uint32_t index) {
  const bool imported = inline_exports_and_import(ExternKind::Global, index);
  GlobalDefinition global;
  global.type = global_type();
  if (!imported) global.init = code(false);
  module_->globals.push_back(global);
}

void ModuleParser::tag_field(uint32_t index) {
  inline_exports_and_import(ExternKind::Tag, index);
  module_->tags.push_back({type_use(nullptr, nullptr)});
}

void ModuleParser::export_field() {
  Export exported;
  exported.name = name();
  cursor_.expect(Token::Left);
  exported.kind = extern_kind(cursor_.next());
  switch (exported.kind) {
    case ExternKind::Func: exported.index = index(functions_); break;
    case ExternKind::Table: exported.index = index(tables_); break;
    case ExternKind::Memory: exported.index = index(memories_); break;
    case ExternKind::Global: exported.index = index(globals_); break;
    case ExternKind::Tag: exported.index = index(tags_); break;
  }
  cursor_.expect_close();
  module_->exports.push_back(exported);
}

void ModuleParser::start_field() {
  if (has_start_) {
    cursor_.fail("multiple start sections");
    return;
  }
  has_start_ = true;
  module_->start = index(functions_);
}

// -- segments --

// A constant expression of one instruction.
ByteRange ModuleParser::constant(bool is_64, uint64_t value) {
  const auto start = static_cast<uint32_t>(out_.size());
  out_.push_back(static_cast<uint8_t>(opcode_info(is_64 ? Opcode::I64Const : Opcode::I32Const).code));
  append_signed(out_, static_cast<int64_t>(value));
  out_.push_back(static_cast<uint8_t>(opcode_info(Opcode::End).code));
  return {start, static_cast<uint32_t>(out_.size()) - start};
}

// (offset instr*) or one folded instruction.
ConstExpr ModuleParser::offset_expression() {
  if (cursor_.take_list("offset")) {
    const ConstExpr expr = code(false);
    cursor_.expect_close();
    return expr;
  }
  return element_expression();
}

// One folded instruction in parentheses.
ConstExpr ModuleParser::element_expression() {
  if (!cursor_.is(Token::Left)) return cursor_.unexpected(), ConstExpr();
  const size_t after = cursor_.peek().match + size_t{1};
  TokenCursor outer = cursor_;
  cursor_ = TokenCursor(list_, cursor_.position(), after);
  const ConstExpr expr = code(false);
  if (!cursor_.failed()) {
    outer.seek(after);
    cursor_ = outer;
  }
  return expr;
}

// reftype elemexpr*, or func? index*: what follows in the segment.
void ModuleParser::element_list(ElementSegment& segment) {
  if (is_val_type()) {
    segment.type = val_type();
    segment.uses_functions = false;
  } else if (cursor_.take_atom("func")) {
    segment.type = ValType::ref(HeapType::Func, false);
  } else {
    segment.uses_functions = !cursor_.is(Token::Left);
    if (segment.uses_functions) segment.type = ValType::ref(HeapType::Func, false);
  }
  while (!cursor_.is(Token::Right) && !cursor_.failed()) {
    if (segment.uses_functions) {
      segment.functions.push_back(index(functions_));
    } else if (cursor_.take_list("item")) {
      segment.expressions.push_back(code(false));
      cursor_.expect_close();
    } else {
      segment.expressions.push_back(element_expression());
    }
  }
}

// Function indices as expressions, for a segment of a more special type than functions have by themselves.
void ModuleParser::use_expressions(ElementSegment& segment, ValType type) {
  for (const uint32_t function : segment.functions) {
    const auto start = static_cast<uint32_t>(out_.size());
    opcode(Opcode::RefFunc, out_);
    append_unsigned(out_, function);
    opcode(Opcode::End, out_);
    segment.expressions.push_back({start, static_cast<uint32_t>(out_.size()) - start});
  }
  segment.functions.clear();
  segment.uses_functions = false;
  segment.type = type;
}

void ModuleParser::element_field(uint32_t) {
  ElementSegment segment;
  if (cursor_.take_atom("declare")) {
    segment.mode = SegmentMode::Declarative;
  } else if (cursor_.is_list("table") || cursor_.is_list("offset") ||
             (cursor_.is(Token::Left) && !cursor_.is_list("ref")) || has_index()) {
    segment.mode = SegmentMode::Active;
    if (cursor_.take_list("table")) {
      segment.table = index(tables_);
      cursor_.expect_close();
    } else if (has_index()) {
      segment.table = index(tables_);
    }
    segment.offset = offset_expression();
  }
  element_list(segment);
  module_->elements.push_back(std::move(segment));
}

ByteRange ModuleParser::data_strings() {
  const auto start = static_cast<uint32_t>(out_.size());
  while (cursor_.is(Token::String)) {
    const std::string bytes = decode_string(cursor_.next().text);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  return {start, static_cast<uint32_t>(out_.size()) - start};
}

void ModuleParser::data_field(uint32_t) {
  DataSegment segment;
  if (!cursor_.is(Token::String) && !cursor_.is(Token::Right)) {
    segment.mode = SegmentMode::Active;
    if (cursor_.take_list("memory")) {
      segment.memory = index(memories_);
      cursor_.expect_close();
    } else if (has_index()) {
      segment.memory = index(memories_);
    }
    segment.offset = offset_expression();
  }
  segment.contents = data_strings();
  module_->datas.push_back(segment);
}

// -- annotations --

namespace {

constexpr std::pair<std::string_view, uint8_t> kSections[] = {
    {"type", 1},  {"import", 2}, {"func", 3},  {"table", 4}, {"memory", 5},     {"global", 6}, {"export", 7},
    {"start", 8}, {"elem", 9},   {"code", 10}, {"data", 11}, {"datacount", 12}, {"tag", 13},
};

// The order in which sections stand; index by id.
constexpr uint8_t kOrder[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};

uint8_t section_before(uint8_t id) {
  for (uint8_t other = 1; other <= 13; ++other) {
    if (kOrder[other] + 1 == kOrder[id]) return other;
  }
  return 0;
}

}  // namespace

// (@custom "name" (before|after section)? "contents"*); other annotations mean nothing here.
void ModuleParser::custom_annotation() {
  const Token annotation = cursor_.peek();
  const size_t after = annotation.match + size_t{1};
  cursor_.next();
  if (annotation.text == "name") {
    cursor_.fail_at(annotation,
                    has_name_annotation_ ? "@name annotation: multiple module" : "misplaced @name annotation");
    return;
  }
  if (annotation.text == "metadata.code.branch_hint") {
    cursor_.fail_at(annotation, "@metadata.code.branch_hint annotation: not in a function");
    return;
  }
  if (annotation.text == "custom") {
    CustomSection custom;
    custom.after_section = 11;  // at the end
    if (!cursor_.is(Token::String)) {
      cursor_.fail_at(annotation, "@custom annotation: missing section name");
      return;
    }
    custom.name = name();
    if (cursor_.failed()) return;
    if (cursor_.is(Token::Left) && !cursor_.is_list("before") && !cursor_.is_list("after")) {
      cursor_.fail("@custom annotation: malformed placement");
      return;
    }
    if (cursor_.is_list("before") || cursor_.is_list("after")) {
      const bool before = cursor_.is_list("before");
      cursor_.seek(cursor_.position() + 2);
      const Token& place = cursor_.next();
      uint8_t section = 0xFF;
      if (place.kind == Token::Atom && place.text == "first") section = 0;
      if (place.kind == Token::Atom && place.text == "last") section = 11;
      for (const auto& [text, id] : kSections) {
        if (place.kind == Token::Atom && place.text == text) section = before ? section_before(id) : id;
      }
      if (section == 0xFF) {
        cursor_.fail_at(place, "@custom annotation: malformed section kind");
        return;
      }
      custom.after_section = section;
      if (!cursor_.expect_close()) return;
    }
    custom.contents = data_strings();
    if (!cursor_.is(Token::Right)) {
      cursor_.fail("@custom annotation: unexpected token");
      return;
    }
    module_->customs.push_back(custom);
  }
  cursor_.seek(after);
}

// -- modules --

namespace {

// The text of concatenated strings.
std::string joined_strings(const TokenList& list, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += decode_string(list.tokens[i].text);
  return text;
}

}  // namespace

Result<std::unique_ptr<Module>> parse_tokens(const TokenList& list, size_t begin, size_t end,
                                             const FeatureSet& features) {
  const std::vector<Token>& tokens = list.tokens;
  const bool framed = begin < end && tokens[begin].kind == Token::Left && tokens[begin + 1].kind == Token::Atom &&
                      tokens[begin + 1].text == "module";
  if (!framed) return ModuleParser(list, begin, end, features).run({});
  const size_t close = tokens[begin].match;
  if (close + 1 != end) {
    const Token& extra = tokens[close + 1];
    return fail(ErrorKind::Malformed, "unexpected token: there is something behind the module",
                {.line = extra.line, .column = extra.column});
  }
  size_t at = begin + 2;
  std::string_view module_name;
  if (tokens[at].kind == Token::Id) module_name = tokens[at++].text;
  const bool is_form = tokens[at].kind == Token::Atom;
  if (is_form && tokens[at].text == "binary") {
    const std::string bytes = joined_strings(list, at + 1, close);
    return decode(Bytes::from_vector({bytes.begin(), bytes.end()}), features);
  }
  if (is_form && tokens[at].text == "quote") return parse_module(joined_strings(list, at + 1, close), features);
  return ModuleParser(list, at, close, features).run(module_name);
}

Result<std::unique_ptr<Module>> parse_module(std::string_view source, const FeatureSet& features) {
  auto list = lex(source);
  if (!list) return std::unexpected(std::move(list).error());
  return parse_tokens(*list, 0, list->tokens.size() - 1, features);
}

}  // namespace weft::text

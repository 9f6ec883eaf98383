// Parsing of one module: tokens → Module. parser.cpp has the passes and the fields, types.cpp types and literals,
// instructions.cpp code, names.cpp the name section.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "module/features.h"
#include "module/instruction.h"
#include "module/module.h"
#include "text/lexer.h"

namespace weft::text {

/// Walks over a range of a token list. The first failure is kept and the cursor then stands at the end, so that loops
/// end by themselves.
class TokenCursor {
 public:
  TokenCursor(const TokenList& list, size_t begin, size_t end) : tokens_(list.tokens), pos_(begin), end_(end) {
    end_token_ = tokens_[end];
    end_token_.kind = Token::End;
  }

  const Token& peek(size_t ahead = 0) const { return pos_ + ahead < end_ ? tokens_[pos_ + ahead] : end_token_; }
  const Token& next() { return pos_ < end_ ? tokens_[pos_++] : end_token_; }
  bool at_end() const { return pos_ >= end_; }
  bool is(Token::Kind kind) const { return peek().kind == kind; }
  bool is_atom(std::string_view text) const { return is(Token::Atom) && peek().text == text; }
  /// "(keyword" comes next.
  bool is_list(std::string_view keyword) const {
    return is(Token::Left) && peek(1).kind == Token::Atom && peek(1).text == keyword;
  }
  bool take_atom(std::string_view text) {
    if (!is_atom(text)) return false;
    ++pos_;
    return true;
  }
  bool take_list(std::string_view keyword) {
    if (!is_list(keyword)) return false;
    pos_ += 2;
    return true;
  }
  /// Takes a token of that kind, or fails.
  bool expect(Token::Kind kind) {
    if (!is(kind)) return unexpected();
    ++pos_;
    return true;
  }
  bool expect_close() { return expect(Token::Right); }
  size_t position() const { return pos_; }
  void seek(size_t position) { pos_ = position; }
  /// At a Left or Annotation token: goes behind its Right.
  void skip_list() { pos_ = peek().match + size_t{1}; }

  bool failed() const { return !error_.empty(); }
  /// All of these give false.
  bool fail(std::string message) { return fail_at(peek(), std::move(message)); }
  bool fail_at(const Token& token, std::string message);
  bool unexpected();
  Error to_error() const { return Error(ErrorKind::Malformed, error_, {.line = line_, .column = column_}); }

 private:
  std::span<const Token> tokens_;
  Token end_token_;
  size_t pos_;
  size_t end_;
  std::string error_;
  uint32_t line_ = 0;
  uint32_t column_ = 0;
};

/// An index space: identifiers, and how many entries there are.
struct IndexSpace {
  const char* what = "";
  std::unordered_map<std::string_view, uint32_t> ids;
  std::map<uint32_t, std::string_view> names;  // for the name section
  uint32_t count = 0;
};

class ModuleParser {
 public:
  /// Parses the fields in tokens [begin, end) of the list.
  ModuleParser(const TokenList& list, size_t begin, size_t end, const FeatureSet& features);
  Result<std::unique_ptr<Module>> run(std::string_view module_name);

 private:
  struct Field {
    size_t position;  // of its Left
    std::string_view keyword;
    uint32_t index = 0;  // in its index space
  };

  // parser.cpp
  void declare_fields();
  void declare(const Field& field);
  void declare_type(size_t position);
  bool contains_list(size_t position, std::string_view keyword) const;
  void bind(IndexSpace& space, bool advance = true);
  void parse_types();
  void parse_field(const Field& field);
  bool inline_exports_and_import(ExternKind kind, uint32_t index);
  void import_field();
  void function_field(uint32_t index);
  void table_field(uint32_t index);
  void memory_field(uint32_t index);
  void global_field(uint32_t index);
  void tag_field(uint32_t index);
  void export_field();
  void start_field();
  void element_field(uint32_t index);
  void data_field(uint32_t index);
  void element_list(ElementSegment& segment);
  void use_expressions(ElementSegment& segment, ValType type);
  std::string_view name_annotation();
  void skip_name_annotation();
  ConstExpr offset_expression();
  ConstExpr element_expression();
  ByteRange data_strings();
  std::string_view name();
  void custom_annotation();
  std::string_view own(std::string text) { return module_->strings.emplace_back(std::move(text)); }
  ByteRange constant(bool is_64, uint64_t value);

  // types.cpp
  HeapType heap_type();
  ValType val_type();
  ValType storage_type();
  bool is_val_type() const;
  FieldType field_type();
  void sub_type(uint32_t index);
  CompositeType composite_type(uint32_t index);
  Limits limits();
  bool take_address_type();
  TableType table_type();
  MemoryType memory_type();
  GlobalType global_type();
  ExternKind extern_kind(const Token& token);
  uint32_t type_use(FuncType* signature, std::vector<std::string_view>* param_names);
  void signature(FuncType& type, std::vector<std::string_view>* param_names);
  uint32_t implicit_type(const FuncType& type);
  uint32_t index(IndexSpace& space);
  bool has_index() const;
  uint64_t unsigned_literal(unsigned bits);
  uint64_t integer_literal(unsigned bits);
  uint64_t float_literal(unsigned bits);

  // instructions.cpp
  static constexpr uint8_t kNoHint = 0xFF;
  struct Frame {
    enum Kind : uint8_t {
      Folded,
      Block,
      FoldedBlock,
      IfCondition,
      IfBranches,
      Then,
      Else,
      TryBranches,
      Do,
      Catch
    } kind;
    uint32_t pending = 0;  // Folded, IfCondition: where its bytes begin in pending_
    uint32_t line = 0;
    uint32_t column = 0;
    uint8_t branches = 0;     // IfBranches: then and else seen
    Opcode op = Opcode::Nop;  // Block: what was opened
    uint8_t hint = kNoHint;   // Folded, IfCondition: branch hint
  };
  ByteRange code(bool is_body);
  void instructions();
  void flat_instruction();
  void open_list();
  void try_branch(const Token& left);
  bool close_list();
  void block_header(Opcode op, std::vector<uint8_t>& to);
  void block_type(std::vector<uint8_t>& to);
  void catch_clauses(std::vector<uint8_t>& to);
  void immediates(Opcode op, std::vector<uint8_t>& to);
  void memory_argument(const OpcodeInfo& info, std::vector<uint8_t>& to);
  void vector_constant(std::vector<uint8_t>& to);
  void lane(std::vector<uint8_t>& to);
  void label_index(std::vector<uint8_t>& to);
  void opcode(Opcode op, std::vector<uint8_t>& to);
  Opcode mnemonic(const Token& token);
  Opcode with_reference_type(Opcode op, std::vector<uint8_t>& to);
  void push_label(std::string_view id);
  void pop_label();
  void end_label();
  void mark(const Token& token) { mark(token.line, token.column); }
  void mark(uint32_t line, uint32_t column);
  void locals_and_body(uint32_t function, const FuncType& type, const std::vector<std::string_view>& params);
  void branch_hint();
  uint8_t take_hint(Opcode op, const Token& token);
  void record_hint(uint8_t hint);
  void add_hint_section();

  // names.cpp
  void add_name_section(std::string_view module_name);

  TokenCursor cursor_;
  const TokenList& list_;
  const FeatureSet features_;
  std::unique_ptr<Module> module_;
  std::vector<uint8_t> out_;  // becomes the module's bytes
  std::vector<Field> fields_;
  IndexSpace types_{.what = "type"};
  IndexSpace functions_{.what = "func"};
  IndexSpace tables_{.what = "table"};
  IndexSpace memories_{.what = "memory"};
  IndexSpace globals_{.what = "global"};
  IndexSpace tags_{.what = "tag"};
  IndexSpace elements_{.what = "elem segment"};
  IndexSpace datas_{.what = "data segment"};
  std::map<uint32_t, IndexSpace> struct_fields_;                          // by type
  std::map<uint32_t, std::map<uint32_t, std::string_view>> local_names_;  // by function
  std::map<uint32_t, std::map<uint32_t, std::string_view>> label_names_;
  std::unordered_map<std::string, uint32_t> plain_types_;  // function types that a type use may find, by their text
  size_t explicit_types_ = 0;
  uint32_t next_element_ = 0;
  uint32_t next_data_ = 0;
  bool needs_data_count_ = false;
  bool has_start_ = false;
  bool has_name_annotation_ = false;

  // Of the function being parsed.
  uint32_t function_ = 0;
  IndexSpace locals_{.what = "local"};
  std::vector<std::string_view> labels_;
  std::unordered_map<std::string_view, std::vector<uint32_t>> label_ids_;
  uint32_t label_count_ = 0;
  std::vector<Frame> frames_;
  std::vector<std::string_view> if_labels_;  // of folded ifs whose condition is being read
  std::vector<uint8_t> pending_;
  struct FunctionHints {
    uint32_t function;
    std::vector<std::pair<uint32_t, uint8_t>> hints;  // offset in the body, likely
  };
  std::vector<FunctionHints> hints_;
  size_t body_start_ = 0;
  uint8_t hint_ = kNoHint;  // read, and waiting for its instruction
};

/// Parses the module in tokens [begin, end) of a list: `(module …)` in any form, or fields alone.
Result<std::unique_ptr<Module>> parse_tokens(const TokenList& list, size_t begin, size_t end,
                                             const FeatureSet& features);

/// Appends LEB128 integers.
void append_unsigned(std::vector<uint8_t>& to, uint64_t value);
void append_signed(std::vector<uint8_t>& to, int64_t value);

}  // namespace weft::text

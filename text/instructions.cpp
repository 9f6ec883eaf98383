// Code: flat and folded instructions, spec §6.5, written to the module's bytes in the binary format. Nesting lives on
// an explicit stack, so that the depth of the text does not matter.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "text/module_parser.h"
#include "text/numbers.h"

namespace weft::text {
namespace {

constexpr uint8_t kEmptyBlock = 0x40;
constexpr uint8_t kRefCode = 0x64;
constexpr uint8_t kRefNullCode = 0x63;

// Mnemonics to opcodes; the first row wins where two share one (select, ref.test, ref.cast).
const std::unordered_map<std::string_view, Opcode>& mnemonics() {
  static const auto table = [] {
    std::unordered_map<std::string_view, Opcode> made;
    for (size_t i = 0; i < kOpcodeCount; ++i) made.emplace(kOpcodes[i].text, static_cast<Opcode>(i));
    return made;
  }();
  return table;
}

void append_heap(std::vector<uint8_t>& to, HeapType heap) {
  if (heap.is_defined()) {
    append_signed(to, heap.index());
  } else {
    to.push_back(heap.abstract());
  }
}

void append_type(std::vector<uint8_t>& to, ValType type) {
  if (!type.is_ref()) {
    to.push_back(type.kind());
  } else if (type.is_nullable() && type.heap().is_abstract()) {
    to.push_back(type.heap().abstract());
  } else {
    to.push_back(type.is_nullable() ? kRefNullCode : kRefCode);
    append_heap(to, type.heap());
  }
}

template <typename T>
void append_fixed(std::vector<uint8_t>& to, T value) {
  const size_t at = to.size();
  to.resize(at + sizeof(T));
  std::memcpy(to.data() + at, &value, sizeof(T));
}

bool is_block(Opcode op) {
  return op == Opcode::Block || op == Opcode::Loop || op == Opcode::If || op == Opcode::Try || op == Opcode::TryTable;
}

}  // namespace

// -- bodies and expressions --

// Instructions up to the closing parenthesis (not taken), and `end`.
ByteRange ModuleParser::code(bool is_body) {
  const size_t start = is_body ? body_start_ : out_.size();
  instructions();
  mark(cursor_.peek());
  opcode(Opcode::End, out_);
  return {static_cast<uint32_t>(start), static_cast<uint32_t>(out_.size() - start)};
}

void ModuleParser::locals_and_body(uint32_t function, const FuncType& type,
                                   const std::vector<std::string_view>& params) {
  function_ = function;
  locals_ = {.what = "local"};
  labels_.clear();
  label_ids_.clear();
  label_count_ = 0;
  const auto bind_local = [&](std::string_view id) {
    if (!id.empty()) {
      if (!locals_.ids.emplace(id, locals_.count).second) {
        cursor_.fail(fmt::format("duplicate local ${}", id));
        return;
      }
      local_names_[function].emplace(locals_.count, id);
    }
    ++locals_.count;
  };
  for (size_t i = 0; i < type.params.size(); ++i) bind_local(i < params.size() ? params[i] : std::string_view());

  std::vector<LocalRun> runs;
  const auto add_local = [&](ValType local) {
    if (runs.empty() || runs.back().type != local) runs.push_back({0, local});
    ++runs.back().count;
  };
  while (cursor_.take_list("local")) {
    if (cursor_.is(Token::Id)) {
      bind_local(cursor_.next().text);
      if (const std::string_view given = name_annotation(); !given.empty())
        local_names_[function][locals_.count - 1] = given;
      add_local(val_type());
    } else {
      while (!cursor_.is(Token::Right) && !cursor_.failed()) {
        add_local(val_type());
        bind_local({});
      }
    }
    cursor_.expect_close();
  }
  body_start_ = out_.size();
  append_unsigned(out_, runs.size());
  for (const LocalRun& run : runs) {
    append_unsigned(out_, run.count);
    append_type(out_, run.type);
  }
  module_->functions[function].body = code(true);
}

void ModuleParser::mark(uint32_t line, uint32_t column) {
  module_->positions.push_back({static_cast<uint32_t>(out_.size()), line, column});
}

void ModuleParser::instructions() {
  const size_t outer = frames_.size();
  while (!cursor_.failed()) {
    switch (cursor_.peek().kind) {
      case Token::Left: open_list(); break;
      case Token::Right:
        if (frames_.size() == outer) return;
        if (!close_list()) return;
        break;
      case Token::Atom: flat_instruction(); break;
      case Token::Annotation: branch_hint(); break;
      case Token::End:
        if (frames_.size() == outer) return;
        cursor_.unexpected();
        return;
      default: cursor_.unexpected(); return;
    }
  }
}

// -- labels --

void ModuleParser::push_label(std::string_view id) {
  if (!id.empty()) {
    label_ids_[id].push_back(static_cast<uint32_t>(labels_.size()));
    label_names_[function_].emplace(label_count_, id);
  }
  ++label_count_;
  labels_.push_back(id);
}

void ModuleParser::pop_label() {
  if (!labels_.back().empty()) label_ids_[labels_.back()].pop_back();
  labels_.pop_back();
}

// The identifier that may follow `end` and `else` repeats the block's.
void ModuleParser::end_label() {
  if (!cursor_.is(Token::Id)) return;
  const Token& token = cursor_.next();
  if (token.text != labels_.back()) cursor_.fail_at(token, fmt::format("mismatching label ${}", token.text));
}

void ModuleParser::label_index(std::vector<uint8_t>& to) {
  const Token& token = cursor_.peek();
  if (token.kind != Token::Id) {
    append_unsigned(to, unsigned_literal(32));
    return;
  }
  const auto found = label_ids_.find(token.text);
  if (found == label_ids_.end() || found->second.empty()) {
    cursor_.fail(fmt::format("unknown label ${}", token.text));
    return;
  }
  append_unsigned(to, labels_.size() - 1 - found->second.back());
  cursor_.next();
}

// -- instructions --

void ModuleParser::opcode(Opcode op, std::vector<uint8_t>& to) {
  const OpcodeInfo& info = opcode_info(op);
  if (info.prefix == 0) {
    to.push_back(static_cast<uint8_t>(info.code));
  } else {
    to.push_back(info.prefix);
    append_unsigned(to, info.code);
  }
}

Opcode ModuleParser::mnemonic(const Token& token) {
  const auto found = mnemonics().find(token.text);
  if (found == mnemonics().end()) {
    cursor_.fail_at(token, fmt::format("unknown operator {}", token.text));
    return kNoOpcode;
  }
  return found->second;
}

void ModuleParser::flat_instruction() {
  if (!frames_.empty()) {
    const Frame::Kind kind = frames_.back().kind;
    if (kind == Frame::Folded || kind == Frame::IfCondition || kind == Frame::IfBranches ||
        kind == Frame::TryBranches) {
      cursor_.unexpected();
      return;
    }
  }
  const Token token = cursor_.next();
  const Opcode op = mnemonic(token);
  if (op == kNoOpcode) return;
  const bool in_block = !frames_.empty() && frames_.back().kind == Frame::Block;
  mark(token);
  record_hint(take_hint(op, token));
  if (is_block(op)) {
    block_header(op, out_);
    frames_.push_back({.kind = Frame::Block, .op = op});
    return;
  }
  switch (op) {
    case Opcode::Else:
    case Opcode::Catch:
    case Opcode::CatchAll:
    case Opcode::Delegate:
    case Opcode::End: {
      const Opcode opened = in_block ? frames_.back().op : kNoOpcode;
      const bool fits = op == Opcode::End    ? in_block
                        : op == Opcode::Else ? opened == Opcode::If
                                             : opened == Opcode::Try;
      if (!fits) {
        cursor_.fail_at(token, fmt::format("unexpected token: {}", token.text));
        return;
      }
      opcode(op, out_);
      if (op == Opcode::Catch) append_unsigned(out_, index(tags_));
      if (op == Opcode::Delegate) {
        pop_label();
        label_index(out_);
        frames_.pop_back();
        return;
      }
      if (op != Opcode::Catch) end_label();
      if (op == Opcode::Else) frames_.back().op = Opcode::Else;
      if (op == Opcode::End) {
        pop_label();
        frames_.pop_back();
      }
      return;
    }
    default: immediates(op, out_); return;
  }
}

// `block`, `loop`, `if`, `try`, `try_table` with label and type.
void ModuleParser::block_header(Opcode op, std::vector<uint8_t>& to) {
  std::string_view id;
  if (cursor_.is(Token::Id)) id = cursor_.next().text;
  opcode(op, to);
  block_type(to);
  if (op == Opcode::TryTable) catch_clauses(to);
  push_label(id);
}

void ModuleParser::block_type(std::vector<uint8_t>& to) {
  const bool has_type = cursor_.is_list("type");
  const size_t start = cursor_.position();
  FuncType type;
  if (!has_type) {
    // A type use that adds no type: nothing, or one result.
    const Token& token = cursor_.peek();
    std::vector<std::string_view> names;
    signature(type, &names);
    if (!names.empty()) {
      cursor_.fail_at(token, "unexpected token: block parameters have no names");
      return;
    }
    if (type.params.empty() && type.results.size() <= 1) {
      if (type.results.empty()) {
        to.push_back(kEmptyBlock);
      } else {
        append_type(to, type.results[0]);
      }
      return;
    }
    cursor_.failed() ? void() : cursor_.seek(start);
  }
  std::vector<std::string_view> names;
  const uint32_t index = type_use(&type, &names);
  if (!names.empty()) cursor_.fail("unexpected token: block parameters have no names");
  append_signed(to, index);
}

void ModuleParser::catch_clauses(std::vector<uint8_t>& to) {
  constexpr std::pair<std::string_view, uint8_t> kClauses[] = {
      {"catch", CatchClause::Catch},
      {"catch_ref", CatchClause::CatchRef},
      {"catch_all", CatchClause::CatchAll},
      {"catch_all_ref", CatchClause::CatchAllRef},
  };
  std::vector<uint8_t> clauses;
  size_t count = 0;
  for (bool found = true; found && !cursor_.failed();) {
    found = false;
    for (const auto& [keyword, kind] : kClauses) {
      if (!cursor_.take_list(keyword)) continue;
      found = true;
      ++count;
      clauses.push_back(kind);
      if (kind == CatchClause::Catch || kind == CatchClause::CatchRef) append_unsigned(clauses, index(tags_));
      label_index(clauses);
      cursor_.expect_close();
      break;
    }
  }
  append_unsigned(to, count);
  to.insert(to.end(), clauses.begin(), clauses.end());
}

// -- folded instructions --

void ModuleParser::open_list() {
  const Token left = cursor_.next();
  const Token& token = cursor_.peek();
  if (token.kind != Token::Atom) {
    cursor_.unexpected();
    return;
  }
  const std::string_view text = token.text;
  if (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.kind == Frame::IfCondition && text == "then") {
      cursor_.next();
      mark(frame.line, frame.column);
      record_hint(frame.hint);
      out_.insert(out_.end(), pending_.begin() + frame.pending, pending_.end());
      pending_.resize(frame.pending);
      // The label was bound while the header was read; the condition is outside of it.
      frame.kind = Frame::IfBranches;
      frame.branches = 1;
      push_label(if_labels_.back());
      if_labels_.pop_back();
      frames_.push_back({.kind = Frame::Then});
      return;
    }
    if (frame.kind == Frame::IfBranches) {
      if (text != "else" || frame.branches != 1) {
        cursor_.unexpected();
        return;
      }
      mark(left);
      cursor_.next();
      opcode(Opcode::Else, out_);
      frame.branches = 2;
      frames_.push_back({.kind = Frame::Else});
      return;
    }
    if (frame.kind == Frame::TryBranches) {
      try_branch(left);
      return;
    }
  }
  const Token name = cursor_.next();
  const Opcode op = mnemonic(name);
  if (op == kNoOpcode) return;
  const uint8_t hint = take_hint(op, name);
  if (op == Opcode::If) {
    std::string_view id;
    if (cursor_.is(Token::Id)) id = cursor_.next().text;
    const auto begin = static_cast<uint32_t>(pending_.size());
    opcode(op, pending_);
    block_type(pending_);
    if_labels_.push_back(id);
    frames_.push_back(
        {.kind = Frame::IfCondition, .pending = begin, .line = left.line, .column = left.column, .hint = hint});
    return;
  }
  if (op == Opcode::Try) {
    mark(left);
    block_header(op, out_);
    frames_.push_back({.kind = Frame::TryBranches});
    return;
  }
  if (is_block(op)) {
    mark(left);
    block_header(op, out_);
    frames_.push_back({.kind = Frame::FoldedBlock});
    return;
  }
  if (op == Opcode::End || op == Opcode::Else || op == Opcode::Catch || op == Opcode::CatchAll ||
      op == Opcode::Delegate) {
    cursor_.fail_at(name, fmt::format("unexpected token: {}", name.text));
    return;
  }
  const auto begin = static_cast<uint32_t>(pending_.size());
  immediates(op, pending_);
  frames_.push_back({.kind = Frame::Folded, .pending = begin, .line = name.line, .column = name.column, .hint = hint});
}

// (do …), (catch $t …)*, (catch_all …)? or (delegate l) of a folded try.
void ModuleParser::try_branch(const Token& left) {
  Frame& frame = frames_.back();
  constexpr uint8_t kDone = 1;
  constexpr uint8_t kLast = 2;
  const Token name = cursor_.next();
  if (name.text == "do" && frame.branches == 0) {
    frame.branches = kDone;
    frames_.push_back({.kind = Frame::Do});
  } else if (name.text == "catch" && frame.branches == kDone) {
    mark(left);
    opcode(Opcode::Catch, out_);
    append_unsigned(out_, index(tags_));
    frames_.push_back({.kind = Frame::Catch});
  } else if (name.text == "catch_all" && frame.branches == kDone) {
    mark(left);
    opcode(Opcode::CatchAll, out_);
    frame.branches = kLast;
    frames_.push_back({.kind = Frame::Catch});
  } else if (name.text == "delegate" && frame.branches == kDone) {
    mark(left);
    opcode(Opcode::Delegate, out_);
    pop_label();
    label_index(out_);
    cursor_.expect_close();
    // The try ends here.
    frames_.pop_back();
    cursor_.expect_close();
  } else {
    cursor_.fail_at(name, fmt::format("unexpected token: {}", name.text));
  }
}

// At a Right token: ends the innermost list. False when there is an error.
bool ModuleParser::close_list() {
  const Frame frame = frames_.back();
  switch (frame.kind) {
    case Frame::Block: return cursor_.unexpected();  // `end` is missing
    case Frame::IfCondition: return cursor_.fail("unexpected token: ) where (then is expected");
    case Frame::Folded:
      mark(frame.line, frame.column);
      record_hint(frame.hint);
      out_.insert(out_.end(), pending_.begin() + frame.pending, pending_.end());
      pending_.resize(frame.pending);
      break;
    case Frame::FoldedBlock:
    case Frame::IfBranches:
    case Frame::TryBranches:
      if (frame.kind == Frame::TryBranches && frame.branches == 0) return cursor_.unexpected();
      mark(cursor_.peek());
      opcode(Opcode::End, out_);
      pop_label();
      break;
    default: break;
  }
  frames_.pop_back();
  cursor_.next();
  return true;
}

// -- immediates --

void ModuleParser::memory_argument(const OpcodeInfo& info, std::vector<uint8_t>& to) {
  uint32_t memory = 0;
  // A number here is a memory index, unless it is the lane of an instruction that has one.
  const bool lane_only =
      info.immediate == Immediate::MemArgLane && !cursor_.is(Token::Id) && !(cursor_.peek(1).kind == Token::Atom);
  if (has_index() && !lane_only) memory = index(memories_);
  uint64_t offset = 0;
  uint32_t align = static_cast<uint32_t>(__builtin_ctz(info.width));
  const auto attribute = [&](std::string_view prefix, uint64_t& value) {
    const Token& token = cursor_.peek();
    if (token.kind != Token::Atom || !token.text.starts_with(prefix)) return false;
    switch (parse_unsigned(token.text.substr(prefix.size()), 64, value)) {
      case NumberStatus::Ok: cursor_.next(); return true;
      case NumberStatus::OutOfRange: return cursor_.fail(fmt::format("i64 constant out of range: {}", token.text));
      default: return cursor_.fail(fmt::format("unknown operator {}", token.text));
    }
  };
  attribute("offset=", offset);
  uint64_t alignment = 0;
  if (attribute("align=", alignment)) {
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
      cursor_.fail("alignment must be a power of two");
      return;
    }
    align = static_cast<uint32_t>(__builtin_ctzll(alignment));
  }
  append_unsigned(to, memory == 0 ? align : align | 0x40);
  if (memory != 0) append_unsigned(to, memory);
  append_unsigned(to, offset);
}

void ModuleParser::lane(std::vector<uint8_t>& to) {
  const Token& token = cursor_.peek();
  uint64_t value = 0;
  if (token.kind != Token::Atom || token.text.starts_with('+') ||
      parse_unsigned(token.text, 64, value) == NumberStatus::Malformed) {
    cursor_.unexpected();
    return;
  }
  if (value > 255) {
    cursor_.fail(fmt::format("i8 constant out of range: {}", token.text));
    return;
  }
  cursor_.next();
  to.push_back(static_cast<uint8_t>(value));
}

void ModuleParser::vector_constant(std::vector<uint8_t>& to) {
  struct Shape {
    std::string_view text;
    int lanes;
    unsigned bits;
    bool is_float;
  };
  constexpr Shape kShapes[] = {{"i8x16", 16, 8, false}, {"i16x8", 8, 16, false}, {"i32x4", 4, 32, false},
                               {"i64x2", 2, 64, false}, {"f32x4", 4, 32, true},  {"f64x2", 2, 64, true}};
  const Token shape_token = cursor_.next();
  const Shape* shape = nullptr;
  for (const Shape& candidate : kShapes) {
    if (shape_token.kind == Token::Atom && candidate.text == shape_token.text) shape = &candidate;
  }
  if (shape == nullptr) {
    cursor_.fail_at(shape_token, fmt::format("unexpected token: {} is no shape", shape_token.text));
    return;
  }
  for (int i = 0; i < shape->lanes && !cursor_.failed(); ++i) {
    if (!cursor_.is(Token::Atom)) {
      cursor_.fail(fmt::format("wrong number of lane literals: {} takes {}", shape->text, shape->lanes));
      return;
    }
    uint64_t bits = shape->is_float ? float_literal(shape->bits) : integer_literal(shape->bits);
    for (unsigned byte = 0; byte < shape->bits; byte += 8) to.push_back(static_cast<uint8_t>(bits >> byte));
  }
}

uint64_t ModuleParser::float_literal(unsigned bits) {
  const Token& token = cursor_.peek();
  if (token.kind != Token::Atom) return cursor_.unexpected(), 0;
  uint32_t narrow = 0;
  uint64_t wide = 0;
  const NumberStatus status = bits == 32 ? parse_f32(token.text, narrow) : parse_f64(token.text, wide);
  switch (status) {
    case NumberStatus::Ok: cursor_.next(); break;
    case NumberStatus::Malformed: cursor_.fail(fmt::format("unknown operator {}", token.text)); break;
    case NumberStatus::OutOfRange: cursor_.fail(fmt::format("constant out of range: {}", token.text)); break;
  }
  return bits == 32 ? narrow : wide;
}

// ref.test and ref.cast: the reference type decides between two opcodes.
Opcode ModuleParser::with_reference_type(Opcode op, std::vector<uint8_t>& to) {
  const Token& token = cursor_.peek();
  const ValType type = val_type();
  if (!cursor_.failed() && !type.is_ref()) cursor_.fail_at(token, "unexpected token: a reference type is expected");
  if (type.is_nullable()) op = op == Opcode::RefTest ? Opcode::RefTestNull : Opcode::RefCastNull;
  opcode(op, to);
  append_heap(to, type.heap());
  return op;
}

void ModuleParser::immediates(Opcode op, std::vector<uint8_t>& to) {
  const auto optional_index = [&](IndexSpace& space) { return has_index() ? index(space) : 0; };
  // Those whose immediates decide the opcode.
  if (op == Opcode::RefTest || op == Opcode::RefCast) {
    with_reference_type(op, to);
    return;
  }
  if (op == Opcode::Select && cursor_.is_list("result")) {
    FuncType type;
    signature(type, nullptr);
    opcode(Opcode::SelectT, to);
    append_unsigned(to, type.results.size());
    for (const ValType result : type.results) append_type(to, result);
    return;
  }
  opcode(op, to);
  const OpcodeInfo& info = opcode_info(op);
  if (info.immediate == Immediate::Data || info.immediate == Immediate::DataMemory ||
      info.immediate == Immediate::TypeData) {
    needs_data_count_ = true;
  }
  switch (info.immediate) {
    case Immediate::None:
    case Immediate::Block:
    case Immediate::TryTable:
    case Immediate::SelectTypes: break;
    case Immediate::Label: label_index(to); break;
    case Immediate::LabelTable: {
      std::vector<uint8_t> labels;
      size_t count = 0;
      while (has_index()) {
        label_index(labels);
        ++count;
      }
      if (count == 0) {
        cursor_.unexpected();
        return;
      }
      append_unsigned(to, count - 1);
      to.insert(to.end(), labels.begin(), labels.end());
      break;
    }
    case Immediate::Func: append_unsigned(to, index(functions_)); break;
    case Immediate::Type: append_unsigned(to, index(types_)); break;
    case Immediate::TypeTable: {
      const uint32_t table = optional_index(tables_);
      std::vector<std::string_view> names;
      const uint32_t type = type_use(nullptr, &names);
      if (!names.empty()) cursor_.fail("unexpected token: these parameters have no names");
      append_unsigned(to, type);
      append_unsigned(to, table);
      break;
    }
    case Immediate::Tag: append_unsigned(to, index(tags_)); break;
    case Immediate::Local: append_unsigned(to, index(locals_)); break;
    case Immediate::Global: append_unsigned(to, index(globals_)); break;
    case Immediate::Table: append_unsigned(to, optional_index(tables_)); break;
    case Immediate::Memory: append_unsigned(to, optional_index(memories_)); break;
    case Immediate::TableTable:
    case Immediate::MemoryMemory: {
      IndexSpace& space = info.immediate == Immediate::TableTable ? tables_ : memories_;
      const bool given = has_index();
      append_unsigned(to, given ? index(space) : 0);
      append_unsigned(to, given ? index(space) : 0);
      break;
    }
    case Immediate::ElemTable:
    case Immediate::DataMemory: {
      // The table or memory comes first and may be left out.
      IndexSpace& space = info.immediate == Immediate::ElemTable ? tables_ : memories_;
      IndexSpace& segments = info.immediate == Immediate::ElemTable ? elements_ : datas_;
      const size_t start = cursor_.position();
      cursor_.next();
      const bool two = has_index();
      cursor_.seek(start);
      const uint32_t target = two ? index(space) : 0;
      append_unsigned(to, index(segments));
      append_unsigned(to, target);
      break;
    }
    case Immediate::Elem: append_unsigned(to, index(elements_)); break;
    case Immediate::Data: append_unsigned(to, index(datas_)); break;
    case Immediate::MemArg: memory_argument(info, to); break;
    case Immediate::MemArgLane:
      memory_argument(info, to);
      lane(to);
      break;
    case Immediate::Lane: lane(to); break;
    case Immediate::Shuffle:
      for (int i = 0; i < 16 && !cursor_.failed(); ++i) {
        if (!cursor_.is(Token::Atom)) {
          cursor_.fail("invalid lane length: i8x16.shuffle takes 16 lanes");
          return;
        }
        lane(to);
      }
      if (!cursor_.failed() && cursor_.is(Token::Atom) && cursor_.peek().text[0] >= '0' &&
          cursor_.peek().text[0] <= '9') {
        cursor_.fail("invalid lane length: i8x16.shuffle takes 16 lanes");
      }
      break;
    case Immediate::I32: append_signed(to, static_cast<int32_t>(integer_literal(32))); break;
    case Immediate::I64: append_signed(to, static_cast<int64_t>(integer_literal(64))); break;
    case Immediate::F32: append_fixed(to, static_cast<uint32_t>(float_literal(32))); break;
    case Immediate::F64: append_fixed(to, float_literal(64)); break;
    case Immediate::V128: vector_constant(to); break;
    case Immediate::HeapType: append_heap(to, heap_type()); break;
    case Immediate::TypeField: {
      const uint32_t type = index(types_);
      append_unsigned(to, type);
      append_unsigned(to, index(struct_fields_[type]));
      break;
    }
    case Immediate::TypeCount:
      append_unsigned(to, index(types_));
      append_unsigned(to, unsigned_literal(32));
      break;
    case Immediate::TypeData:
      append_unsigned(to, index(types_));
      append_unsigned(to, index(datas_));
      break;
    case Immediate::TypeElem:
      append_unsigned(to, index(types_));
      append_unsigned(to, index(elements_));
      break;
    case Immediate::TypeType:
      append_unsigned(to, index(types_));
      append_unsigned(to, index(types_));
      break;
    case Immediate::BrOnCast: {
      std::vector<uint8_t> label;
      label_index(label);
      const ValType from = val_type();
      const ValType target = val_type();
      if (!from.is_ref() || !target.is_ref()) {
        cursor_.fail("unexpected token: a reference type is expected");
        return;
      }
      to.push_back(static_cast<uint8_t>((from.is_nullable() ? 1 : 0) | (target.is_nullable() ? 2 : 0)));
      to.insert(to.end(), label.begin(), label.end());
      append_heap(to, from.heap());
      append_heap(to, target.heap());
      break;
    }
    case Immediate::Zero: to.push_back(0); break;
  }
}

// (@metadata.code.branch_hint "\00" or "\01") in front of a branch.
void ModuleParser::branch_hint() {
  const Token annotation = cursor_.peek();
  if (annotation.text != "metadata.code.branch_hint") {
    cursor_.unexpected();
    return;
  }
  const size_t after = annotation.match + size_t{1};
  if (hint_ != kNoHint) {
    cursor_.fail_at(annotation, "@metadata.code.branch_hint annotation: duplicate annotation");
    return;
  }
  cursor_.next();
  if (!cursor_.is(Token::String)) {
    cursor_.fail_at(annotation, "@metadata.code.branch_hint annotation: a string is expected");
    return;
  }
  const std::string value = decode_string(cursor_.next().text);
  if (value.size() != 1 || value[0] < 0 || value[0] > 1) {
    cursor_.fail_at(annotation, "@metadata.code.branch_hint annotation: invalid value");
    return;
  }
  hint_ = static_cast<uint8_t>(value[0]);
  cursor_.seek(after);
}

// The hint in front of an instruction, which must be one that branches on a condition.
uint8_t ModuleParser::take_hint(Opcode op, const Token& token) {
  const uint8_t hint = hint_;
  hint_ = kNoHint;
  if (hint != kNoHint && op != Opcode::If && op != Opcode::BrIf) {
    cursor_.fail_at(token, "@metadata.code.branch_hint annotation: invalid target");
  }
  return hint;
}

// The instruction that is emitted next has this hint.
void ModuleParser::record_hint(uint8_t hint) {
  if (hint == kNoHint) return;
  if (hints_.empty() || hints_.back().function != function_) hints_.push_back({function_, {}});
  hints_.back().hints.emplace_back(static_cast<uint32_t>(out_.size() - body_start_), hint);
}

}  // namespace weft::text

// Scripts: commands, actions and expected results.
#include "text/script.h"

#include <fmt/format.h>

#include <array>

#include "decoder/decoder.h"
#include "text/module_parser.h"
#include "text/numbers.h"
#include "text/parser.h"

namespace weft::text {
namespace {

class ScriptParser {
 public:
  explicit ScriptParser(std::shared_ptr<const TokenList> list)
      : list_(std::move(list)), cursor_(*list_, 0, list_->tokens.size() - 1) {}

  Result<Script> run() {
    Script script;
    if (is_bare_module()) {
      Command command = begin(Command::DefineModule);
      command.module = whole_file();
      script.push_back(std::move(command));
      return script;
    }
    while (!cursor_.at_end() && !cursor_.failed()) {
      if (cursor_.is(Token::Annotation)) {
        cursor_.skip_list();
        continue;
      }
      script.push_back(command());
    }
    if (cursor_.failed()) return std::unexpected(cursor_.to_error());
    return script;
  }

 private:
  // A file of module fields alone is one module.
  bool is_bare_module() const {
    const Token& first = cursor_.peek(1);
    if (!cursor_.is(Token::Left) || first.kind != Token::Atom) return false;
    constexpr std::array<std::string_view, 12> kFields = {"type", "rec",    "import", "func", "table", "memory",
                                                          "tag",  "global", "export", "elem", "data",  "start"};
    for (const std::string_view field : kFields) {
      if (first.text == field) return true;
    }
    return false;
  }

  ScriptModule whole_file() {
    ScriptModule module;
    module.tokens = list_;
    module.begin = 0;
    module.end = list_->tokens.size() - 1;
    module.place = place(cursor_.peek());
    return module;
  }

  static Place place(const Token& token) { return {token.line, token.column}; }
  Command begin(Command::Kind kind) const {
    Command command;
    command.kind = kind;
    command.place = place(cursor_.peek());
    return command;
  }

  std::string optional_id() {
    if (!cursor_.is(Token::Id)) return {};
    return "$" + std::string(cursor_.next().text);
  }
  std::string string() {
    if (!cursor_.is(Token::String)) return cursor_.unexpected(), std::string();
    return decode_string(cursor_.next().text);
  }

  Command command();
  Command thread(Command command);
  ScriptModule module();
  Action action();
  Command assertion(Command command, std::string_view keyword);
  ScriptValue value();
  ScriptValue number(std::string_view keyword);
  ScriptValue vector();
  ScriptValue reference(std::string_view keyword);
  uint64_t float_bits(ValType::Kind type, ScriptValue& value);

  std::shared_ptr<const TokenList> list_;
  TokenCursor cursor_;
};

Command ScriptParser::command() {
  Command command = begin(Command::Perform);
  if (!cursor_.is(Token::Left) || cursor_.peek(1).kind != Token::Atom) {
    cursor_.unexpected();
    return command;
  }
  const std::string_view keyword = cursor_.peek(1).text;
  if (keyword == "module") {
    // (module instance $instance $definition) or a module
    if (cursor_.peek(2).kind == Token::Atom && cursor_.peek(2).text == "instance") {
      command.kind = Command::InstantiateModule;
      cursor_.seek(cursor_.position() + 3);
      command.id = optional_id();
      command.name = optional_id();
      cursor_.expect_close();
      return command;
    }
    command.kind = Command::DefineModule;
    command.module = module();
    return command;
  }
  if (keyword == "invoke" || keyword == "get") {
    command.action = action();
    return command;
  }
  cursor_.seek(cursor_.position() + 2);
  if (keyword == "register") {
    command.kind = Command::Register;
    command.name = string();
    command.id = optional_id();
  } else if (keyword == "thread") {
    command = thread(std::move(command));
  } else if (keyword == "wait") {
    command.kind = Command::Wait;
    command.id = optional_id();
  } else {
    command = assertion(std::move(command), keyword);
  }
  cursor_.expect_close();
  return command;
}

// (thread $t (shared (module $m))* command*)
Command ScriptParser::thread(Command command) {
  command.kind = Command::Thread;
  command.id = optional_id();
  while (cursor_.take_list("shared")) {
    if (cursor_.take_list("module")) {
      command.shared_modules.push_back(optional_id());
      cursor_.expect_close();
    }
    cursor_.expect_close();
  }
  while (!cursor_.is(Token::Right) && !cursor_.failed()) {
    // Threads do not start threads; this is as deep as commands nest.
    if (cursor_.is_list("thread")) {
      cursor_.fail("unexpected token: a thread in a thread");
      break;
    }
    command.commands.push_back(this->command());
  }
  return command;
}

ScriptModule ScriptParser::module() {
  ScriptModule module;
  module.tokens = list_;
  module.begin = cursor_.position();
  module.end = cursor_.peek().match + size_t{1};
  module.place = place(cursor_.peek());
  cursor_.seek(module.begin + 2);
  module.is_definition = cursor_.take_atom("definition");
  module.id = optional_id();
  const bool is_binary = cursor_.is_atom("binary");
  if (is_binary || cursor_.is_atom("quote")) {
    module.form = is_binary ? ScriptModule::Binary : ScriptModule::Quote;
    cursor_.next();
    while (cursor_.is(Token::String)) module.data += string();
    cursor_.expect_close();
    return module;
  }
  module.name_token = module.id.empty() ? 0 : cursor_.position() - 1;
  module.begin = cursor_.position();
  module.end -= 1;
  if (!cursor_.failed()) cursor_.seek(module.end + 1);
  return module;
}

Action ScriptParser::action() {
  Action action;
  action.place = place(cursor_.peek());
  if (!cursor_.is_list("invoke") && !cursor_.is_list("get")) {
    cursor_.unexpected();
    return action;
  }
  action.kind = cursor_.is_list("get") ? Action::Get : Action::Invoke;
  cursor_.seek(cursor_.position() + 2);
  action.module_id = optional_id();
  action.field = string();
  while (cursor_.is(Token::Left) && action.kind == Action::Invoke) action.arguments.push_back(value());
  cursor_.expect_close();
  return action;
}

Command ScriptParser::assertion(Command command, std::string_view keyword) {
  struct Form {
    std::string_view keyword;
    Command::Kind kind;
    bool on_module;
  };
  constexpr Form kForms[] = {
      {"assert_return", Command::AssertReturn, false},
      {"assert_trap", Command::AssertTrap, false},
      {"assert_exhaustion", Command::AssertExhaustion, false},
      {"assert_exception", Command::AssertException, false},
      {"assert_malformed", Command::AssertMalformed, true},
      {"assert_invalid", Command::AssertInvalid, true},
      {"assert_unlinkable", Command::AssertUnlinkable, true},
      {"assert_malformed_custom", Command::AssertMalformedCustom, true},
      {"assert_invalid_custom", Command::AssertInvalidCustom, true},
  };
  const Form* form = nullptr;
  for (const Form& candidate : kForms) {
    if (candidate.keyword == keyword) form = &candidate;
  }
  if (form == nullptr) {
    cursor_.fail(fmt::format("unknown command {}", keyword));
    return command;
  }
  command.kind = form->kind;
  if (form->on_module || cursor_.is_list("module")) {
    command.module = module();
  } else {
    command.action = action();
  }
  if (command.kind == Command::AssertReturn) {
    while (cursor_.is(Token::Left)) command.expected.push_back(value());
  } else if (command.kind != Command::AssertException) {
    command.message = string();
  }
  return command;
}

// -- values --

ScriptValue ScriptParser::value() {
  ScriptValue value;
  if (!cursor_.is(Token::Left) || cursor_.peek(1).kind != Token::Atom) {
    cursor_.unexpected();
    return value;
  }
  const std::string_view keyword = cursor_.peek(1).text;
  cursor_.seek(cursor_.position() + 2);
  if (keyword == "v128.const") {
    value = vector();
  } else if (keyword == "either") {
    value.kind = ScriptValue::Either;
    while (cursor_.is(Token::Left) && !cursor_.is_list("either")) value.alternatives.push_back(this->value());
  } else if (keyword.ends_with(".const")) {
    value = number(keyword);
  } else {
    value = reference(keyword);
  }
  cursor_.expect_close();
  return value;
}

// A float literal or nan:canonical, nan:arithmetic, which change the value's kind.
uint64_t ScriptParser::float_bits(ValType::Kind type, ScriptValue& value) {
  value.type = type;
  if (cursor_.take_atom("nan:canonical")) return value.kind = ScriptValue::NanCanonical, 0;
  if (cursor_.take_atom("nan:arithmetic")) return value.kind = ScriptValue::NanArithmetic, 0;
  const Token& token = cursor_.next();
  uint32_t narrow = 0;
  uint64_t wide = 0;
  const NumberStatus status = token.kind != Token::Atom ? NumberStatus::Malformed
                              : type == ValType::F32    ? parse_f32(token.text, narrow)
                                                        : parse_f64(token.text, wide);
  if (status != NumberStatus::Ok) cursor_.fail_at(token, fmt::format("constant out of range: {}", token.text));
  return type == ValType::F32 ? narrow : wide;
}

ScriptValue ScriptParser::number(std::string_view keyword) {
  ScriptValue value;
  if (keyword == "f32.const" || keyword == "f64.const") {
    const bool narrow = keyword == "f32.const";
    value.kind = narrow ? ScriptValue::F32 : ScriptValue::F64;
    value.bits = float_bits(narrow ? ValType::F32 : ValType::F64, value);
    return value;
  }
  const bool narrow = keyword == "i32.const";
  const Token& token = cursor_.next();
  value.kind = narrow ? ScriptValue::I32 : ScriptValue::I64;
  value.type = narrow ? ValType::I32 : ValType::I64;
  if (token.kind != Token::Atom || parse_integer(token.text, narrow ? 32 : 64, value.bits) != NumberStatus::Ok) {
    cursor_.fail_at(token, fmt::format("constant out of range: {}", token.text));
  }
  return value;
}

ScriptValue ScriptParser::vector() {
  struct Shape {
    std::string_view text;
    uint8_t lanes;
    ValType::Kind type;
    unsigned bits;
  };
  constexpr Shape kShapes[] = {{"i8x16", 16, ValType::I8, 8},  {"i16x8", 8, ValType::I16, 16},
                               {"i32x4", 4, ValType::I32, 32}, {"i64x2", 2, ValType::I64, 64},
                               {"f32x4", 4, ValType::F32, 32}, {"f64x2", 2, ValType::F64, 64}};
  ScriptValue value;
  value.kind = ScriptValue::V128;
  value.type = ValType::V128;
  const Token& name = cursor_.next();
  for (const Shape& shape : kShapes) {
    if (name.kind != Token::Atom || name.text != shape.text) continue;
    value.lane_count = shape.lanes;
    value.lane_type = shape.type;
    for (uint8_t i = 0; i < shape.lanes; ++i) {
      ScriptValue lane;
      if (shape.type == ValType::F32 || shape.type == ValType::F64) {
        lane.kind = shape.type == ValType::F32 ? ScriptValue::F32 : ScriptValue::F64;
        lane.bits = float_bits(shape.type, lane);
      } else {
        const Token& token = cursor_.next();
        if (token.kind != Token::Atom || parse_integer(token.text, shape.bits, lane.bits) != NumberStatus::Ok) {
          cursor_.fail_at(token, fmt::format("constant out of range: {}", token.text));
        }
      }
      const unsigned at = i * shape.bits;
      (at < 64 ? value.bits : value.bits_high) |= lane.bits << (at % 64);
      value.lanes.push_back(std::move(lane));
    }
    return value;
  }
  cursor_.fail_at(name, "unexpected token: a shape is expected");
  return value;
}

ScriptValue ScriptParser::reference(std::string_view keyword) {
  struct Form {
    std::string_view keyword;
    ScriptValue::Kind kind;
  };
  constexpr Form kForms[] = {
      {"ref.null", ScriptValue::RefNull},     {"ref.func", ScriptValue::RefFunc},
      {"ref.extern", ScriptValue::RefExtern}, {"ref.host", ScriptValue::RefHost},
      {"ref.any", ScriptValue::RefAny},       {"ref.eq", ScriptValue::RefEq},
      {"ref.i31", ScriptValue::RefI31},       {"ref.struct", ScriptValue::RefStruct},
      {"ref.array", ScriptValue::RefArray},   {"ref.exn", ScriptValue::RefExn},
  };
  constexpr std::pair<std::string_view, HeapType::Abstract> kHeaps[] = {
      {"func", HeapType::Func},     {"extern", HeapType::Extern},
      {"any", HeapType::Any},       {"eq", HeapType::Eq},
      {"i31", HeapType::I31},       {"struct", HeapType::Struct},
      {"array", HeapType::Array},   {"exn", HeapType::Exn},
      {"none", HeapType::None},     {"noextern", HeapType::NoExtern},
      {"nofunc", HeapType::NoFunc}, {"noexn", HeapType::NoExn}};
  ScriptValue value;
  for (const Form& form : kForms) {
    if (form.keyword != keyword) continue;
    value.kind = form.kind;
    value.type = ValType::RefNull;
    value.any = true;
    if (cursor_.is(Token::Atom)) {
      const Token& token = cursor_.next();
      value.any = false;
      if (form.kind == ScriptValue::RefNull) {
        for (const auto& [text, heap] : kHeaps) {
          if (text == token.text) value.heap = heap;
        }
      } else if (parse_unsigned(token.text, 32, value.bits) != NumberStatus::Ok) {
        cursor_.fail_at(token, fmt::format("unexpected token: {}", token.text));
      }
    } else if (cursor_.is(Token::Id)) {
      cursor_.next();
      value.any = false;
    }
    return value;
  }
  cursor_.fail(fmt::format("unexpected token: {} is no value", keyword));
  return value;
}

}  // namespace

Result<std::unique_ptr<Module>> ScriptModule::load(const FeatureSet& features) const {
  switch (form) {
    case Binary: return decode(Bytes::from_vector({data.begin(), data.end()}), features);
    case Quote: return parse_module(data, features);
    case Text: break;
  }
  return ModuleParser(*tokens, begin, end, features)
      .run(name_token == 0 ? std::string_view() : tokens->tokens[name_token].text);
}

Result<Script> parse_script(std::string_view source) {
  auto list = lex(source);
  if (!list) return std::unexpected(std::move(list).error());
  return ScriptParser(std::make_shared<const TokenList>(*std::move(list))).run();
}

}  // namespace weft::text

// Validation of function bodies and constant expressions: the algorithm of the specification's appendix, with one
// stack of operand types and one of control frames.
#include <fmt/format.h>

#include <array>

#include "module/limits.h"
#include "validator/validator.h"

namespace weft {
namespace {

// A fixed signature of the opcode table, decoded. Address types ('p') depend on the memory and are marked.
struct Signature {
  static constexpr size_t kMaxParams = 4;
  static constexpr size_t kMaxResults = 2;
  uint8_t params = 0;
  uint8_t results = 0;
  std::array<ValType, kMaxParams> param{};
  std::array<ValType, kMaxResults> result{};
};

constexpr ValType letter_type(char letter) {
  switch (letter) {
    case 'i': return ValType::I32;
    case 'l': return ValType::I64;
    case 'f': return ValType::F32;
    case 'd': return ValType::F64;
    case 'v': return ValType::V128;
    default: return ValType::Bottom;  // 'p', or no fixed signature
  }
}

constexpr std::array<Signature, kOpcodeCount> make_signatures() {
  std::array<Signature, kOpcodeCount> all{};
  for (size_t i = 0; i < kOpcodeCount; ++i) {
    const std::string_view text = kOpcodes[i].signature;
    if (text == "*") continue;
    bool behind_colon = false;
    for (const char letter : text) {
      if (letter == ':') {
        behind_colon = true;
      } else if (behind_colon) {
        all[i].result[all[i].results++] = letter_type(letter);
      } else {
        all[i].param[all[i].params++] = letter_type(letter);
      }
    }
  }
  return all;
}

constexpr auto kSignatures = make_signatures();

// One-byte instructions that most code is made of, for the short way.
struct ShortForm {
  enum Kind : uint8_t { None, Unary, Binary, Load, Store, LocalGet, LocalSet, LocalTee, Const, BrIf, End } kind = None;
  uint8_t width_log2 = 0;                   // loads and stores
  ValType::Kind operand = ValType::Bottom;  // of arithmetic, or what a store stores
  ValType::Kind result = ValType::Bottom;
};
static_assert(sizeof(ShortForm) == 4);

constexpr std::array<ShortForm, 256> make_short_forms() {
  std::array<ShortForm, 256> forms{};
  for (size_t i = 0; i < kOpcodeCount; ++i) {
    const OpcodeInfo& info = kOpcodes[i];
    const Signature& signature = kSignatures[i];
    if (info.prefix != 0 || info.feature != Feature::Core || info.signature == "*" || signature.params == 0) continue;
    ShortForm& form = forms[info.code];
    form.result = signature.result[0].kind();
    if (info.immediate == Immediate::None) {
      form.kind = signature.params == 1 ? ShortForm::Unary : ShortForm::Binary;
      form.operand = signature.param[0].kind();
    } else if (info.immediate == Immediate::MemArg) {
      form.kind = signature.results == 1 ? ShortForm::Load : ShortForm::Store;
      form.operand = signature.param[1].kind();
      while ((1 << form.width_log2) < info.width) ++form.width_log2;
    }
  }
  forms[opcode_info(Opcode::LocalGet).code].kind = ShortForm::LocalGet;
  forms[opcode_info(Opcode::LocalSet).code].kind = ShortForm::LocalSet;
  forms[opcode_info(Opcode::LocalTee).code].kind = ShortForm::LocalTee;
  forms[opcode_info(Opcode::I32Const).code] = {ShortForm::Const, 0, ValType::Bottom, ValType::I32};
  forms[opcode_info(Opcode::I64Const).code] = {ShortForm::Const, 0, ValType::Bottom, ValType::I64};
  forms[opcode_info(Opcode::BrIf).code].kind = ShortForm::BrIf;
  forms[opcode_info(Opcode::End).code].kind = ShortForm::End;
  return forms;
}

// A LEB128 integer of at most four bytes, which is at most 28 bits: whatever it is for, it is in range. False leaves
// `p` undefined.
inline bool short_leb(const uint8_t*& p, const uint8_t* end, uint32_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    if (p == end) return false;
    const uint8_t byte = *p++;
    value |= static_cast<uint32_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

constexpr auto kShortForms = make_short_forms();

}  // namespace

FunctionValidator::FunctionValidator(const Module& module, const FeatureSet& features)
    : module_(module), features_(features) {}

void FunctionValidator::begin(std::span<const ValType> results) {
  operands_.clear();
  controls_.clear();
  initialised_trail_.clear();
  error_.reset();
  results_ = results;
  push_control(Opcode::Block, {}, results);
}

Result<> FunctionValidator::function(uint32_t function_index, InstructionSink* sink) {
  const Function& function = module_.functions[function_index];
  const FuncType& type = module_.func_type(function_index);
  function_index_ = function_index;
  section_ = "code";
  is_constant_ = false;
  has_plain_memory_ = !module_.memories.empty() && !module_.memories[0].type.is_64;
  global_limit_ = static_cast<uint32_t>(module_.globals.size());
  begin(type.results);
  ByteReader reader(module_.span(), function.body);
  locals_.assign(type.params.begin(), type.params.end());
  initialised_.assign(type.params.size(), 1);
  current_.offset = reader.offset();
  for (const LocalRun& run : read_locals(reader, static_cast<uint32_t>(type.params.size()))) {
    if (!val_type(run.type)) return std::unexpected(*error_);
    locals_.insert(locals_.end(), run.count, run.type);
    initialised_.insert(initialised_.end(), run.count, run.type.is_defaultable());
  }
  return body(reader, sink);
}

Result<> FunctionValidator::const_expr(ConstExpr expr, ValType expected, uint32_t global_limit) {
  function_index_ = ErrorPlace::kNone;
  section_ = {};
  is_constant_ = true;
  global_limit_ = global_limit;
  const ValType results[] = {expected};
  begin(results);
  locals_.clear();
  ByteReader reader(module_.span(), expr);
  return body(reader, nullptr);
}

Result<> FunctionValidator::body(ByteReader& reader, InstructionSink* sink) {
  while (!controls_.empty() && !reader.failed() && error_ == nullptr) {
    if (sink == nullptr && !is_constant_) short_way(reader);
    current_.offset = reader.offset();
    const bool reachable = !controls_.back().unreachable;
    if (reader.at_end()) {
      reader.fail("unexpected end of section or function: END opcode expected");
      break;
    }
    if (!instruction(reader)) break;
    if (sink != nullptr) sink->on_instruction(current_, reachable, *this);
  }
  if (error_ == nullptr && !reader.failed() && !reader.at_end()) {
    reader.fail("section size mismatch: END opcode expected at the end of the body, there is more behind it");
  }
  if (reader.failed() && error_ == nullptr) {
    Error error = reader.to_error(section_);
    error.place().function_index = function_index_;
    return std::unexpected(std::move(error));
  }
  if (error_ != nullptr) return std::unexpected(*error_);
  return {};
}

// -- errors --

bool FunctionValidator::fail(std::string message, ErrorKind kind) {
  if (error_ == nullptr) {
    error_ = std::make_unique<Error>(
        kind, std::move(message),
        ErrorPlace{.offset = current_.offset, .section = section_, .function_index = function_index_});
  }
  return false;
}

bool FunctionValidator::mismatch(ValType expected, ValType found) {
  return fail(fmt::format("type mismatch: {} expected {}, found {}", current_.info().text, to_string(expected),
                          to_string(found)));
}

bool FunctionValidator::require(Feature feature) {
  if (features_.has(feature)) return true;
  return fail(
      fmt::format("illegal opcode: {} requires feature {}, which is off", current_.info().text, feature_name(feature)),
      ErrorKind::Malformed);
}

// -- operands and frames --

ValType FunctionValidator::pop_any() {
  const ControlFrame& frame = controls_.back();
  if (operands_.size() == frame.height) {
    if (!frame.unreachable) fail(fmt::format("type mismatch: {} finds no operand", current_.info().text));
    return ValType::Bottom;
  }
  const ValType type = operands_.back();
  operands_.pop_back();
  return type;
}

bool FunctionValidator::pop_slow(ValType expected) {
  const ControlFrame& frame = controls_.back();
  if (operands_.size() == frame.height) {
    if (frame.unreachable) return true;
    return fail(fmt::format("type mismatch: {} expected {}, found nothing", current_.info().text, to_string(expected)));
  }
  const ValType found = operands_.back();
  operands_.pop_back();
  return is_subtype(found, expected) || mismatch(expected, found);
}

bool FunctionValidator::pop(std::span<const ValType> expected) {
  for (size_t i = expected.size(); i > 0; --i) {
    if (!pop(expected[i - 1])) return false;
  }
  return true;
}

bool FunctionValidator::retype(std::span<const ValType> expected) {
  if (!pop(expected)) return false;
  push(expected);
  return true;
}

void FunctionValidator::push_control(Opcode op, std::span<const ValType> params, std::span<const ValType> results) {
  ControlFrame frame;
  frame.op = op;
  frame.height = static_cast<uint32_t>(operands_.size());
  frame.inits = static_cast<uint32_t>(initialised_trail_.size());
  frame.params = params;
  frame.results = results;
  frame.entered_reachable = controls_.empty() || !controls_.back().unreachable;
  controls_.push_back(frame);
  push(params);
}

// Checks that the frame's results, and nothing else, are there; forgets the locals that were initialised inside.
bool FunctionValidator::pop_control() {
  const ControlFrame frame = controls_.back();
  if (!pop(frame.results)) return false;
  if (operands_.size() != frame.height) {
    return fail(
        fmt::format("type mismatch: {} operands are left at the end of the block", operands_.size() - frame.height));
  }
  for (; initialised_trail_.size() > frame.inits; initialised_trail_.pop_back()) {
    initialised_[initialised_trail_.back()] = 0;
  }
  controls_.pop_back();
  return true;
}

void FunctionValidator::set_unreachable() {
  operands_.set_size(controls_.back().height);
  controls_.back().unreachable = true;
}

// -- instructions --

// Validates as many of the instructions in short forms as follow each other, as long as nothing about them is unusual:
// operands of exactly the expected types, short integers. The first one that is not so is left to instruction(), with
// every check and every message. Everything that the loop needs is in registers.
void FunctionValidator::short_way(ByteReader& reader) {
  constexpr size_t kRoom = 48;  // operands that one call may push
  const size_t depth = operands_.size();
  ValType* top = operands_.room(kRoom);
  ValType* const bottom = top - depth;
  ValType* base = bottom + controls_.back().height;
  ValType* const limit = top + kRoom;
  const ValType* const locals = locals_.data();
  const size_t local_count = locals_.size();
  const uint8_t* const begin = reader.position();
  const uint8_t* const end = begin + reader.remaining();
  const uint8_t* done = begin;  // behind the last instruction that was validated
  const bool has_plain_memory = has_plain_memory_;

  while (done != end && top != limit) {
    const uint8_t* p = done + 1;
    const ShortForm form = kShortForms[*done];
    uint32_t value = 0;
    switch (form.kind) {
      case ShortForm::None: goto finish;
      case ShortForm::Unary:
        if (top - base < 1 || top[-1] != form.operand) goto finish;
        top[-1] = form.result;
        break;
      case ShortForm::Binary:
        if (top - base < 2 || top[-1] != form.operand || top[-2] != form.operand) goto finish;
        --top;
        top[-1] = form.result;
        break;
      case ShortForm::Load:
        if (p == end || *p > form.width_log2 || !short_leb(++p, end, value) || !has_plain_memory) goto finish;
        if (top - base < 1 || top[-1] != ValType::I32) goto finish;
        top[-1] = form.result;
        break;
      case ShortForm::Store:
        if (p == end || *p > form.width_log2 || !short_leb(++p, end, value) || !has_plain_memory) goto finish;
        if (top - base < 2 || top[-1] != form.operand || top[-2] != ValType::I32) goto finish;
        top -= 2;
        break;
      case ShortForm::LocalGet:
        if (!short_leb(p, end, value) || value >= local_count || !locals[value].is_defaultable()) goto finish;
        *top++ = locals[value];
        break;
      case ShortForm::LocalSet:
        if (!short_leb(p, end, value) || value >= local_count || !locals[value].is_defaultable()) goto finish;
        if (top - base < 1 || top[-1] != locals[value]) goto finish;
        --top;
        break;
      case ShortForm::LocalTee:
        if (!short_leb(p, end, value) || value >= local_count || !locals[value].is_defaultable()) goto finish;
        if (top - base < 1 || top[-1] != locals[value]) goto finish;
        break;
      case ShortForm::Const:
        if (!short_leb(p, end, value)) goto finish;
        *top++ = form.result;
        break;
      case ShortForm::BrIf:  // to labels that take nothing
        if (!short_leb(p, end, value) || value >= controls_.size()) goto finish;
        if (!controls_[controls_.size() - 1 - value].label_types().empty()) goto finish;
        if (top - base < 1 || top[-1] != ValType::I32) goto finish;
        --top;
        break;
      case ShortForm::End: {  // of inner blocks without results that initialised no local for the first time
        const ControlFrame& frame = controls_.back();
        if (controls_.size() == 1 || top != base || !frame.results.empty() || !frame.params.empty()) goto finish;
        if (frame.inits != initialised_trail_.size()) goto finish;
        controls_.pop_back();
        base = bottom + controls_.back().height;
        break;
      }
    }
    done = p;
  }
finish:
  operands_.set_size(static_cast<size_t>(top - operands_.data()));
  reader.take(static_cast<uint32_t>(done - begin));
}

bool FunctionValidator::instruction(ByteReader& reader) {
  current_.op = read_opcode(reader);
  if (reader.failed()) [[unlikely]]
    return false;
  const OpcodeInfo& info = current_.info();
  if (!features_.has(info.feature) && !require(info.feature)) return false;
  if (is_constant_ && !constant_instruction()) return false;
  switch (info.immediate) {
    case Immediate::None: break;
    case Immediate::Local:
    case Immediate::Label:
    case Immediate::Func:
    case Immediate::Global: current_.index = reader.leb_u32(); break;
    default: read_immediates(reader, current_); break;
  }
  if (reader.failed()) [[unlikely]]
    return false;
  switch (current_.op) {
    case Opcode::LocalGet:
    case Opcode::LocalSet:
    case Opcode::LocalTee:
    case Opcode::GlobalGet:
    case Opcode::GlobalSet: return variable();
    case Opcode::Drop: pop_any(); return error_ == nullptr;
    case Opcode::Select: return select(false);
    case Opcode::SelectT: return select(true);
    default: break;
  }
  switch (info.prefix) {
    case 0x00:
      if (current_.op <= Opcode::TryTable) return control(reader);
      break;
    case 0xFB: return aggregate();
    case 0xFE: return memory_access(info, true);
    default: break;
  }
  switch (info.immediate) {
    case Immediate::None: return info.signature == "*" ? reference() : plain(info);
    case Immediate::I32:
    case Immediate::I64:
    case Immediate::F32:
    case Immediate::F64:
    case Immediate::V128: return plain(info);
    case Immediate::MemArg: return memory_access(info, false);
    case Immediate::MemArgLane:
    case Immediate::Lane:
    case Immediate::Shuffle: return vector(info);
    case Immediate::Memory:
    case Immediate::MemoryMemory:
    case Immediate::DataMemory:
    case Immediate::Data: return memory();
    case Immediate::Table:
    case Immediate::TableTable:
    case Immediate::ElemTable:
    case Immediate::Elem: return table();
    default: return reference();
  }
}

bool FunctionValidator::plain(const OpcodeInfo& info) {
  const Signature& signature = kSignatures[static_cast<size_t>(current_.op)];
  (void)info;
  for (size_t i = signature.params; i > 0; --i) {
    if (!pop(signature.param[i - 1])) return false;
  }
  for (size_t i = 0; i < signature.results; ++i) push(signature.result[i]);
  return true;
}

// §3.4.13
bool FunctionValidator::constant_instruction() {
  switch (current_.op) {
    case Opcode::I32Const:
    case Opcode::I64Const:
    case Opcode::F32Const:
    case Opcode::F64Const:
    case Opcode::V128Const:
    case Opcode::GlobalGet:
    case Opcode::RefNull:
    case Opcode::RefFunc:
    case Opcode::End: return true;
    case Opcode::I32Add:
    case Opcode::I32Sub:
    case Opcode::I32Mul:
    case Opcode::I64Add:
    case Opcode::I64Sub:
    case Opcode::I64Mul:
      if (features_.has(Feature::ExtendedConst)) return true;
      return fail(fmt::format("constant expression required: {} requires feature extended-const, which is off",
                              current_.info().text));
    case Opcode::StructNew:
    case Opcode::StructNewDefault:
    case Opcode::ArrayNew:
    case Opcode::ArrayNewDefault:
    case Opcode::ArrayNewFixed:
    case Opcode::RefI31:
    case Opcode::AnyConvertExtern:
    case Opcode::ExternConvertAny: return true;
    default: return fail(fmt::format("constant expression required: {} is not constant", current_.info().text));
  }
}

bool FunctionValidator::memory_access(const OpcodeInfo& info, bool atomic) {
  if (info.immediate == Immediate::Zero) return true;  // atomic.fence
  ValType address;
  if (!memory_argument(info.width, atomic, address)) return false;
  const Signature& signature = kSignatures[static_cast<size_t>(current_.op)];
  for (size_t i = signature.params; i > 1; --i) {
    if (!pop(signature.param[i - 1])) return false;
  }
  if (!pop(address)) return false;
  for (size_t i = 0; i < signature.results; ++i) push(signature.result[i]);
  return true;
}

// Lane indices are below the number of lanes: 16 bytes by the width of one, which the name says.
bool FunctionValidator::vector(const OpcodeInfo& info) {
  if (info.immediate == Immediate::Shuffle) {
    for (const uint8_t lane : current_.shuffle) {
      if (lane >= 32) return fail(fmt::format("invalid lane index: {} is not below 32", lane));
    }
    return plain(info);
  }
  uint8_t lanes = 0;
  if (info.immediate == Immediate::MemArgLane) {
    lanes = static_cast<uint8_t>(16 / info.width);
  } else {
    const size_t x = info.text.find('x');  // "i8x16.…"
    lanes = static_cast<uint8_t>(info.text[x + 1] - '0');
    if (lanes == 1) lanes = 16;
  }
  if (current_.lane >= lanes) return fail(fmt::format("invalid lane index: {} is not below {}", current_.lane, lanes));
  return info.immediate == Immediate::MemArgLane ? memory_access(info, false) : plain(info);
}

}  // namespace weft

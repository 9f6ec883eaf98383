// Conversion, comparison and description of values.
#include "spec-tests/values.h"

#include <fmt/format.h>

namespace weft::spec {
namespace {

using text::ScriptValue;

constexpr uint32_t kF32Canonical = 0x7FC0'0000;
constexpr uint64_t kF64Canonical = 0x7FF8'0000'0000'0000;

bool matches_f32(const ScriptValue& expected, uint32_t bits) {
  if (expected.kind == ScriptValue::NanCanonical) return (bits & 0x7FFF'FFFF) == kF32Canonical;
  if (expected.kind == ScriptValue::NanArithmetic) return (bits & kF32Canonical) == kF32Canonical;
  return bits == expected.bits;
}

bool matches_f64(const ScriptValue& expected, uint64_t bits) {
  if (expected.kind == ScriptValue::NanCanonical) return (bits & ~(uint64_t{1} << 63)) == kF64Canonical;
  if (expected.kind == ScriptValue::NanArithmetic) return (bits & kF64Canonical) == kF64Canonical;
  return bits == expected.bits;
}

bool matches_vector(const ScriptValue& expected, const Value& actual) {
  for (size_t i = 0; i < expected.lanes.size(); ++i) {
    const ScriptValue& lane = expected.lanes[i];
    const unsigned width = 128 / expected.lane_count;
    const unsigned at = static_cast<unsigned>(i) * width;
    uint64_t bits = (at < 64 ? actual.bits : actual.bits_high) >> (at % 64);
    if (width < 64) bits &= (uint64_t{1} << width) - 1;
    const bool equal = expected.lane_type == ValType::F32   ? matches_f32(lane, static_cast<uint32_t>(bits))
                       : expected.lane_type == ValType::F64 ? matches_f64(lane, bits)
                                                            : bits == lane.bits;
    if (!equal) return false;
  }
  return true;
}

bool is_of(ValType type, HeapType::Abstract heap) {
  return type.is_ref() && type.heap().is_abstract() && type.heap().abstract() == heap;
}

}  // namespace

Ref HostReferences::get(uint64_t number) {
  const auto [found, is_new] = references_.try_emplace(number);
  if (is_new) {
    found->second = store_.new_host_reference(number);
    store_.add_root(found->second);
  }
  return found->second;
}

std::optional<uint64_t> HostReferences::find(Ref ref) const {
  for (const auto& [number, reference] : references_) {
    if (reference == ref) return number;
  }
  return std::nullopt;
}

Value to_value(const ScriptValue& value, HostReferences& references) {
  switch (value.kind) {
    case ScriptValue::I32: return {ValType::I32, value.bits};
    case ScriptValue::I64: return {ValType::I64, value.bits};
    case ScriptValue::F32: return {ValType::F32, value.bits};
    case ScriptValue::F64: return {ValType::F64, value.bits};
    case ScriptValue::V128: return {ValType::V128, value.bits, value.bits_high};
    case ScriptValue::RefExtern: return {ValType::ref(HeapType::Extern, false), references.get(value.bits)};
    case ScriptValue::RefHost: return {ValType::ref(HeapType::Any, false), references.get(value.bits)};
    default: {
      HeapType heap = value.heap;
      if (heap == HeapType(HeapType::Func)) heap = HeapType::NoFunc;
      if (heap == HeapType(HeapType::Extern)) heap = HeapType::NoExtern;
      if (heap == HeapType(HeapType::Exn)) heap = HeapType::NoExn;
      if (heap == HeapType(HeapType::Any)) heap = HeapType::None;
      return {ValType::ref(heap, true), kNullRef};
    }
  }
}

bool matches(const ScriptValue& expected, const Value& actual, const HostReferences& references) {
  const ValType type = actual.type;
  switch (expected.kind) {
    case ScriptValue::I32: return type == ValType::I32 && cell_u32(actual.bits) == expected.bits;
    case ScriptValue::I64: return type == ValType::I64 && actual.bits == expected.bits;
    case ScriptValue::F32: return type == ValType::F32 && matches_f32(expected, cell_u32(actual.bits));
    case ScriptValue::F64: return type == ValType::F64 && matches_f64(expected, actual.bits);
    case ScriptValue::NanCanonical:
    case ScriptValue::NanArithmetic:
      if (type.kind() != expected.type) return false;
      return type == ValType::F32 ? matches_f32(expected, cell_u32(actual.bits)) : matches_f64(expected, actual.bits);
    case ScriptValue::V128: return type == ValType::V128 && matches_vector(expected, actual);
    case ScriptValue::RefNull: return type.is_ref() && actual.bits == kNullRef;
    case ScriptValue::RefExtern:
    case ScriptValue::RefHost:
      if (!type.is_ref() || actual.bits == kNullRef) return false;
      return expected.any || references.find(actual.bits) == expected.bits;
    case ScriptValue::RefI31: return type.is_ref() && is_i31(actual.bits);
    case ScriptValue::Either:
      for (const ScriptValue& alternative : expected.alternatives) {
        if (matches(alternative, actual, references)) return true;
      }
      return false;
    case ScriptValue::RefFunc: return type.is_ref() && actual.bits != kNullRef && !is_i31(actual.bits);
    default: return type.is_ref() && actual.bits != kNullRef && !is_of(type, HeapType::Func);
  }
}

std::string describe(const ScriptValue& value) {
  switch (value.kind) {
    case ScriptValue::I32: return fmt::format("i32:{}", cell_i32(value.bits));
    case ScriptValue::I64: return fmt::format("i64:{}", static_cast<int64_t>(value.bits));
    case ScriptValue::F32: return fmt::format("f32:{} (0x{:08x})", cell_f32(value.bits), value.bits);
    case ScriptValue::F64: return fmt::format("f64:{} (0x{:016x})", cell_f64(value.bits), value.bits);
    case ScriptValue::V128: return fmt::format("v128:0x{:016x}{:016x}", value.bits_high, value.bits);
    case ScriptValue::NanCanonical: return "nan:canonical";
    case ScriptValue::NanArithmetic: return "nan:arithmetic";
    case ScriptValue::RefNull: return "null";
    case ScriptValue::RefExtern: return value.any ? "a host reference" : fmt::format("host reference {}", value.bits);
    case ScriptValue::RefHost: return fmt::format("host reference {}", value.bits);
    case ScriptValue::Either: {
      std::string text = "either";
      for (const ScriptValue& alternative : value.alternatives) text += " " + describe(alternative);
      return text;
    }
    default: return "a reference";
  }
}

std::string describe(const Value& value, const HostReferences& references) {
  switch (value.type.kind()) {
    case ValType::I32: return fmt::format("i32:{}", cell_i32(value.bits));
    case ValType::I64: return fmt::format("i64:{}", static_cast<int64_t>(value.bits));
    case ValType::F32: return fmt::format("f32:{} (0x{:08x})", cell_f32(value.bits), cell_u32(value.bits));
    case ValType::F64: return fmt::format("f64:{} (0x{:016x})", cell_f64(value.bits), value.bits);
    case ValType::V128: return fmt::format("v128:0x{:016x}{:016x}", value.bits_high, value.bits);
    default: break;
  }
  if (value.bits == kNullRef) return "null";
  if (is_i31(value.bits)) return fmt::format("i31:{}", i31_get_s(value.bits));
  if (const auto number = references.find(value.bits)) return fmt::format("host reference {}", *number);
  return to_string(value.type);
}

}  // namespace weft::spec

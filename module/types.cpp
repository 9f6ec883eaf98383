// Text forms of types, as the text format writes them.
#include "module/types.h"

namespace weft {
namespace {

const char* abstract_name(HeapType::Abstract heap) {
  switch (heap) {
    case HeapType::Bottom: return "bot";
    case HeapType::Exn: return "exn";
    case HeapType::Array: return "array";
    case HeapType::Struct: return "struct";
    case HeapType::I31: return "i31";
    case HeapType::Eq: return "eq";
    case HeapType::Any: return "any";
    case HeapType::Extern: return "extern";
    case HeapType::Func: return "func";
    case HeapType::None: return "none";
    case HeapType::NoExtern: return "noextern";
    case HeapType::NoFunc: return "nofunc";
    case HeapType::NoExn: return "noexn";
  }
  return "?";
}

// The abbreviation of (ref null HEAP), §6.4.3.
const char* null_ref_name(HeapType::Abstract heap) {
  switch (heap) {
    case HeapType::Bottom: return "(ref null bot)";
    case HeapType::Exn: return "exnref";
    case HeapType::Array: return "arrayref";
    case HeapType::Struct: return "structref";
    case HeapType::I31: return "i31ref";
    case HeapType::Eq: return "eqref";
    case HeapType::Any: return "anyref";
    case HeapType::Extern: return "externref";
    case HeapType::Func: return "funcref";
    case HeapType::None: return "nullref";
    case HeapType::NoExtern: return "nullexternref";
    case HeapType::NoFunc: return "nullfuncref";
    case HeapType::NoExn: return "nullexnref";
  }
  return "?";
}

std::string list(const std::vector<ValType>& types) {
  std::string text = "[";
  for (const ValType type : types) {
    if (text.size() > 1) text += ' ';
    text += to_string(type);
  }
  return text + "]";
}

}  // namespace

std::string to_string(HeapType type) {
  return type.is_defined() ? std::to_string(type.index()) : abstract_name(type.abstract());
}

std::string to_string(ValType type) {
  switch (type.kind()) {
    case ValType::Bottom: return "bot";
    case ValType::I8: return "i8";
    case ValType::I16: return "i16";
    case ValType::V128: return "v128";
    case ValType::F64: return "f64";
    case ValType::F32: return "f32";
    case ValType::I64: return "i64";
    case ValType::I32: return "i32";
    case ValType::Ref: return "(ref " + to_string(type.heap()) + ")";
    case ValType::RefNull:
      if (type.heap().is_abstract()) return null_ref_name(type.heap().abstract());
      return "(ref null " + to_string(type.heap()) + ")";
  }
  return "?";
}

std::string to_string(const FuncType& type) { return list(type.params) + " -> " + list(type.results); }

uint32_t count_cells(const std::vector<ValType>& types) {
  uint32_t cells = 0;
  for (const ValType type : types) cells += type.cells();
  return cells;
}

const char* to_string(ExternKind kind) {
  switch (kind) {
    case ExternKind::Func: return "func";
    case ExternKind::Table: return "table";
    case ExternKind::Memory: return "memory";
    case ExternKind::Global: return "global";
    case ExternKind::Tag: return "tag";
  }
  return "?";
}

}  // namespace weft

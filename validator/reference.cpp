// Validation of references and aggregates, spec §3.4.2 and §3.4.3, and of types inside of bodies.
#include <fmt/format.h>

#include "module/limits.h"
#include "validator/validator.h"

namespace weft {

bool FunctionValidator::heap_type(HeapType heap) {
  if (heap.is_defined() && heap.index() >= module_.types.size())
    return fail(fmt::format("unknown type {}", heap.index()));
  return true;
}

bool FunctionValidator::val_type(ValType type) {
  if (type.is_vector() && !features_.has(Feature::Simd)) return fail("v128 requires feature simd, which is off");
  return !type.is_ref() || heap_type(type.heap());
}

const SubType* FunctionValidator::defined_type(uint32_t index, CompositeKind kind) {
  if (index >= module_.types.size()) {
    fail(fmt::format("unknown type {}", index));
    return nullptr;
  }
  const SubType& type = module_.types[index];
  if (type.composite.kind == kind) return &type;
  static constexpr const char* kNames[] = {"function", "structure", "array"};
  fail(fmt::format("type mismatch: {} needs a {} type, type {} is a {} type", current_.info().text,
                   kNames[static_cast<size_t>(kind)], index, kNames[static_cast<size_t>(type.composite.kind)]));
  return nullptr;
}

bool FunctionValidator::reference() {
  switch (current_.op) {
    case Opcode::RefNull:
      if (!heap_type(current_.heap)) return false;
      push(ValType::ref(current_.heap, true));
      return true;
    case Opcode::RefFunc: {
      if (current_.index >= module_.functions.size()) return fail(fmt::format("unknown function {}", current_.index));
      if (!is_constant_ && !module_.declared_functions[current_.index]) {
        return fail(fmt::format("undeclared function reference: function {} is named by no export, element or global",
                                current_.index));
      }
      push(ValType::ref(HeapType::defined(module_.functions[current_.index].type), false));
      return true;
    }
    case Opcode::RefEq: {
      const ValType eqref = ValType::ref(HeapType::Eq, true);
      if (!pop(eqref) || !pop(eqref)) return false;
      push(ValType::I32);
      return true;
    }
    default: break;
  }
  // The rest takes a reference of any type; branches find it above the label's values.
  const ControlFrame* target = nullptr;
  if (current_.info().immediate == Immediate::Label) {
    target = label(current_.index);
    if (target == nullptr) return false;
  }
  const ValType type = pop_any();
  if (error_ != nullptr) return false;
  if (!type.is_ref() && !type.is_bottom()) {
    return fail(fmt::format("type mismatch: {} expected a reference, found {}", current_.info().text, to_string(type)));
  }
  const ValType non_null = type.is_bottom() ? ValType::ref(HeapType::Bottom, false) : type.as_non_null();
  switch (current_.op) {
    case Opcode::RefIsNull: push(ValType::I32); return true;
    case Opcode::RefAsNonNull: push(non_null); return true;
    case Opcode::BrOnNull:
      if (!retype(target->label_types())) return false;
      push(non_null);
      return true;
    default: {  // br_on_non_null
      const std::span<const ValType> types = target->label_types();
      if (types.empty()) return fail("type mismatch: br_on_non_null needs a label that takes a reference");
      if (!is_subtype(non_null, types.back())) return mismatch(types.back(), non_null);
      return retype(types.first(types.size() - 1));
    }
  }
}

// -- casts and conversions --

bool FunctionValidator::branch_on_cast() {
  const ControlFrame* const target = label(current_.index);
  if (target == nullptr || !heap_type(current_.heap) || !heap_type(current_.heap2)) return false;
  const ValType from = ValType::ref(current_.heap, current_.lane & 1);
  const ValType to = ValType::ref(current_.heap2, current_.lane & 2);
  if (!is_subtype(to, from))
    return fail(fmt::format("type mismatch: {} is no subtype of {}", to_string(to), to_string(from)));
  // What is left when the cast does not succeed: null has been cast away if the target takes it.
  const ValType rest = to.is_nullable() ? from.as_non_null() : from;
  const bool on_success = current_.op == Opcode::BrOnCast;
  const ValType branched = on_success ? to : rest;
  const std::span<const ValType> types = target->label_types();
  if (types.empty())
    return fail(fmt::format("type mismatch: {} needs a label that takes a reference", current_.info().text));
  if (!pop(from)) return false;
  if (!is_subtype(branched, types.back())) return mismatch(types.back(), branched);
  if (!retype(types.first(types.size() - 1))) return false;
  push(on_success ? rest : to);
  return true;
}

namespace {

// The top of the hierarchy that a heap type is in (§3.3.3).
HeapType top_of(const Module& module, HeapType heap) {
  using H = HeapType;
  const H::Abstract abstract =
      heap.is_defined() ? abstract_above(module.types[heap.index()].composite.kind) : heap.abstract();
  switch (abstract) {
    case H::Func:
    case H::NoFunc: return H::Func;
    case H::Extern:
    case H::NoExtern: return H::Extern;
    case H::Exn:
    case H::NoExn: return H::Exn;
    default: return H::Any;
  }
}

}  // namespace

bool FunctionValidator::aggregate() {
  const auto convert = [&](ValType from, ValType to) {
    if (!pop(from)) return false;
    push(to);
    return true;
  };
  switch (current_.op) {
    case Opcode::RefTest:
    case Opcode::RefTestNull:
    case Opcode::RefCast:
    case Opcode::RefCastNull: {
      if (!heap_type(current_.heap)) return false;
      const bool is_test = current_.op == Opcode::RefTest || current_.op == Opcode::RefTestNull;
      const bool nullable = current_.op == Opcode::RefTestNull || current_.op == Opcode::RefCastNull;
      const ValType target = ValType::ref(current_.heap, nullable);
      return convert(ValType::ref(top_of(module_, current_.heap), true), is_test ? ValType::I32 : target);
    }
    case Opcode::BrOnCast:
    case Opcode::BrOnCastFail: return branch_on_cast();
    case Opcode::AnyConvertExtern:
    case Opcode::ExternConvertAny: {
      const bool to_any = current_.op == Opcode::AnyConvertExtern;
      const ValType found = pop_any();
      if (error_ != nullptr) return false;
      const ValType from = to_any ? kExternRef : kAnyRef;
      if (!is_subtype(found, from)) return mismatch(from, found);
      push(ValType::ref(to_any ? HeapType::Any : HeapType::Extern, found.is_bottom() || found.is_nullable()));
      return true;
    }
    case Opcode::RefI31: return convert(ValType::I32, ValType::ref(HeapType::I31, false));
    case Opcode::I31GetS:
    case Opcode::I31GetU: return convert(ValType::ref(HeapType::I31, true), ValType::I32);
    case Opcode::ArrayLen: return convert(ValType::ref(HeapType::Array, true), ValType::I32);
    case Opcode::StructNew:
    case Opcode::StructNewDefault:
    case Opcode::StructGet:
    case Opcode::StructGetS:
    case Opcode::StructGetU:
    case Opcode::StructSet: return structure();
    default: return array();
  }
}

// -- structures --

const FieldType* FunctionValidator::struct_field(uint32_t type_index, uint32_t field_index) {
  const SubType* const type = defined_type(type_index, CompositeKind::Struct);
  if (type == nullptr) return nullptr;
  if (field_index >= type->composite.fields.size()) {
    fail(fmt::format("unknown field {} of type {}", field_index, type_index));
    return nullptr;
  }
  return &type->composite.fields[field_index];
}

bool FunctionValidator::structure() {
  const uint32_t type_index = current_.index;
  const ValType nullable = ValType::ref(HeapType::defined(type_index), true);
  if (current_.op == Opcode::StructNew || current_.op == Opcode::StructNewDefault) {
    const SubType* const type = defined_type(type_index, CompositeKind::Struct);
    if (type == nullptr) return false;
    const std::vector<FieldType>& fields = type->composite.fields;
    for (size_t i = fields.size(); i > 0; --i) {
      const ValType field = fields[i - 1].type;
      if (current_.op == Opcode::StructNew) {
        if (!pop(field.unpacked())) return false;
      } else if (!field.is_defaultable()) {
        return fail(fmt::format("type mismatch: field {} of type {} has no default value", i - 1, to_string(field)));
      }
    }
    push(nullable.as_non_null());
    return true;
  }
  const FieldType* const field = struct_field(type_index, current_.index2);
  if (field == nullptr) return false;
  if (current_.op == Opcode::StructSet) {
    if (!field->is_mutable) return fail(fmt::format("immutable field: field {} is immutable", current_.index2));
    return pop(field->type.unpacked()) && pop(nullable);
  }
  if (field->type.is_packed() != (current_.op != Opcode::StructGet)) {
    return fail(
        fmt::format("type mismatch: {} does not fit a field of type {}", current_.info().text, to_string(field->type)));
  }
  if (!pop(nullable)) return false;
  push(field->type.unpacked());
  return true;
}

// -- arrays --

const FieldType* FunctionValidator::array_field(uint32_t type_index) {
  const SubType* const type = defined_type(type_index, CompositeKind::Array);
  return type == nullptr ? nullptr : &type->composite.fields[0];
}

bool FunctionValidator::array() {
  const uint32_t type_index = current_.index;
  const FieldType* const field = array_field(type_index);
  if (field == nullptr) return false;
  const ValType nullable = ValType::ref(HeapType::defined(type_index), true);
  const ValType element = field->type.unpacked();
  const auto pop_i32s = [&](int count) {
    for (; count > 0; --count) {
      if (!pop(ValType::I32)) return false;
    }
    return true;
  };
  const auto created = [&] {
    push(nullable.as_non_null());
    return true;
  };
  const auto is_mutable = [&] { return field->is_mutable || fail("immutable array: its elements cannot be set"); };
  const auto from_data = [&] {
    return !field->type.is_ref() || fail("array type is not numeric or vector: data cannot become references");
  };
  const auto from_elements = [&] {
    if (!elements_exist(current_.index2)) return false;
    const ValType source = module_.elements[current_.index2].type;
    return is_subtype(source, field->type) || mismatch(field->type, source);
  };
  switch (current_.op) {
    case Opcode::ArrayNew: return pop_i32s(1) && pop(element) && created();
    case Opcode::ArrayNewDefault:
      if (!field->type.is_defaultable()) return fail("type mismatch: the array's elements have no default value");
      return pop_i32s(1) && created();
    case Opcode::ArrayNewFixed:
      if (current_.index2 > limits::kArrayNewFixedOperands) {
        return fail(fmt::format("array.new_fixed with {} operands, the limit is {}", current_.index2,
                                limits::kArrayNewFixedOperands),
                    ErrorKind::Limit);
      }
      for (uint32_t i = 0; i < current_.index2; ++i) {
        if (!pop(element)) return false;
      }
      return created();
    case Opcode::ArrayNewData: return from_data() && datas_exist(current_.index2) && pop_i32s(2) && created();
    case Opcode::ArrayNewElem: return from_elements() && pop_i32s(2) && created();
    case Opcode::ArrayGet:
    case Opcode::ArrayGetS:
    case Opcode::ArrayGetU:
      if (field->type.is_packed() != (current_.op != Opcode::ArrayGet)) {
        return fail(fmt::format("type mismatch: {} does not fit elements of type {}", current_.info().text,
                                to_string(field->type)));
      }
      if (!pop_i32s(1) || !pop(nullable)) return false;
      push(element);
      return true;
    case Opcode::ArraySet: return is_mutable() && pop(element) && pop_i32s(1) && pop(nullable);
    case Opcode::ArrayFill: return is_mutable() && pop_i32s(1) && pop(element) && pop_i32s(1) && pop(nullable);
    case Opcode::ArrayCopy: {
      const FieldType* const source = array_field(current_.index2);
      if (source == nullptr || !is_mutable()) return false;
      const bool packed = source->type.is_packed() || field->type.is_packed();
      if (packed ? source->type != field->type : !is_subtype(source->type, field->type)) {
        return fail(fmt::format("array types do not match: {} cannot be copied to {}", to_string(source->type),
                                to_string(field->type)));
      }
      return pop_i32s(2) && pop(ValType::ref(HeapType::defined(current_.index2), true)) && pop_i32s(1) && pop(nullable);
    }
    case Opcode::ArrayInitData:
      return is_mutable() && from_data() && datas_exist(current_.index2) && pop_i32s(3) && pop(nullable);
    default:  // array.init_elem
      return is_mutable() && from_elements() && pop_i32s(3) && pop(nullable);
  }
}

}  // namespace weft

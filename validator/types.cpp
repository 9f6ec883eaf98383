// Validation of the type section, spec §3.2: each recursive group is checked, made canonical, and then its subtypes
// are compared with their supertypes.
#include <fmt/format.h>

#include "module/limits.h"
#include "validator/module_validator.h"

namespace weft::validation {
namespace {

// Calls check with every value type that a composite type names.
template <typename F>
bool for_each_type(const CompositeType& composite, F&& check) {
  for (const ValType param : composite.func.params) {
    if (!check(param)) return false;
  }
  for (const ValType result : composite.func.results) {
    if (!check(result)) return false;
  }
  for (const FieldType& field : composite.fields) {
    if (!check(field.type)) return false;
  }
  return true;
}

bool field_matches(const Module& module, const FieldType& sub, const FieldType& super) {
  if (sub.is_mutable != super.is_mutable || !is_subtype(module, sub.type, super.type)) return false;
  return !sub.is_mutable || is_subtype(module, super.type, sub.type);
}

// §3.3.6 to §3.3.10: a function takes no less and gives no more; structures add fields at their end.
bool composite_matches(const Module& module, const CompositeType& sub, const CompositeType& super) {
  if (sub.kind != super.kind) return false;
  if (sub.kind == CompositeKind::Func) {
    const auto all = [&](const std::vector<ValType>& subs, const std::vector<ValType>& supers) {
      return std::equal(subs.begin(), subs.end(), supers.begin(), supers.end(),
                        [&](ValType a, ValType b) { return is_subtype(module, a, b); });
    };
    return all(super.func.params, sub.func.params) && all(sub.func.results, super.func.results);
  }
  if (sub.fields.size() < super.fields.size()) return false;
  for (size_t i = 0; i < super.fields.size(); ++i) {
    if (!field_matches(module, sub.fields[i], super.fields[i])) return false;
  }
  return true;
}

}  // namespace

Result<> ModuleValidator::val_type(ValType type, uint32_t types, std::string_view section) const {
  if (type.is_vector() && !features_.has(Feature::Simd))
    return invalid("v128 requires feature simd, which is off", section);
  if (!type.is_ref()) return {};
  const HeapType heap = type.heap();
  if (heap.is_defined()) {
    if (heap.index() >= types) return invalid(fmt::format("unknown type {}", heap.index()), section);
    if (!features_.has(Feature::FunctionReferences)) {
      return invalid(fmt::format("{} requires feature function-references, which is off", to_string(type)), section);
    }
    return {};
  }
  const auto abstract = heap.abstract();
  Feature feature = Feature::Gc;
  if (abstract == HeapType::Func || abstract == HeapType::Extern) {
    feature = type.is_nullable() ? Feature::ReferenceTypes : Feature::FunctionReferences;
  } else if (abstract == HeapType::Exn || abstract == HeapType::NoExn) {
    feature = Feature::Exceptions;
  }
  if (features_.has(feature)) return {};
  return invalid(fmt::format("{} requires feature {}, which is off", to_string(type), feature_name(feature)), section);
}

Result<> ModuleValidator::types() {
  module_.canonical.clear();
  module_.groups.clear();
  module_.canonical.reserve(module_.types.size());
  for (const RecGroupRange range : module_.rec_groups) WEFT_TRY(group(range));
  return {};
}

Result<> ModuleValidator::group(RecGroupRange range) {
  const uint32_t end = range.first + range.count;
  for (uint32_t i = range.first; i < end; ++i) {
    const SubType& sub = module_.types[i];
    Result<> valid;
    for_each_type(sub.composite, [&](ValType type) {
      valid = val_type(type, end, "type");
      return valid.has_value();
    });
    WEFT_TRY(valid);
    if (sub.composite.func.results.size() > 1 && !features_.has(Feature::MultiValue)) {
      return invalid(fmt::format("type {}: several results require feature multi-value, which is off", i), "type");
    }
    if (!sub.super) continue;
    if (*sub.super >= i)
      return invalid(fmt::format("unknown type {}: a supertype comes before type {}", *sub.super, i), "type");
    if (module_.types[*sub.super].is_final) {
      return invalid(fmt::format("sub type: supertype {} of type {} is final", *sub.super, i), "type");
    }
  }
  WEFT_TRY(check_depths(range));
  auto canonical = types_.intern(module_, range);
  for (const auto& type : canonical->types) module_.canonical.push_back(type.get());
  module_.groups.push_back(std::move(canonical));
  for (uint32_t i = range.first; i < end; ++i) {
    const SubType& sub = module_.types[i];
    if (sub.super && !composite_matches(module_, sub.composite, module_.types[*sub.super].composite)) {
      return invalid(fmt::format("sub type: type {} does not match its supertype {}", i, *sub.super), "type");
    }
  }
  return {};
}

Result<> ModuleValidator::check_depths(RecGroupRange range) {
  depths_.resize(range.first + range.count);
  for (uint32_t i = range.first; i < range.first + range.count; ++i) {
    depths_[i] = module_.types[i].super ? depths_[*module_.types[i].super] + 1 : 0;
    if (depths_[i] > limits::kSubtypingDepth) {
      return weft::fail(ErrorKind::Limit,
                        fmt::format("type {} has more than {} supertypes", i, limits::kSubtypingDepth),
                        {.section = "type"});
    }
  }
  return {};
}

}  // namespace weft::validation

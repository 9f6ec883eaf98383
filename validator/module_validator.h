// Validation of a module's definitions, spec §3.5: what surrounds function bodies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validator/validator.h"

namespace weft::validation {

class ModuleValidator {
 public:
  ModuleValidator(Module& module, TypeRegistry& types, const FeatureSet& features)
      : module_(module), types_(types), features_(features), functions_(module, features) {}

  Result<> run();

 private:
  static std::unexpected<Error> invalid(std::string message, std::string_view section) {
    return fail(ErrorKind::Invalid, std::move(message), {.section = section});
  }

  // types.cpp
  Result<> types();
  Result<> group(RecGroupRange range);
  Result<> check_depths(RecGroupRange range);
  /// `types`: how many type indices are known.
  Result<> val_type(ValType type, uint32_t types, std::string_view section) const;

  // module.cpp
  Result<> func_type_index(uint32_t type, std::string_view section) const;
  Result<> function_types();
  Result<> limits(const Limits& limits, uint64_t max, std::string_view what, std::string_view range_text) const;
  Result<> tables();
  Result<> memories();
  Result<> tags();
  Result<> globals();
  Result<> exports();
  Result<> start();
  Result<> elements();
  Result<> datas();
  Result<> bodies();
  void declare_functions();
  void declare_in(ConstExpr expr);
  Result<> const_expr(ConstExpr expr, ValType expected, std::string_view section);

  Module& module_;
  TypeRegistry& types_;
  const FeatureSet& features_;
  FunctionValidator functions_;
  std::vector<uint32_t> depths_;  // number of supertypes of each type
};

}  // namespace weft::validation

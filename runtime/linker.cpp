// Names to definitions.
#include "runtime/linker.h"

#include <fmt/format.h>

namespace weft {
namespace {

// Neither part may be confused with the other: the length comes first.
std::string key(std::string_view module, std::string_view field) {
  return fmt::format("{}:{}{}", module.size(), module, field);
}

}  // namespace

void Linker::define(std::string_view module, std::string_view field, Extern value) {
  definitions_[key(module, field)] = value;
}

void Linker::define(std::string_view module, std::string_view field, HostFunction function) {
  define(module, field, store_.add_host_function(std::move(function)));
}

void Linker::define(std::string_view module, Instance& instance) {
  for (const Export& exported : instance.module->exports) {
    define(module, exported.name, instance.get(exported.kind, exported.index));
  }
}

std::optional<Extern> Linker::find(std::string_view module, std::string_view field) const {
  const auto found = definitions_.find(key(module, field));
  if (found == definitions_.end()) return std::nullopt;
  return found->second;
}

Result<Instance*> Linker::instantiate(std::shared_ptr<const CompiledModule> module) {
  std::vector<Extern> imports;
  imports.reserve(module->module().imports.size());
  for (const Import& import : module->module().imports) {
    const auto value = find(import.module, import.name);
    if (!value) {
      return fail(ErrorKind::Unlinkable, fmt::format("unknown import: {} \"{}\" \"{}\" is not defined",
                                                     to_string(import.kind), import.module, import.name));
    }
    imports.push_back(*value);
  }
  return store_.instantiate(std::move(module), imports);
}

}  // namespace weft

// Names for what modules import: host functions and the exports of other instances.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "module/error.h"
#include "runtime/host.h"
#include "runtime/instance.h"
#include "runtime/store.h"

namespace weft {

/// A table of definitions by module and field name, for the instances of one store.
class Linker {
 public:
  explicit Linker(Store& store) : store_(store) {}

  /// Defines (or redefines) a name. `value` must belong to the linker's store.
  void define(std::string_view module, std::string_view field, Extern value);
  /// Defines a host function.
  void define(std::string_view module, std::string_view field, HostFunction function);
  /// Defines all exports of an instance under a module name.
  void define(std::string_view module, Instance& instance);
  /// The definition, or nothing.
  std::optional<Extern> find(std::string_view module, std::string_view field) const;

  /// Instantiates (spec §4.7.2) with imports from the table, and runs the start function.
  /// Errors: Unlinkable naming the import; Trap, with the details in store.trap().
  Result<Instance*> instantiate(std::shared_ptr<const CompiledModule> module);

 private:
  Store& store_;
  std::unordered_map<std::string, Extern> definitions_;
};

}  // namespace weft

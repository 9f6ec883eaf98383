// Look-ups in instances, growth of tables, and what host functions see of their caller.
#include "runtime/instance.h"

#include "runtime/compiled_module.h"
#include "runtime/host.h"
#include "runtime/store.h"

namespace weft {

std::optional<uint64_t> Table::grow(uint64_t delta, Ref init) {
  const uint64_t old_size = size;
  if (delta > max_size - old_size) return std::nullopt;
  storage.resize(old_size + delta, init);
  elements = storage.data();
  size = storage.size();
  return old_size;
}

void Instance::init_own_func(Func& own, uint32_t index) {
  own.instance = this;
  own.index = index;
  own.type = types[module->functions[index].type];
}

Extern Instance::get(ExternKind kind, uint32_t index) {
  switch (kind) {
    case ExternKind::Func: return func(index);
    case ExternKind::Table: return tables[index];
    case ExternKind::Memory: return memories[index];
    case ExternKind::Global: return globals[index];
    case ExternKind::Tag: return tags[index];
  }
  return {};
}

std::optional<Extern> Instance::find_export(std::string_view export_name) {
  const Export* const found = module->find_export(export_name);
  if (found == nullptr) return std::nullopt;
  return get(found->kind, found->index);
}

Memory* HostContext::memory() const {
  if (caller == nullptr) return nullptr;
  if (const auto exported = caller->find_export("memory"); exported && exported->memory()) return exported->memory();
  return caller->memory_list.empty() ? nullptr : caller->memory_list[0];
}

Outcome HostContext::trap(TrapCode code, std::string message) const {
  return store.set_trap(Trap{.code = code, .message = std::move(message)});
}

Outcome HostContext::exit(int32_t status) const {
  return store.set_trap(Trap{.code = TrapCode::Exit, .exit_code = status});
}

}  // namespace weft

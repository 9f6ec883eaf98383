// Run-time structure, spec §4.2: functions, tables, globals, tags, and module instances. Plain data that engines
// address directly; stores own it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "module/module.h"
#include "module/type_registry.h"
#include "runtime/host.h"
#include "runtime/memory.h"
#include "runtime/value.h"

namespace weft {

class CompiledModule;
class ModuleCode;
class Store;
struct Instance;

/// A function instance; what a funcref points to. Its address is its identity and stays for the life of the store.
struct Func {
  const RuntimeType* type = nullptr;
  Instance* instance = nullptr;        // null for host functions
  const HostFunction* host = nullptr;  // null for wasm functions
  uint32_t index = 0;                  // wasm: in the function index space of its instance's module
  void* code = nullptr;                // wasm: the engine's, null until it was needed
};

/// A table instance.
struct Table {
  Ref* elements = nullptr;  // `size` of them
  uint64_t size = 0;
  TableType type;         // element type in canonical space
  uint64_t max_size = 0;  // what grow may reach
  std::vector<Ref> storage;

  /// Grows by `delta` entries set to `init`; gives the old size, or nothing when the maximum forbids it.
  std::optional<uint64_t> grow(uint64_t delta, Ref init);
};

/// A global instance. `value` (two cells for v128) lies in the instance that defines the global, or in `own`.
struct Global {
  Cell* value = nullptr;
  GlobalType type;  // in canonical space
  Cell own[2] = {0, 0};
};

/// A tag instance.
struct TagInstance {
  const RuntimeType* type = nullptr;
};

/// An external value (§4.2.13). Points to something owned by a store.
struct Extern {
  ExternKind kind = ExternKind::Func;
  void* object = nullptr;

  Extern() = default;
  Extern(Func* func) : kind(ExternKind::Func), object(func) {}          // NOLINT: implicit by intent
  Extern(Table* table) : kind(ExternKind::Table), object(table) {}      // NOLINT
  Extern(Memory* memory) : kind(ExternKind::Memory), object(memory) {}  // NOLINT
  Extern(Global* global) : kind(ExternKind::Global), object(global) {}  // NOLINT
  Extern(TagInstance* tag) : kind(ExternKind::Tag), object(tag) {}      // NOLINT
  Func* func() const { return kind == ExternKind::Func ? static_cast<Func*>(object) : nullptr; }
  Table* table() const { return kind == ExternKind::Table ? static_cast<Table*>(object) : nullptr; }
  Memory* memory() const { return kind == ExternKind::Memory ? static_cast<Memory*>(object) : nullptr; }
  Global* global() const { return kind == ExternKind::Global ? static_cast<Global*>(object) : nullptr; }
  TagInstance* tag() const { return kind == ExternKind::Tag ? static_cast<TagInstance*>(object) : nullptr; }
};

/// A module instance (§4.2.5). Index spaces as in the module. The raw pointers lead into the vectors behind them and
/// are what engines read.
struct Instance {
  uint8_t* memory0 = nullptr;  // base of memory 0 when it is guarded, whose base never moves; else null
  Store* store = nullptr;
  Func** imported_funcs = nullptr;
  Func* own_funcs = nullptr;  // use func(): made on demand
  Memory** memories = nullptr;
  Table** tables = nullptr;
  Cell* own_globals = nullptr;  // two cells for each defined global
  Global** globals = nullptr;
  TagInstance** tags = nullptr;
  const RuntimeType* const* types = nullptr;  // canonical types of the module's type section
  ModuleCode* code = nullptr;                 // the engine's

  std::shared_ptr<const CompiledModule> compiled;
  const Module* module = nullptr;
  std::string name;  // for messages; may be empty

  std::vector<Func*> imported_func_list;
  std::unique_ptr<Func[], void (*)(Func*)> own_func_storage{nullptr, [](Func*) {}};
  std::vector<Memory*> memory_list;
  std::vector<Table*> table_list;
  std::vector<Cell> global_storage;
  std::vector<Global*> global_list;
  std::vector<TagInstance*> tag_list;
  std::vector<std::vector<Ref>> element_segments;  // emptied when dropped
  std::vector<bool> dropped_datas;

  /// The function of that index; made when first asked for.
  Func* func(uint32_t index) {
    if (index < module->imported_functions) return imported_funcs[index];
    Func& own = own_funcs[index - module->imported_functions];
    if (own.type == nullptr) init_own_func(own, index);
    return &own;
  }
  /// The export of that name, or nothing.
  std::optional<Extern> find_export(std::string_view export_name);
  Extern get(ExternKind kind, uint32_t index);

 private:
  void init_own_func(Func& own, uint32_t index);
};

}  // namespace weft

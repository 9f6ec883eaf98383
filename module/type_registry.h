// Canonical types: one object for each defined type of an engine, however many modules spell it.
//
// Recursive groups are hash-consed (iso-recursive equality, spec §3.3.2): two types are
// equal when they have the same place in equal groups. A run-time type check is then a pointer compare, and, for types
// with subtypes, one load from the supertype display.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "module/module.h"
#include "module/types.h"

namespace weft {

/// A canonical defined type. Value types inside it name other canonical types by `id`. Immutable.
struct RuntimeType {
  uint32_t id = 0;     // unique among the live types of a registry
  uint32_t depth = 0;  // number of proper supertypes
  bool is_final = true;
  CompositeType composite;
  std::vector<const RuntimeType*> display;  // [0, depth]: supertypes from the root down; display[depth] is this
  // Functions: cells of parameters and of results in argument arrays.
  uint32_t param_cells = 0;
  uint32_t result_cells = 0;
  // Structs: byte offset of each field behind the object header, and the size of all; arrays: bytes per element.
  std::vector<uint32_t> field_offsets;
  uint32_t payload_bytes = 0;

  bool is_subtype_of(const RuntimeType* other) const {
    return this == other || (depth > other->depth && display[other->depth] == other);
  }
};

/// A canonical recursive group; owns its types and keeps alive the groups that they refer to.
struct RecGroup {
  std::vector<std::unique_ptr<RuntimeType>> types;
  std::vector<std::shared_ptr<const RecGroup>> references;
};

/// The canonical types of one engine. All functions may be called from any thread.
class TypeRegistry {
 public:
  TypeRegistry();
  ~TypeRegistry();
  TypeRegistry(const TypeRegistry&) = delete;
  TypeRegistry& operator=(const TypeRegistry&) = delete;

  /// The canonical group for types [range.first, range.first + range.count) of `module`. All type indices in the
  /// group must be below range.first + range.count, supertypes must come before their subtypes, and the groups before
  /// it must be in module.canonical / module.groups already. Returns a shared owner; appends nothing to the module.
  std::shared_ptr<const RecGroup> intern(const Module& module, RecGroupRange range);

  /// The canonical type of a function type whose value types are in canonical space or abstract (host functions).
  std::shared_ptr<const RecGroup> intern_function(const FuncType& type);

  /// The live type with that id, or null.
  const RuntimeType* find(uint32_t id) const;

  /// Subtyping (§3.3) between types in canonical space.
  bool is_subtype(HeapType sub, HeapType super) const;
  bool is_subtype(ValType sub, ValType super) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A value type of a module (index space: its type section) in canonical space. module.canonical must be complete.
ValType to_canonical(const Module& module, ValType type);
HeapType to_canonical(const Module& module, HeapType type);

/// Subtyping between abstract heap types alone (§3.3.3); Bottom is below all.
bool is_abstract_subtype(HeapType::Abstract sub, HeapType::Abstract super);

/// The abstract heap type directly above a defined type: func, struct or array.
HeapType::Abstract abstract_above(CompositeKind kind);

/// Subtyping (§3.3) between types of one module, module.canonical filled for every index used.
bool is_subtype(const Module& module, HeapType sub, HeapType super);
inline bool is_subtype(const Module& module, ValType sub, ValType super) {
  if (sub == super || sub.is_bottom()) return true;
  if (!sub.is_ref() || !super.is_ref() || (sub.is_nullable() && !super.is_nullable())) return false;
  return is_subtype(module, sub.heap(), super.heap());
}

}  // namespace weft

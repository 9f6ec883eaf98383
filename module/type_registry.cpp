// Hash-consing of recursive groups, and subtyping.
#include "module/type_registry.h"

#include <algorithm>

namespace weft {
namespace {

// A group as a sequence of words: references inside the group are relative to it, references to other groups are
// canonical ids. Equal sequences are equal groups.
using Key = std::vector<uint32_t>;

constexpr uint32_t kInside = 1u << 30;  // marks a group-relative index

struct KeyHash {
  size_t operator()(const Key& key) const {
    uint64_t hash = 0xcbf29ce484222325;
    for (const uint32_t word : key) hash = (hash ^ word) * 0x100000001b3;
    return hash ^ hash >> 29;
  }
};

// Rewrites heap types while a group's types are copied to canonical space.
template <typename F>
ValType map_type(ValType type, F&& map_heap) {
  if (!type.is_ref() || type.heap().is_abstract()) return type;
  return ValType::ref(HeapType::defined(map_heap(type.heap().index())), type.is_nullable());
}

template <typename F>
CompositeType map_composite(const CompositeType& type, F&& map_heap) {
  CompositeType mapped = type;
  for (ValType& param : mapped.func.params) param = map_type(param, map_heap);
  for (ValType& result : mapped.func.results) result = map_type(result, map_heap);
  for (FieldType& field : mapped.fields) field.type = map_type(field.type, map_heap);
  return mapped;
}

void append_composite(Key& key, const CompositeType& type) {
  key.push_back(static_cast<uint32_t>(type.kind));
  key.push_back(static_cast<uint32_t>(type.func.params.size()));
  for (const ValType param : type.func.params) key.push_back(param.bits());
  key.push_back(static_cast<uint32_t>(type.func.results.size()));
  for (const ValType result : type.func.results) key.push_back(result.bits());
  key.push_back(static_cast<uint32_t>(type.fields.size()));
  for (const FieldType& field : type.fields) {
    key.push_back(field.type.bits());
    key.push_back(field.is_mutable);
  }
}

// The group that a type of the module belongs to.
const std::shared_ptr<const RecGroup>& group_of(const Module& module, uint32_t type) {
  const auto after = std::ranges::upper_bound(module.rec_groups, type, {}, &RecGroupRange::first);
  return module.groups[static_cast<size_t>(after - module.rec_groups.begin()) - 1];
}

// Fields in declaration order, each aligned to its size (vectors to 8).
void lay_out(RuntimeType& type) {
  if (type.composite.kind == CompositeKind::Func) {
    type.param_cells = count_cells(type.composite.func.params);
    type.result_cells = count_cells(type.composite.func.results);
    return;
  }
  uint32_t offset = 0;
  for (const FieldType& field : type.composite.fields) {
    const uint32_t bytes = field.type.storage_bytes();
    const uint32_t alignment = std::min(bytes, 8u);
    offset = (offset + alignment - 1) & ~(alignment - 1);
    type.field_offsets.push_back(offset);
    offset += bytes;
  }
  const bool is_struct = type.composite.kind == CompositeKind::Struct;
  type.payload_bytes = is_struct ? (offset + 7) & ~7u : offset;
}

}  // namespace

struct TypeRegistry::Impl {
  mutable std::mutex mutex;
  std::unordered_map<Key, std::weak_ptr<const RecGroup>, KeyHash> groups;
  std::unordered_map<uint32_t, const RuntimeType*> by_id;
  std::vector<uint32_t> free_ids;
  uint32_t next_id = 0;

  uint32_t new_id() {
    if (free_ids.empty()) return next_id++;
    const uint32_t id = free_ids.back();
    free_ids.pop_back();
    return id;
  }

  // Groups end when their last module does; the registry forgets them then.
  std::shared_ptr<RecGroup> new_group(const Key& key) {
    return {new RecGroup, [this, key](RecGroup* group) {
              {
                const std::lock_guard lock(mutex);
                for (const auto& type : group->types) {
                  by_id.erase(type->id);
                  free_ids.push_back(type->id);
                }
                const auto found = groups.find(key);
                if (found != groups.end() && found->second.expired()) groups.erase(found);
              }
              delete group;  // outside the lock: it may end other groups
            }};
  }

  std::shared_ptr<const RecGroup> find(const Key& key) {
    const auto found = groups.find(key);
    return found == groups.end() ? nullptr : found->second.lock();
  }
};

TypeRegistry::TypeRegistry() : impl_(std::make_unique<Impl>()) {}
TypeRegistry::~TypeRegistry() = default;

std::shared_ptr<const RecGroup> TypeRegistry::intern(const Module& module, RecGroupRange range) {
  const auto is_inside = [&](uint32_t index) { return index >= range.first; };
  Key key;
  std::vector<uint32_t> outside;  // type indices of other groups
  for (uint32_t i = 0; i < range.count; ++i) {
    const SubType& sub = module.types[range.first + i];
    const auto to_key = [&](uint32_t index) {
      if (is_inside(index)) return index - range.first;
      outside.push_back(index);
      return module.canonical[index]->id;
    };
    key.push_back(sub.is_final);
    key.push_back(sub.super ? to_key(*sub.super) | (is_inside(*sub.super) ? kInside : 0) : ~0u);
    // Whether a reference is inside cannot be told from the mapped types alone: one word for each type index used.
    append_composite(key, map_composite(sub.composite, [&](uint32_t index) {
                       key.push_back(is_inside(index) ? kInside : 0);
                       return to_key(index);
                     }));
  }

  std::shared_ptr<const RecGroup> existing;
  std::shared_ptr<RecGroup> group;
  {
    const std::lock_guard lock(impl_->mutex);
    existing = impl_->find(key);
    if (existing != nullptr) return existing;
    group = impl_->new_group(key);
    std::vector<uint32_t> ids(range.count);
    for (uint32_t& id : ids) id = impl_->new_id();
    for (uint32_t i = 0; i < range.count; ++i) {
      const SubType& sub = module.types[range.first + i];
      auto type = std::make_unique<RuntimeType>();
      type->id = ids[i];
      type->is_final = sub.is_final;
      type->composite = map_composite(sub.composite, [&](uint32_t index) {
        return is_inside(index) ? ids[index - range.first] : module.canonical[index]->id;
      });
      if (sub.super) {
        const RuntimeType* const super =
            is_inside(*sub.super) ? group->types[*sub.super - range.first].get() : module.canonical[*sub.super];
        type->depth = super->depth + 1;
        type->display = super->display;
      }
      type->display.push_back(type.get());
      lay_out(*type);
      impl_->by_id.emplace(type->id, type.get());
      group->types.push_back(std::move(type));
    }
    for (const uint32_t index : outside) group->references.push_back(group_of(module, index));
    std::ranges::sort(group->references);
    const auto repeated = std::ranges::unique(group->references);
    group->references.erase(repeated.begin(), repeated.end());
    impl_->groups[key] = group;
  }
  return group;
}

std::shared_ptr<const RecGroup> TypeRegistry::intern_function(const FuncType& type) {
  Module module;
  SubType sub;
  sub.composite.func = type;
  module.types.push_back(std::move(sub));
  return intern(module, {0, 1});
}

const RuntimeType* TypeRegistry::find(uint32_t id) const {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->by_id.find(id);
  return found == impl_->by_id.end() ? nullptr : found->second;
}

// -- subtyping --

HeapType::Abstract abstract_above(CompositeKind kind) {
  switch (kind) {
    case CompositeKind::Func: return HeapType::Func;
    case CompositeKind::Struct: return HeapType::Struct;
    case CompositeKind::Array: return HeapType::Array;
  }
  return HeapType::Bottom;
}

bool is_abstract_subtype(HeapType::Abstract sub, HeapType::Abstract super) {
  using H = HeapType;
  if (sub == super || sub == H::Bottom) return true;
  switch (super) {
    case H::Any: return sub == H::Eq || sub == H::I31 || sub == H::Struct || sub == H::Array || sub == H::None;
    case H::Eq: return sub == H::I31 || sub == H::Struct || sub == H::Array || sub == H::None;
    case H::I31:
    case H::Struct:
    case H::Array: return sub == H::None;
    case H::Func: return sub == H::NoFunc;
    case H::Extern: return sub == H::NoExtern;
    case H::Exn: return sub == H::NoExn;
    default: return false;
  }
}

namespace {

// §3.3.3, given how to look up defined types.
template <typename Lookup>
bool is_heap_subtype(HeapType sub, HeapType super, Lookup&& lookup) {
  if (sub == super) return true;
  if (sub.is_abstract() && super.is_abstract()) return is_abstract_subtype(sub.abstract(), super.abstract());
  if (sub.is_defined() && super.is_defined()) return lookup(sub.index())->is_subtype_of(lookup(super.index()));
  if (sub.is_defined()) {
    return is_abstract_subtype(abstract_above(lookup(sub.index())->composite.kind), super.abstract());
  }
  if (sub.abstract() == HeapType::Bottom) return true;
  const bool is_func = lookup(super.index())->composite.kind == CompositeKind::Func;
  return sub.abstract() == (is_func ? HeapType::NoFunc : HeapType::None);
}

}  // namespace

bool TypeRegistry::is_subtype(HeapType sub, HeapType super) const {
  return is_heap_subtype(sub, super, [&](uint32_t id) { return find(id); });
}

bool TypeRegistry::is_subtype(ValType sub, ValType super) const {
  if (sub == super || sub.is_bottom()) return true;
  if (!sub.is_ref() || !super.is_ref() || (sub.is_nullable() && !super.is_nullable())) return false;
  return is_subtype(sub.heap(), super.heap());
}

HeapType to_canonical(const Module& module, HeapType type) {
  return type.is_abstract() ? type : HeapType::defined(module.canonical[type.index()]->id);
}

ValType to_canonical(const Module& module, ValType type) {
  return type.is_ref() ? ValType::ref(to_canonical(module, type.heap()), type.is_nullable()) : type;
}

bool is_subtype(const Module& module, HeapType sub, HeapType super) {
  return is_heap_subtype(sub, super, [&](uint32_t index) { return module.canonical[index]; });
}

}  // namespace weft

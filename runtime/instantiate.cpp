// Module instantiation, spec §4.7.2: match the imports, allocate, initialise, start.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "runtime/const_expr.h"
#include "runtime/store.h"

namespace weft {
namespace {

std::string limits_text(uint64_t min, std::optional<uint64_t> max) {
  return max ? fmt::format("{{min {}, max {}}}", min, *max) : fmt::format("{{min {}}}", min);
}

// §3.3.9 matching of limits: what is there is at least as large and grows at most as far.
bool limits_match(uint64_t size, std::optional<uint64_t> max, const Limits& wanted) {
  if (size < wanted.min) return false;
  return !wanted.max || (max && *max <= *wanted.max);
}

}  // namespace

/// One instantiation in progress; a friend of the store.
class Instantiation {
 public:
  Instantiation(Store& store, std::shared_ptr<const CompiledModule> compiled)
      : store_(store), types_(store.engine().types()), module_(compiled->module()) {
    auto owned = std::make_unique<Instance>();
    instance_ = owned.get();
    store_.instances_.push_back(std::move(owned));
    instance_->store = &store;
    instance_->compiled = std::move(compiled);
    instance_->module = &module_;
    instance_->types = module_.canonical.data();
  }

  Result<Instance*> run(std::span<const Extern> imports) {
    WEFT_TRY(match_imports(imports));
    allocate_functions();
    WEFT_TRY(allocate_memories());
    allocate_tags();
    WEFT_TRY(allocate_globals());
    WEFT_TRY(allocate_tables());
    WEFT_TRY(evaluate_elements());
    WEFT_TRY(initialise_tables());
    WEFT_TRY(initialise_memories());
    if (module_.start) {
      Cell no_cells[1] = {};
      const Outcome outcome = store_.call(*instance_->func(*module_.start), no_cells);
      if (outcome == Outcome::Trap) return fail(ErrorKind::Trap, store_.trap().to_string());
      if (outcome == Outcome::Exception) return fail(ErrorKind::Trap, "uncaught exception in the start function");
    }
    return instance_;
  }

 private:
  Result<> match_imports(std::span<const Extern> imports);
  Result<> match_import(const Import& import, const Extern& value);
  void allocate_functions();
  Result<> allocate_memories();
  void allocate_tags();
  Result<> allocate_globals();
  Result<> allocate_tables();
  Result<> evaluate_elements();
  Result<> initialise_tables();
  Result<> initialise_memories();

  Result<Ref> evaluate_ref(ConstExpr expr) {
    Cell value[2] = {};
    WEFT_TRY(evaluate_const_expr(*instance_, expr, value));
    return value[0];
  }
  Result<uint64_t> evaluate_offset(ConstExpr expr, bool is_64) {
    Cell value[2] = {};
    WEFT_TRY(evaluate_const_expr(*instance_, expr, value));
    return is_64 ? value[0] : cell_u32(value[0]);
  }
  Result<> trap(TrapCode code) {
    store_.set_trap(Trap{.code = code, .message = "while the module was instantiated"});
    return fail(ErrorKind::Trap, std::string(to_string(code)));
  }

  Store& store_;
  TypeRegistry& types_;
  const Module& module_;
  Instance* instance_;
};

Result<> Instantiation::match_imports(std::span<const Extern> imports) {
  if (imports.size() != module_.imports.size()) {
    return fail(ErrorKind::Usage,
                fmt::format("the module has {} imports, {} were given", module_.imports.size(), imports.size()));
  }
  for (size_t i = 0; i < imports.size(); ++i) {
    const Import& import = module_.imports[i];
    if (auto matched = match_import(import, imports[i]); !matched) {
      return fail(ErrorKind::Unlinkable,
                  fmt::format("{} (import \"{}\" \"{}\")", matched.error().message(), import.module, import.name));
    }
  }
  return {};
}

Result<> Instantiation::match_import(const Import& import, const Extern& value) {
  const auto mismatch = [](std::string why) {
    return fail(ErrorKind::Unlinkable, "incompatible import type: " + std::move(why));
  };
  if (value.kind != import.kind) {
    return mismatch(fmt::format("expected a {}, got a {}", to_string(import.kind), to_string(value.kind)));
  }
  switch (import.kind) {
    case ExternKind::Func: {
      const RuntimeType* const wanted = module_.canonical[module_.functions[import.index].type];
      if (!value.func()->type->is_subtype_of(wanted)) {
        return mismatch(fmt::format("expected a function {}, got {}", to_string(wanted->composite.func),
                                    to_string(value.func()->type->composite.func)));
      }
      instance_->imported_func_list.push_back(value.func());
      return {};
    }
    case ExternKind::Table: {
      const TableType& wanted = module_.tables[import.index].type;
      const Table& table = *value.table();
      const ValType element = to_canonical(module_, wanted.element);
      if (!(types_.is_subtype(table.type.element, element) && types_.is_subtype(element, table.type.element))) {
        return mismatch("table element types differ");
      }
      if (table.type.is_64 != wanted.is_64) return mismatch("table address types differ");
      if (!limits_match(table.size, table.type.limits.max, wanted.limits)) {
        return mismatch(fmt::format("table limits {} do not match {}", limits_text(table.size, table.type.limits.max),
                                    limits_text(wanted.limits.min, wanted.limits.max)));
      }
      instance_->table_list.push_back(value.table());
      return {};
    }
    case ExternKind::Memory: {
      const MemoryType& wanted = module_.memories[import.index].type;
      const Memory& memory = *value.memory();
      const MemoryType& type = memory.type();
      if (type.is_64 != wanted.is_64) return mismatch("memory address types differ");
      if (type.is_shared != wanted.is_shared) return mismatch("one memory is shared, the other is not");
      if (type.page_size_log2 != wanted.page_size_log2) return mismatch("memory types incompatible: page sizes differ");
      if (!limits_match(memory.pages(), type.limits.max, wanted.limits)) {
        return mismatch(fmt::format("memory limits {} do not match {}", limits_text(memory.pages(), type.limits.max),
                                    limits_text(wanted.limits.min, wanted.limits.max)));
      }
      instance_->memory_list.push_back(value.memory());
      return {};
    }
    case ExternKind::Global: {
      const GlobalType& wanted = module_.globals[import.index].type;
      const Global& global = *value.global();
      const ValType type = to_canonical(module_, wanted.type);
      const bool covariant = types_.is_subtype(global.type.type, type);
      const bool contravariant = !wanted.is_mutable || types_.is_subtype(type, global.type.type);
      if (global.type.is_mutable != wanted.is_mutable) return mismatch("one global is mutable, the other is not");
      if (!covariant || !contravariant) return mismatch("global types differ");
      instance_->global_list.push_back(value.global());
      return {};
    }
    case ExternKind::Tag:
      if (value.tag()->type != module_.canonical[module_.tags[import.index].type]) return mismatch("tag types differ");
      instance_->tag_list.push_back(value.tag());
      return {};
  }
  return {};
}

void Instantiation::allocate_functions() {
  const size_t own = module_.functions.size() - module_.imported_functions;
  // Zeroed memory is an array of functions that are not made yet, and costs nothing until they are.
  instance_->own_func_storage = {static_cast<Func*>(std::calloc(own + 1, sizeof(Func))),
                                 [](Func* funcs) { std::free(funcs); }};
  instance_->own_funcs = instance_->own_func_storage.get();
  instance_->imported_funcs = instance_->imported_func_list.data();
}

Result<> Instantiation::allocate_memories() {
  for (size_t i = module_.imported_memories; i < module_.memories.size(); ++i) {
    auto memory = store_.add_memory(module_.memories[i].type);
    if (!memory) return std::unexpected(std::move(memory).error());
    instance_->memory_list.push_back(*memory);
  }
  instance_->memories = instance_->memory_list.data();
  const bool guarded = !instance_->memory_list.empty() && instance_->memory_list[0]->bounds() == Bounds::Guard;
  if (guarded) instance_->memory0 = instance_->memory_list[0]->base();
  instance_->code = &instance_->compiled->code(guarded ? Bounds::Guard : Bounds::Explicit);
  return {};
}

void Instantiation::allocate_tags() {
  for (size_t i = module_.imported_tags; i < module_.tags.size(); ++i) {
    instance_->tag_list.push_back(store_.add_tag(module_.canonical[module_.tags[i].type]));
  }
  instance_->tags = instance_->tag_list.data();
}

Result<> Instantiation::allocate_globals() {
  constexpr size_t kCellsPerGlobal = 2;
  const size_t own = module_.globals.size() - module_.imported_globals;
  instance_->global_storage.resize(own * kCellsPerGlobal);
  instance_->own_globals = instance_->global_storage.data();
  instance_->global_list.reserve(module_.globals.size());
  for (size_t i = 0; i < own; ++i) {
    const GlobalDefinition& definition = module_.globals[module_.imported_globals + i];
    Cell* const value = instance_->own_globals + i * kCellsPerGlobal;
    instance_->globals = instance_->global_list.data();
    WEFT_TRY(evaluate_const_expr(*instance_, definition.init, value));
    const GlobalType type{to_canonical(module_, definition.type.type), definition.type.is_mutable};
    instance_->global_list.push_back(store_.add_global_at(type, value));
  }
  instance_->globals = instance_->global_list.data();
  return {};
}

Result<> Instantiation::allocate_tables() {
  for (size_t i = module_.imported_tables; i < module_.tables.size(); ++i) {
    const TableDefinition& definition = module_.tables[i];
    TableType type = definition.type;
    type.element = to_canonical(module_, type.element);
    Ref init = kNullRef;
    if (definition.init) {
      auto value = evaluate_ref(*definition.init);
      if (!value) return std::unexpected(std::move(value).error());
      init = *value;
    }
    auto table = store_.add_table(type, init);
    if (!table) return std::unexpected(std::move(table).error());
    instance_->table_list.push_back(*table);
  }
  instance_->tables = instance_->table_list.data();
  return {};
}

Result<> Instantiation::evaluate_elements() {
  instance_->element_segments.resize(module_.elements.size());
  for (size_t i = 0; i < module_.elements.size(); ++i) {
    const ElementSegment& segment = module_.elements[i];
    if (segment.mode == SegmentMode::Declarative) continue;
    std::vector<Ref>& refs = instance_->element_segments[i];
    refs.reserve(segment.size());
    for (const uint32_t function : segment.functions) refs.push_back(func_to_ref(instance_->func(function)));
    for (const ConstExpr expr : segment.expressions) {
      auto value = evaluate_ref(expr);
      if (!value) return std::unexpected(std::move(value).error());
      refs.push_back(*value);
    }
  }
  return {};
}

Result<> Instantiation::initialise_tables() {
  for (size_t i = 0; i < module_.elements.size(); ++i) {
    const ElementSegment& segment = module_.elements[i];
    if (segment.mode != SegmentMode::Active) continue;
    Table& table = *instance_->tables[segment.table];
    const auto offset = evaluate_offset(segment.offset, table.type.is_64);
    if (!offset) return std::unexpected(offset.error());
    std::vector<Ref>& refs = instance_->element_segments[i];
    if (refs.size() > table.size || *offset > table.size - refs.size()) return trap(TrapCode::OutOfBoundsTable);
    std::copy(refs.begin(), refs.end(), table.elements + *offset);
    std::vector<Ref>().swap(refs);
  }
  return {};
}

Result<> Instantiation::initialise_memories() {
  instance_->dropped_datas.resize(module_.datas.size());
  for (size_t i = 0; i < module_.datas.size(); ++i) {
    const DataSegment& segment = module_.datas[i];
    if (segment.mode != SegmentMode::Active) continue;
    Memory& memory = *instance_->memories[segment.memory];
    const auto offset = evaluate_offset(segment.offset, memory.type().is_64);
    if (!offset) return std::unexpected(offset.error());
    const auto target = memory.slice(*offset, segment.contents.size);
    if (!target) return trap(TrapCode::OutOfBoundsMemory);
    if (!target->empty()) std::memcpy(target->data(), module_.range(segment.contents).data(), target->size());
    instance_->dropped_datas[i] = true;
  }
  return {};
}

Result<Instance*> Store::instantiate(std::shared_ptr<const CompiledModule> module, std::span<const Extern> imports) {
  return Instantiation(*this, std::move(module)).run(imports);
}

}  // namespace weft

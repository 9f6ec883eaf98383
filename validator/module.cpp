// Validation of a module's definitions, in the order of the specification (§3.5.16).
#include <fmt/format.h>

#include <unordered_set>

#include "module/limits.h"
#include "validator/module_validator.h"

namespace weft {
namespace validation {

Result<> ModuleValidator::run() {
  WEFT_TRY(types());
  WEFT_TRY(function_types());
  WEFT_TRY(tables());
  WEFT_TRY(memories());
  WEFT_TRY(tags());
  declare_functions();
  WEFT_TRY(globals());
  WEFT_TRY(exports());
  WEFT_TRY(start());
  WEFT_TRY(elements());
  WEFT_TRY(datas());
  return bodies();
}

Result<> ModuleValidator::func_type_index(uint32_t type, std::string_view section) const {
  if (type >= module_.types.size()) return invalid(fmt::format("unknown type {}", type), section);
  if (module_.types[type].composite.kind != CompositeKind::Func) {
    return invalid(fmt::format("type mismatch: type {} is no function type", type), section);
  }
  return {};
}

Result<> ModuleValidator::function_types() {
  for (size_t i = 0; i < module_.functions.size(); ++i) {
    WEFT_TRY(func_type_index(module_.functions[i].type, i < module_.imported_functions ? "import" : "function"));
  }
  return {};
}

// `range_text` is what the suite says when a bound is beyond `max`.
Result<> ModuleValidator::limits(const Limits& limits, uint64_t max, std::string_view section,
                                 std::string_view range_text) const {
  if (limits.min > max || limits.max.value_or(0) > max) return invalid(std::string(range_text), section);
  if (limits.max && *limits.max < limits.min) {
    return invalid(fmt::format("size minimum must not be greater than maximum: {} > {}", limits.min, *limits.max),
                   section);
  }
  return {};
}

Result<> ModuleValidator::tables() {
  if (module_.tables.size() > 1 && !features_.has(Feature::ReferenceTypes)) {
    return invalid("multiple tables require feature reference-types, which is off", "table");
  }
  for (size_t i = 0; i < module_.tables.size(); ++i) {
    const TableDefinition& table = module_.tables[i];
    // Tables of functions are older than reference types.
    if (table.type.element != kFuncRef) {
      WEFT_TRY(val_type(table.type.element, static_cast<uint32_t>(module_.types.size()), "table"));
    }
    const uint64_t max = table.type.is_64 ? ~uint64_t{0} : 0xFFFF'FFFF;
    WEFT_TRY(limits(table.type.limits, max, "table", "table size must be at most 2^32-1 entries"));
    if (table.init) continue;  // when the globals are known
    if (i >= module_.imported_tables && !table.type.element.is_defaultable()) {
      return invalid(fmt::format("type mismatch: table {} of non-null references needs an initial value", i), "table");
    }
  }
  return {};
}

Result<> ModuleValidator::memories() {
  if (module_.memories.size() > 1 && !features_.has(Feature::MultiMemory)) {
    return invalid("multiple memories require feature multi-memory, which is off", "memory");
  }
  for (const MemoryDefinition& memory : module_.memories) {
    const MemoryType& type = memory.type;
    if (type.page_size_log2 != 0 && type.page_size_log2 != 16) {
      return invalid(fmt::format("invalid custom page size: 2^{} is neither 1 nor 65536", type.page_size_log2),
                     "memory");
    }
    const bool small_pages = type.page_size_log2 == 0;
    uint64_t max = uint64_t{1} << 16;
    std::string text = "memory size must be at most 65536 pages (4GiB)";
    if (small_pages) {
      max = type.is_64 ? ~uint64_t{0} : 0xFFFF'FFFF;
      text = "memory size must be at most 2^32-1 pages";
    } else if (type.is_64) {
      max = uint64_t{1} << 48;
      text = "memory size must be at most 2^48 pages";
    }
    WEFT_TRY(limits(type.limits, max, "memory", text));
    if (type.is_shared && !type.limits.max) return invalid("shared memory must have maximum", "memory");
  }
  return {};
}

Result<> ModuleValidator::tags() {
  for (const TagDefinition& tag : module_.tags) {
    WEFT_TRY(func_type_index(tag.type, "tag"));
    if (!module_.types[tag.type].composite.func.results.empty()) return invalid("non-empty tag result type", "tag");
  }
  return {};
}

// -- constant expressions --

Result<> ModuleValidator::const_expr(ConstExpr expr, ValType expected, std::string_view section) {
  auto valid = functions_.const_expr(expr, expected, static_cast<uint32_t>(module_.globals.size()));
  if (!valid) valid.error().place().section = section;
  return valid;
}

// §3.5.1 "refs": functions named in elements, globals, tables and exports may be operands of ref.func in bodies.
void ModuleValidator::declare_functions() {
  module_.declared_functions.assign(module_.functions.size(), false);
  const auto declare = [&](uint32_t function) {
    if (function < module_.functions.size()) module_.declared_functions[function] = true;
  };
  for (const Export& exported : module_.exports) {
    if (exported.kind == ExternKind::Func) declare(exported.index);
  }
  for (const ElementSegment& segment : module_.elements) {
    for (const uint32_t function : segment.functions) declare(function);
    for (const ConstExpr expr : segment.expressions) declare_in(expr);
  }
  for (const GlobalDefinition& global : module_.globals) declare_in(global.init);
  for (const TableDefinition& table : module_.tables) {
    if (table.init) declare_in(*table.init);
  }
}

void ModuleValidator::declare_in(ConstExpr expr) {
  ByteReader reader(module_.span(), expr);
  Instruction instruction;
  while (!reader.at_end() && read_instruction(reader, instruction)) {
    if (instruction.op == Opcode::RefFunc && instruction.index < module_.functions.size()) {
      module_.declared_functions[instruction.index] = true;
    }
  }
}

Result<> ModuleValidator::globals() {
  const uint32_t types = static_cast<uint32_t>(module_.types.size());
  for (size_t i = 0; i < module_.globals.size(); ++i) {
    const GlobalDefinition& global = module_.globals[i];
    WEFT_TRY(val_type(global.type.type, types, "global"));
    if (i < module_.imported_globals) {
      if (global.type.is_mutable && !features_.has(Feature::MutableGlobals)) {
        return invalid("an imported mutable global requires feature mutable-globals, which is off", "import");
      }
      continue;
    }
    const bool earlier = features_.has(Feature::ExtendedConst) || features_.has(Feature::Gc);
    const auto visible = static_cast<uint32_t>(earlier ? i : module_.imported_globals);
    auto valid = functions_.const_expr(global.init, global.type.type, visible);
    if (!valid) {
      valid.error().place().section = "global";
      return valid;
    }
  }
  for (const TableDefinition& table : module_.tables) {
    if (!table.init) continue;
    // Of the globals, tables see the imported ones.
    auto valid = functions_.const_expr(*table.init, table.type.element, module_.imported_globals);
    if (!valid) {
      valid.error().place().section = "table";
      return valid;
    }
  }
  return {};
}

// -- exports, start, segments --

Result<> ModuleValidator::exports() {
  const size_t sizes[] = {module_.functions.size(), module_.tables.size(), module_.memories.size(),
                          module_.globals.size(), module_.tags.size()};
  std::unordered_set<std::string_view> names;
  for (const Export& exported : module_.exports) {
    if (exported.index >= sizes[static_cast<size_t>(exported.kind)]) {
      const char* const kind = exported.kind == ExternKind::Func ? "function" : to_string(exported.kind);
      return invalid(fmt::format("unknown {} {}", kind, exported.index), "export");
    }
    if (!names.insert(exported.name).second) {
      return invalid(fmt::format("duplicate export name \"{}\"", exported.name), "export");
    }
    if (exported.kind == ExternKind::Global && module_.globals[exported.index].type.is_mutable &&
        !features_.has(Feature::MutableGlobals)) {
      return invalid("an exported mutable global requires feature mutable-globals, which is off", "export");
    }
  }
  return {};
}

Result<> ModuleValidator::start() {
  if (!module_.start) return {};
  if (*module_.start >= module_.functions.size())
    return invalid(fmt::format("unknown function {}", *module_.start), "start");
  const FuncType& type = module_.func_type(*module_.start);
  if (!type.params.empty() || !type.results.empty()) {
    return invalid(fmt::format("start function: it must take and give nothing, not {}", to_string(type)), "start");
  }
  return {};
}

Result<> ModuleValidator::elements() {
  const auto types = static_cast<uint32_t>(module_.types.size());
  for (const ElementSegment& segment : module_.elements) {
    if (!segment.uses_functions && segment.type != kFuncRef) WEFT_TRY(val_type(segment.type, types, "element"));
    if (segment.mode == SegmentMode::Active) {
      if (segment.table >= module_.tables.size())
        return invalid(fmt::format("unknown table {}", segment.table), "element");
      const TableType& table = module_.tables[segment.table].type;
      if (!is_subtype(module_, segment.type, table.element)) {
        return invalid(fmt::format("type mismatch: elements of type {} do not fit a table of {}",
                                   to_string(segment.type), to_string(table.element)),
                       "element");
      }
      WEFT_TRY(const_expr(segment.offset, table.address_type(), "element"));
    }
    for (const uint32_t function : segment.functions) {
      if (function >= module_.functions.size()) return invalid(fmt::format("unknown function {}", function), "element");
    }
    for (const ConstExpr expr : segment.expressions) WEFT_TRY(const_expr(expr, segment.type, "element"));
  }
  return {};
}

Result<> ModuleValidator::datas() {
  for (const DataSegment& segment : module_.datas) {
    if (segment.mode != SegmentMode::Active) continue;
    if (segment.memory >= module_.memories.size())
      return invalid(fmt::format("unknown memory {}", segment.memory), "data");
    WEFT_TRY(const_expr(segment.offset, module_.memories[segment.memory].type.address_type(), "data"));
  }
  return {};
}

Result<> ModuleValidator::bodies() {
  for (uint32_t i = module_.imported_functions; i < module_.functions.size(); ++i) WEFT_TRY(functions_.function(i));
  return {};
}

}  // namespace validation

Result<> validate(Module& module, TypeRegistry& registry, const FeatureSet& features) {
  return validation::ModuleValidator(module, registry, features).run();
}

}  // namespace weft

// What a store owns, and calls into it.
#include "runtime/store.h"

#include <fmt/format.h>

namespace weft {

Store::Store(Engine& engine, StoreLimits limits)
    : engine_(engine),
      limits_(limits),
      stack_(limits.stack_bytes),
      heap_(limits.heap_bytes, engine.config().collect_always) {
  heap_.set_roots([this](Heap& heap) { visit_roots(heap); });
}

Store::~Store() = default;

void Store::visit_roots(Heap& heap) {
  heap.mark(pending_exception_);
  for (const Ref root : roots_) heap.mark(root);
  if (const_stack_ != nullptr) heap.mark_words(const_stack_->data(), const_stack_->data() + const_stack_->size());
  for (const Table& table : tables_) heap.mark_words(table.elements, table.elements + table.size);
  for (const Global& global : globals_) {
    if (global.type.type.is_ref()) heap.mark(*global.value);
  }
  for (const auto& instance : instances_) {
    for (const std::vector<Ref>& segment : instance->element_segments) {
      heap.mark_words(segment.data(), segment.data() + segment.size());
    }
  }
  engine_.tier().visit_stack(*this, [&](const Cell* begin, const Cell* end) { heap.mark_words(begin, end); });
}

Ref Store::new_host_reference(uint64_t value) {
  Object* const object = heap_.allocate(Object::Host, 0);
  if (object == nullptr) return kNullRef;
  object->host = value;
  return object_to_ref(object);
}

Func* Store::add_host_function(HostFunction function) {
  auto group = engine_.types().intern_function(function.type);
  const HostFunction& owned = host_functions_.emplace_back(std::move(function));
  Func& func = host_funcs_.emplace_back();
  func.type = group->types[0].get();
  func.host = &owned;
  groups_.push_back(std::move(group));
  return &func;
}

Result<Table*> Store::add_table(const TableType& type, Ref init) {
  const uint64_t max = std::min(type.limits.max.value_or(limits_.table_entries), limits_.table_entries);
  if (type.limits.min > max) {
    return fail(ErrorKind::Limit,
                fmt::format("a table of {} entries is larger than the limit of {}", type.limits.min, max));
  }
  Table& table = tables_.emplace_back();
  table.type = type;
  table.max_size = max;
  table.grow(type.limits.min, init);
  return &table;
}

Result<Memory*> Store::add_memory(const MemoryType& type) {
  auto memory = Memory::create(type, engine_.config().bounds, limits_.memory_bytes);
  if (!memory) return std::unexpected(std::move(memory).error());
  return add_memory(*std::move(memory));
}

Memory* Store::add_memory(std::shared_ptr<Memory> memory) { return memories_.emplace_back(std::move(memory)).get(); }

Global* Store::add_global(const GlobalType& type, Value value) {
  Global& global = globals_.emplace_back();
  global.type = type;
  global.own[0] = value.bits;
  global.own[1] = value.bits_high;
  global.value = global.own;
  return &global;
}

Global* Store::add_global_at(const GlobalType& type, Cell* value) {
  Global& global = globals_.emplace_back();
  global.type = type;
  global.value = value;
  return &global;
}

TagInstance* Store::add_tag(const RuntimeType* type) {
  TagInstance& tag = tags_.emplace_back();
  tag.type = type;
  return &tag;
}

Outcome Store::set_trap(Trap trap) {
  trap_ = std::move(trap);
  return Outcome::Trap;
}

Outcome Store::call(Func& func, Cell* cells) {
  if (func.host != nullptr) {
    HostContext context{*this, nullptr};
    return func.host->callback(func.host->environment.get(), context, cells);
  }
  return engine_.tier().call(*this, func, cells);
}

Result<std::vector<Value>> Store::call(Func& func, std::span<const Value> arguments) {
  const FuncType& type = func.type->composite.func;
  if (arguments.size() != type.params.size()) {
    return fail(ErrorKind::Usage,
                fmt::format("the function takes {} arguments, {} were given", type.params.size(), arguments.size()));
  }
  std::vector<Cell> cells(std::max({func.type->param_cells, func.type->result_cells, 1u}));
  size_t next = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!engine_.types().is_subtype(arguments[i].type, type.params[i])) {
      return fail(ErrorKind::Usage, fmt::format("argument {} is of type {}, the function takes {}", i,
                                                to_string(arguments[i].type), to_string(type.params[i])));
    }
    cells[next++] = arguments[i].bits;
    if (type.params[i].cells() == 2) cells[next++] = arguments[i].bits_high;
  }
  switch (call(func, cells.data())) {
    case Outcome::Return: break;
    case Outcome::Trap: return fail(ErrorKind::Trap, trap_.to_string());
    case Outcome::Exception: ++exceptions_; return fail(ErrorKind::Trap, "uncaught exception");
  }
  std::vector<Value> results;
  next = 0;
  for (const ValType result : type.results) {
    Value value{result, cells[next++]};
    if (result.cells() == 2) value.bits_high = cells[next++];
    results.push_back(value);
  }
  return results;
}

std::string format_backtrace(const Trap& trap) {
  std::string text;
  for (size_t i = 0; i < trap.backtrace.size(); ++i) {
    const Frame& frame = trap.backtrace[i];
    const std::string name = frame.instance->compiled->function_name(frame.function_index);
    text += fmt::format("  {:2}: function {}{} at offset {:#x}\n", i, frame.function_index,
                        name.empty() ? "" : " \"" + name + "\"", frame.offset);
  }
  if (trap.omitted != 0) text += fmt::format("  ... {} more frames\n", trap.omitted);
  return text;
}

}  // namespace weft

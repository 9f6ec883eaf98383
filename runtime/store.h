// The store, spec §4.2.3: owns all instances and the state of execution. A store belongs to one thread at a time.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "module/error.h"
#include "runtime/compiled_module.h"
#include "runtime/engine.h"
#include "runtime/heap.h"
#include "runtime/instance.h"
#include "runtime/stack.h"
#include "runtime/trap.h"
#include "runtime/value.h"

namespace weft {

/// Bounds of what the guests of a store may use.
struct StoreLimits {
  uint64_t memory_bytes = ~uint64_t{0};     // of each linear memory
  uint64_t table_entries = 10'000'000;      // of each table
  uint64_t stack_bytes = 8 << 20;           // of wasm frames
  uint64_t heap_bytes = uint64_t{1} << 31;  // of garbage-collected objects
};

/// A value with its type, for callers that do not know types statically.
struct Value {
  ValType type;  // in canonical space
  Cell bits = 0;
  Cell bits_high = 0;  // v128
};

class Store {
 public:
  explicit Store(Engine& engine, StoreLimits limits = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Engine& engine() { return engine_; }
  const StoreLimits& limits() const { return limits_; }
  WasmStack& stack() { return stack_; }
  Heap& heap() { return heap_; }

  /// A reference to a host value, as an externref or, converted, as an anyref. The host keeps it alive with a root.
  /// Null when memory is out.
  Ref new_host_reference(uint64_t value);
  /// The operands of a constant expression that is being evaluated are roots.
  void set_const_stack(const std::vector<Cell>* cells) { const_stack_ = cells; }
  /// Keeps an object alive until the store ends.
  void add_root(Ref ref) { roots_.push_back(ref); }

  /// Makes a host function. The Func lives as long as the store.
  Func* add_host_function(HostFunction function);
  /// Makes a table, memory, global or tag that the host owns; types in canonical space. Errors: Limit.
  Result<Table*> add_table(const TableType& type, Ref init);
  Result<Memory*> add_memory(const MemoryType& type);
  Memory* add_memory(std::shared_ptr<Memory> memory);
  Global* add_global(const GlobalType& type, Value value);
  TagInstance* add_tag(const RuntimeType* type);

  /// Instantiates a module (§4.7.2) with `imports` in the order of the module's imports, and runs its start function.
  /// Errors: Unlinkable; Limit; Trap, with the details in trap().
  Result<Instance*> instantiate(std::shared_ptr<const CompiledModule> module, std::span<const Extern> imports);

  /// Calls a function of this store: `cells` holds the arguments and takes the results; it must have room for the
  /// larger of the two. After Trap see trap().
  Outcome call(Func& func, Cell* cells);
  /// The same with values. Errors: Usage when arguments do not fit; Trap.
  Result<std::vector<Value>> call(Func& func, std::span<const Value> arguments);

  /// Fuel, for engines that are metered: one unit is spent at each entry of a function and each start of a loop's body;
  /// at none left execution traps with OutOfFuel.
  int64_t fuel() const { return fuel_; }
  void set_fuel(int64_t units) { fuel_ = units; }
  bool spend_fuel() { return --fuel_ >= 0; }

  /// The last trap.
  const Trap& trap() const { return trap_; }
  /// Replaces the last trap. Gives Outcome::Trap.
  Outcome set_trap(Trap trap);
  /// The exception that is on its way after Outcome::Exception, an exnref.
  Ref pending_exception() const { return pending_exception_; }
  void set_pending_exception(Ref exception) { pending_exception_ = exception; }
  /// How many calls from the host ended with an exception so far.
  uint64_t exceptions() const { return exceptions_; }

 private:
  friend class Instantiation;
  void visit_roots(Heap& heap);
  Global* add_global_at(const GlobalType& type, Cell* value);

  Engine& engine_;
  StoreLimits limits_;
  WasmStack stack_;
  Trap trap_;
  Ref pending_exception_ = kNullRef;
  Heap heap_;
  std::vector<Ref> roots_;
  const std::vector<Cell>* const_stack_ = nullptr;
  int64_t fuel_ = 0;
  uint64_t exceptions_ = 0;
  std::deque<HostFunction> host_functions_;
  std::deque<Func> host_funcs_;
  std::vector<std::shared_ptr<const RecGroup>> groups_;  // of host functions
  std::deque<std::unique_ptr<Instance>> instances_;
  std::vector<std::shared_ptr<Memory>> memories_;
  std::deque<Table> tables_;
  std::deque<Global> globals_;
  std::deque<TagInstance> tags_;
};

/// Prints a trap's backtrace, one frame a line: "  0: name (module offset 0x123)". Empty when there is none.
std::string format_backtrace(const Trap& trap);

}  // namespace weft

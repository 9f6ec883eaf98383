// The one interface between the runtime and what executes code. The interpreter and the JIT implement it; the runtime
// knows nothing else of them, so that a build with one of them is a complete runtime.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "runtime/memory.h"
#include "runtime/trap.h"
#include "runtime/value.h"

namespace weft {

class CompiledModule;
class Store;
struct Func;

/// An engine's code for one module; shared by all its instances and threads.
class ModuleCode {
 public:
  virtual ~ModuleCode() = default;
};

/// A way to execute code.
class ExecutionTier {
 public:
  virtual ~ExecutionTier() = default;

  virtual std::string_view name() const = 0;

  /// Prepares a validated module for instances whose memory 0 is kept in bounds in that way: cheap, nothing is compiled
  /// before it is called unless the tier was told so. The module outlives what is returned.
  virtual std::unique_ptr<ModuleCode> prepare(const CompiledModule& module, Bounds bounds) = 0;

  /// Calls a wasm function: `cells` holds the arguments and takes the results. On Outcome::Trap the store's trap is
  /// set with its backtrace; on Outcome::Exception the store's pending exception is.
  virtual Outcome call(Store& store, Func& func, Cell* cells) = 0;

  /// Names every word of the store's active frames that may be a reference, for the collector. Conservative.
  virtual void visit_stack(Store& store, const std::function<void(const Cell* begin, const Cell* end)>& visit) = 0;
};

}  // namespace weft

// Host functions: what wasm code imports from the program around it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "module/types.h"
#include "runtime/trap.h"
#include "runtime/value.h"

namespace weft {

class Store;
class Memory;
struct Instance;

/// What a host function may use while it runs.
struct HostContext {
  Store& store;
  Instance* caller;  // the instance whose code called, or null when the host called

  /// The caller's memory: its export "memory", or its memory 0, or null.
  Memory* memory() const;
  /// Records a trap and gives Outcome::Trap for the host function to return.
  Outcome trap(TrapCode code, std::string message = {}) const;
  /// Ends the program with a status, as proc_exit does: a trap with TrapCode::Exit.
  Outcome exit(int32_t status) const;
};

/// A host function's code. `cells` holds the arguments (v128 in two cells) and takes the results from its start.
/// Must not throw.
using HostCallback = Outcome (*)(void* environment, HostContext& context, Cell* cells);

/// A host function: its type, code, and an environment that it shares ownership of.
struct HostFunction {
  FuncType type;
  HostCallback callback = nullptr;
  std::shared_ptr<void> environment;
};

}  // namespace weft

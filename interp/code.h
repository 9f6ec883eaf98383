// Translated code: what one function, and one module, became.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "interp/machine.h"
#include "runtime/compiled_module.h"
#include "runtime/tier.h"

namespace weft::interp {

class ModuleCode;

/// A frame, from fp: parameters, the link, the other locals, the operand stack. The callee's parameters are the
/// caller's topmost operands, so that a call copies nothing; results come back in the same place.
///
/// The link: where the caller goes on, and its frame.
struct Link {
  Code return_pc;
  Cell* caller_fp;
};
inline constexpr uint32_t kLinkCells = sizeof(Link) / sizeof(Cell);

/// Instructions from `unit` on belong to the wasm instruction at `offset` (from the start of the module).
struct CodeOffset {
  uint32_t unit;
  uint32_t offset;
};

/// A catch clause in translated code.
struct CatchTarget {
  uint32_t tag = 0;
  uint32_t unit = 0;  // where control goes on
  uint32_t slot = 0;  // byte offset of the first value that the clause gives
  bool catches_all = false;
  bool ref_first = false;  // legacy catch: the exception itself comes first, hidden, for rethrow
  bool ref_last = false;   // catch_ref, catch_all_ref
};

/// The units [begin, end) are the body of a try_table or try. Inner regions come before outer ones.
struct TryRegion {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t level = 0;      // control frames around it
  bool delegates = false;  // delegate: search on from `delegate_level` outwards
  uint32_t delegate_level = 0;
  std::vector<CatchTarget> targets;
};

/// A function's code. Translated when first called; until then `entry` leads to a stub that does it.
struct FunctionCode {
  FunctionCode(ModuleCode& owner, uint32_t function_index);
  FunctionCode(const FunctionCode&) = delete;
  FunctionCode& operator=(const FunctionCode&) = delete;

  /// First instruction. The two units before it are what a call must know: entry[-1] is the frame's size in cells,
  /// entry[-2] the cells behind the link to zero (an even number; locals that are not parameters).
  std::atomic<Code> entry;
  uint32_t param_cells;
  uint32_t result_cells;
  uint32_t index;
  ModuleCode* owner;
  std::vector<Unit> units;          // once translated
  std::vector<CodeOffset> offsets;  // ascending
  std::vector<TryRegion> regions;

  /// The wasm offset of the instruction that holds the unit at `pc`.
  uint32_t wasm_offset(Code pc) const;

 private:
  Unit stub_[2 + kHandlerUnits + sizeof(void*) / sizeof(Unit)];
};

/// All functions of a module; any thread.
class ModuleCode final : public weft::ModuleCode {
 public:
  ModuleCode(const CompiledModule& compiled, Bounds bounds);
  ~ModuleCode() override;

  const CompiledModule& compiled() const { return compiled_; }
  const Module& module() const { return compiled_.module(); }
  /// How accesses to memory 0 are kept in bounds.
  Bounds bounds() const { return bounds_; }
  /// The code of a defined function; made (untranslated) when first asked for.
  FunctionCode& function(uint32_t index);
  /// Translates a function if that was not done yet.
  void translate(FunctionCode& function);
  /// The function whose translated code holds `pc`, or null.
  const FunctionCode* find(Code pc) const;

 private:
  const CompiledModule& compiled_;
  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::atomic<FunctionCode*>[], void (*)(std::atomic<FunctionCode*>*)> functions_;
  std::map<Code, const FunctionCode*> by_address_;  // key: end of the units
};

/// The interpreter's code for a wasm function of a store.
FunctionCode& code_of(Func& func);

}  // namespace weft::interp

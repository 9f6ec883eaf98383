// Making and finding translated code.
#include "interp/code.h"

#include <algorithm>
#include <cstdlib>

#include "interp/control.h"
#include "interp/translator.h"

namespace weft::interp {

FunctionCode::FunctionCode(ModuleCode& module_code, uint32_t function_index)
    : index(function_index), owner(&module_code) {
  const Module& module = module_code.module();
  const RuntimeType& type = *module.canonical[module.functions[function_index].type];
  param_cells = type.param_cells;
  result_cells = type.result_cells;
  const Handler handler = translate_handler;
  FunctionCode* const self = this;
  stub_[0] = 0;                         // nothing to zero
  stub_[1] = param_cells + kLinkCells;  // the frame so far
  std::memcpy(stub_ + 2, &handler, sizeof(handler));
  std::memcpy(stub_ + 2 + kHandlerUnits, &self, sizeof(self));
  entry.store(stub_ + 2, std::memory_order_release);
}

uint32_t FunctionCode::wasm_offset(Code pc) const {
  const auto unit = static_cast<uint32_t>(pc - units.data());
  const auto after = std::ranges::upper_bound(offsets, unit, {}, &CodeOffset::unit);
  return after == offsets.begin() ? 0 : std::prev(after)->offset;
}

ModuleCode::ModuleCode(const CompiledModule& compiled, Bounds bounds)
    : compiled_(compiled),
      bounds_(bounds),
      functions_(static_cast<std::atomic<FunctionCode*>*>(
                     std::calloc(compiled.module().functions.size() + 1, sizeof(std::atomic<FunctionCode*>))),
                 [](std::atomic<FunctionCode*>* list) { std::free(list); }) {}

ModuleCode::~ModuleCode() {
  for (size_t i = 0; i < module().functions.size(); ++i) delete functions_[i].load();
}

FunctionCode& ModuleCode::function(uint32_t index) {
  std::atomic<FunctionCode*>& place = functions_[index];
  if (FunctionCode* const made = place.load(std::memory_order_acquire)) return *made;
  const std::lock_guard lock(mutex_);
  if (FunctionCode* const made = place.load(std::memory_order_acquire)) return *made;
  auto* const made = new FunctionCode(*this, index);
  place.store(made, std::memory_order_release);
  return *made;
}

void ModuleCode::translate(FunctionCode& function) {
  Translation translation = translate_function(*this, function.index);
  const std::lock_guard lock(mutex_);
  if (!function.units.empty()) return;  // another thread was faster
  function.units = std::move(translation.units);
  function.offsets = std::move(translation.offsets);
  function.regions = std::move(translation.regions);
  by_address_.emplace(function.units.data() + function.units.size(), &function);
  function.entry.store(function.units.data() + Translation::kEntry, std::memory_order_release);
}

const FunctionCode* ModuleCode::find(Code pc) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.upper_bound(pc);
  if (found == by_address_.end() || pc < found->second->units.data()) return nullptr;
  return found->second;
}

FunctionCode& code_of(Func& func) {
  if (func.code == nullptr) func.code = &static_cast<ModuleCode*>(func.instance->code)->function(func.index);
  return *static_cast<FunctionCode*>(func.code);
}

}  // namespace weft::interp

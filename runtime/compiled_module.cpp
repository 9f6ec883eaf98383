// From bytes to a module that can be instantiated.
#include "runtime/compiled_module.h"

#include <algorithm>

#include "decoder/decoder.h"
#include "validator/validator.h"

namespace weft {
namespace {

// Errors carry function indices; names are looked up only when there is an error to show.
Error with_function_name(Error error, const Module& module) {
  ErrorPlace& place = error.place();
  if (place.function_index != ErrorPlace::kNone && place.function_name.empty()) {
    const Names names = decode_names(module);
    const auto found = names.functions.find(static_cast<uint32_t>(place.function_index));
    if (found != names.functions.end()) place.function_name = found->second;
  }
  // Modules from text: the line of the last definition or instruction at or before the offset.
  if (!module.positions.empty() && place.line == 0 && place.offset != ErrorPlace::kNone) {
    const auto after = std::ranges::upper_bound(module.positions, place.offset, {}, &SourcePosition::offset);
    if (after != module.positions.begin()) {
      place.line = std::prev(after)->line;
      place.column = std::prev(after)->column;
      place.offset = ErrorPlace::kNone;
    }
  }
  return error;
}

}  // namespace

Result<std::shared_ptr<const CompiledModule>> CompiledModule::create(Engine& engine,
                                                                     std::shared_ptr<const Bytes> bytes) {
  auto module = decode(std::move(bytes), engine.config().features);
  if (!module) return std::unexpected(std::move(module).error());
  return create(engine, *std::move(module));
}

Result<std::shared_ptr<const CompiledModule>> CompiledModule::create(Engine& engine, std::unique_ptr<Module> module) {
  if (auto valid = validate(*module, engine.types(), engine.config().features); !valid) {
    return std::unexpected(with_function_name(std::move(valid).error(), *module));
  }
  return std::shared_ptr<const CompiledModule>(new CompiledModule(engine, std::move(module)));
}

ModuleCode& CompiledModule::code(Bounds bounds) const {
  const std::lock_guard lock(code_mutex_);
  auto& code = code_[static_cast<size_t>(bounds)];
  if (code == nullptr) code = engine_.tier().prepare(*this, bounds);
  return *code;
}

const Names& CompiledModule::names() const {
  std::call_once(names_once_, [this] { names_ = decode_names(*module_); });
  return names_;
}

std::string CompiledModule::function_name(uint32_t index) const {
  const NameMap& functions = names().functions;
  if (const auto found = functions.find(index); found != functions.end()) return std::string(found->second);
  for (const Export& exported : module_->exports) {
    if (exported.kind == ExternKind::Func && exported.index == index) return std::string(exported.name);
  }
  return {};
}

}  // namespace weft

// A validated module with an engine's code for it: what instances are made from. Shared by stores and threads.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "decoder/names.h"
#include "module/error.h"
#include "module/module.h"
#include "runtime/engine.h"

namespace weft {

class CompiledModule {
 public:
  /// Decodes and validates a binary module and prepares it for execution.
  /// Errors: those of decode() and validate(), with function names filled in.
  static Result<std::shared_ptr<const CompiledModule>> create(Engine& engine, std::shared_ptr<const Bytes> bytes);
  /// The same from a module that was decoded or parsed already.
  static Result<std::shared_ptr<const CompiledModule>> create(Engine& engine, std::unique_ptr<Module> module);

  Engine& engine() const { return engine_; }
  const Module& module() const { return *module_; }
  /// The engine's code for instances whose memory 0 is kept in bounds in that way; made when first asked for.
  ModuleCode& code(Bounds bounds) const;
  /// The name section; decoded when first asked for. Any thread.
  const Names& names() const;
  /// The function's name from the name section, or from an export, or empty.
  std::string function_name(uint32_t index) const;

 private:
  CompiledModule(Engine& engine, std::unique_ptr<Module> module) : engine_(engine), module_(std::move(module)) {}

  Engine& engine_;
  std::unique_ptr<Module> module_;
  mutable std::mutex code_mutex_;
  mutable std::unique_ptr<ModuleCode> code_[2];  // by Bounds
  mutable std::once_flag names_once_;
  mutable Names names_;
};

}  // namespace weft

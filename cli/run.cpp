// `weft run`: a module as a program.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/commands.h"
#include "cli/file.h"
#include "cli/values.h"
#include "interp/interpreter.h"
#include "runtime/linker.h"
#include "wasi/wasi.h"

namespace weft {
namespace {

// A program being set up and run. Declared in the order in which its parts depend on each other.
class Program {
 public:
  explicit Program(const RunOptions& options)
      : options_(options),
        engine_(config(options), interp::make_interpreter()),
        store_(engine_, limits(options)),
        linker_(store_) {}

  int run();

 private:
  static EngineConfig config(const RunOptions& options) {
    EngineConfig config;
    config.features = options.feature_set;
    config.deterministic = options.deterministic;
    config.bounds = options.bounds == "explicit" ? Bounds::Explicit : Bounds::Guard;
    return config;
  }
  static StoreLimits limits(const RunOptions& options) {
    return {.memory_bytes = options.max_memory, .stack_bytes = options.max_stack};
  }

  Result<> set_up();
  Result<> add_wasi();
  Result<> add_preload(const std::string& preload);
  Result<Instance*> load(const std::string& path);
  Result<> start();
  Result<> invoke(Func& func);
  int report(const Error& error);

  const RunOptions& options_;
  Engine engine_;
  Store store_;
  Linker linker_;
  std::shared_ptr<wasi::Wasi> wasi_;
  Instance* instance_ = nullptr;
};

int Program::run() {
  if (auto ready = set_up(); !ready) return report(ready.error());
  if (auto done = start(); !done) return report(done.error());
  return kSuccess;
}

Result<> Program::set_up() {
  WEFT_TRY(add_wasi());
  for (const std::string& preload : options_.preloads) WEFT_TRY(add_preload(preload));
  auto instance = load(options_.file);
  if (!instance) return std::unexpected(std::move(instance).error());
  instance_ = *instance;
  return {};
}

Result<> Program::add_wasi() {
  wasi::Config config;
  config.arguments.push_back(options_.argv0.empty() ? std::filesystem::path(options_.file).filename().string()
                                                    : options_.argv0);
  if (options_.invoke.empty()) {
    config.arguments.insert(config.arguments.end(), options_.arguments.begin(), options_.arguments.end());
  }
  for (const std::string& item : options_.environment) {
    const size_t equals = item.find('=');
    if (equals != std::string::npos) {
      config.environment.emplace_back(item.substr(0, equals), item.substr(equals + 1));
    } else if (const char* const value = std::getenv(item.c_str())) {
      config.environment.emplace_back(item, value);
    }
  }
  for (const std::string& directory : options_.directories) {
    const size_t colons = directory.find("::");
    const std::string host = directory.substr(0, colons);
    config.preopens.push_back({host, colons == std::string::npos ? host : directory.substr(colons + 2), false});
  }
  config.deterministic = options_.deterministic;
  auto wasi = wasi::Wasi::create(config);
  if (!wasi) return std::unexpected(std::move(wasi).error());
  wasi_ = *std::move(wasi);
  wasi_->add_to(linker_);
  return {};
}

Result<> Program::add_preload(const std::string& preload) {
  const size_t equals = preload.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorKind::Usage, fmt::format("--preload takes NAME=FILE, not '{}'", preload));
  }
  auto instance = load(preload.substr(equals + 1));
  if (!instance) return std::unexpected(std::move(instance).error());
  linker_.define(preload.substr(0, equals), **instance);
  return {};
}

Result<Instance*> Program::load(const std::string& path) {
  auto loaded = load_module(path, options_.feature_set);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  auto module = CompiledModule::create(engine_, *std::move(loaded));
  if (!module) return std::unexpected(std::move(module).error());
  auto instance = linker_.instantiate(*std::move(module));
  if (instance) (*instance)->name = path;
  return instance;
}

// Calls --invoke's function, or the program's _start; a reactor's _initialize goes first.
Result<> Program::start() {
  const std::string name = options_.invoke.empty() ? "_start" : options_.invoke;
  if (const auto initialize = instance_->find_export("_initialize"); initialize && initialize->func()) {
    auto done = store_.call(*initialize->func(), std::span<const Value>());
    if (!done) return std::unexpected(std::move(done).error());
  }
  const auto found = instance_->find_export(name);
  if (!found || found->func() == nullptr) {
    if (options_.invoke.empty()) {
      return fail(ErrorKind::Usage, "the module exports no function \"_start\"; call another one with --invoke NAME");
    }
    return fail(ErrorKind::Usage, fmt::format("the module exports no function \"{}\"", name));
  }
  return invoke(*found->func());
}

Result<> Program::invoke(Func& func) {
  const FuncType& type = func.type->composite.func;
  const std::vector<std::string> texts = options_.invoke.empty() ? std::vector<std::string>() : options_.arguments;
  if (texts.size() != type.params.size()) {
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is a function {} and was given {} arguments", options_.invoke,
                                              to_string(type), texts.size()));
  }
  std::vector<Value> arguments;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto value = parse_value(type.params[i], texts[i]);
    if (!value) return std::unexpected(std::move(value).error());
    arguments.push_back(*value);
  }
  auto results = store_.call(func, arguments);
  if (!results) return std::unexpected(std::move(results).error());
  for (const Value& result : *results) fmt::print("{}\n", format_value(result));
  return {};
}

int Program::report(const Error& error) {
  std::fflush(stdout);
  if (error.kind() == ErrorKind::Usage) {
    print_error(error.message());
    return kWrongUsage;
  }
  if (error.kind() != ErrorKind::Trap) {
    print_error(error.kind() == ErrorKind::Io ? error.message() : options_.file + ": " + error.to_string());
    return kCannotRun;
  }
  const Trap& trap = store_.trap();
  if (trap.code == TrapCode::Exit) return trap.exit_code & 0xFF;
  print_error(fmt::format("{}: trap: {}", options_.file, error.message()));
  std::fputs(format_backtrace(trap).c_str(), stderr);
  return kTrapped;
}

}  // namespace

int run_command(RunOptions options) {
  if (auto applied = options.feature_set.apply(options.features); !applied) {
    print_error("--wasm: " + applied.error());
    return kWrongUsage;
  }
  // Writes to a closed pipe are errors that the guest sees, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return Program(options).run();
}

}  // namespace weft

// One script: modules, instances, and the judgement of each command.
#include "spec-tests/runner.h"

#include <fmt/format.h>

#include <map>

#include "decoder/decoder.h"
#include "decoder/encoder.h"
#include "runtime/linker.h"
#include "spec-tests/spectest.h"
#include "spec-tests/values.h"
#include "text/parser.h"
#include "text/printer.h"

namespace weft::spec {
namespace {

using text::Action;
using text::Command;
using text::ScriptModule;

Kind kind_of(Command::Kind kind) {
  switch (kind) {
    case Command::DefineModule: return Kind::Module;
    case Command::InstantiateModule: return Kind::Instance;
    case Command::Register: return Kind::Register;
    case Command::Perform: return Kind::Action;
    case Command::AssertReturn: return Kind::Return;
    case Command::AssertTrap: return Kind::Trap;
    case Command::AssertExhaustion: return Kind::Exhaustion;
    case Command::AssertException: return Kind::Exception;
    case Command::AssertMalformed: return Kind::Malformed;
    case Command::AssertInvalid: return Kind::Invalid;
    case Command::AssertUnlinkable: return Kind::Unlinkable;
    case Command::AssertMalformedCustom: return Kind::MalformedCustom;
    case Command::AssertInvalidCustom: return Kind::InvalidCustom;
    case Command::Thread: return Kind::Thread;
    case Command::Wait: return Kind::Wait;
  }
  return Kind::Script;
}

// Messages agree when one begins with the other: "uninitialized element 2" with "uninitialized element".
bool words_agree(std::string_view expected, std::string_view actual) {
  return expected.starts_with(actual) || actual.starts_with(expected);
}

class Runner {
 public:
  Runner(std::string_view name, const Options& options)
      : name_(name),
        options_(options),
        engine_(options.config, options.make_tier()),
        store_(engine_),
        linker_(store_),
        references_(store_) {}

  Summary run(std::string_view source) {
    auto script = text::parse_script(source);
    if (!script) {
      record(Kind::Script, {script.error().place().line, script.error().place().column}, script.error().message());
      return summary_;
    }
    if (auto ready = define_spectest(engine_, linker_); !ready) {
      record(Kind::Script, {}, ready.error().to_string());
      return summary_;
    }
    for (const Command& command : *script) record(kind_of(command.kind), command.place, perform(command));
    return summary_;
  }

 private:
  // How an action ended.
  struct Ending {
    enum How : uint8_t { Returned, Trapped, Threw, Impossible } how = Impossible;
    std::vector<Value> results;
    std::string message;  // of a trap, or why it was impossible
    TrapCode code = TrapCode::Unreachable;
  };

  void record(Kind kind, text::Place place, const std::string& failure) {
    Count& count = summary_.counts[static_cast<size_t>(kind)];
    if (failure.empty()) {
      ++count.passed;
      return;
    }
    ++count.failed;
    options_.on_failure(fmt::format("{}:{}:{}: {}: {}", name_, place.line, place.column, to_string(kind), failure));
  }

  // Gives what went wrong, or "".
  std::string perform(const Command& command);
  std::string define(const ScriptModule& module);
  std::string instantiate(const std::string& id, std::shared_ptr<const CompiledModule> module);
  std::string expect_return(const Command& command);
  std::string expect_trap(const Command& command);
  std::string expect_refused(const Command& command);
  std::string expect_words(const Command& command, const Error& error);
  Ending act(const Action& action);
  Ending invoke(const Action& action, Func& func);
  Result<std::shared_ptr<const CompiledModule>> compile(const ScriptModule& module);
  Result<std::unique_ptr<Module>> round_trip(const Module& module, std::vector<uint8_t>& bytes) const;
  Instance* find_instance(const std::string& id) {
    const auto found = instances_.find(id);
    return found == instances_.end() ? nullptr : found->second;
  }
  static std::string describe_ending(const Ending& ending, const HostReferences& references);

  std::string_view name_;
  const Options& options_;
  Engine engine_;
  Store store_;
  Linker linker_;
  HostReferences references_;
  Summary summary_;
  std::map<std::string, Instance*> instances_;  // "" is the most recent one
  std::map<std::string, std::shared_ptr<const CompiledModule>> definitions_;
};

std::string Runner::perform(const Command& command) {
  switch (command.kind) {
    case Command::DefineModule: return define(*command.module);
    case Command::InstantiateModule: {
      const auto found = definitions_.find(command.name);
      if (found == definitions_.end()) return fmt::format("there is no module definition {}", command.name);
      return instantiate(command.id, found->second);
    }
    case Command::Register: {
      Instance* const instance = find_instance(command.id);
      if (instance == nullptr) return fmt::format("there is no module {}", command.id);
      linker_.define(command.name, *instance);
      return "";
    }
    case Command::Perform: {
      const Ending ending = act(*command.action);
      return ending.how == Ending::Returned ? "" : describe_ending(ending, references_);
    }
    case Command::AssertReturn: return expect_return(command);
    case Command::AssertTrap:
    case Command::AssertExhaustion: return expect_trap(command);
    case Command::AssertException: {
      const Ending ending = act(*command.action);
      if (ending.how == Ending::Threw) return "";
      return "expected an exception, actual " + describe_ending(ending, references_);
    }
    case Command::Thread:
    case Command::Wait: return "threads of scripts are not supported";
    default: return expect_refused(command);
  }
}

// Through the text and the binary format; gives the module that comes out, and its bytes.
Result<std::unique_ptr<Module>> Runner::round_trip(const Module& module, std::vector<uint8_t>& bytes) const {
  auto printed = text::print_module(module);
  if (!printed) return std::unexpected(std::move(printed).error());
  auto parsed = text::parse_module(*printed, options_.config.features);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  bytes = encode(**parsed);
  return decode(Bytes::copy_of(bytes), options_.config.features);
}

Result<std::shared_ptr<const CompiledModule>> Runner::compile(const ScriptModule& module) {
  auto loaded = module.load(options_.config.features);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  auto compiled = CompiledModule::create(engine_, *std::move(loaded));
  if (!compiled || !options_.round_trip) return compiled;
  // Only valid modules have a text that must give them back.
  std::vector<uint8_t> first;
  std::vector<uint8_t> second;
  auto once = round_trip((*compiled)->module(), first);
  if (!once) return fail(ErrorKind::Io, "round trip: " + once.error().to_string());
  auto twice = round_trip(**once, second);
  if (!twice) return fail(ErrorKind::Io, "second round trip: " + twice.error().to_string());
  if (first != second) return fail(ErrorKind::Io, "the second round trip gives other bytes than the first");
  return CompiledModule::create(engine_, *std::move(twice));
}

std::string Runner::define(const ScriptModule& module) {
  auto compiled = compile(module);
  if (!compiled) return compiled.error().to_string();
  definitions_[module.id] = *compiled;
  definitions_[""] = *compiled;
  return module.is_definition ? "" : instantiate(module.id, *std::move(compiled));
}

std::string Runner::instantiate(const std::string& id, std::shared_ptr<const CompiledModule> module) {
  auto instance = linker_.instantiate(std::move(module));
  if (!instance) return instance.error().to_string();
  instances_[""] = *instance;
  if (!id.empty()) instances_[id] = *instance;
  return "";
}

Runner::Ending Runner::act(const Action& action) {
  Ending ending;
  Instance* const instance = find_instance(action.module_id);
  if (instance == nullptr) {
    ending.message = fmt::format("there is no module {}", action.module_id);
    return ending;
  }
  const auto found = instance->find_export(action.field);
  if (!found || (action.kind == Action::Get ? found->global() == nullptr : found->func() == nullptr)) {
    ending.message = fmt::format("the module has no such export \"{}\"", action.field);
    return ending;
  }
  if (action.kind == Action::Invoke) return invoke(action, *found->func());
  const Global& global = *found->global();
  ending.how = Ending::Returned;
  ending.results.push_back({global.type.type, global.value[0], global.type.type.cells() == 2 ? global.value[1] : 0});
  return ending;
}

Runner::Ending Runner::invoke(const Action& action, Func& func) {
  Ending ending;
  std::vector<Value> arguments;
  arguments.reserve(action.arguments.size());
  for (const text::ScriptValue& argument : action.arguments) arguments.push_back(to_value(argument, references_));
  const uint64_t exceptions = store_.exceptions();
  auto results = store_.call(func, arguments);
  if (results) {
    ending.how = Ending::Returned;
    ending.results = *std::move(results);
  } else if (results.error().kind() != ErrorKind::Trap) {
    ending.message = results.error().message();
  } else if (store_.exceptions() != exceptions) {
    ending.how = Ending::Threw;
  } else {
    ending.how = Ending::Trapped;
    ending.message = results.error().message();
    ending.code = store_.trap().code;
  }
  return ending;
}

std::string Runner::expect_return(const Command& command) {
  const Ending ending = act(*command.action);
  bool equal = ending.how == Ending::Returned && ending.results.size() == command.expected.size();
  for (size_t i = 0; equal && i < command.expected.size(); ++i) {
    equal = matches(command.expected[i], ending.results[i], references_);
  }
  if (equal) return "";
  std::string expected;
  for (const text::ScriptValue& value : command.expected) expected += " " + describe(value);
  return fmt::format("{} expected{}, actual {}", command.action->field, expected.empty() ? " nothing" : expected,
                     describe_ending(ending, references_));
}

std::string Runner::expect_trap(const Command& command) {
  Ending ending;
  if (command.module) {
    auto compiled = compile(*command.module);
    if (!compiled) return compiled.error().to_string();
    auto instance = linker_.instantiate(*std::move(compiled));
    if (instance) return fmt::format("expected trap \"{}\", actual a module that was instantiated", command.message);
    ending.how = instance.error().kind() == ErrorKind::Trap ? Ending::Trapped : Ending::Impossible;
    ending.message = instance.error().message();
  } else {
    ending = act(*command.action);
  }
  if (ending.how == Ending::Trapped && words_agree(command.message, ending.message)) return "";
  return fmt::format("expected trap \"{}\", actual {}", command.message, describe_ending(ending, references_));
}

// Malformed, invalid and unlinkable modules must be refused at their stage.
std::string Runner::expect_refused(const Command& command) {
  auto compiled = compile(*command.module);
  ErrorKind wanted = ErrorKind::Malformed;
  if (command.kind == Command::AssertInvalid || command.kind == Command::AssertInvalidCustom)
    wanted = ErrorKind::Invalid;
  if (command.kind == Command::AssertUnlinkable) {
    if (!compiled) return compiled.error().to_string();
    auto instance = linker_.instantiate(*std::move(compiled));
    if (instance) return fmt::format("expected \"{}\", actual a module that was instantiated", command.message);
    if (instance.error().kind() != ErrorKind::Unlinkable) return instance.error().to_string();
    return expect_words(command, instance.error());
  }
  if (compiled) return fmt::format("expected \"{}\", actual a valid module", command.message);
  // Annotations are checked while the text is parsed.
  const bool custom = command.kind == Command::AssertInvalidCustom;
  if (compiled.error().kind() != wanted && !custom) {
    return fmt::format("expected \"{}\", actual {}", command.message, compiled.error().to_string());
  }
  return expect_words(command, compiled.error());
}

std::string Runner::expect_words(const Command& command, const Error& error) {
  if (words_agree(command.message, error.message())) return "";
  ++summary_.other_words;
  if (options_.report_words) {
    options_.on_failure(fmt::format("{}:{}:{}: other words: expected \"{}\", actual \"{}\"", name_, command.place.line,
                                    command.place.column, command.message, error.message()));
  }
  return "";
}

std::string Runner::describe_ending(const Ending& ending, const HostReferences& references) {
  switch (ending.how) {
    case Ending::Returned: {
      std::string text = "returned";
      for (const Value& result : ending.results) text += " " + describe(result, references);
      return text;
    }
    case Ending::Trapped: return fmt::format("trap \"{}\"", ending.message);
    case Ending::Threw: return "an exception";
    case Ending::Impossible: return ending.message;
  }
  return {};
}

}  // namespace

const char* to_string(Kind kind) {
  static constexpr const char* kTexts[kKinds] = {"assert_return",
                                                 "assert_trap",
                                                 "assert_exhaustion",
                                                 "assert_exception",
                                                 "assert_malformed",
                                                 "assert_invalid",
                                                 "assert_unlinkable",
                                                 "assert_malformed_custom",
                                                 "assert_invalid_custom",
                                                 "module",
                                                 "module instance",
                                                 "register",
                                                 "action",
                                                 "thread",
                                                 "wait",
                                                 "script"};
  return kTexts[static_cast<size_t>(kind)];
}

Count Summary::total() const {
  Count sum;
  for (const Count& count : counts) {
    sum.passed += count.passed;
    sum.failed += count.failed;
  }
  return sum;
}

void Summary::add(const Summary& other) {
  for (size_t i = 0; i < kKinds; ++i) {
    counts[i].passed += other.counts[i].passed;
    counts[i].failed += other.counts[i].failed;
  }
  other_words += other.other_words;
}

Summary run_script(std::string_view name, std::string_view source, const Options& options) {
  return Runner(name, options).run(source);
}

}  // namespace weft::spec

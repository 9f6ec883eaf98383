// The `weft` command: what the command line means.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.h"

namespace {

constexpr const char* kVersion = "weft " WEFT_VERSION;

constexpr const char* kExamples = R"(
Examples:
  weft run app.wasm one two            run a program with two arguments
  weft app.wasm one two                the same, short
  weft run --dir . app.wasm            let it use the current directory
  weft run --dir /srv/data::/data app.wasm
                                       let it see /srv/data as /data
  weft run --env LANG --env MODE=fast app.wasm
  weft run --invoke add sum.wasm 3 4   call one exported function
  weft validate *.wasm                 check modules without running them

Exit codes: the program's own; 134 after a trap; 1 for a file or module that
cannot be run; 2 for wrong usage.)";

void add_run(CLI::App& app, weft::RunOptions& options) {
  CLI::App& run = *app.add_subcommand("run", "Run a WebAssembly program (WASI preview1)");
  run.add_option("--dir", options.directories, "Open a host directory to the program, as GUEST or under its own name")
      ->type_name("HOST[::GUEST]")
      ->allow_extra_args(false);
  run.add_option("--env", options.environment, "Set an environment variable, or pass one on")
      ->type_name("K[=V]")
      ->allow_extra_args(false);
  run.add_option("--argv0", options.argv0, "The program's name as it sees it (default: FILE's name)")
      ->type_name("NAME");
  run.add_option("--invoke", options.invoke, "Call this exported function with the arguments; prints typed results")
      ->type_name("NAME");
  run.add_option("--preload", options.preloads, "Link another module's exports as imports from NAME")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  run.add_option("--max-memory", options.max_memory, "Limit of each linear memory, with K, M or G if you like")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->type_name("BYTES");
  run.add_option("--max-stack", options.max_stack, "Size of the WebAssembly stack (default: 8M)")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->check(CLI::Range(uint64_t{4096}, uint64_t{1} << 36).description(""))
      ->type_name("BYTES");
  run.add_option("--wasm", options.features, "Switch features, for example gc=off,threads=on")
      ->type_name("FEATURE=on|off,…");
  run.add_flag("--deterministic", options.deterministic,
               "The same bits everywhere: canonical NaNs, a clock that counts its readings, fixed random numbers");
  run.add_option("--engine", options.engine, "How code is executed (default: interp)")
      ->check(CLI::IsMember({"interp"}).description("interp"));
  run.add_option("--bounds", options.bounds, "How memory accesses are kept in bounds (default: guard)")
      ->check(CLI::IsMember({"guard", "explicit"}).description("guard|explicit"));
  run.footer(kExamples);
  // FILE is the first word that is no option; what follows belongs to the program, whatever it looks like.
  run.prefix_command();
}

void add_validate(CLI::App& app, weft::ValidateOptions& options) {
  CLI::App& validate = *app.add_subcommand("validate", "Check that modules are valid");
  validate.add_option("files", options.files, "Modules")->required()->type_name("FILE");
  validate.add_option("--wasm", options.features, "Switch features, for example gc=off,threads=on")
      ->type_name("FEATURE=on|off,…");
  validate.footer("\nExample:\n  weft validate --wasm gc=off app.wasm lib.wasm");
}

void add_convert(CLI::App& app, const char* name, const char* what, const char* example,
                 weft::ConvertOptions& options) {
  CLI::App& command = *app.add_subcommand(name, what);
  command.add_option("file", options.file, "The module; - for standard input")->required()->type_name("FILE");
  command.add_option("-o,--output", options.output, "Where to write (default: standard output)")->type_name("FILE");
  command.add_option("--wasm", options.features, "Switch features, for example gc=off,threads=on")
      ->type_name("FEATURE=on|off,…");
  command.footer(std::string("\nExample:\n  ") + example);
}

void add_wast(CLI::App& app, weft::WastOptions& options) {
  CLI::App& wast = *app.add_subcommand("wast", "Run test scripts of the official suite's language");
  wast.add_option("paths", options.paths, "Scripts, or directories of them")->required()->type_name("FILE|DIR");
  wast.add_option("--engine", options.engine, "How code is executed (default: interp)")
      ->check(CLI::IsMember({"interp"}).description("interp"));
  wast.add_option("--bounds", options.bounds, "How memory accesses are kept in bounds (default: guard)")
      ->check(CLI::IsMember({"guard", "explicit"}).description("guard|explicit"));
  wast.add_flag("--round-trip", options.round_trip, "Print, parse, encode and decode every module before it is used");
  wast.add_flag("--collect-always", options.collect_always, "Collect garbage at every allocation");
  wast.add_flag("--deterministic", options.deterministic, "With canonical NaNs");
  wast.add_flag("--words", options.words, "Show modules that are refused in other words than expected");
  wast.footer("\nExample:\n  weft wast testsuite/i32.wast testsuite/proposals");
}

// `weft FILE …` is short for `weft run FILE …`.
std::vector<std::string> with_command(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  constexpr std::array<std::string_view, 8> kOwn = {"run",  "validate", "print", "parse",
                                                    "wast", "--help",   "-h",    "--version"};
  if (!words.empty() && std::ranges::find(kOwn, words[0]) == kOwn.end()) words.insert(words.begin(), "run");
  std::ranges::reverse(words);  // as CLI11 takes them
  return words;
}

int run_program(CLI::App& app, weft::RunOptions& options) {
  std::vector<std::string> words = app.get_subcommand("run")->remaining();
  if (words.empty()) {
    weft::print_error("run needs a FILE; see weft run --help");
    return weft::kWrongUsage;
  }
  if (words.front().size() > 1 && words.front().starts_with('-')) {
    weft::print_error("unknown option " + words.front() + "; see weft run --help");
    return weft::kWrongUsage;
  }
  options.file = words.front();
  options.arguments.assign(words.begin() + 1, words.end());
  return weft::run_command(options);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Weft, a WebAssembly runtime");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(0, 1);
  app.footer(kExamples);
  weft::RunOptions run;
  weft::ValidateOptions validate;
  add_run(app, run);
  add_validate(app, validate);
  weft::ConvertOptions print;
  add_convert(app, "print", "Print a module in the text format", "weft print app.wasm -o app.wat", print);
  weft::ConvertOptions parse;
  add_convert(app, "parse", "Encode a module in the binary format", "weft parse app.wat -o app.wasm", parse);
  weft::WastOptions wast;
  add_wast(app, wast);
  try {
    app.parse(with_command(argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? weft::kSuccess : weft::kWrongUsage;
  }
  if (app.got_subcommand("run")) return run_program(app, run);
  if (app.got_subcommand("validate")) return weft::validate_command(validate);
  if (app.got_subcommand("print")) return weft::print_command(print);
  if (app.got_subcommand("parse")) return weft::parse_command(parse);
  if (app.got_subcommand("wast")) return weft::wast_command(wast);
  std::fputs(app.help().c_str(), stdout);
  return weft::kWrongUsage;
}

// `weft wast`: scripts of the official test suite.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/commands.h"
#include "cli/file.h"
#include "interp/interpreter.h"
#include "spec-tests/runner.h"
#include "spec-tests/suite.h"

namespace weft {
namespace {

namespace fs = std::filesystem;

// The .wast files that a list of files and directories names, in order.
Result<std::vector<std::string>> find_scripts(const std::vector<std::string>& paths) {
  std::vector<std::string> scripts;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      scripts.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry :
         fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error)) {
      if (entry.path().extension() == ".wast") found.push_back(entry.path().string());
    }
    if (found.empty()) return fail(ErrorKind::Io, fmt::format("{}: there are no .wast files in it", path));
    std::ranges::sort(found);
    scripts.insert(scripts.end(), found.begin(), found.end());
  }
  return scripts;
}

void print_summary(const spec::Summary& summary, size_t files) {
  for (size_t i = 0; i < spec::kKinds; ++i) {
    const spec::Count& count = summary.counts[i];
    if (count.passed + count.failed == 0) continue;
    fmt::print("{:<24} {:>7} passed {:>6} failed\n", spec::to_string(static_cast<spec::Kind>(i)), count.passed,
               count.failed);
  }
  const spec::Count total = summary.total();
  fmt::print("{} files; {} modules refused in other words than expected\n", files, summary.other_words);
  fmt::print("{} passed, {} failed\n", total.passed, total.failed);
}

}  // namespace

int wast_command(const WastOptions& options) {
  auto scripts = find_scripts(options.paths);
  if (!scripts) {
    print_error(scripts.error().message());
    return kCannotRun;
  }
  spec::Options run;
  run.config.bounds = options.bounds == "explicit" ? Bounds::Explicit : Bounds::Guard;
  run.make_tier = interp::make_interpreter;
  run.report_words = options.words;
  run.round_trip = options.round_trip;
  run.config.collect_always = options.collect_always;
  run.config.deterministic = options.deterministic;
  run.on_failure = [](const std::string& line) { fmt::print("{}\n", line); };
  const bool progress = isatty(STDERR_FILENO);
  spec::Summary summary;
  std::map<std::string, size_t> skipped;  // files, by reason
  for (size_t i = 0; i < scripts->size(); ++i) {
    const std::string& script = (*scripts)[i];
    if (progress) fmt::print(stderr, "\r\033[K{}/{} {}", i + 1, scripts->size(), script);
    std::string_view reason;
    if (spec::is_unsupported(script, reason)) {
      skipped[std::string(reason)] += 1;
      continue;
    }
    run.config.features = spec::features_for(script, {});
    auto bytes = map_file(script);
    if (!bytes) {
      print_error(bytes.error().message());
      return kCannotRun;
    }
    const std::span<const uint8_t> span = (*bytes)->span();
    summary.add(spec::run_script(script, {reinterpret_cast<const char*>(span.data()), span.size()}, run));
  }
  if (progress) fmt::print(stderr, "\r\033[K");
  for (const auto& [reason, files] : skipped) fmt::print("skipped {} files: {}\n", files, reason);
  print_summary(summary, scripts->size());
  return summary.total().failed == 0 ? kSuccess : kCannotRun;
}

}  // namespace weft

// The commands of `weft`. Each takes what the command line gave it and returns the exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "module/features.h"

namespace weft {

/// Exit codes that are Weft's own; a guest's exit status is passed through.
enum ExitCode : int {
  kSuccess = 0,
  kCannotRun = 1,  // a file or module that cannot be run
  kWrongUsage = 2,
  kTrapped = 134,  // as a shell shows an aborted process
};

/// `weft run`
struct RunOptions {
  std::string file;
  std::vector<std::string> arguments;    // of the guest, without its name
  std::vector<std::string> directories;  // HOST[::GUEST]
  std::vector<std::string> environment;  // K=V or K
  std::string argv0;
  std::string invoke;
  std::vector<std::string> preloads;  // NAME=FILE
  std::string engine = "interp";
  std::string bounds = "guard";
  std::string features;  // FEATURE=on|off,…
  bool deterministic = false;
  FeatureSet feature_set;  // what they come to
  uint64_t max_memory = ~uint64_t{0};
  uint64_t max_stack = 8 << 20;
};
int run_command(RunOptions options);

/// `weft validate`
struct ValidateOptions {
  std::vector<std::string> files;
  std::string features;
};
int validate_command(const ValidateOptions& options);

/// `weft print` and `weft parse`
struct ConvertOptions {
  std::string file;
  std::string output;  // empty or "-": standard output
  std::string features;
};
int print_command(const ConvertOptions& options);
int parse_command(const ConvertOptions& options);

/// `weft wast`
struct WastOptions {
  std::vector<std::string> paths;
  std::string engine = "interp";
  std::string bounds = "guard";
  bool round_trip = false;
  bool collect_always = false;
  bool deterministic = false;
  bool words = false;
};
int wast_command(const WastOptions& options);

/// Prints "weft: message" to standard error.
void print_error(const std::string& message);

}  // namespace weft

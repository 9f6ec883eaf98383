// How fast modules are decoded and validated: MB/s of code, best and median of many runs on one core.
//
//   weft-validate-bench FILE…
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "cli/file.h"
#include "decoder/decoder.h"
#include "validator/validator.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Times {
  std::vector<double> decode;
  std::vector<double> validate;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

bool measure(const std::string& path) {
  constexpr int kRuns = 15;
  auto bytes = weft::map_file(path);
  if (!bytes) {
    fmt::print(stderr, "{}\n", bytes.error().to_string());
    return false;
  }
  Times times;
  uint64_t code = 0;
  size_t functions = 0;
  for (int run = 0; run < kRuns; ++run) {
    weft::TypeRegistry types;
    Clock::time_point start = Clock::now();
    auto module = weft::decode(*bytes);
    times.decode.push_back(seconds_since(start));
    if (!module) {
      fmt::print(stderr, "{}: {}\n", path, module.error().to_string());
      return false;
    }
    start = Clock::now();
    auto valid = weft::validate(**module, types);
    times.validate.push_back(seconds_since(start));
    if (!valid) {
      fmt::print(stderr, "{}: {}\n", path, valid.error().to_string());
      return false;
    }
    code = 0;
    functions = (*module)->functions.size();
    for (const weft::Function& function : (*module)->functions) code += function.body.size;
    module->reset();
  }
  const double megabytes = static_cast<double>(code) / 1e6;
  fmt::print(
      "{}: {} functions, {:.2f} MB of code; decode {:.2f} ms; validate {:.2f} ms = {:.0f} MB/s (best {:.0f} MB/s)\n",
      path, functions, megabytes, median(times.decode) * 1e3, median(times.validate) * 1e3,
      megabytes / median(times.validate), megabytes / *std::ranges::min_element(times.validate));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  bool ok = argc > 1;
  for (int i = 1; i < argc; ++i) ok &= measure(argv[i]);
  if (argc == 1) fmt::print(stderr, "usage: weft-validate-bench FILE...\n");
  return ok ? 0 : 1;
}

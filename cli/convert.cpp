// `weft print` and `weft parse`: from one format to the other.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>

#include "cli/commands.h"
#include "cli/file.h"
#include "decoder/encoder.h"
#include "text/printer.h"

namespace weft {
namespace {

Result<> write_output(const std::string& path, std::string_view bytes) {
  if (path.empty() || path == "-") {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() && std::fflush(stdout) == 0) return {};
    return fail(ErrorKind::Io, "standard output: cannot be written to");
  }
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) return fail(ErrorKind::Io, path + ": cannot be written to");
  return {};
}

// Loads the module, lets `convert` make the output of it, and writes that.
template <typename F>
int run(const ConvertOptions& options, F&& convert) {
  FeatureSet features;
  if (auto applied = features.apply(options.features); !applied) {
    print_error("--wasm: " + applied.error());
    return kWrongUsage;
  }
  const auto attempt = [&]() -> Result<> {
    auto module = load_module(options.file, features);
    if (!module) return std::unexpected(std::move(module).error());
    Result<std::string> output = convert(**module);
    if (!output) return std::unexpected(std::move(output).error());
    return write_output(options.output, *output);
  };
  if (auto done = attempt(); !done) {
    const Error& error = done.error();
    print_error(error.kind() == ErrorKind::Io ? error.message() : options.file + ": " + error.to_string());
    return kCannotRun;
  }
  return kSuccess;
}

}  // namespace

int print_command(const ConvertOptions& options) {
  return run(options, [](const Module& module) { return text::print_module(module); });
}

int parse_command(const ConvertOptions& options) {
  return run(options, [](const Module& module) -> Result<std::string> {
    const std::vector<uint8_t> bytes = encode(module);
    return std::string(bytes.begin(), bytes.end());
  });
}

}  // namespace weft

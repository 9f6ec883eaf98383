// `weft validate`: is this a valid module?
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/file.h"
#include "validator/validator.h"

namespace weft {
namespace {

Result<> validate_file(const std::string& path, const FeatureSet& features) {
  auto module = load_module(path, features);
  if (!module) return std::unexpected(std::move(module).error());
  TypeRegistry types;
  auto valid = validate(**module, types, features);
  module->reset();  // its types go before their registry
  return valid;
}

}  // namespace

int validate_command(const ValidateOptions& options) {
  FeatureSet features;
  if (auto applied = features.apply(options.features); !applied) {
    print_error("--wasm: " + applied.error());
    return kWrongUsage;
  }
  int status = kSuccess;
  for (const std::string& file : options.files) {
    if (auto valid = validate_file(file, features); !valid) {
      const Error& error = valid.error();
      print_error(error.kind() == ErrorKind::Io ? error.message() : file + ": " + error.to_string());
      status = kCannotRun;
    }
  }
  return status;
}

void print_error(const std::string& message) { fmt::print(stderr, "weft: {}\n", message); }

}  // namespace weft

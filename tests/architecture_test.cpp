// The arrows between the rooms, as ARCHITECTURE.md shows them: an include that goes another way fails here.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;

// What each room may include, beside itself.
const std::map<std::string, std::set<std::string>> kArrows = {
    {"module", {}},
    {"decoder", {"module"}},
    {"text", {"module", "decoder"}},
    {"validator", {"module"}},
    {"runtime", {"module", "decoder", "validator"}},
    {"interp", {"module", "validator", "runtime"}},
    {"jit", {"module", "validator", "runtime"}},
    {"wasi", {"module", "runtime"}},
    {"cli", {"module", "decoder", "validator", "text", "runtime", "interp", "jit", "wasi", "spec-tests"}},
    {"spec-tests", {"module", "decoder", "validator", "text", "runtime"}},
};

}  // namespace

TEST_CASE("includes follow the arrows between rooms", "[architecture]") {
  const std::regex include(R"re(^\s*#include "([\w-]+)/)re");
  size_t includes = 0;
  for (const auto& [room, allowed] : kArrows) {
    const fs::path folder = fs::path(WEFT_SOURCE_DIR) / room;
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp" && extension != ".def") continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (!std::regex_search(line, match, include)) continue;
        ++includes;
        INFO(entry.path().string() << ": " << line);
        CHECK((match[1] == room || allowed.count(match[1]) == 1));
      }
    }
  }
  CHECK(includes > 100);
}

// Texts of traps.
#include "runtime/trap.h"

#include <array>

namespace weft {

std::string_view to_string(TrapCode code) {
  static constexpr std::array kTexts = {
#define TRAP(name, text) std::string_view(text),
      WEFT_TRAPS(TRAP)
#undef TRAP
  };
  return kTexts[static_cast<size_t>(code)];
}

std::string Trap::to_string() const {
  std::string text(weft::to_string(code));
  if (!message.empty()) text += ": " + message;
  return text;
}

}  // namespace weft

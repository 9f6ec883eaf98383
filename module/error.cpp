// The one-line form of errors.
#include "module/error.h"

#include <fmt/format.h>

#include <array>

namespace weft {
namespace {

constexpr std::array<std::string_view, 7> kKindTexts = {
    "cannot read", "usage", "malformed module", "invalid module", "link error", "limit exceeded", "trap"};

}  // namespace

Error::Error(ErrorKind kind, std::string message, ErrorPlace place)
    : info_(std::make_unique<Info>(Info{kind, std::move(message), std::move(place)})) {}

Error::Error(const Error& other) : info_(std::make_unique<Info>(*other.info_)) {}

Error& Error::operator=(const Error& other) {
  if (this != &other) info_ = std::make_unique<Info>(*other.info_);
  return *this;
}

std::string Error::to_string() const {
  const ErrorPlace& at = info_->place;
  std::string text;
  if (at.line != 0) text += fmt::format("{}:{}: ", at.line, at.column);
  text += kKindTexts[static_cast<size_t>(info_->kind)];
  text += ": ";
  if (at.function_index != ErrorPlace::kNone) {
    text += fmt::format("function {}", at.function_index);
    if (!at.function_name.empty()) text += fmt::format(" \"{}\"", at.function_name);
    text += ", ";
  }
  if (at.offset != ErrorPlace::kNone) text += fmt::format("offset {:#x}", at.offset);
  if (!at.section.empty())
    text += fmt::format("{}in section {}", at.offset != ErrorPlace::kNone ? ", " : "", at.section);
  if (text.ends_with(", ")) text.resize(text.size() - 2);
  if (!text.ends_with(": ")) text += ": ";
  return text + info_->message;
}

}  // namespace weft

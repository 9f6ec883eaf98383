// Errors as values: what is wrong, where, and why, in one line that a person can act on.
//
// Every stage before execution (reading files, text, binary, validation, linking) reports with weft::Error; what can
// happen while code runs is a trap, see runtime/trap.h. The texts of malformed and invalid modules begin as the
// official test suite spells them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace weft {

/// The stage that refused, which is also how a script of the official suite would call it.
enum class ErrorKind : uint8_t {
  Io,          // a file cannot be read or written
  Usage,       // the caller asked for something that does not exist or does not fit
  Malformed,   // the text or the bytes are not a module
  Invalid,     // the module is not valid
  Unlinkable,  // an import is missing or does not match
  Limit,       // an implementation limit or a limit that the user set
  Trap,        // execution trapped; see Store for reason and backtrace
};

/// Where in the input an error lies. Fields that do not apply keep their "none" values.
struct ErrorPlace {
  static constexpr size_t kNone = ~size_t{0};
  size_t offset = kNone;          // bytes from the start of the module
  uint32_t line = 0;              // text format: 1-based, 0 for none
  uint32_t column = 0;            // text format: 1-based, in bytes
  std::string_view section;       // static string: "code", "type", … ; empty for none
  size_t function_index = kNone;  // in the function index space
  std::string function_name;      // from the name section; empty when unknown
};

/// An error. One pointer wide, so that Result<T> stays small; owns its text.
class Error {
 public:
  Error(ErrorKind kind, std::string message, ErrorPlace place = {});
  Error(const Error& other);
  Error& operator=(const Error& other);
  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;
  ~Error() = default;

  ErrorKind kind() const { return info_->kind; }
  /// What is wrong and why, without place: "type mismatch: expected i32, found f64".
  const std::string& message() const { return info_->message; }
  const ErrorPlace& place() const { return info_->place; }
  ErrorPlace& place() { return info_->place; }

  /// The whole error in one line, place first as far as it is known:
  /// "invalid module: function 3 "main", offset 0x1f2, in section code: type mismatch: expected i32, found f64".
  std::string to_string() const;

 private:
  struct Info {
    ErrorKind kind;
    std::string message;
    ErrorPlace place;
  };
  std::unique_ptr<Info> info_;
};

template <typename T = void>
using Result = std::expected<T, Error>;

/// Shorthand for `return std::unexpected(Error(…))`.
inline std::unexpected<Error> fail(ErrorKind kind, std::string message, ErrorPlace place = {}) {
  return std::unexpected(Error(kind, std::move(message), std::move(place)));
}

}  // namespace weft

/// Evaluates an expression of type Result<…>; returns its error from the calling function if it has one.
#define WEFT_TRY(expression)                                      \
  do {                                                            \
    if (auto weft_try_result = (expression); !weft_try_result) {  \
      return std::unexpected(std::move(weft_try_result).error()); \
    }                                                             \
  } while (false)

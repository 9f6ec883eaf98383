// Source text → tokens, spec §6.3.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "module/error.h"

namespace weft::text {

struct Token {
  enum Kind : uint8_t {
    End,         // of the input
    Left,        // (
    Right,       // )
    Atom,        // keyword, number or index: `text` is the characters
    Id,          // $name: `text` is the name without $, quoted names decoded
    String,      // `text` is the contents with their escapes; see decode_string
    Annotation,  // (@name: `text` is the name; its tokens follow up to the matching Right
    Reserved,    // characters that are no token
  } kind = End;
  uint32_t line = 0;    // 1-based
  uint32_t column = 0;  // 1-based, in bytes
  uint32_t begin = 0;   // byte range in the source
  uint32_t end = 0;
  uint32_t match = 0;  // Left and Annotation: index of the matching Right
  std::string_view text;
};

/// The tokens of a source, the last one of kind End. Text points into the source or into `decoded`.
struct TokenList {
  std::vector<Token> tokens;
  std::deque<std::string> decoded;
};

/// Splits a source into tokens and matches its parentheses. `source` must outlive the result.
/// Errors: Malformed with line and column, for characters and strings that are no tokens and unmatched parentheses.
Result<TokenList> lex(std::string_view source);

/// The bytes of a String token's text. All escapes were checked by lex.
std::string decode_string(std::string_view text);

}  // namespace weft::text

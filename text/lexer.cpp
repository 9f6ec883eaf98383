// The lexical grammar, §6.3.
#include "text/lexer.h"

#include <array>

#include "module/reader.h"

namespace weft::text {
namespace {

constexpr bool is_id_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte <= 0x20 || byte >= 0x7F) return false;
  for (const char other : {'"', '(', ')', ',', ';', '[', ']', '{', '}'}) {
    if (c == other) return false;
  }
  return true;
}

constexpr std::array<bool, 256> make_id_chars() {
  std::array<bool, 256> table{};
  for (int i = 0; i < 256; ++i) table[static_cast<size_t>(i)] = is_id_char(static_cast<char>(i));
  return table;
}
constexpr auto kIdChars = make_id_chars();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, uint32_t code) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Result<TokenList> run() {
    if (!is_valid_utf8(source_))
      return fail(ErrorKind::Malformed, "malformed UTF-8 encoding", {.line = 1, .column = 1});
    while (error_ == nullptr && skip_space()) token();
    if (error_ == nullptr && !open_.empty()) {
      const Token& left = list_.tokens[open_.back()];
      const bool annotation = left.kind == Token::Annotation;
      error_ = annotation ? "unclosed annotation" : "unexpected token: this parenthesis is never closed";
      error_line_ = left.line;
      error_column_ = left.column;
    }
    if (error_ != nullptr) {
      return fail(ErrorKind::Malformed, error_, {.line = error_line_, .column = error_column_});
    }
    push(Token::End, pos_);
    return std::move(list_);
  }

 private:
  bool at_end() const { return pos_ >= source_.size(); }
  char peek(size_t ahead = 0) const { return pos_ + ahead < source_.size() ? source_[pos_ + ahead] : '\0'; }
  uint32_t column(size_t pos) const { return static_cast<uint32_t>(pos - line_start_ + 1); }

  void report(const char* message, size_t pos) {
    if (error_ != nullptr) return;
    error_ = message;
    error_line_ = line_;
    error_column_ = column(pos);
  }

  void new_line(size_t next) {
    ++line_;
    line_start_ = next;
  }

  // Skips white space and comments; false at the end of the input or after an error.
  bool skip_space() {
    while (!at_end()) {
      const char c = source_[pos_];
      if (c == '\n') {
        new_line(++pos_);
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++pos_;
        if (c == '\r' && peek() != '\n') new_line(pos_);
      } else if (c == ';' && peek(1) == ';') {
        while (!at_end() && source_[pos_] != '\n' && source_[pos_] != '\r') ++pos_;
      } else if (c == '(' && peek(1) == ';') {
        if (!block_comment()) return false;
      } else {
        return true;
      }
    }
    return false;
  }

  bool block_comment() {
    const size_t start = pos_;
    uint32_t depth = 0;
    do {
      if (at_end()) {
        report("unclosed comment", start);
        return false;
      }
      if (peek() == '(' && peek(1) == ';') {
        ++depth;
        pos_ += 2;
      } else if (peek() == ';' && peek(1) == ')') {
        --depth;
        pos_ += 2;
      } else {
        if (source_[pos_] == '\n') new_line(pos_ + 1);
        ++pos_;
      }
    } while (depth != 0);
    return true;
  }

  Token& push(Token::Kind kind, size_t begin) {
    Token token;
    token.kind = kind;
    token.line = line_;
    token.column = column(begin);
    token.begin = static_cast<uint32_t>(begin);
    token.end = static_cast<uint32_t>(pos_);
    list_.tokens.push_back(token);
    return list_.tokens.back();
  }

  void token() {
    const size_t begin = pos_;
    const char c = source_[pos_];
    if (c == '(') {
      ++pos_;
      if (peek() == '@') {
        annotation(begin);
      } else {
        push(Token::Left, begin);
        open_.push_back(list_.tokens.size() - 1);
      }
    } else if (c == ')') {
      ++pos_;
      if (open_.empty()) return report("unexpected token: there is no parenthesis to close", begin);
      close(begin);
    } else if (c == '"') {
      if (string()) word(Token::String, begin, source_.substr(begin + 1, pos_ - begin - 2));
    } else if (c == '$') {
      ++pos_;
      identifier(begin);
    } else if (kIdChars[static_cast<unsigned char>(c)]) {
      while (kIdChars[static_cast<unsigned char>(peek())]) ++pos_;
      word(Token::Atom, begin, source_.substr(begin, pos_ - begin));
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
      report("illegal character", begin);
    } else {
      ++pos_;
      word(Token::Reserved, begin, {});
    }
  }

  // Ends the innermost list. Annotations that mean nothing to the parser leave no tokens.
  void close(size_t begin) {
    const size_t opened = open_.back();
    open_.pop_back();
    const Token& left = list_.tokens[opened];
    const bool is_annotation = left.kind == Token::Annotation;
    if (is_annotation) --annotations_;
    const bool known = left.text == "custom" || left.text == "name" || left.text == "metadata.code.branch_hint";
    if (is_annotation && !known) {
      list_.tokens.resize(opened);
      return;
    }
    list_.tokens[opened].match = static_cast<uint32_t>(list_.tokens.size());
    push(Token::Right, begin);
  }

  // Characters that follow a token without space make it a reserved one, which no rule takes.
  void word(Token::Kind kind, size_t begin, std::string_view text) {
    bool reserved = kind == Token::Reserved;
    for (;;) {
      const char c = peek();
      if (at_end() || c == '(' || c == ')' || c == ' ' || c == '\t' || c == '\n' || c == '\r') break;
      if (c == ';' && peek(1) == ';') break;
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F)
        return report("illegal character", pos_);
      reserved = true;
      if (c == '"') {
        if (!string()) return;
      } else {
        ++pos_;
      }
    }
    push(reserved ? Token::Reserved : kind, begin).text = reserved ? source_.substr(begin, pos_ - begin) : text;
  }

  // After `$`: characters, or a string.
  void identifier(size_t begin) {
    if (peek() == '"') {
      const size_t quote = pos_;
      if (!string()) return;
      std::string name = decode_string(source_.substr(quote + 1, pos_ - quote - 2));
      if (name.empty()) return report("empty identifier", begin);
      if (!is_valid_utf8(name)) return report("malformed UTF-8 encoding", begin);
      word(Token::Id, begin, list_.decoded.emplace_back(std::move(name)));
      return;
    }
    while (kIdChars[static_cast<unsigned char>(peek())]) ++pos_;
    if (pos_ == begin + 1) return report("empty identifier", begin);
    word(Token::Id, begin, source_.substr(begin + 1, pos_ - begin - 1));
  }

  void annotation(size_t begin) {
    ++pos_;  // @
    std::string_view name;
    if (peek() == '"') {
      const size_t quote = pos_;
      if (!string()) return;
      std::string decoded = decode_string(source_.substr(quote + 1, pos_ - quote - 2));
      if (!is_valid_utf8(decoded)) return report("malformed UTF-8 encoding", begin);
      name = list_.decoded.emplace_back(std::move(decoded));
    } else {
      const size_t start = pos_;
      while (kIdChars[static_cast<unsigned char>(peek())]) ++pos_;
      name = source_.substr(start, pos_ - start);
    }
    if (name.empty()) {
      if (annotations_ == 0) return report("empty annotation id", begin);
      push(Token::Left, begin);  // inside of an annotation anything goes
      open_.push_back(list_.tokens.size() - 1);
      return;
    }
    push(Token::Annotation, begin).text = name;
    open_.push_back(list_.tokens.size() - 1);
    ++annotations_;
  }

  // Walks over a string, checking its escapes; the cursor is at its opening quote and ends behind the closing one.
  bool string() {
    const size_t begin = pos_++;
    for (;;) {
      if (at_end() || source_[pos_] == '\n' || source_[pos_] == '\r') return report("unclosed string", begin), false;
      const char c = source_[pos_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
        return report("illegal character in string", pos_ - 1), false;
      if (c == '\\' && !escape()) return report("illegal escape", pos_), false;
    }
  }

  bool escape() {
    const char c = peek();
    ++pos_;
    switch (c) {
      case 't':
      case 'n':
      case 'r':
      case '"':
      case '\'':
      case '\\': return true;
      case 'u': {
        if (peek() != '{') return false;
        ++pos_;
        uint32_t code = 0;
        int digits = 0;
        for (; peek() != '}'; ++pos_) {
          if (peek() == '_' && digits != 0) continue;
          const int digit = hex_digit(peek());
          if (digit < 0 || code > 0x10FFFF) return false;
          code = code << 4 | static_cast<uint32_t>(digit);
          ++digits;
        }
        ++pos_;
        return digits != 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
      }
      default: return hex_digit(c) >= 0 && hex_digit(source_.size() > pos_ ? source_[pos_++] : '\0') >= 0;
    }
  }

  std::string_view source_;
  size_t pos_ = 0;
  uint32_t line_ = 1;
  size_t line_start_ = 0;
  TokenList list_;
  std::vector<size_t> open_;
  size_t annotations_ = 0;  // open ones
  const char* error_ = nullptr;
  uint32_t error_line_ = 0;
  uint32_t error_column_ = 0;
};

}  // namespace

Result<TokenList> lex(std::string_view source) { return Lexer(source).run(); }

std::string decode_string(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    switch (const char c = text[++i]) {
      case 't': bytes += '\t'; break;
      case 'n': bytes += '\n'; break;
      case 'r': bytes += '\r'; break;
      case '"':
      case '\'':
      case '\\': bytes += c; break;
      case 'u': {
        uint32_t code = 0;
        for (i += 2; text[i] != '}'; ++i) {
          if (text[i] != '_') code = code << 4 | static_cast<uint32_t>(hex_digit(text[i]));
        }
        append_utf8(bytes, code);
        break;
      }
      default: bytes += static_cast<char>(hex_digit(c) << 4 | hex_digit(text[++i])); break;
    }
  }
  return bytes;
}

}  // namespace weft::text

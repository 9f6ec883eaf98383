// Modules written byte by byte, for tests of what no assembler would write.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "module/module.h"

namespace weft::test {

/// A list of bytes that sections and bodies are put together from.
class ByteList : public std::vector<uint8_t> {
 public:
  ByteList() = default;
  ByteList(std::initializer_list<int> values) {
    for (const int value : values) push_back(static_cast<uint8_t>(value));
  }
  ByteList& add(const ByteList& more) {
    insert(end(), more.begin(), more.end());
    return *this;
  }
  ByteList& add(std::string_view text) {
    insert(end(), text.begin(), text.end());
    return *this;
  }
};

/// The magic number and version.
inline ByteList header() { return {0, 'a', 's', 'm', 1, 0, 0, 0}; }

/// A section with its size (below 128).
inline ByteList section(int id, const ByteList& contents) {
  return ByteList{id, static_cast<int>(contents.size())}.add(contents);
}

/// A module with one function of type [] -> [results] or [params] -> [results] and the given body (locals included).
inline ByteList with_body(const ByteList& body, const ByteList& params = {}, const ByteList& results = {}) {
  ByteList type{1, 0x60, static_cast<int>(params.size())};
  type.add(params).add({static_cast<int>(results.size())}).add(results);
  ByteList code{1, static_cast<int>(body.size())};
  return header().add(section(1, type)).add(section(3, {1, 0})).add(section(10, code.add(body)));
}

inline std::shared_ptr<const Bytes> to_bytes(const ByteList& list) {
  return Bytes::from_vector(std::vector<uint8_t>(list.begin(), list.end()));
}

}  // namespace weft::test

// Owners of bytes, and look-ups in a module.
#include "module/module.h"

#include <algorithm>

namespace weft {
namespace {

class VectorBytes final : public Bytes {
 public:
  explicit VectorBytes(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) { span_ = bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace

std::shared_ptr<const Bytes> Bytes::from_vector(std::vector<uint8_t> bytes) {
  return std::make_shared<VectorBytes>(std::move(bytes));
}

std::shared_ptr<const Bytes> Bytes::copy_of(std::span<const uint8_t> bytes) {
  return from_vector(std::vector<uint8_t>(bytes.begin(), bytes.end()));
}

const Export* Module::find_export(std::string_view name) const {
  const auto found = std::ranges::find(exports, name, &Export::name);
  return found == exports.end() ? nullptr : &*found;
}

const CustomSection* Module::find_custom(std::string_view name) const {
  const auto found = std::ranges::find(customs, name, &CustomSection::name);
  return found == customs.end() ? nullptr : &*found;
}

}  // namespace weft

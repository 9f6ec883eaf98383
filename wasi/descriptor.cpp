// The descriptor table, and directory streams.
#include "wasi/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

namespace weft::wasi {

Descriptor::~Descriptor() {
  if (stream_ != nullptr) closedir(stream_);
  if (owned_) ::close(fd);
}

DIR* Descriptor::stream() {
  if (stream_ == nullptr) {
    const int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return nullptr;
    stream_ = fdopendir(own);
    if (stream_ == nullptr) ::close(own);
    stream_cookie = 0;
  }
  return stream_;
}

Errno DescriptorTable::add(std::shared_ptr<Descriptor> descriptor, uint32_t& number) {
  for (number = 0; number < slots_.size(); ++number) {
    if (slots_[number] == nullptr) {
      slots_[number] = std::move(descriptor);
      return Errno::Success;
    }
  }
  if (number >= kMaxDescriptors) return Errno::TooManyFiles;
  slots_.push_back(std::move(descriptor));
  return Errno::Success;
}

void DescriptorTable::set(uint32_t number, std::shared_ptr<Descriptor> descriptor) {
  if (number >= slots_.size()) slots_.resize(number + 1);
  slots_[number] = std::move(descriptor);
}

Errno DescriptorTable::close(uint32_t number) {
  if (get(number) == nullptr) return Errno::BadFd;
  slots_[number] = nullptr;
  return Errno::Success;
}

Errno DescriptorTable::renumber(uint32_t from, uint32_t to) {
  if (get(from) == nullptr || get(to) == nullptr) return Errno::BadFd;
  if (from != to) slots_[to] = std::move(slots_[from]);
  return Errno::Success;
}

}  // namespace weft::wasi

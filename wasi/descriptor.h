// Open files and directories of a guest, by number.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wasi/abi.h"

namespace weft::wasi {

/// An open file, directory, stream or socket: a host descriptor and what the guest may do with it.
class Descriptor {
 public:
  /// `owned`: close the host descriptor at the end.
  Descriptor(int host_fd, bool owned, FileType type, Rights base, Rights inheriting)
      : fd(host_fd), type(type), base(base), inheriting(inheriting), owned_(owned) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  const int fd;
  const FileType type;
  Rights base;
  Rights inheriting;
  bool is_preopen = false;
  bool read_only = false;  // opened below a read-only preopen
  std::string preopen_path;

  bool may(Rights wanted) const { return (base & wanted) == wanted; }
  /// The directory's stream for listing; opened when first used; null (with errno) when the host refuses.
  DIR* stream();
  uint64_t stream_cookie = 0;  // of the entry that the stream gives next

 private:
  bool owned_;
  DIR* stream_ = nullptr;
};

/// The descriptor table.
class DescriptorTable {
 public:
  /// The descriptor, or null. Shared: a call in progress keeps it while another thread closes it.
  std::shared_ptr<Descriptor> get(uint32_t number) const { return number < slots_.size() ? slots_[number] : nullptr; }
  /// Puts a descriptor at the lowest free number, or gives TooManyFiles.
  Errno add(std::shared_ptr<Descriptor> descriptor, uint32_t& number);
  /// Puts a descriptor at a number (standard streams); null leaves it closed.
  void set(uint32_t number, std::shared_ptr<Descriptor> descriptor);
  Errno close(uint32_t number);
  /// fd_renumber: `from` takes the place of `to`, both of which are open.
  Errno renumber(uint32_t from, uint32_t to);

 private:
  static constexpr uint32_t kMaxDescriptors = 65'536;
  std::vector<std::shared_ptr<Descriptor>> slots_;
};

}  // namespace weft::wasi

// Files as bytes, mapped where that is possible.
#include "cli/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "decoder/decoder.h"
#include "module/limits.h"
#include "text/parser.h"

namespace weft {
namespace {

class MappedFile final : public Bytes {
 public:
  MappedFile(const uint8_t* data, size_t size) { span_ = {data, size}; }
  ~MappedFile() override { munmap(const_cast<uint8_t*>(span_.data()), span_.size()); }
};

std::unexpected<Error> io_error(const std::string& path, std::string_view why) {
  return fail(ErrorKind::Io, fmt::format("{}: {}", path, why));
}

Result<std::shared_ptr<const Bytes>> read_standard_input() {
  std::vector<uint8_t> bytes;
  uint8_t chunk[1 << 16];
  for (;;) {
    const ssize_t count = read(STDIN_FILENO, chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("standard input", std::strerror(errno));
    if (count == 0) return Bytes::from_vector(std::move(bytes));
    bytes.insert(bytes.end(), chunk, chunk + count);
    if (bytes.size() > limits::kModuleBytes) return io_error("standard input", "too large to be a module");
  }
}

}  // namespace

Result<std::unique_ptr<Module>> load_module(const std::string& path, const FeatureSet& features) {
  auto bytes = map_file(path);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  const std::span<const uint8_t> span = (*bytes)->span();
  if (path.ends_with(".wat") && !has_wasm_magic(span)) {
    return text::parse_module({reinterpret_cast<const char*>(span.data()), span.size()}, features);
  }
  return decode(*std::move(bytes), features);
}

Result<std::shared_ptr<const Bytes>> map_file(const std::string& path) {
  if (path == "-") return read_standard_input();
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return io_error(path, std::strerror(errno));
  struct stat status = {};
  const bool known = fstat(fd, &status) == 0;
  const auto size = static_cast<uint64_t>(status.st_size);
  void* data = MAP_FAILED;
  if (known && S_ISREG(status.st_mode) && size > 0 && size <= limits::kModuleBytes) {
    data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  const int map_error = errno;
  close(fd);
  if (!known) return io_error(path, "its kind cannot be determined");
  if (S_ISDIR(status.st_mode)) return io_error(path, "is a directory, not a module");
  if (!S_ISREG(status.st_mode)) return io_error(path, "is no regular file");
  if (size == 0) return io_error(path, "is empty");
  if (size > limits::kModuleBytes) return io_error(path, "is too large to be a module (the limit is 1 GiB)");
  if (data == MAP_FAILED) return io_error(path, std::strerror(map_error));
  return std::make_shared<MappedFile>(static_cast<const uint8_t*>(data), size);
}

}  // namespace weft

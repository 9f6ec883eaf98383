// The component walk.
#include "wasi/resolve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <vector>

namespace weft::wasi {
namespace {

constexpr int kMaxLinks = 40;          // as the host does
constexpr size_t kMaxPath = 64 << 10;  // with the texts of links

// The directories between the start and where the walk is; `..` goes back along them.
class Trail {
 public:
  explicit Trail(int start) : start_(start) {}
  ~Trail() {
    for (const int fd : fds_) close(fd);
  }
  int current() const { return fds_.empty() ? start_ : fds_.back(); }
  void enter(int fd) { fds_.push_back(fd); }
  bool leave() {
    if (fds_.empty()) return false;
    close(fds_.back());
    fds_.pop_back();
    return true;
  }

 private:
  int start_;
  std::vector<int> fds_;
};

// Takes the first component off `path`.
std::string take_component(std::string& path) {
  const size_t begin = path.find_first_not_of('/');
  if (begin == std::string::npos) {
    path.clear();
    return {};
  }
  const size_t end = std::min(path.find('/', begin), path.size());
  std::string component = path.substr(begin, end - begin);
  path.erase(0, end);
  return component;
}

bool only_slashes(const std::string& path) { return path.find_first_not_of('/') == std::string::npos; }

}  // namespace

Resolved::~Resolved() {
  if (directory >= 0) close(directory);
}

Errno resolve(int start, std::string_view path, bool follow_last, Resolved& out) {
  if (path.empty()) return Errno::NoEntry;
  if (path.find('\0') != std::string_view::npos) return Errno::IllegalSequence;
  if (path.size() >= PATH_MAX) return Errno::NameTooLong;
  if (path.front() == '/') return Errno::NotPermitted;
  Trail trail(start);
  std::string left(path);
  int links = 0;
  std::string name = ".";
  bool slash = false;
  while (!only_slashes(left)) {
    std::string component = take_component(left);
    const bool is_last = only_slashes(left);
    slash = is_last && !left.empty();
    name = ".";
    if (component == ".") continue;
    if (component == "..") {
      if (!trail.leave()) return Errno::NotPermitted;
      continue;
    }
    // A link is followed in the middle, at the end when asked to, and where a slash says it is a directory.
    if (!is_last || follow_last || slash) {
      char target[PATH_MAX];
      const ssize_t length = readlinkat(trail.current(), component.c_str(), target, sizeof(target));
      if (length >= 0) {
        if (++links > kMaxLinks) return Errno::Loop;
        if (length == 0) return Errno::NoEntry;
        if (target[0] == '/') return Errno::NotPermitted;
        if (left.size() + static_cast<size_t>(length) > kMaxPath) return Errno::NameTooLong;
        left.insert(0, std::string(target, static_cast<size_t>(length)));
        continue;
      }
      if (errno != EINVAL && !(is_last && errno == ENOENT)) return from_host_errno(errno);
    }
    if (is_last) {
      name = std::move(component);
      break;
    }
    const int next = openat(trail.current(), component.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) return from_host_errno(errno);
    trail.enter(next);
  }
  out.directory = fcntl(trail.current(), F_DUPFD_CLOEXEC, 0);
  if (out.directory < 0) return from_host_errno(errno);
  out.must_be_directory = slash;
  out.name = std::move(name);
  return Errno::Success;
}

}  // namespace weft::wasi

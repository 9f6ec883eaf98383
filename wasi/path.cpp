// Functions on paths: path_*.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "wasi/files.h"
#include "wasi/resolve.h"
#include "wasi/state.h"

namespace weft::wasi {
namespace {

Errno result(int status) { return status == 0 ? Errno::Success : from_host_errno(errno); }

// Resolves the path in arguments `pointer` and `pointer + 1` below the directory in argument `fd`.
Errno resolve_argument(Call& call, int fd, int pointer, Rights wanted, bool follow_last, Resolved& out,
                       std::shared_ptr<Descriptor>* directory = nullptr) {
  Errno error{};
  const auto start = call.descriptor(fd, wanted, error);
  if (start == nullptr) return error;
  if (start->type != FileType::Directory) return Errno::NotDirectory;
  const auto path = call.text(call.u32(pointer), call.u32(pointer + 1));
  if (!path) return Errno::Fault;
  if (directory != nullptr) *directory = start;
  return resolve(start->fd, *path, follow_last, out);
}

Errno path_create_directory(Call& call) {
  Resolved at;
  const Errno error = resolve_argument(call, 0, 1, rights::kCreateDirectory, false, at);
  return error != Errno::Success ? error : result(mkdirat(at.directory, at.name.c_str(), 0777));
}

Errno stat_path(Call& call, Filestat& stat) {
  Resolved at;
  const Errno error = resolve_argument(call, 0, 2, rights::kPathStat, call.u32(1) & kFollowSymlinks, at);
  if (error != Errno::Success) return error;
  struct stat host = {};
  if (fstatat(at.directory, at.name.c_str(), &host, AT_SYMLINK_NOFOLLOW) != 0) return from_host_errno(errno);
  if (at.must_be_directory && !S_ISDIR(host.st_mode)) return Errno::NotDirectory;
  stat = to_filestat(host);
  return Errno::Success;
}

Errno path_filestat_get(Call& call) {
  Filestat stat;
  const Errno error = stat_path(call, stat);
  return error != Errno::Success ? error : call.write(call.u32(4), stat);
}

Errno path_filestat_set_times(Call& call) {
  Resolved at;
  Errno error = resolve_argument(call, 0, 2, rights::kPathSetTimes, call.u32(1) & kFollowSymlinks, at);
  if (error != Errno::Success) return error;
  struct timespec times[2];
  error = to_timespecs(call.u64(4), call.u64(5), call.u32(6), times);
  return error != Errno::Success ? error : result(utimensat(at.directory, at.name.c_str(), times, AT_SYMLINK_NOFOLLOW));
}

Errno path_link(Call& call) {
  Resolved from;
  Resolved to;
  Errno error = resolve_argument(call, 0, 2, rights::kLinkSource, call.u32(1) & kFollowSymlinks, from);
  if (error == Errno::Success) error = resolve_argument(call, 4, 5, rights::kLinkTarget, false, to);
  if (error != Errno::Success) return error;
  if (from.must_be_directory || to.must_be_directory) return Errno::NoEntry;
  return result(linkat(from.directory, from.name.c_str(), to.directory, to.name.c_str(), 0));
}

// The open(2) flags for what the guest asks of path_open. Reading and writing follow from the rights it asks for.
int open_flags(uint32_t oflags, uint32_t fd_flags, Rights base) {
  int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | to_host_flags(fd_flags);
  if (oflags & kCreate) flags |= O_CREAT;
  if (oflags & kExclusive) flags |= O_EXCL;
  if (oflags & kTruncate) flags |= O_TRUNC;
  if (oflags & kDirectoryOnly) flags |= O_DIRECTORY;
  const bool reads = base & (rights::kRead | rights::kReaddir);
  const bool writes = base & (rights::kWrite | rights::kAllocate | rights::kSetSize | rights::kDatasync) &&
                      (base & rights::kWrite || oflags & kTruncate || base & (rights::kAllocate | rights::kSetSize));
  if (oflags & kDirectoryOnly) return flags | O_RDONLY;
  return flags | (writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY);
}

Errno path_open(Call& call) {
  const uint32_t oflags = call.u32(4);
  const Rights base = call.u64(5);
  const Rights inheriting = call.u64(6);
  const uint32_t fd_flags = call.u32(7);
  Rights wanted = rights::kOpen;
  if (oflags & kCreate) wanted |= rights::kCreateFile;
  if (oflags & kTruncate) wanted |= rights::kPathSetSize;
  Resolved at;
  std::shared_ptr<Descriptor> directory;
  const bool follow = call.u32(1) & kFollowSymlinks;
  Errno error = resolve_argument(call, 0, 2, wanted, follow, at, &directory);
  if (error != Errno::Success) return error;
  if (oflags & kDirectoryOnly && oflags & (kCreate | kExclusive | kTruncate)) return Errno::Invalid;
  if (at.must_be_directory && oflags & kCreate) return Errno::IsDirectory;
  // What the directory does not hand on cannot be asked for.
  if (directory->read_only && base & rights::kWrite) return Errno::NotCapable;

  int flags = open_flags(oflags, fd_flags, base & directory->inheriting);
  if (at.must_be_directory) flags |= O_DIRECTORY;
  int fd = openat(at.directory, at.name.c_str(), flags, 0666);
  if (fd < 0 && errno == EISDIR && !(oflags & (kCreate | kTruncate))) {
    // wasi-libc asks for all rights it may have; directories are opened for reading.
    fd = openat(at.directory, at.name.c_str(), (flags & ~O_ACCMODE) | O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0 && base & rights::kWrite && !(base & rights::kReaddir)) {
      close(fd);
      return Errno::IsDirectory;
    }
  }
  if (fd < 0) return from_host_errno(errno);
  struct stat host = {};
  fstat(fd, &host);
  const FileType type = from_host_mode(host.st_mode);
  Rights allowed = type == FileType::Directory ? rights::kDirectory : rights::kFile;
  if (directory->read_only) allowed &= ~rights::kModifying;
  auto opened = std::make_shared<Descriptor>(fd, true, type, base & allowed & directory->inheriting,
                                             inheriting & directory->inheriting);
  opened->read_only = directory->read_only;
  uint32_t number = 0;
  error = call.state.descriptors.add(std::move(opened), number);
  return error != Errno::Success ? error : call.write(call.u32(8), number);
}

Errno path_readlink(Call& call) {
  Resolved at;
  const Errno error = resolve_argument(call, 0, 1, rights::kReadlink, false, at);
  if (error != Errno::Success) return error;
  const auto buffer = call.bytes(call.u32(3), call.u32(4));
  if (!buffer) return Errno::Fault;
  char target[PATH_MAX];
  const ssize_t length = readlinkat(at.directory, at.name.c_str(), target, sizeof(target));
  if (length < 0) return from_host_errno(errno);
  const size_t taken = std::min(static_cast<size_t>(length), buffer->size());
  std::memcpy(buffer->data(), target, taken);
  return call.write(call.u32(5), static_cast<uint32_t>(taken));
}

Errno path_remove_directory(Call& call) {
  Resolved at;
  const Errno error = resolve_argument(call, 0, 1, rights::kRemoveDirectory, false, at);
  return error != Errno::Success ? error : result(unlinkat(at.directory, at.name.c_str(), AT_REMOVEDIR));
}

Errno path_rename(Call& call) {
  Resolved from;
  Resolved to;
  Errno error = resolve_argument(call, 0, 1, rights::kRenameSource, false, from);
  if (error == Errno::Success) error = resolve_argument(call, 3, 4, rights::kRenameTarget, false, to);
  if (error != Errno::Success) return error;
  // The host takes trailing slashes to mean directories; so does the guest.
  const std::string old_name = from.name + (from.must_be_directory ? "/" : "");
  const std::string new_name = to.name + (to.must_be_directory ? "/" : "");
  return result(renameat(from.directory, old_name.c_str(), to.directory, new_name.c_str()));
}

Errno path_symlink(Call& call) {
  const auto target = call.text(call.u32(0), call.u32(1));
  if (!target) return Errno::Fault;
  if (target->find('\0') != std::string_view::npos) return Errno::IllegalSequence;
  if (target->starts_with('/')) return Errno::NotPermitted;
  const std::string owned(*target);
  Resolved at;
  const Errno error = resolve_argument(call, 2, 3, rights::kSymlink, false, at);
  if (error != Errno::Success) return error;
  if (at.must_be_directory) return Errno::NoEntry;
  return result(symlinkat(owned.c_str(), at.directory, at.name.c_str()));
}

Errno path_unlink_file(Call& call) {
  Resolved at;
  const Errno error = resolve_argument(call, 0, 1, rights::kUnlink, false, at);
  if (error != Errno::Success) return error;
  const std::string name = at.name + (at.must_be_directory ? "/" : "");
  return result(unlinkat(at.directory, name.c_str(), 0));
}

constexpr Function kFunctions[] = {
    {"path_create_directory", "iii", path_create_directory},
    {"path_filestat_get", "iiiii", path_filestat_get},
    {"path_filestat_set_times", "iiiilli", path_filestat_set_times},
    {"path_link", "iiiiiii", path_link},
    {"path_open", "iiiiillii", path_open},
    {"path_readlink", "iiiiii", path_readlink},
    {"path_remove_directory", "iii", path_remove_directory},
    {"path_rename", "iiiiii", path_rename},
    {"path_symlink", "iiiii", path_symlink},
    {"path_unlink_file", "iii", path_unlink_file},
};

}  // namespace

std::span<const Function> path_functions() { return kFunctions; }

Errno unstable_path_filestat_get(Call& call) {
  Filestat stat;
  const Errno error = stat_path(call, stat);
  return error != Errno::Success ? error : call.write(call.u32(4), to_unstable(stat));
}

}  // namespace weft::wasi

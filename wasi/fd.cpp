// Functions on descriptors: fd_*.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "wasi/files.h"
#include "wasi/iovec.h"
#include "wasi/state.h"

namespace weft::wasi {

std::shared_ptr<Descriptor> Call::descriptor(int index, Rights wanted, Errno& error) const {
  auto found = state.descriptors.get(u32(index));
  if (found == nullptr) {
    error = Errno::BadFd;
  } else if (!found->may(wanted)) {
    error = Errno::NotCapable;
    found = nullptr;
  }
  return found;
}

namespace {

Errno result(int status) { return status == 0 ? Errno::Success : from_host_errno(errno); }

// Repeats a host call that a signal interrupted.
template <typename F>
auto retry(F&& host_call) {
  auto value = host_call();
  while (value < 0 && errno == EINTR) value = host_call();
  return value;
}

Errno fd_advise(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kAdvise, error);
  if (file == nullptr) return error;
  constexpr int kAdvice[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                             POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  if (call.u32(3) >= std::size(kAdvice)) return Errno::Invalid;
  if (static_cast<int64_t>(call.u64(1)) < 0 || static_cast<int64_t>(call.u64(2)) < 0) return Errno::Invalid;
  if (file->type == FileType::Directory) return Errno::BadFd;
  return from_host_errno(
      posix_fadvise(file->fd, static_cast<off_t>(call.u64(1)), static_cast<off_t>(call.u64(2)), kAdvice[call.u32(3)]));
}

Errno fd_allocate(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kAllocate, error);
  if (file == nullptr) return error;
  return from_host_errno(posix_fallocate(file->fd, static_cast<off_t>(call.u64(1)), static_cast<off_t>(call.u64(2))));
}

Errno fd_close(Call& call) { return call.state.descriptors.close(call.u32(0)); }

Errno fd_datasync(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kDatasync, error);
  return file == nullptr ? error : result(fdatasync(file->fd));
}

Errno fd_sync(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kSync, error);
  return file == nullptr ? error : result(fsync(file->fd));
}

Errno fd_fdstat_get(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, 0, error);
  if (file == nullptr) return error;
  Fdstat stat;
  stat.type = static_cast<uint8_t>(file->type);
  const int flags = fcntl(file->fd, F_GETFL);
  stat.flags = flags < 0 ? 0 : from_host_flags(flags);
  stat.rights_base = file->base;
  stat.rights_inheriting = file->inheriting;
  return call.write(call.u32(1), stat);
}

Errno fd_fdstat_set_flags(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kSetFlags, error);
  if (file == nullptr) return error;
  if (call.u32(1) & ~uint32_t{kAppend | kDsync | kNonblock | kRsync | kSyncFlag}) return Errno::Invalid;
  const int old_flags = fcntl(file->fd, F_GETFL);
  if (old_flags < 0) return from_host_errno(errno);
  constexpr int kSettable = O_APPEND | O_NONBLOCK;
  return result(fcntl(file->fd, F_SETFL, (old_flags & ~kSettable) | (to_host_flags(call.u32(1)) & kSettable)));
}

// Rights can only be given up.
Errno fd_fdstat_set_rights(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, 0, error);
  if (file == nullptr) return error;
  const Rights base = call.u64(1);
  const Rights inheriting = call.u64(2);
  if ((base & ~file->base) != 0 || (inheriting & ~file->inheriting) != 0) return Errno::NotCapable;
  file->base = base;
  file->inheriting = inheriting;
  return Errno::Success;
}

Errno stat_of(Call& call, Filestat& stat) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kStat, error);
  if (file == nullptr) return error;
  struct stat host = {};
  if (fstat(file->fd, &host) != 0) return from_host_errno(errno);
  stat = to_filestat(host);
  return Errno::Success;
}

Errno fd_filestat_get(Call& call) {
  Filestat stat;
  const Errno error = stat_of(call, stat);
  return error != Errno::Success ? error : call.write(call.u32(1), stat);
}

Errno fd_filestat_set_size(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kSetSize, error);
  if (file == nullptr) return error;
  const auto size = static_cast<off_t>(call.u64(1));
  return size < 0 ? Errno::Invalid : result(ftruncate(file->fd, size));
}

Errno fd_filestat_set_times(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kSetTimes, error);
  if (file == nullptr) return error;
  struct timespec times[2];
  error = to_timespecs(call.u64(1), call.u64(2), call.u32(3), times);
  return error != Errno::Success ? error : result(futimens(file->fd, times));
}

// -- reading and writing --

enum class Direction { Read, Write };

// A write to a closed pipe gives EPIPE and raises SIGPIPE, which must not end the host: it is blocked in this thread
// meanwhile, and taken back if it came.
class SigpipeBlock {
 public:
  explicit SigpipeBlock(bool needed) : active_(needed) {
    if (!active_) return;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &old_);
  }
  ~SigpipeBlock() {
    if (!active_) return;
    const int saved = errno;
    if (!was_pending_) {
      const struct timespec none = {};
      while (sigtimedwait(&pipe_, nullptr, &none) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &old_, nullptr);
    errno = saved;
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  bool active_;
  bool was_pending_ = false;
  sigset_t pipe_;
  sigset_t old_;
};

template <Direction D>
Errno transfer(Call& call, bool positioned) {
  Errno error{};
  Rights wanted = D == Direction::Read ? rights::kRead : rights::kWrite;
  if (positioned) wanted |= rights::kSeek;
  const auto file = call.descriptor(0, wanted, error);
  if (file == nullptr) return error;
  if (file->type == FileType::Directory) return D == Direction::Read ? Errno::IsDirectory : Errno::BadFd;
  HostIovecs iovecs;
  error = iovecs.gather(call, call.u32(1), call.u32(2));
  if (error != Errno::Success) return error;
  const auto offset = static_cast<off_t>(positioned ? call.u64(3) : 0);
  if (offset < 0) return Errno::Invalid;
  const int size = static_cast<int>(iovecs.size());
  const bool is_regular = file->type == FileType::RegularFile;
  const SigpipeBlock block(D == Direction::Write && !is_regular);
  const ssize_t count = retry([&]() -> ssize_t {
    if constexpr (D == Direction::Read) {
      return positioned ? preadv(file->fd, iovecs.data(), size, offset) : readv(file->fd, iovecs.data(), size);
    } else {
      return positioned ? pwritev(file->fd, iovecs.data(), size, offset) : writev(file->fd, iovecs.data(), size);
    }
  });
  if (count < 0) return from_host_errno(errno);
  return call.write(call.u32(positioned ? 4 : 3), static_cast<uint32_t>(count));
}

Errno fd_read(Call& call) { return transfer<Direction::Read>(call, false); }
Errno fd_pread(Call& call) { return transfer<Direction::Read>(call, true); }
Errno fd_write(Call& call) { return transfer<Direction::Write>(call, false); }
Errno fd_pwrite(Call& call) { return transfer<Direction::Write>(call, true); }

Errno seek_to(Call& call, int host_whence) {
  Errno error{};
  const auto offset = static_cast<off_t>(call.u64(1));
  const Rights wanted = offset == 0 && host_whence == SEEK_CUR ? rights::kTell : rights::kSeek;
  const auto file = call.descriptor(0, wanted, error);
  if (file == nullptr) return error;
  if (file->type == FileType::Directory) return Errno::BadFd;
  const off_t place = lseek(file->fd, offset, host_whence);
  return place < 0 ? from_host_errno(errno) : call.write(call.u32(3), static_cast<uint64_t>(place));
}

Errno fd_seek(Call& call) {
  constexpr int kWhence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  return call.u32(2) < std::size(kWhence) ? seek_to(call, kWhence[call.u32(2)]) : Errno::Invalid;
}

Errno fd_tell(Call& call) {
  Errno error{};
  const auto file = call.descriptor(0, rights::kTell, error);
  if (file == nullptr) return error;
  if (file->type == FileType::Directory) return Errno::BadFd;
  const off_t place = lseek(file->fd, 0, SEEK_CUR);
  return place < 0 ? from_host_errno(errno) : call.write(call.u32(1), static_cast<uint64_t>(place));
}

// -- directories --

// Fills the buffer with entries from the cookie on; the last one may be cut off, which tells the guest that there is
// more.
Errno fd_readdir(Call& call) {
  Errno error{};
  const auto directory = call.descriptor(0, rights::kReaddir, error);
  if (directory == nullptr) return error;
  if (directory->type != FileType::Directory) return Errno::NotDirectory;
  const auto buffer = call.bytes(call.u32(1), call.u32(2));
  if (!buffer) return Errno::Fault;
  DIR* const stream = directory->stream();
  if (stream == nullptr) return from_host_errno(errno);
  const uint64_t cookie = call.u64(3);
  if (cookie == 0) {
    rewinddir(stream);
  } else if (cookie != directory->stream_cookie) {
    seekdir(stream, static_cast<long>(cookie));
  }
  size_t used = 0;
  while (used < buffer->size()) {
    errno = 0;
    const struct dirent* const entry = readdir(stream);
    if (entry == nullptr) {
      if (errno != 0) return from_host_errno(errno);
      break;
    }
    Dirent guest;
    guest.next = static_cast<uint64_t>(entry->d_off);
    guest.inode = entry->d_ino;
    guest.name_bytes = static_cast<uint32_t>(std::strlen(entry->d_name));
    guest.type = static_cast<uint8_t>(from_host_mode(DTTOIF(entry->d_type)));
    const auto append = [&](const void* bytes, size_t count) {
      const size_t taken = std::min(count, buffer->size() - used);
      std::memcpy(buffer->data() + used, bytes, taken);
      used += taken;
    };
    append(&guest, sizeof(guest));
    append(entry->d_name, guest.name_bytes);
    directory->stream_cookie = guest.next;
  }
  // A cut-off entry will be asked for again by the cookie before it.
  if (used == buffer->size()) directory->stream_cookie = ~uint64_t{0};
  return call.write(call.u32(4), static_cast<uint32_t>(used));
}

Errno fd_prestat_get(Call& call) {
  Errno error{};
  const auto directory = call.descriptor(0, 0, error);
  if (directory == nullptr) return error;
  if (!directory->is_preopen) return Errno::BadFd;
  Prestat prestat;
  prestat.name_bytes = static_cast<uint32_t>(directory->preopen_path.size());
  return call.write(call.u32(1), prestat);
}

Errno fd_prestat_dir_name(Call& call) {
  Errno error{};
  const auto directory = call.descriptor(0, 0, error);
  if (directory == nullptr) return error;
  if (!directory->is_preopen) return Errno::BadFd;
  const std::string& path = directory->preopen_path;
  if (call.u32(2) < path.size()) return Errno::NameTooLong;
  const auto to = call.bytes(call.u32(1), path.size());
  if (!to) return Errno::Fault;
  if (!path.empty()) std::memcpy(to->data(), path.data(), path.size());
  return Errno::Success;
}

Errno fd_renumber(Call& call) { return call.state.descriptors.renumber(call.u32(0), call.u32(1)); }

constexpr Function kFunctions[] = {
    {"fd_advise", "illi", fd_advise},
    {"fd_allocate", "ill", fd_allocate},
    {"fd_close", "i", fd_close},
    {"fd_datasync", "i", fd_datasync},
    {"fd_fdstat_get", "ii", fd_fdstat_get},
    {"fd_fdstat_set_flags", "ii", fd_fdstat_set_flags},
    {"fd_fdstat_set_rights", "ill", fd_fdstat_set_rights},
    {"fd_filestat_get", "ii", fd_filestat_get},
    {"fd_filestat_set_size", "il", fd_filestat_set_size},
    {"fd_filestat_set_times", "illi", fd_filestat_set_times},
    {"fd_pread", "iiili", fd_pread},
    {"fd_prestat_dir_name", "iii", fd_prestat_dir_name},
    {"fd_prestat_get", "ii", fd_prestat_get},
    {"fd_pwrite", "iiili", fd_pwrite},
    {"fd_read", "iiii", fd_read},
    {"fd_readdir", "iiili", fd_readdir},
    {"fd_renumber", "ii", fd_renumber},
    {"fd_seek", "ilii", fd_seek},
    {"fd_sync", "i", fd_sync},
    {"fd_tell", "ii", fd_tell},
    {"fd_write", "iiii", fd_write},
};

}  // namespace

std::span<const Function> fd_functions() { return kFunctions; }

// wasi_unstable orders the places to seek from differently.
Errno unstable_fd_seek(Call& call) {
  constexpr int kWhence[] = {SEEK_CUR, SEEK_END, SEEK_SET};
  return call.u32(2) < std::size(kWhence) ? seek_to(call, kWhence[call.u32(2)]) : Errno::Invalid;
}

Errno unstable_fd_filestat_get(Call& call) {
  Filestat stat;
  const Errno error = stat_of(call, stat);
  return error != Errno::Success ? error : call.write(call.u32(1), to_unstable(stat));
}

}  // namespace weft::wasi

// Conversions between host and WASI file data.
#include "wasi/files.h"

#include <fcntl.h>

namespace weft::wasi {
namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;

uint64_t to_nanoseconds(const struct timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * kNanosecondsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

bool set_time(uint64_t value, bool given, bool now, struct timespec& out) {
  if (given && now) return false;
  out.tv_sec = static_cast<time_t>(value / kNanosecondsPerSecond);
  out.tv_nsec = given ? static_cast<long>(value % kNanosecondsPerSecond) : now ? UTIME_NOW : UTIME_OMIT;
  return true;
}

}  // namespace

Filestat to_filestat(const struct stat& host) {
  Filestat stat;
  stat.device = host.st_dev;
  stat.inode = host.st_ino;
  stat.type = static_cast<uint8_t>(from_host_mode(host.st_mode));
  stat.links = host.st_nlink;
  stat.size = static_cast<uint64_t>(host.st_size);
  stat.accessed = to_nanoseconds(host.st_atim);
  stat.modified = to_nanoseconds(host.st_mtim);
  stat.changed = to_nanoseconds(host.st_ctim);
  return stat;
}

UnstableFilestat to_unstable(const Filestat& stat) {
  UnstableFilestat old;
  old.device = stat.device;
  old.inode = stat.inode;
  old.type = stat.type;
  old.links = static_cast<uint32_t>(stat.links);
  old.size = stat.size;
  old.accessed = stat.accessed;
  old.modified = stat.modified;
  old.changed = stat.changed;
  return old;
}

Errno to_timespecs(uint64_t accessed, uint64_t modified, uint32_t flags, struct timespec out[2]) {
  const bool valid = set_time(accessed, flags & kSetAccess, flags & kAccessNow, out[0]) &&
                     set_time(modified, flags & kSetModified, flags & kModifiedNow, out[1]);
  return valid ? Errno::Success : Errno::Invalid;
}

int to_host_flags(uint32_t fd_flags) {
  int flags = 0;
  if (fd_flags & kAppend) flags |= O_APPEND;
  if (fd_flags & kDsync) flags |= O_DSYNC;
  if (fd_flags & kNonblock) flags |= O_NONBLOCK;
  if (fd_flags & (kRsync | kSyncFlag)) flags |= O_SYNC;
  return flags;
}

uint16_t from_host_flags(int host_flags) {
  uint16_t flags = 0;
  if (host_flags & O_APPEND) flags |= kAppend;
  if (host_flags & O_NONBLOCK) flags |= kNonblock;
  if ((host_flags & O_SYNC) == O_SYNC) {
    flags |= kSyncFlag;
  } else if (host_flags & O_DSYNC) {
    flags |= kDsync;
  }
  return flags;
}

}  // namespace weft::wasi

// The numbers of WASI preview1 (wasi_snapshot_preview1.witx): errno values, rights, flags and layouts.
#pragma once

#include <cstdint>

namespace weft::wasi {

enum class Errno : uint16_t {
  Success = 0,
  TooBig = 1,
  Access = 2,
  AddressInUse = 3,
  AddressNotAvailable = 4,
  AddressFamily = 5,
  Again = 6,
  Already = 7,
  BadFd = 8,
  BadMessage = 9,
  Busy = 10,
  Canceled = 11,
  Child = 12,
  ConnectionAborted = 13,
  ConnectionRefused = 14,
  ConnectionReset = 15,
  Deadlock = 16,
  DestinationRequired = 17,
  Domain = 18,
  Quota = 19,
  Exists = 20,
  Fault = 21,
  FileTooBig = 22,
  HostUnreachable = 23,
  IdentifierRemoved = 24,
  IllegalSequence = 25,
  InProgress = 26,
  Interrupted = 27,
  Invalid = 28,
  Io = 29,
  IsConnected = 30,
  IsDirectory = 31,
  Loop = 32,
  TooManyFiles = 33,
  TooManyLinks = 34,
  MessageSize = 35,
  Multihop = 36,
  NameTooLong = 37,
  NetworkDown = 38,
  NetworkReset = 39,
  NetworkUnreachable = 40,
  FileTableFull = 41,
  NoBuffers = 42,
  NoDevice = 43,
  NoEntry = 44,
  NoExec = 45,
  NoLock = 46,
  NoLink = 47,
  NoMemory = 48,
  NoMessage = 49,
  NoProtocolOption = 50,
  NoSpace = 51,
  NotImplemented = 52,
  NotConnected = 53,
  NotDirectory = 54,
  NotEmpty = 55,
  NotRecoverable = 56,
  NotSocket = 57,
  NotSupported = 58,
  NoTty = 59,
  NoSuchDevice = 60,
  Overflow = 61,
  OwnerDead = 62,
  NotPermitted = 63,
  Pipe = 64,
  Protocol = 65,
  ProtocolNotSupported = 66,
  ProtocolType = 67,
  Range = 68,
  ReadOnly = 69,
  IllegalSeek = 70,
  NoProcess = 71,
  Stale = 72,
  TimedOut = 73,
  TextBusy = 74,
  CrossDevice = 75,
  NotCapable = 76,
};

/// The WASI errno for a host errno.
Errno from_host_errno(int host);

using Rights = uint64_t;
namespace rights {
inline constexpr Rights kDatasync = 1u << 0, kRead = 1u << 1, kSeek = 1u << 2, kSetFlags = 1u << 3, kSync = 1u << 4,
                        kTell = 1u << 5, kWrite = 1u << 6, kAdvise = 1u << 7, kAllocate = 1u << 8,
                        kCreateDirectory = 1u << 9, kCreateFile = 1u << 10, kLinkSource = 1u << 11,
                        kLinkTarget = 1u << 12, kOpen = 1u << 13, kReaddir = 1u << 14, kReadlink = 1u << 15,
                        kRenameSource = 1u << 16, kRenameTarget = 1u << 17, kPathStat = 1u << 18,
                        kPathSetSize = 1u << 19, kPathSetTimes = 1u << 20, kStat = 1u << 21, kSetSize = 1u << 22,
                        kSetTimes = 1u << 23, kSymlink = 1u << 24, kRemoveDirectory = 1u << 25, kUnlink = 1u << 26,
                        kPoll = 1u << 27, kShutdown = 1u << 28, kAccept = 1u << 29;
inline constexpr Rights kFile = kDatasync | kRead | kSeek | kSetFlags | kSync | kTell | kWrite | kAdvise | kAllocate |
                                kStat | kSetSize | kSetTimes | kPoll;
inline constexpr Rights kDirectory = kSetFlags | kSync | kDatasync | kAdvise | kCreateDirectory | kCreateFile |
                                     kLinkSource | kLinkTarget | kOpen | kReaddir | kReadlink | kRenameSource |
                                     kRenameTarget | kPathStat | kPathSetSize | kPathSetTimes | kStat | kSetTimes |
                                     kSymlink | kRemoveDirectory | kUnlink | kPoll;
inline constexpr Rights kStream = kRead | kWrite | kSetFlags | kStat | kPoll | kSync | kDatasync;
inline constexpr Rights kSocket = kRead | kWrite | kSetFlags | kStat | kPoll | kShutdown | kAccept;
/// What a read-only preopen does not give.
inline constexpr Rights kModifying = kWrite | kAllocate | kCreateDirectory | kCreateFile | kLinkSource | kLinkTarget |
                                     kRenameSource | kRenameTarget | kPathSetSize | kPathSetTimes | kSetSize |
                                     kSetTimes | kSymlink | kRemoveDirectory | kUnlink;
}  // namespace rights

enum class FileType : uint8_t {
  Unknown = 0,
  BlockDevice = 1,
  CharacterDevice = 2,
  Directory = 3,
  RegularFile = 4,
  SocketDatagram = 5,
  SocketStream = 6,
  SymbolicLink = 7,
};

/// The WASI file type for a host st_mode.
FileType from_host_mode(uint32_t mode);

enum FdFlag : uint16_t { kAppend = 1, kDsync = 2, kNonblock = 4, kRsync = 8, kSyncFlag = 16 };
enum OpenFlag : uint16_t { kCreate = 1, kDirectoryOnly = 2, kExclusive = 4, kTruncate = 8 };
enum LookupFlag : uint32_t { kFollowSymlinks = 1 };
enum TimeFlag : uint16_t { kSetAccess = 1, kAccessNow = 2, kSetModified = 4, kModifiedNow = 8 };
enum EventType : uint8_t { kClockEvent = 0, kReadEvent = 1, kWriteEvent = 2 };
enum ClockFlag : uint16_t { kAbsolute = 1 };
enum EventFlag : uint16_t { kHangup = 1 };

// Layouts as they stand in guest memory (all little-endian, as both hosts are).
struct Fdstat {
  uint8_t type = 0;
  uint8_t pad = 0;
  uint16_t flags = 0;
  uint32_t pad2 = 0;
  uint64_t rights_base = 0;
  uint64_t rights_inheriting = 0;
};
static_assert(sizeof(Fdstat) == 24);

struct Filestat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint8_t type = 0;
  uint8_t pad[7] = {};
  uint64_t links = 0;
  uint64_t size = 0;
  uint64_t accessed = 0;
  uint64_t modified = 0;
  uint64_t changed = 0;
};
static_assert(sizeof(Filestat) == 64);

/// wasi_unstable: links are 32 bits wide.
struct UnstableFilestat {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint8_t type = 0;
  uint8_t pad[3] = {};
  uint32_t links = 0;
  uint64_t size = 0;
  uint64_t accessed = 0;
  uint64_t modified = 0;
  uint64_t changed = 0;
};
static_assert(sizeof(UnstableFilestat) == 56);

struct Dirent {
  uint64_t next = 0;
  uint64_t inode = 0;
  uint32_t name_bytes = 0;
  uint8_t type = 0;
  uint8_t pad[3] = {};
};
static_assert(sizeof(Dirent) == 24);

struct Subscription {
  uint64_t userdata = 0;
  uint8_t type = 0;
  uint8_t pad[7] = {};
  uint32_t id = 0;  // clock id, or fd
  uint32_t pad2 = 0;
  uint64_t timeout = 0;
  uint64_t precision = 0;
  uint16_t flags = 0;
  uint8_t pad3[6] = {};
};
static_assert(sizeof(Subscription) == 48);

/// wasi_unstable: clocks have an identifier of their own in front.
struct UnstableSubscription {
  uint64_t userdata = 0;
  uint8_t type = 0;
  uint8_t pad[7] = {};
  uint64_t identifier = 0;  // fd in its low half
  uint32_t clock = 0;
  uint32_t pad2 = 0;
  uint64_t timeout = 0;
  uint64_t precision = 0;
  uint16_t flags = 0;
  uint8_t pad3[6] = {};
};
static_assert(sizeof(UnstableSubscription) == 56);

struct Event {
  uint64_t userdata = 0;
  uint16_t error = 0;
  uint8_t type = 0;
  uint8_t pad[5] = {};
  uint64_t bytes = 0;
  uint16_t flags = 0;
  uint8_t pad2[6] = {};
};
static_assert(sizeof(Event) == 32);

struct Prestat {
  uint8_t tag = 0;  // 0: directory
  uint8_t pad[3] = {};
  uint32_t name_bytes = 0;
};
static_assert(sizeof(Prestat) == 8);

struct Iovec {
  uint32_t buffer = 0;
  uint32_t bytes = 0;
};

}  // namespace weft::wasi

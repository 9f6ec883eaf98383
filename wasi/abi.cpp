// The host's numbers in WASI's terms.
#include "wasi/abi.h"

#include <sys/stat.h>

#include <cerrno>

namespace weft::wasi {

Errno from_host_errno(int host) {
  switch (host) {
    case 0: return Errno::Success;
    case E2BIG: return Errno::TooBig;
    case EACCES: return Errno::Access;
    case EADDRINUSE: return Errno::AddressInUse;
    case EADDRNOTAVAIL: return Errno::AddressNotAvailable;
    case EAFNOSUPPORT: return Errno::AddressFamily;
    case EAGAIN: return Errno::Again;
    case EALREADY: return Errno::Already;
    case EBADF: return Errno::BadFd;
    case EBADMSG: return Errno::BadMessage;
    case EBUSY: return Errno::Busy;
    case ECANCELED: return Errno::Canceled;
    case ECHILD: return Errno::Child;
    case ECONNABORTED: return Errno::ConnectionAborted;
    case ECONNREFUSED: return Errno::ConnectionRefused;
    case ECONNRESET: return Errno::ConnectionReset;
    case EDEADLK: return Errno::Deadlock;
    case EDESTADDRREQ: return Errno::DestinationRequired;
    case EDOM: return Errno::Domain;
    case EDQUOT: return Errno::Quota;
    case EEXIST: return Errno::Exists;
    case EFAULT: return Errno::Fault;
    case EFBIG: return Errno::FileTooBig;
    case EHOSTUNREACH: return Errno::HostUnreachable;
    case EIDRM: return Errno::IdentifierRemoved;
    case EILSEQ: return Errno::IllegalSequence;
    case EINPROGRESS: return Errno::InProgress;
    case EINTR: return Errno::Interrupted;
    case EINVAL: return Errno::Invalid;
    case EIO: return Errno::Io;
    case EISCONN: return Errno::IsConnected;
    case EISDIR: return Errno::IsDirectory;
    case ELOOP: return Errno::Loop;
    case EMFILE: return Errno::TooManyFiles;
    case EMLINK: return Errno::TooManyLinks;
    case EMSGSIZE: return Errno::MessageSize;
    case EMULTIHOP: return Errno::Multihop;
    case ENAMETOOLONG: return Errno::NameTooLong;
    case ENETDOWN: return Errno::NetworkDown;
    case ENETRESET: return Errno::NetworkReset;
    case ENETUNREACH: return Errno::NetworkUnreachable;
    case ENFILE: return Errno::FileTableFull;
    case ENOBUFS: return Errno::NoBuffers;
    case ENODEV: return Errno::NoDevice;
    case ENOENT: return Errno::NoEntry;
    case ENOEXEC: return Errno::NoExec;
    case ENOLCK: return Errno::NoLock;
    case ENOLINK: return Errno::NoLink;
    case ENOMEM: return Errno::NoMemory;
    case ENOMSG: return Errno::NoMessage;
    case ENOPROTOOPT: return Errno::NoProtocolOption;
    case ENOSPC: return Errno::NoSpace;
    case ENOSYS: return Errno::NotImplemented;
    case ENOTCONN: return Errno::NotConnected;
    case ENOTDIR: return Errno::NotDirectory;
    case ENOTEMPTY: return Errno::NotEmpty;
    case ENOTRECOVERABLE: return Errno::NotRecoverable;
    case ENOTSOCK: return Errno::NotSocket;
    case EOPNOTSUPP: return Errno::NotSupported;
    case ENOTTY: return Errno::NoTty;
    case ENXIO: return Errno::NoSuchDevice;
    case EOVERFLOW: return Errno::Overflow;
    case EOWNERDEAD: return Errno::OwnerDead;
    case EPERM: return Errno::NotPermitted;
    case EPIPE: return Errno::Pipe;
    case EPROTO: return Errno::Protocol;
    case EPROTONOSUPPORT: return Errno::ProtocolNotSupported;
    case EPROTOTYPE: return Errno::ProtocolType;
    case ERANGE: return Errno::Range;
    case EROFS: return Errno::ReadOnly;
    case ESPIPE: return Errno::IllegalSeek;
    case ESRCH: return Errno::NoProcess;
    case ESTALE: return Errno::Stale;
    case ETIMEDOUT: return Errno::TimedOut;
    case ETXTBSY: return Errno::TextBusy;
    case EXDEV: return Errno::CrossDevice;
    default: return Errno::Io;
  }
}

FileType from_host_mode(uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFBLK: return FileType::BlockDevice;
    case S_IFCHR: return FileType::CharacterDevice;
    case S_IFDIR: return FileType::Directory;
    case S_IFREG: return FileType::RegularFile;
    case S_IFLNK: return FileType::SymbolicLink;
    case S_IFSOCK: return FileType::SocketStream;
    default: return FileType::Unknown;  // pipes have no type of their own
  }
}

}  // namespace weft::wasi

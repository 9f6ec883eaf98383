// Sockets that the guest inherited: sock_accept, sock_recv, sock_send, sock_shutdown.
#include <sys/socket.h>

#include <cerrno>

#include "wasi/iovec.h"
#include "wasi/state.h"

namespace weft::wasi {
namespace {

enum ReceiveFlag : uint32_t { kPeek = 1, kWaitAll = 2 };
enum ReceivedFlag : uint16_t { kTruncated = 1 };
enum ShutdownFlag : uint32_t { kReceive = 1, kSend = 2 };

Errno sock_accept(Call& call) {
  Errno error{};
  const auto socket = call.descriptor(0, rights::kAccept, error);
  if (socket == nullptr) return error;
  const uint32_t flags = call.u32(1);
  if (flags & ~uint32_t{kNonblock}) return Errno::Invalid;
  const int fd = accept4(socket->fd, nullptr, nullptr, SOCK_CLOEXEC | (flags & kNonblock ? SOCK_NONBLOCK : 0));
  if (fd < 0) return from_host_errno(errno);
  auto accepted = std::make_shared<Descriptor>(fd, true, FileType::SocketStream, rights::kSocket, Rights{0});
  uint32_t number = 0;
  error = call.state.descriptors.add(std::move(accepted), number);
  return error != Errno::Success ? error : call.write(call.u32(2), number);
}

Errno sock_recv(Call& call) {
  Errno error{};
  const auto socket = call.descriptor(0, rights::kRead, error);
  if (socket == nullptr) return error;
  const uint32_t flags = call.u32(3);
  if (flags & ~uint32_t{kPeek | kWaitAll}) return Errno::Invalid;
  HostIovecs iovecs;
  error = iovecs.gather(call, call.u32(1), call.u32(2));
  if (error != Errno::Success) return error;
  struct msghdr message = {};
  message.msg_iov = iovecs.data();
  message.msg_iovlen = iovecs.size();
  const int host_flags = (flags & kPeek ? MSG_PEEK : 0) | (flags & kWaitAll ? MSG_WAITALL : 0);
  ssize_t count = 0;
  do {
    count = recvmsg(socket->fd, &message, host_flags);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return from_host_errno(errno);
  const uint16_t received = message.msg_flags & MSG_TRUNC ? kTruncated : 0;
  error = call.write(call.u32(4), static_cast<uint32_t>(count));
  return error != Errno::Success ? error : call.write(call.u32(5), received);
}

Errno sock_send(Call& call) {
  Errno error{};
  const auto socket = call.descriptor(0, rights::kWrite, error);
  if (socket == nullptr) return error;
  if (call.u32(3) != 0) return Errno::Invalid;
  HostIovecs iovecs;
  error = iovecs.gather(call, call.u32(1), call.u32(2));
  if (error != Errno::Success) return error;
  struct msghdr message = {};
  message.msg_iov = iovecs.data();
  message.msg_iovlen = iovecs.size();
  ssize_t count = 0;
  do {
    count = sendmsg(socket->fd, &message, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return from_host_errno(errno);
  return call.write(call.u32(4), static_cast<uint32_t>(count));
}

Errno sock_shutdown(Call& call) {
  Errno error{};
  const auto socket = call.descriptor(0, rights::kShutdown, error);
  if (socket == nullptr) return error;
  const uint32_t how = call.u32(1);
  if (how == 0 || how > (kReceive | kSend)) return Errno::Invalid;
  const int host_how = how == kReceive ? SHUT_RD : how == kSend ? SHUT_WR : SHUT_RDWR;
  return shutdown(socket->fd, host_how) == 0 ? Errno::Success : from_host_errno(errno);
}

constexpr Function kFunctions[] = {
    {"sock_accept", "iii", sock_accept},
    {"sock_recv", "iiiiii", sock_recv},
    {"sock_send", "iiiii", sock_send},
    {"sock_shutdown", "ii", sock_shutdown},
};

}  // namespace

std::span<const Function> socket_functions() { return kFunctions; }

}  // namespace weft::wasi

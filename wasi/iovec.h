// Guest buffers as host buffers.
#pragma once

#include <sys/uio.h>

#include <array>
#include <climits>

#include "wasi/state.h"

namespace weft::wasi {

/// The first buffers of a guest's list, as many as one host call takes. A call that moves fewer bytes than were asked
/// for is what readv and writev do too, and guests go on from there.
class HostIovecs {
 public:
  /// Checks every buffer before any byte moves. Fault when one is not in memory, Invalid when the sum overflows.
  Errno gather(const Call& call, uint32_t list, uint32_t count) {
    if (!call.bytes(list, uint64_t{count} * sizeof(Iovec))) return Errno::Fault;
    uint64_t total = 0;
    for (uint32_t i = 0; i < count && size_ < iovecs_.size(); ++i) {
      Iovec guest;
      call.read(list + i * static_cast<uint32_t>(sizeof(Iovec)), guest);
      const auto buffer = call.bytes(guest.buffer, guest.bytes);
      if (!buffer) return Errno::Fault;
      total += guest.bytes;
      if (total > 0xFFFF'FFFF) return Errno::Invalid;
      if (!buffer->empty()) iovecs_[size_++] = {buffer->data(), buffer->size()};
    }
    return Errno::Success;
  }
  struct iovec* data() { return iovecs_.data(); }
  size_t size() const { return size_; }

 private:
  std::array<struct iovec, 64> iovecs_;
  size_t size_ = 0;
};

}  // namespace weft::wasi

// A guest's WASI state, and what a call of one of its functions sees.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/host.h"
#include "runtime/memory.h"
#include "wasi/descriptor.h"
#include "wasi/wasi.h"

namespace weft::wasi {

class State {
 public:
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "KEY=VALUE"
  DescriptorTable descriptors;
  bool deterministic = false;
  uint64_t clock = 0;         // deterministic: nanoseconds
  uint64_t random_state = 0;  // deterministic: of a splitmix64 generator

  /// Nanoseconds of a WASI clock that exists (0 to 3).
  uint64_t now(uint32_t clock_id);
};

/// A call in progress: the state, the caller's memory, and the arguments. All access to guest memory is checked here.
class Call {
 public:
  Call(State& wasi_state, HostContext& host_context, Memory* caller_memory, const Cell* cells)
      : state(wasi_state), host(host_context), memory_(caller_memory), cells_(cells) {}

  State& state;
  HostContext& host;

  uint32_t u32(int index) const { return cell_u32(cells_[index]); }
  uint64_t u64(int index) const { return cells_[index]; }

  /// Bytes of guest memory, or nothing when they are not all inside.
  std::optional<std::span<uint8_t>> bytes(uint32_t pointer, uint64_t count) const {
    return memory_->slice(pointer, count);
  }
  /// A string argument. Valid while the guest does not run.
  std::optional<std::string_view> text(uint32_t pointer, uint32_t count) const {
    const auto found = bytes(pointer, count);
    if (!found) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(found->data()), count);
  }
  template <typename T>
  bool read(uint32_t pointer, T& value) const {
    const auto from = bytes(pointer, sizeof(T));
    if (from) std::memcpy(&value, from->data(), sizeof(T));
    return from.has_value();
  }
  template <typename T>
  Errno write(uint32_t pointer, const T& value) const {
    const auto to = bytes(pointer, sizeof(T));
    if (!to) return Errno::Fault;
    std::memcpy(to->data(), &value, sizeof(T));
    return Errno::Success;
  }

  /// The descriptor of argument `index` if it is open and has these rights; else null and the errno in `error`.
  std::shared_ptr<Descriptor> descriptor(int index, Rights rights, Errno& error) const;

 private:
  Memory* memory_;
  const Cell* cells_;
};

/// One function: its name, the types of its parameters ("il"), and its code.
struct Function {
  const char* name;
  const char* params;
  Errno (*code)(Call&);
};

// The functions by kind, one list a file.
std::span<const Function> environment_functions();
std::span<const Function> fd_functions();
std::span<const Function> path_functions();
std::span<const Function> poll_functions();
std::span<const Function> socket_functions();

/// The largest piece of guest memory that one host call works on: calls stay interruptible, allocations bounded.
inline constexpr uint32_t kMaxPiece = 1u << 20;

}  // namespace weft::wasi

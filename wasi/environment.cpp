// Arguments, environment, randomness, and the process itself.
#include <sched.h>
#include <sys/random.h>

#include <cerrno>
#include <span>

#include "wasi/state.h"

namespace weft::wasi {
namespace {

// Writes zero-terminated strings to `buffer` and their addresses to `pointers`.
Errno write_strings(Call& call, const std::vector<std::string>& strings, uint32_t pointers, uint32_t buffer) {
  for (const std::string& string : strings) {
    const auto to = call.bytes(buffer, string.size() + 1);
    if (!to || call.write(pointers, buffer) != Errno::Success) return Errno::Fault;
    std::memcpy(to->data(), string.c_str(), string.size() + 1);
    pointers += sizeof(uint32_t);
    buffer += static_cast<uint32_t>(string.size() + 1);
  }
  return Errno::Success;
}

Errno write_sizes(Call& call, const std::vector<std::string>& strings) {
  uint64_t bytes = 0;
  for (const std::string& string : strings) bytes += string.size() + 1;
  if (bytes > 0xFFFF'FFFF) return Errno::Overflow;
  const Errno error = call.write(call.u32(0), static_cast<uint32_t>(strings.size()));
  return error != Errno::Success ? error : call.write(call.u32(1), static_cast<uint32_t>(bytes));
}

Errno args_get(Call& call) { return write_strings(call, call.state.arguments, call.u32(0), call.u32(1)); }
Errno args_sizes_get(Call& call) { return write_sizes(call, call.state.arguments); }
Errno environ_get(Call& call) { return write_strings(call, call.state.environment, call.u32(0), call.u32(1)); }
Errno environ_sizes_get(Call& call) { return write_sizes(call, call.state.environment); }

// splitmix64 (Steele, Lea, Flood 2014).
uint64_t next_fixed_random(uint64_t& state) {
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

Errno random_get(Call& call) {
  const auto to = call.bytes(call.u32(0), call.u32(1));
  if (!to) return Errno::Fault;
  if (call.state.deterministic) {
    for (uint8_t& byte : *to) byte = static_cast<uint8_t>(next_fixed_random(call.state.random_state) >> 56);
    return Errno::Success;
  }
  for (std::span<uint8_t> left = *to; !left.empty();) {
    const ssize_t count = getrandom(left.data(), std::min<size_t>(left.size(), kMaxPiece), 0);
    if (count < 0 && errno != EINTR) return from_host_errno(errno);
    if (count > 0) left = left.subspan(static_cast<size_t>(count));
  }
  return Errno::Success;
}

Errno sched_yield(Call&) {
  ::sched_yield();
  return Errno::Success;
}

constexpr Function kFunctions[] = {
    {"args_get", "ii", args_get},       {"args_sizes_get", "ii", args_sizes_get},
    {"environ_get", "ii", environ_get}, {"environ_sizes_get", "ii", environ_sizes_get},
    {"random_get", "ii", random_get},   {"sched_yield", "", sched_yield},
};

}  // namespace

std::span<const Function> environment_functions() { return kFunctions; }

}  // namespace weft::wasi

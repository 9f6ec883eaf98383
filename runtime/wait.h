// Threads that wait at addresses of shared memories (threads proposal: memory.atomic.wait and notify).
#pragma once

#include <cstdint>

namespace weft {

enum class WaitResult : uint32_t { Woken = 0, NotEqual = 1, TimedOut = 2 };

/// Waits at an address while it holds `expected`, until notify_at names the address or `timeout` nanoseconds are over
/// (negative: no limit). Any thread of the process may notify.
WaitResult wait_at(uint32_t* address, uint32_t expected, int64_t timeout);
WaitResult wait_at(uint64_t* address, uint64_t expected, int64_t timeout);

/// Wakes at most `count` of the threads that wait at an address, those that wait longest first; gives how many.
uint32_t notify_at(const void* address, uint32_t count);

}  // namespace weft

// A table of waiting threads by address.
#include "runtime/wait.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <unordered_map>

namespace weft {
namespace {

struct Waiter {
  std::condition_variable wake;
  bool woken = false;
};

std::mutex mutex;
std::unordered_map<const void*, std::list<Waiter*>> queues;

void leave(const void* address, Waiter& waiter) {
  const auto queue = queues.find(address);
  if (queue == queues.end()) return;
  queue->second.remove(&waiter);
  if (queue->second.empty()) queues.erase(queue);
}

template <typename T>
WaitResult wait(T* address, T expected, int64_t timeout) {
  std::unique_lock lock(mutex);
  // Whoever changes the value and notifies takes the lock after this look.
  if (std::atomic_ref<T>(*address).load() != expected) return WaitResult::NotEqual;
  Waiter waiter;
  queues[address].push_back(&waiter);
  const auto woken = [&] { return waiter.woken; };
  if (timeout < 0) {
    waiter.wake.wait(lock, woken);
  } else {
    waiter.wake.wait_for(lock, std::chrono::nanoseconds(timeout), woken);
  }
  if (waiter.woken) return WaitResult::Woken;
  leave(address, waiter);
  return WaitResult::TimedOut;
}

}  // namespace

WaitResult wait_at(uint32_t* address, uint32_t expected, int64_t timeout) { return wait(address, expected, timeout); }
WaitResult wait_at(uint64_t* address, uint64_t expected, int64_t timeout) { return wait(address, expected, timeout); }

uint32_t notify_at(const void* address, uint32_t count) {
  const std::lock_guard lock(mutex);
  const auto queue = queues.find(address);
  if (queue == queues.end()) return 0;
  uint32_t woken = 0;
  for (; woken < count && !queue->second.empty(); ++woken) {
    Waiter& waiter = *queue->second.front();
    queue->second.pop_front();
    waiter.woken = true;
    waiter.wake.notify_one();
  }
  if (queue->second.empty()) queues.erase(queue);
  return woken;
}

}  // namespace weft

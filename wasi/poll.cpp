// Clocks and waiting: clock_res_get, clock_time_get, poll_oneoff.
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>

#include <cerrno>
#include <limits>

#include "wasi/state.h"

namespace weft::wasi {
namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;
// More subscriptions than this are refused; a guest cannot have more descriptors worth waiting for.
constexpr uint32_t kMaxSubscriptions = 4096;

bool to_host_clock(uint32_t id, clockid_t& clock) {
  constexpr clockid_t kClocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
  if (id >= std::size(kClocks)) return false;
  clock = kClocks[id];
  return true;
}

uint64_t to_nanoseconds(const struct timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * kNanosecondsPerSecond + static_cast<uint64_t>(time.tv_nsec);
}

uint64_t now(clockid_t clock) {
  struct timespec time = {};
  clock_gettime(clock, &time);
  return to_nanoseconds(time);
}

Errno clock_res_get(Call& call) {
  clockid_t clock{};
  struct timespec resolution = {};
  if (!to_host_clock(call.u32(0), clock)) return Errno::Invalid;
  if (clock_getres(clock, &resolution) != 0) return from_host_errno(errno);
  return call.write(call.u32(1), to_nanoseconds(resolution));
}

Errno clock_time_get(Call& call) {
  clockid_t clock{};
  if (!to_host_clock(call.u32(0), clock)) return Errno::Invalid;
  return call.write(call.u32(2), call.state.now(call.u32(0)));
}

// A subscription with what is known of it.
struct Waiter {
  Subscription subscription;
  Errno error = Errno::Success;
  bool is_clock = false;
  uint64_t deadline = 0;  // clocks: on the monotonic clock
  int poll_index = -1;    // descriptors: into the list for poll(2)
  std::shared_ptr<Descriptor> descriptor;
};

// A clock's deadline on the monotonic clock, whatever clock it was given on.
Errno set_deadline(State& state, Waiter& waiter) {
  clockid_t clock{};
  if (!to_host_clock(waiter.subscription.id, clock)) return Errno::Invalid;
  uint64_t wait = waiter.subscription.timeout;
  if (waiter.subscription.flags & kAbsolute) {
    const uint64_t time = state.now(waiter.subscription.id);
    wait = wait > time ? wait - time : 0;
  }
  if (state.deterministic) {  // no time passes but what is waited for
    state.clock += wait;
    wait = 0;
  }
  const uint64_t start = now(CLOCK_MONOTONIC);
  waiter.deadline =
      wait > std::numeric_limits<uint64_t>::max() - start ? std::numeric_limits<uint64_t>::max() : start + wait;
  return Errno::Success;
}

class Poll {
 public:
  Poll(Call& call, bool unstable) : call_(call), unstable_(unstable) {}

  Errno run() {
    const uint32_t count = call_.u32(2);
    if (count == 0 || count > kMaxSubscriptions) return Errno::Invalid;
    const uint32_t stride = unstable_ ? sizeof(UnstableSubscription) : sizeof(Subscription);
    if (!call_.bytes(call_.u32(0), uint64_t{count} * stride)) return Errno::Fault;
    if (!call_.bytes(call_.u32(1), uint64_t{count} * sizeof(Event))) return Errno::Fault;
    for (uint32_t i = 0; i < count; ++i) add(read(call_.u32(0) + i * stride));
    wait();
    return report();
  }

 private:
  Subscription read(uint32_t pointer) const {
    Subscription subscription;
    if (!unstable_) {
      call_.read(pointer, subscription);
      return subscription;
    }
    UnstableSubscription old;
    call_.read(pointer, old);
    subscription.userdata = old.userdata;
    subscription.type = old.type;
    subscription.id = old.type == kClockEvent ? old.clock : static_cast<uint32_t>(old.identifier);
    subscription.timeout = old.timeout;
    subscription.precision = old.precision;
    subscription.flags = old.flags;
    return subscription;
  }

  void add(const Subscription& subscription) {
    Waiter& waiter = waiters_.emplace_back();
    waiter.subscription = subscription;
    switch (subscription.type) {
      case kClockEvent:
        waiter.is_clock = true;
        waiter.error = set_deadline(call_.state, waiter);
        break;
      case kReadEvent:
      case kWriteEvent:
        waiter.descriptor = call_.state.descriptors.get(subscription.id);
        if (waiter.descriptor == nullptr) {
          waiter.error = Errno::BadFd;
        } else if (!waiter.descriptor->may(rights::kPoll)) {
          waiter.error = Errno::NotCapable;
        } else {
          waiter.poll_index = static_cast<int>(polled_.size());
          const short events = subscription.type == kReadEvent ? POLLIN : POLLOUT;
          polled_.push_back({waiter.descriptor->fd, events, 0});
        }
        break;
      default: waiter.error = Errno::Invalid; break;
    }
  }

  // Waits until something is ready, a deadline has come, or at once when a subscription is wrong.
  void wait() {
    for (;;) {
      uint64_t deadline = std::numeric_limits<uint64_t>::max();
      bool at_once = false;
      for (const Waiter& waiter : waiters_) {
        at_once |= waiter.error != Errno::Success;
        if (waiter.is_clock) deadline = std::min(deadline, waiter.deadline);
      }
      const uint64_t time = now(CLOCK_MONOTONIC);
      const uint64_t left = at_once || deadline <= time ? 0 : deadline - time;
      struct timespec timeout = {static_cast<time_t>(left / kNanosecondsPerSecond),
                                 static_cast<long>(left % kNanosecondsPerSecond)};
      const bool forever = deadline == std::numeric_limits<uint64_t>::max() && !at_once;
      const int ready = ppoll(polled_.data(), polled_.size(), forever ? nullptr : &timeout, nullptr);
      if (ready > 0 || at_once) return;
      if (ready == 0 && now(CLOCK_MONOTONIC) >= deadline) return;
      if (ready < 0 && errno != EINTR) return;
    }
  }

  Errno report() {
    const uint64_t time = now(CLOCK_MONOTONIC);
    uint32_t events = 0;
    for (const Waiter& waiter : waiters_) {
      Event event;
      event.userdata = waiter.subscription.userdata;
      event.type = waiter.subscription.type;
      event.error = static_cast<uint16_t>(waiter.error);
      if (waiter.error == Errno::Success && !is_ready(waiter, time, event)) continue;
      const Errno error = call_.write(call_.u32(1) + events++ * static_cast<uint32_t>(sizeof(Event)), event);
      if (error != Errno::Success) return error;
    }
    return call_.write(call_.u32(3), events);
  }

  bool is_ready(const Waiter& waiter, uint64_t time, Event& event) const {
    if (waiter.is_clock) return waiter.deadline <= time;
    const struct pollfd& polled = polled_[static_cast<size_t>(waiter.poll_index)];
    if (polled.revents == 0) return false;
    if (polled.revents & POLLNVAL) event.error = static_cast<uint16_t>(Errno::BadFd);
    if (polled.revents & (POLLHUP | POLLERR)) event.flags = kHangup;
    int available = 0;
    if (waiter.subscription.type == kReadEvent && ioctl(polled.fd, FIONREAD, &available) == 0 && available > 0) {
      event.bytes = static_cast<uint64_t>(available);
    }
    return true;
  }

  Call& call_;
  bool unstable_;
  std::vector<Waiter> waiters_;
  std::vector<struct pollfd> polled_;
};

Errno poll_oneoff(Call& call) { return Poll(call, false).run(); }

constexpr Function kFunctions[] = {
    {"clock_res_get", "ii", clock_res_get},
    {"clock_time_get", "ili", clock_time_get},
    {"poll_oneoff", "iiii", poll_oneoff},
};

}  // namespace

uint64_t State::now(uint32_t clock_id) {
  constexpr uint64_t kStep = 1000;
  if (deterministic) return clock += kStep;
  clockid_t host{};
  return to_host_clock(clock_id, host) ? wasi::now(host) : 0;
}

std::span<const Function> poll_functions() { return kFunctions; }

Errno unstable_poll_oneoff(Call& call) { return Poll(call, true).run(); }

}  // namespace weft::wasi

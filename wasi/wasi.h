// WASI preview1: what a guest may know of, and do to, the system around it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "module/error.h"
#include "runtime/linker.h"

namespace weft::wasi {

/// A directory that the guest finds open.
struct Preopen {
  std::string host_path;
  std::string guest_path;
  bool read_only = false;
};

/// What a guest is given. Nothing else of the host reaches it.
struct Config {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<Preopen> preopens;
  /// Clocks start at zero and advance by a microsecond at each reading, sleeping advances them at once, and random
  /// numbers are the same in every run.
  bool deterministic = false;
  int standard_streams[3] = {0, 1, 2};  // host descriptors, borrowed; -1 for closed
};

class State;

/// One guest's WASI world. Must outlive the instances that import it (the linker's host functions share ownership).
class Wasi {
 public:
  /// Opens the preopens. Errors: Io, naming the directory that cannot be opened.
  static Result<std::shared_ptr<Wasi>> create(const Config& config);
  ~Wasi();

  /// Defines all functions of wasi_snapshot_preview1 and of wasi_unstable (snapshot 0).
  void add_to(Linker& linker);

 private:
  explicit Wasi(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace weft::wasi

// WASI: where paths lead, and what functions answer to hostile arguments.
#include "wasi/wasi.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support.h"
#include "wasi/resolve.h"

using namespace weft;
using namespace weft::test;
namespace fs = std::filesystem;

namespace {

// A directory that is removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = "/tmp/weft-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Scratch() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("paths stay below their directory", "[wasi]") {
  const Scratch scratch;
  const fs::path root = scratch.path() / "root";
  fs::create_directories(root / "dir/sub");
  std::ofstream(root / "file") << "x";
  std::ofstream(scratch.path() / "secret") << "x";
  fs::create_symlink("dir/sub", root / "link");
  fs::create_symlink("../secret", root / "escape");
  fs::create_symlink("/etc/passwd", root / "absolute");
  fs::create_symlink("loop", root / "loop");
  fs::create_symlink("missing", root / "dangling");
  fs::create_symlink("../file", root / "dir/up");
  const int start = open(root.c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(start >= 0);

  struct Case {
    const char* path;
    bool follow;
    wasi::Errno error;
    const char* name;  // of the last component
  };
  using wasi::Errno;
  const Case cases[] = {
      {"file", false, Errno::Success, "file"},
      {"./file", false, Errno::Success, "file"},
      {"dir/../file", false, Errno::Success, "file"},
      {"dir/sub/../../file", false, Errno::Success, "file"},
      {"dir", false, Errno::Success, "dir"},
      {"dir/", false, Errno::Success, "dir"},
      {".", false, Errno::Success, "."},
      {"dir/..", false, Errno::Success, "."},
      {"new", false, Errno::Success, "new"},
      {"link", false, Errno::Success, "link"},
      {"link", true, Errno::Success, "sub"},
      {"link/..", false, Errno::Success, "."},
      {"dir/up", true, Errno::Success, "file"},
      {"dangling", true, Errno::Success, "missing"},
      {"", false, Errno::NoEntry, ""},
      {"..", false, Errno::NotPermitted, ""},
      {"dir/../..", false, Errno::NotPermitted, ""},
      {"../secret", false, Errno::NotPermitted, ""},
      {"/file", false, Errno::NotPermitted, ""},
      {"escape", true, Errno::NotPermitted, ""},
      {"escape/", false, Errno::NotPermitted, ""},
      {"absolute", true, Errno::NotPermitted, ""},
      {"loop", true, Errno::Loop, ""},
      {"loop/x", false, Errno::Loop, ""},
      {"file/x", false, Errno::NotDirectory, ""},
      {"missing/x", false, Errno::NoEntry, ""},
  };
  for (const Case& item : cases) {
    INFO(item.path << (item.follow ? " (followed)" : ""));
    wasi::Resolved at;
    CHECK(static_cast<int>(wasi::resolve(start, item.path, item.follow, at)) == static_cast<int>(item.error));
    CHECK(at.name == item.name);
  }
  wasi::Resolved at;
  CHECK(wasi::resolve(start, std::string_view("fi\0le", 5), false, at) == Errno::IllegalSequence);
  CHECK(wasi::resolve(start, std::string(5000, 'a'), false, at) == Errno::NameTooLong);
  close(start);
}

TEST_CASE("hostile arguments are answered with an errno", "[wasi]") {
  struct Case {
    const char* function;
    const char* params;
    const char* arguments;
    int error;
  };
  const Case cases[] = {
      {"args_get", "i32 i32", "(i32.const 0) (i32.const 65535)", 21},
      {"args_sizes_get", "i32 i32", "(i32.const 65533) (i32.const 0)", 21},
      {"random_get", "i32 i32", "(i32.const 0) (i32.const -1)", 21},
      {"random_get", "i32 i32", "(i32.const 65536) (i32.const 0)", 0},
      {"clock_time_get", "i32 i64 i32", "(i32.const 9) (i64.const 0) (i32.const 0)", 28},
      {"clock_time_get", "i32 i64 i32", "(i32.const 0) (i64.const 0) (i32.const 65532)", 21},
      {"fd_write", "i32 i32 i32 i32", "(i32.const 1) (i32.const 0) (i32.const -1) (i32.const 0)", 21},
      {"fd_write", "i32 i32 i32 i32", "(i32.const 9) (i32.const 0) (i32.const 0) (i32.const 0)", 8},
      {"fd_read", "i32 i32 i32 i32", "(i32.const 0) (i32.const 65532) (i32.const 1) (i32.const 0)", 21},
      {"fd_prestat_get", "i32 i32", "(i32.const 3) (i32.const 0)", 8},
      {"fd_close", "i32", "(i32.const 77)", 8},
      {"fd_renumber", "i32 i32", "(i32.const 77) (i32.const 1)", 8},
      {"poll_oneoff", "i32 i32 i32 i32", "(i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)", 28},
      {"poll_oneoff", "i32 i32 i32 i32", "(i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)", 28},
      {"path_unlink_file", "i32 i32 i32", "(i32.const 1) (i32.const 0) (i32.const 1)", 76},
      {"sched_yield", "", "", 0},
  };
  for (const Case& item : cases) {
    INFO(item.function << " " << item.arguments);
    Host host;
    auto wasi = wasi::Wasi::create({.arguments = {"a program", "with", "arguments"}});
    REQUIRE(wasi.has_value());
    (*wasi)->add_to(host.linker);
    Instance& instance = host.instantiate(fmt::format(
        R"((module (import "wasi_snapshot_preview1" "{}" (func $f (param {}) (result i32))) (memory (export "memory") 1)
           (func (export "run") (result i32) (call $f {}))))",
        item.function, item.params, item.arguments));
    CHECK(host.call(instance, "run") == fmt::format("i32:{}", item.error));
  }
}

TEST_CASE("every function of preview1 is there", "[wasi]") {
  Host host;
  auto wasi = wasi::Wasi::create({});
  REQUIRE(wasi.has_value());
  (*wasi)->add_to(host.linker);
  for (const char* const name : {"args_get",
                                 "args_sizes_get",
                                 "environ_get",
                                 "environ_sizes_get",
                                 "clock_res_get",
                                 "clock_time_get",
                                 "fd_advise",
                                 "fd_allocate",
                                 "fd_close",
                                 "fd_datasync",
                                 "fd_fdstat_get",
                                 "fd_fdstat_set_flags",
                                 "fd_fdstat_set_rights",
                                 "fd_filestat_get",
                                 "fd_filestat_set_size",
                                 "fd_filestat_set_times",
                                 "fd_pread",
                                 "fd_prestat_get",
                                 "fd_prestat_dir_name",
                                 "fd_pwrite",
                                 "fd_read",
                                 "fd_readdir",
                                 "fd_renumber",
                                 "fd_seek",
                                 "fd_sync",
                                 "fd_tell",
                                 "fd_write",
                                 "path_create_directory",
                                 "path_filestat_get",
                                 "path_filestat_set_times",
                                 "path_link",
                                 "path_open",
                                 "path_readlink",
                                 "path_remove_directory",
                                 "path_rename",
                                 "path_symlink",
                                 "path_unlink_file",
                                 "poll_oneoff",
                                 "proc_exit",
                                 "proc_raise",
                                 "random_get",
                                 "sched_yield",
                                 "sock_accept",
                                 "sock_recv",
                                 "sock_send",
                                 "sock_shutdown"}) {
    INFO(name);
    CHECK(host.linker.find("wasi_snapshot_preview1", name).has_value());
    CHECK(host.linker.find("wasi_unstable", name).has_value());
  }
}

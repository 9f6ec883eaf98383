// Linking, limits, and what instantiation leaves behind.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "runtime/store.h"
#include "tests/support.h"

using namespace weft;
using namespace weft::test;

TEST_CASE("imports are matched by kind and type", "[runtime]") {
  Host host;
  Instance& library = host.instantiate(R"((module (func (export "f") (param i32)) (memory (export "m") 1 3)
    (table (export "t") 2 funcref) (global (export "g") i32 (i32.const 1))))");
  host.linker.define("lib", library);
  const std::pair<const char*, const char*> cases[] = {
      {R"((import "lib" "f" (func (param i32))))", ""},
      {R"((import "lib" "f" (func (param i64))))", "incompatible import type"},
      {R"((import "lib" "f" (global i32)))", "incompatible import type: expected a global, got a func"},
      {R"((import "lib" "x" (func)))", "unknown import: func \"lib\" \"x\""},
      {R"((import "lib" "m" (memory 1 3)))", ""},
      {R"((import "lib" "m" (memory 1)))", ""},
      {R"((import "lib" "m" (memory 2)))", "incompatible import type: memory limits"},
      {R"((import "lib" "m" (memory 1 2)))", "incompatible import type: memory limits"},
      {R"((import "lib" "t" (table 2 funcref)))", ""},
      {R"((import "lib" "t" (table 2 externref)))", "incompatible import type: table element types differ"},
      {R"((import "lib" "g" (global i32)))", ""},
      {R"((import "lib" "g" (global (mut i32))))", "incompatible import type: one global is mutable"},
      {R"((import "lib" "g" (global i64)))", "incompatible import type: global types differ"},
  };
  for (const auto& [import, error] : cases) {
    INFO(import);
    auto instance = host.try_instantiate(assemble(std::string("(module ") + import + ")"));
    if (*error == '\0') {
      CHECK(instance.has_value());
    } else {
      REQUIRE_FALSE(instance.has_value());
      CHECK(instance.error().kind() == ErrorKind::Unlinkable);
      CHECK_THAT(instance.error().message(), Catch::StartsWith(error));
    }
  }
}

TEST_CASE("segments out of bounds trap, and what came before stays", "[runtime]") {
  Host host;
  Instance& library = host.instantiate(R"((module (memory (export "m") 1) (func (export "get") (result i32)
    (i32.load8_u (i32.const 0)))))");
  host.linker.define("lib", library);
  auto failed = host.try_instantiate(assemble(R"((module (import "lib" "m" (memory 1))
    (data (i32.const 0) "\07") (data (i32.const 65536) "x")))"));
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().kind() == ErrorKind::Trap);
  CHECK(failed.error().message() == "out of bounds memory access");
  CHECK(host.call(library, "get") == "i32:7");
}

TEST_CASE("limits of the store hold", "[runtime]") {
  Host host(Host::default_config(), {.memory_bytes = 2 << 16, .table_entries = 10});
  Instance& instance = host.instantiate(R"((module (memory 1) (table 5 funcref)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "tgrow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))))");
  CHECK(host.call(instance, "grow", {i32(2)}) == "i32:-1");
  CHECK(host.call(instance, "grow", {i32(1)}) == "i32:1");
  CHECK(host.call(instance, "tgrow", {i32(6)}) == "i32:-1");
  CHECK(host.call(instance, "tgrow", {i32(5)}) == "i32:5");
  auto large = host.try_instantiate(assemble("(module (memory 3))"));
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().kind() == ErrorKind::Limit);
}

TEST_CASE("a memory beyond what guards can hold is checked explicitly", "[runtime]") {
  auto guarded = Memory::create({.limits = {1, {}}}, Bounds::Guard, ~uint64_t{0});
  REQUIRE(guarded.has_value());
  CHECK((*guarded)->bounds() == Bounds::Guard);
  auto wide = Memory::create({.limits = {1, {}}, .is_64 = true}, Bounds::Guard, ~uint64_t{0});
  REQUIRE(wide.has_value());
  CHECK((*wide)->bounds() == Bounds::Explicit);
  const uint8_t* const before = (*guarded)->base();
  CHECK((*guarded)->grow(100) == 1u);
  CHECK((*guarded)->base() == before);
  (*wide)->base()[65535] = 7;
  CHECK((*wide)->grow(20'000) == 1u);
  CHECK((*wide)->base()[65535] == 7);
  CHECK((*wide)->base()[20'000 * 65536ull] == 0);
  CHECK_FALSE((*guarded)->grow(65'536).has_value());
}

// Faults that are not the guest's end the process as they would without Weft, or go to the handler from before.
TEST_CASE("the host's own faults stay its own", "[runtime]") {
  Host host;  // installs the handler
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);  // a sanitizer's report is not of interest
    void* const nowhere = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<volatile int*>(nowhere) = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("instances of one module do not share state", "[runtime]") {
  Host host;
  const std::vector<uint8_t> bytes = assemble(R"((module (global $g (mut i32) (i32.const 0)) (memory 1)
    (func (export "next") (result i32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (global.set $g (i32.add (global.get $g) (i32.const 10))) (i32.add (global.get $g) (i32.load (i32.const 0))))))");
  auto module = CompiledModule::create(host.engine, Bytes::from_vector(bytes));
  REQUIRE(module.has_value());
  Instance& first = **host.linker.instantiate(*module);
  Instance& second = **host.linker.instantiate(*module);
  CHECK(host.call(first, "next") == "i32:11");
  CHECK(host.call(first, "next") == "i32:22");
  CHECK(host.call(second, "next") == "i32:11");
}

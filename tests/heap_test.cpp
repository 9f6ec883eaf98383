// Garbage: cycles, churn under a limit, roots of every kind, and the end of memory.
#include <catch2/catch.hpp>

#include "runtime/store.h"
#include "tests/support.h"

using namespace weft;
using namespace weft::test;

namespace {

constexpr const char* kModule = R"((module
  (type $node (struct (field (mut i64)) (field (mut (ref null $node)))))
  (type $refs (array (mut (ref null $node))))
  (type $bytes (array (mut i8)))
  (global $kept (mut (ref null $node)) (ref.null $node))
  (table $t 1 (ref null $node))
  (func (export "churn") (param i32) (result i64) (local $last (ref null $node)) (local $sum i64)
    (loop
      (local.set $last (struct.new $node (i64.extend_i32_u (local.get 0)) (local.get $last)))
      (if (i32.eqz (i32.and (local.get 0) (i32.const 15))) (then
        (local.set $sum (i64.add (local.get $sum) (struct.get $node 0 (local.get $last))))
        (local.set $last (ref.null $node))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum))
  (func (export "cycles") (param i32) (local $a (ref $node))
    (loop
      (local.set $a (struct.new $node (i64.const 1) (ref.null $node)))
      (struct.set $node 1 (local.get $a) (struct.new $node (i64.const 2) (local.get $a)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "keep") (global.set $kept (struct.new $node (i64.const 7) (struct.new $node (i64.const 8) (ref.null $node))))
    (table.set $t (i32.const 0) (struct.new $node (i64.const 9) (ref.null $node))))
  (func (export "kept") (result i64)
    (i64.add (struct.get $node 0 (struct.get $node 1 (global.get $kept))) (struct.get $node 0 (table.get $t (i32.const 0)))))
  (func (export "hoard") (param i32) (local $all (ref null $node))
    (loop
      (local.set $all (struct.new $node (i64.const 0) (local.get $all)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "large") (param i32) (result i32) (array.len (array.new_default $bytes (local.get 0))))))";

}  // namespace

TEST_CASE("short-lived objects and cycles fit a small heap", "[runtime]") {
  Host host(Host::default_config(), {.heap_bytes = 4 << 20});
  Instance& instance = host.instantiate(kModule);
  CHECK(host.call(instance, "keep") == "");
  CHECK(host.call(instance, "churn", {i32(10'000'000)}) == "i64:3125005000000");
  CHECK(host.call(instance, "cycles", {i32(1'000'000)}) == "");
  CHECK(host.call(instance, "kept") == "i64:17");
  CHECK(host.store.heap().collections() > 10);
  CHECK(host.store.heap().used_bytes() <= 4 << 20);
}

TEST_CASE("a heap that is full traps, and is usable again", "[runtime]") {
  Host host(Host::default_config(), {.heap_bytes = 1 << 20});
  Instance& instance = host.instantiate(kModule);
  CHECK(host.call(instance, "hoard", {i32(1'000'000)}) == "trap: out of memory");
  CHECK(host.call(instance, "large", {i32(1 << 21)}) == "trap: out of memory");
  CHECK(host.call(instance, "large", {i32(-1)}) == "trap: out of memory");
  CHECK(host.call(instance, "large", {i32(1 << 19)}) == "i32:524288");
  CHECK(host.call(instance, "hoard", {i32(1000)}) == "");
}

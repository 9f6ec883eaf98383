/* Direct calls: deep and wide recursion with next to no work in the callee (Fibonacci, Ackermann, Takeuchi,
 * and Hofstadter's mutually recursive female and male sequences). */
#include "bench.h"

BENCH_NOINLINE static uint32_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

BENCH_NOINLINE static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

BENCH_NOINLINE static int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
  if (y >= x) return z;
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static uint32_t male(uint32_t n);

BENCH_NOINLINE static uint32_t female(uint32_t n) {
  return n == 0 ? 1 : n - male(female(n - 1));
}

BENCH_NOINLINE static uint32_t male(uint32_t n) {
  return n == 0 ? 0 : n - female(male(n - 1));
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 130);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    uint32_t wobble = round & 1;
    sum = bench_mix(sum, fibonacci(24 + wobble));
    sum = bench_mix(sum, ackermann(2, 90 + wobble));
    sum = bench_mix(sum, ackermann(3, 4 + wobble));
    sum = bench_mix(sum, (uint32_t)takeuchi(14, 7 + (int32_t)wobble, 2));
    sum = bench_mix(sum, female(60 + wobble) * 1000 + male(61));
  }
  return bench_report("calls", size, sum);
}

/* Bit sets: the sieve of Eratosthenes over a bit per odd number, then counting, scanning and intersecting bit
 * sets with population counts and counts of trailing zeros. */
#include "bench.h"

enum { kLimit = 1 << 20, kWords = kLimit / 2 / 32 };
static uint32_t primes[kWords], twins[kWords];

/* Bit i of `primes` says whether 2 * i + 1 is prime. */
static void sieve(void) {
  for (uint32_t i = 0; i < kWords; ++i) primes[i] = 0xffffffff;
  primes[0] &= ~1u;
  for (uint32_t n = 3; n * n < kLimit; n += 2) {
    if (!(primes[n / 2 / 32] >> (n / 2 % 32) & 1)) continue;
    for (uint32_t multiple = n * n; multiple < kLimit; multiple += 2 * n)
      primes[multiple / 2 / 32] &= ~(1u << (multiple / 2 % 32));
  }
}

/* Keeps the primes p for which p + 2 * distance is prime too; returns how many there are. */
static uint32_t pair_up(uint32_t distance) {
  uint32_t count = 0;
  for (uint32_t i = 0; i + 1 < kWords; ++i) {
    uint64_t here = (uint64_t)primes[i + 1] << 32 | primes[i];
    twins[i] = primes[i] & (uint32_t)(here >> distance);
    count += (uint32_t)__builtin_popcount(twins[i]);
  }
  return count;
}

static uint64_t scan(void) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i + 1 < kWords; ++i)
    for (uint32_t word = twins[i]; word; word &= word - 1)
      sum = sum * 3 + (i * 64 + 2 * (uint32_t)__builtin_ctz(word) + 1);
  return sum;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 110);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    sieve();
    for (uint32_t distance = 1; distance <= 8; ++distance)
      sum = bench_mix(sum, pair_up(distance + round % 8));
    sum = bench_mix(sum, scan());
  }
  return bench_report("sieve", size, sum);
}

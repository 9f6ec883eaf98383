/* i64 arithmetic: SipHash-2-4 (64-bit additions, rotations, exclusive ors) and a multiply-and-rotate hash in
 * the manner of xxHash64 over a 64 KiB buffer. Aligned 64-bit loads, long dependency chains, all in locals.
 * */
#include "bench.h"

enum { kBytes = 64 * 1024 };
static uint64_t buffer[kBytes / 8];

static inline uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

struct sip {
  uint64_t a, b, c, d;
};

static inline void sip_round(struct sip *s) {
  s->a += s->b, s->c += s->d;
  s->b = rotate(s->b, 13) ^ s->a, s->d = rotate(s->d, 16) ^ s->c;
  s->a = rotate(s->a, 32);
  s->c += s->b, s->a += s->d;
  s->b = rotate(s->b, 17) ^ s->c, s->d = rotate(s->d, 21) ^ s->a;
  s->c = rotate(s->c, 32);
}

static uint64_t siphash(const uint64_t *words, uint32_t count, uint64_t key0, uint64_t key1) {
  struct sip s = {key0 ^ UINT64_C(0x736f6d6570736575), key1 ^ UINT64_C(0x646f72616e646f6d),
                  key0 ^ UINT64_C(0x6c7967656e657261), key1 ^ UINT64_C(0x7465646279746573)};
  for (uint32_t i = 0; i < count; ++i) {
    s.d ^= words[i];
    sip_round(&s), sip_round(&s);
    s.a ^= words[i];
  }
  uint64_t last = (uint64_t)(count * 8) << 56;
  s.d ^= last;
  sip_round(&s), sip_round(&s);
  s.a ^= last;
  s.c ^= 0xff;
  for (int i = 0; i < 4; ++i) sip_round(&s);
  return s.a ^ s.b ^ s.c ^ s.d;
}

#define PRIME1 UINT64_C(0x9e3779b185ebca87)
#define PRIME2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define PRIME3 UINT64_C(0x165667b19e3779f9)

static uint64_t lane_hash(const uint64_t *words, uint32_t count, uint64_t seed) {
  uint64_t lanes[4] = {seed + PRIME1 + PRIME2, seed + PRIME2, seed, seed - PRIME1};
  for (uint32_t i = 0; i < count; i += 4)
    for (uint32_t k = 0; k < 4; ++k) lanes[k] = rotate(lanes[k] + words[i + k] * PRIME2, 31) * PRIME1;
  uint64_t h = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
  h ^= h >> 33, h *= PRIME2;
  h ^= h >> 29, h *= PRIME3;
  return h ^ (h >> 32);
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 4000);
  uint32_t seed = 0x1234567;
  uint64_t sum = 0;
  for (uint32_t i = 0; size && i < kBytes / 8; ++i)
    buffer[i] = (uint64_t)bench_random(&seed) << 32 | bench_random(&seed);
  for (uint32_t round = 0; round < size; ++round) {
    sum = bench_mix(sum, siphash(buffer, kBytes / 8, sum, round));
    sum = bench_mix(sum, lane_hash(buffer, kBytes / 8, sum));
    buffer[round % (kBytes / 8)] ^= sum;
  }
  return bench_report("hash64", size, sum);
}

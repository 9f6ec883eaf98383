/* SIMD, integers: ChaCha20 (RFC 8439), four blocks at a time in 32x4 vectors, with a transposition by
 * shuffles. Written with the compilers' vector extensions, so that the native build is the same program. */
#include "bench.h"

typedef uint32_t u32x4 __attribute__((vector_size(16)));

static inline u32x4 splat(uint32_t x) { return (u32x4){x, x, x, x}; }
#define ROTATE(x, by) (((x) << (by)) | ((x) >> (32 - (by))))

static inline void quarter_round(u32x4 *a, u32x4 *b, u32x4 *c, u32x4 *d) {
  *a += *b, *d ^= *a, *d = ROTATE(*d, 16);
  *c += *d, *b ^= *c, *b = ROTATE(*b, 12);
  *a += *b, *d ^= *a, *d = ROTATE(*d, 8);
  *c += *d, *b ^= *c, *b = ROTATE(*b, 7);
}

static inline void transpose(u32x4 m[4]) {
  u32x4 low01 = __builtin_shufflevector(m[0], m[1], 0, 4, 1, 5);
  u32x4 low23 = __builtin_shufflevector(m[2], m[3], 0, 4, 1, 5);
  u32x4 high01 = __builtin_shufflevector(m[0], m[1], 2, 6, 3, 7);
  u32x4 high23 = __builtin_shufflevector(m[2], m[3], 2, 6, 3, 7);
  m[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  m[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  m[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  m[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/* Writes the key stream of blocks state[12] to state[12] + 3. */
static void four_blocks(const uint32_t state[16], u32x4 out[16]) {
  u32x4 start[16], x[16];
  for (int i = 0; i < 16; ++i) start[i] = splat(state[i]);
  start[12] += (u32x4){0, 1, 2, 3};
  memcpy(x, start, sizeof x);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 4; ++i) quarter_round(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
    for (int i = 0; i < 4; ++i)
      quarter_round(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4], &x[12 + (i + 3) % 4]);
  }
  for (int group = 0; group < 4; ++group) {
    u32x4 rows[4];
    for (int i = 0; i < 4; ++i) rows[i] = x[group * 4 + i] + start[group * 4 + i];
    transpose(rows);
    for (int block = 0; block < 4; ++block) out[block * 4 + group] = rows[block];
  }
}

/* The block function's test vector of RFC 8439, section 2.3.2. */
static int agrees_with_rfc(void) {
  uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  u32x4 out[16];
  for (uint32_t i = 0; i < 8; ++i) state[4 + i] = 0x03020100 + 0x04040404 * i;
  state[12] = 1, state[13] = 0x09000000, state[14] = 0x4a000000, state[15] = 0;
  four_blocks(state, out);
  return out[0][0] == 0xe4e7f110 && out[3][3] == 0x4e3c50a2;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 300000);
  uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  u32x4 out[16], sums = splat(0);
  if (!agrees_with_rfc()) {
    puts("simd_chacha: wrong key stream");
    return 1;
  }
  for (uint32_t i = 4; i < 16; ++i) state[i] = i * 0x01234567;
  for (uint32_t round = 0; round < size; ++round) {
    four_blocks(state, out);
    for (int i = 0; i < 16; ++i) sums = ROTATE(sums, 5) ^ out[i];
    state[12] += 4;
  }
  uint64_t sum = 0;
  for (int i = 0; i < 4; ++i) sum = bench_mix(sum, sums[i]);
  return bench_report("simd_chacha", size, sum);
}

/* SIMD, floats and bytes: a picture goes through a 3 x 3 convolution in f32x4, is brought back to bytes by
 * saturating arithmetic, then compared and blended in 8x16 vectors. Written with the compilers' vector
 * extensions, so that the native build is the same program. */
#include "bench.h"

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef f32x4 f32x4_anywhere __attribute__((aligned(4)));

enum { kWidth = 256, kHeight = 128 };
static uint8_t picture[kHeight][kWidth] __attribute__((aligned(16)));
static uint8_t blurred[kHeight][kWidth] __attribute__((aligned(16)));
static float planes[2][kHeight + 2][kWidth + 8] __attribute__((aligned(16)));

static void to_floats(void) {
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) planes[0][y + 1][x + 4] = (float)picture[y][x];
}

static void convolve(float gain) {
  static const float kKernel[3][3] = {
      {0.0625f, 0.125f, 0.0625f}, {0.125f, 0.25f, 0.125f}, {0.0625f, 0.125f, 0.0625f}};
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; x += 4) {
      f32x4 sum = {0, 0, 0, 0};
      for (int dy = 0; dy < 3; ++dy)
        for (int dx = 0; dx < 3; ++dx)
          sum += *(const f32x4_anywhere *)&planes[0][y + dy][x + 3 + dx] * (kKernel[dy][dx] * gain);
      *(f32x4 *)&planes[1][y + 1][x + 4] = sum;
    }
  }
}

static void to_bytes(void) {
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; x += 4) {
      i32x4 level = __builtin_convertvector(*(const f32x4 *)&planes[1][y + 1][x + 4], i32x4);
      i32x4 over = level > 255;
      level = (level & ~over) | (over & 255);
      for (int k = 0; k < 4; ++k) blurred[y][x + k] = (uint8_t)level[k];
    }
  }
}

/* Where the blurred picture is brighter, moves the picture half way towards it, else darkens it by one step.
 * */
static void blend(void) {
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; x += 16) {
      u8x16 old = *(const u8x16 *)&picture[y][x], soft = *(const u8x16 *)&blurred[y][x];
      u8x16 brighter = (u8x16)(soft > old), lit = (u8x16)(old > 3);
      u8x16 middle = (old & soft) + ((old ^ soft) >> 1), darker = old - (lit & 3);
      u8x16 mixed = (brighter & middle) | (~brighter & darker);
      *(u8x16 *)&picture[y][x] =
          __builtin_shufflevector(mixed, mixed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
    }
  }
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 1500);
  uint32_t seed = 2463534242u;
  uint64_t sum = 0;
  for (int y = 0; size && y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) picture[y][x] = (uint8_t)(bench_random(&seed) >> 24);
  for (uint32_t round = 0; round < size; ++round) {
    to_floats();
    convolve(1.0f + (float)(round % 5) / 16);
    to_bytes();
    blend();
    picture[round % kHeight][round * 7 % kWidth] = (uint8_t)bench_random(&seed);
    for (int y = 0; y < kHeight; y += 8)
      sum = bench_mix(sum, picture[y][(y + round) % kWidth] * 256u + blurred[y][y]);
  }
  return bench_report("simd_image", size, sum);
}

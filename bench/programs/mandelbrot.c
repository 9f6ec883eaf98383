/* f32 arithmetic: the Mandelbrot set with single-precision floats. A tight loop of multiplications and one
 * float comparison whose trip count differs from pixel to pixel; nearly no memory. */
#include "bench.h"

static uint32_t escape_time(float cx, float cy, uint32_t limit) {
  float x = 0, y = 0;
  for (uint32_t i = 0; i < limit; ++i) {
    float xx = x * x, yy = y * y;
    if (xx + yy > 4.0f) return i;
    y = 2.0f * x * y + cy;
    x = xx - yy + cx;
  }
  return limit;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 900);
  uint64_t sum = 0;
  for (uint32_t row = 0; row < size; ++row) {
    uint32_t line = 0;
    for (uint32_t column = 0; column < size; ++column) {
      float cx = (float)column / (float)size * 3.0f - 2.0f;
      float cy = (float)row / (float)size * 2.5f - 1.25f;
      line = line * 31 + escape_time(cx, cy, 400);
    }
    sum = bench_mix(sum, line);
  }
  return bench_report("mandelbrot", size, sum);
}

/* Matrix multiplication in f64: three nested loops over arrays in memory, with address arithmetic that an
 * engine can fold or fail to fold. Alternates a row-wise and a dot-product (column-wise) order of the loops.
 * */
#include "bench.h"

enum { kOrder = 120 };
typedef double matrix[kOrder][kOrder];
static matrix a, b, c;

static void multiply_by_rows(matrix out, const matrix x, const matrix y) {
  for (int i = 0; i < kOrder; ++i) {
    for (int j = 0; j < kOrder; ++j) out[i][j] = 0;
    for (int k = 0; k < kOrder; ++k) {
      double factor = x[i][k];
      for (int j = 0; j < kOrder; ++j) out[i][j] += factor * y[k][j];
    }
  }
}

static void multiply_by_dots(matrix out, const matrix x, const matrix y) {
  for (int i = 0; i < kOrder; ++i) {
    for (int j = 0; j < kOrder; ++j) {
      double dot = 0;
      for (int k = 0; k < kOrder; ++k) dot += x[i][k] * y[k][j];
      out[i][j] = dot;
    }
  }
}

/* Brings every element into [-1, 1), so that repeated products stay finite. */
static void scale_down(matrix m) {
  for (int i = 0; i < kOrder; ++i)
    for (int j = 0; j < kOrder; ++j) m[i][j] = m[i][j] / kOrder + (double)((i * 7 + j * 3) % 11 - 5) / 16;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 100);
  uint64_t sum = 0;
  if (size) scale_down(a), scale_down(b);
  for (uint32_t round = 0; round < size; ++round) {
    if (round & 1) {
      multiply_by_dots(c, a, b);
      memcpy(b, c, sizeof c);
      scale_down(b);
    } else {
      multiply_by_rows(c, a, b);
      memcpy(a, c, sizeof c);
      scale_down(a);
    }
    for (int i = 0; i < kOrder; ++i) sum = bench_mix_f64(sum, c[i][(i * 5) % kOrder]);
  }
  return bench_report("matmul", size, sum);
}

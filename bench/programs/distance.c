/* Dynamic programming: Levenshtein's edit distance (two rows of 32-bit cells), the longest common subsequence
 * (16-bit table), and a 0/1 knapsack. Inner loops of a few loads, minimum or maximum by select, and a store.
 * */
#include "bench.h"

enum { kLength = 600, kCapacity = 2000, kGoods = 40 };
static char first[kLength], second[kLength];

static inline int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static void write_texts(uint32_t *seed) {
  for (int i = 0; i < kLength; ++i) {
    uint32_t random = bench_random(seed);
    first[i] = (char)('a' + (random >> 28));
    second[i] = (char)(random & 3 ? first[i * 15 / 16] : 'a' + (random >> 24 & 15));
  }
}

static int32_t edit_distance(void) {
  static int32_t rows[2][kLength + 1];
  for (int j = 0; j <= kLength; ++j) rows[0][j] = j;
  for (int i = 1; i <= kLength; ++i) {
    const int32_t *above = rows[(i - 1) & 1];
    int32_t *row = rows[i & 1];
    row[0] = i;
    for (int j = 1; j <= kLength; ++j) {
      int32_t replaced = above[j - 1] + (first[i - 1] != second[j - 1]);
      row[j] = smaller(replaced, smaller(above[j], row[j - 1]) + 1);
    }
  }
  return rows[kLength & 1][kLength];
}

static int32_t common_subsequence(void) {
  static uint16_t table[kLength + 1][kLength + 1];
  for (int i = 1; i <= kLength; ++i) {
    for (int j = 1; j <= kLength; ++j) {
      if (first[i - 1] == second[j - 1]) table[i][j] = (uint16_t)(table[i - 1][j - 1] + 1);
      else table[i][j] = (uint16_t)larger(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[kLength][kLength];
}

static int32_t knapsack(uint32_t *seed) {
  static int32_t best[kCapacity + 1];
  memset(best, 0, sizeof best);
  for (int item = 0; item < kGoods; ++item) {
    int32_t random = (int32_t)(bench_random(seed) >> 8), weight = 20 + random % 180, worth = 1 + random % 977;
    for (int32_t room = kCapacity; room >= weight; --room)
      best[room] = larger(best[room], best[room - weight] + worth);
  }
  return best[kCapacity];
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 90);
  uint32_t seed = 987654321;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    write_texts(&seed);
    sum = bench_mix(sum, (uint32_t)edit_distance());
    sum = bench_mix(sum, (uint32_t)common_subsequence());
    sum = bench_mix(sum, (uint32_t)knapsack(&seed));
  }
  return bench_report("distance", size, sum);
}

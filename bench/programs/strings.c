/* Strings: text built with snprintf, cut into words, counted in a hash table of strings, and searched, all
 * with the C library's functions (byte loads and stores, varargs, short calls). */
#include <ctype.h>

#include "bench.h"

enum { kBuckets = 1024, kText = 16 * 1024 };

struct entry {
  struct entry *next;
  uint32_t count;
  char word[];
};

static struct entry *buckets[kBuckets];
static char text[kText];

static const char *const kWords[16] = {"warp",  "weft",    "shuttle", "loom",   "thread",  "heddle",
                                       "reed",  "beam",    "cloth",   "twill",  "satin",   "selvage",
                                       "treadle", "bobbin", "pattern", "yarn"};

/* Fills `text` with lines of words, integers, hexadecimal and decimal fractions; returns its length. */
static size_t write_text(uint32_t *seed) {
  size_t used = 0;
  while (used + 128 < kText) {
    uint32_t r = bench_random(seed);
    used += (size_t)snprintf(text + used, kText - used, "%s %d-%s(%08x) %5.3f %c%-9s|%u\n", kWords[r & 15],
                             (int)(r % 20000) - 10000, kWords[(r >> 4) & 15], (unsigned)r, (r >> 12) / 64.0,
                             (char)('A' + r % 26), kWords[(r >> 8) & 15], (unsigned)(r >> 24));
  }
  return used;
}

static void count_word(const char *word) {
  uint32_t hash = 5381;
  size_t length = strlen(word);
  for (size_t i = 0; i < length; ++i) hash = hash * 33 + (uint32_t)tolower((unsigned char)word[i]);
  struct entry **link = &buckets[hash % kBuckets];
  for (; *link; link = &(*link)->next)
    if (strcmp((*link)->word, word) == 0) {
      ++(*link)->count;
      return;
    }
  struct entry *e = bench_alloc(sizeof *e + length + 1);
  e->next = NULL;
  e->count = 1;
  memcpy(e->word, word, length + 1);
  *link = e;
}

static uint32_t count_matches(const char *haystack, const char *needle) {
  uint32_t count = 0;
  for (const char *at = haystack; (at = strstr(at, needle)); at += strlen(needle)) ++count;
  return count;
}

/* The checksum of all counted words; empties the table. */
static uint64_t drain_table(uint64_t sum) {
  for (int i = 0; i < kBuckets; ++i) {
    while (buckets[i]) {
      struct entry *e = buckets[i];
      sum = bench_mix(sum, e->count * 131u + (unsigned char)e->word[0] + (uint32_t)strtol(e->word, NULL, 10));
      buckets[i] = e->next;
      free(e);
    }
  }
  return sum;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 180);
  uint32_t seed = 362436069;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    sum = bench_mix(sum, write_text(&seed));
    for (int i = 0; i < 16; ++i) sum = bench_mix(sum, count_matches(text, kWords[i]));
    for (char *word = strtok(text, " -()|\n"); word; word = strtok(NULL, " -()|\n")) count_word(word);
    sum = drain_table(sum);
  }
  return bench_report("strings", size, sum);
}

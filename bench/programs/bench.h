/* What every benchmark program shares: how the work size is read, a reproducible source of numbers, a
 * checksum, and the one line of output that the harness compares between engines and the native build.
 * Everything here is exact integer arithmetic, so that the output does not depend on the engine, the C
 * library or the machine. */
#ifndef WEFT_BENCH_H
#define WEFT_BENCH_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A function that must stay a call of its own, because the call is what is measured. */
#define BENCH_NOINLINE __attribute__((noinline))

/* The work size: argv[1] if it is given, else the program's own default. Size 0 means start-up and no work.
 * */
static inline uint32_t bench_size(int argc, char** argv, uint32_t standard) {
  return argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : standard;
}

/* Next number of an xorshift generator; *state must not be 0. */
static inline uint32_t bench_random(uint32_t* state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

/* The checksum after `value` (FNV-like, order matters). */
static inline uint64_t bench_mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
  return sum ^ (sum >> 29);
}

/* The checksum after the bits of `value`. */
static inline uint64_t bench_mix_f64(uint64_t sum, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bench_mix(sum, bits);
}

/* Memory that the program cannot do without. */
static inline void* bench_alloc(size_t bytes) {
  void* memory = malloc(bytes ? bytes : 1);
  if (!memory) {
    fprintf(stderr, "out of memory: %u bytes\n", (unsigned)bytes);
    exit(2);
  }
  return memory;
}

/* Prints the result line and returns main's exit code. */
static inline int bench_report(const char* name, uint32_t size, uint64_t sum) {
  printf("%s %" PRIu32 " %016" PRIx64 "\n", name, size, sum);
  return 0;
}

#endif

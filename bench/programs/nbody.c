/* f64 arithmetic: gravity between the sun and the four outer planets, integrated with the leapfrog scheme.
 * Loads, stores, multiplications, divisions and square roots of doubles; no call in the loop. */
#include <math.h>

#include "bench.h"

enum { kBodies = 5 };

struct body {
  double position[3], velocity[3], mass;
};

/* Astronomical units, days, and the sun's mass times 4 pi^2 / 365.24^2 (rounded: this is arithmetic, not a
 * forecast). */
static struct body bodies[kBodies] = {
    {{0, 0, 0}, {0, 0, 0}, 2.959e-4},
    {{4.84, -1.16, -0.104}, {0.001660, 0.007699, -0.0000690}, 2.8e-7},
    {{8.34, 4.12, -0.4035}, {-0.002767, 0.004999, 0.0000230}, 8.5e-8},
    {{12.89, -15.11, -0.2233}, {0.002964, 0.002378, -0.0000297}, 1.3e-8},
    {{15.38, -25.92, 0.1793}, {0.002681, 0.001628, -0.0000952}, 1.5e-8},
};

static void attract(struct body *a, struct body *b, double step) {
  double d[3], square = 0;
  for (int k = 0; k < 3; ++k) {
    d[k] = a->position[k] - b->position[k];
    square += d[k] * d[k];
  }
  double magnitude = step / (square * sqrt(square));
  for (int k = 0; k < 3; ++k) {
    a->velocity[k] -= d[k] * b->mass * magnitude;
    b->velocity[k] += d[k] * a->mass * magnitude;
  }
}

static void advance(double step) {
  for (int i = 0; i < kBodies; ++i)
    for (int j = i + 1; j < kBodies; ++j) attract(&bodies[i], &bodies[j], step);
  for (int i = 0; i < kBodies; ++i)
    for (int k = 0; k < 3; ++k) bodies[i].position[k] += step * bodies[i].velocity[k];
}

static double energy(void) {
  double total = 0;
  for (int i = 0; i < kBodies; ++i) {
    const struct body *a = &bodies[i];
    for (int k = 0; k < 3; ++k) total += 0.5 * a->mass * a->velocity[k] * a->velocity[k];
    for (int j = i + 1; j < kBodies; ++j) {
      double square = 0;
      for (int k = 0; k < 3; ++k) {
        double d = a->position[k] - bodies[j].position[k];
        square += d * d;
      }
      total -= a->mass * bodies[j].mass / sqrt(square);
    }
  }
  return total;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 2000000);
  for (uint32_t i = 0; i < size; ++i) advance(0.01);
  uint64_t sum = bench_mix_f64(0, energy());
  for (int i = 0; i < kBodies; ++i)
    for (int k = 0; k < 3; ++k) sum = bench_mix_f64(sum, bodies[i].position[k]);
  return bench_report("nbody", size, sum);
}

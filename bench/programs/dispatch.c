/* Indirect calls: objects of five classes behind method tables (virtual dispatch), and a table of small
 * functions chosen by data. The targets change from call to call, so that no branch predictor or inliner
 * removes the call. */
#include "bench.h"

struct shape;

struct shape_class {
  int32_t (*area)(const struct shape *self);
  void (*grow)(struct shape *self, int32_t amount);
  int32_t (*touches)(const struct shape *self, const struct shape *other);
};

struct shape {
  const struct shape_class *methods;
  int32_t x, y, width, height;
};

static int32_t box_area(const struct shape *s) { return s->width * s->height; }
static int32_t disc_area(const struct shape *s) { return s->width * s->width * 3; }
static int32_t triangle_area(const struct shape *s) { return s->width * s->height / 2; }
static int32_t ring_area(const struct shape *s) { return (s->width * s->width - s->height * s->height) * 3; }
static int32_t point_area(const struct shape *s) { return s->x & 1; }

static void grow_both(struct shape *s, int32_t n) {
  s->width = (s->width + n) & 1023;
  s->height = (s->height - n) & 1023;
}
static void grow_width(struct shape *s, int32_t n) { s->width = (s->width + n) & 1023; }
static void grow_nothing(struct shape *s, int32_t n) { s->x = (s->x + n) & 1023; }

static int32_t touches_box(const struct shape *s, const struct shape *other) {
  return abs(s->x - other->x) < s->width && abs(s->y - other->y) < s->height;
}
static int32_t touches_round(const struct shape *s, const struct shape *other) {
  int32_t dx = s->x - other->x, dy = s->y - other->y;
  return dx * dx + dy * dy < s->width * s->width + other->methods->area(other);
}
static int32_t touches_point(const struct shape *s, const struct shape *other) {
  return s->x == other->x || s->y == other->y;
}

static const struct shape_class kClasses[5] = {
    {box_area, grow_both, touches_box},
    {disc_area, grow_width, touches_round},
    {triangle_area, grow_both, touches_box},
    {ring_area, grow_width, touches_round},
    {point_area, grow_nothing, touches_point},
};

typedef uint32_t (*binary_function)(uint32_t, uint32_t);
static uint32_t op_add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t op_sub(uint32_t a, uint32_t b) { return a - b; }
static uint32_t op_mul(uint32_t a, uint32_t b) { return a * (b | 1); }
static uint32_t op_xor(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t op_rotate(uint32_t a, uint32_t b) { return (a << (b & 31)) | (a >> (-b & 31)); }
static uint32_t op_max(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t op_blend(uint32_t a, uint32_t b) { return (a & 0xffff0000u) | (b >> 16); }
static uint32_t op_swap(uint32_t a, uint32_t b) { return __builtin_bswap32(a + b); }
static binary_function const kOperations[8] = {op_add, op_sub, op_mul,   op_xor,
                                               op_rotate, op_max, op_blend, op_swap};

enum { kShapes = 1024 };
static struct shape shapes[kShapes];

static void make_shapes(uint32_t *seed) {
  for (int i = 0; i < kShapes; ++i) {
    struct shape *s = &shapes[i];
    s->methods = &kClasses[bench_random(seed) % 5];
    s->x = (int32_t)(bench_random(seed) & 1023);
    s->y = (int32_t)(bench_random(seed) & 1023);
    s->width = (int32_t)(bench_random(seed) & 255);
    s->height = (int32_t)(bench_random(seed) & 255);
  }
}

static uint64_t visit_shapes(uint32_t step) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < kShapes; ++i) {
    struct shape *s = &shapes[i];
    const struct shape *other = &shapes[(i * 7 + step) % kShapes];
    s->methods->grow(s, (int32_t)(step & 15) + 1);
    if (s->methods->touches(s, other)) sum += 1000003;
    sum += (uint32_t)s->methods->area(s);
  }
  return sum;
}

static uint32_t run_operations(uint32_t value, uint32_t *seed) {
  for (uint32_t i = 0; i < 2 * kShapes; ++i) {
    uint32_t random = bench_random(seed);
    value = kOperations[random >> 29](value, random);
  }
  return value;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 6000);
  uint32_t seed = 0x2545f491, value = 1;
  uint64_t sum = 0;
  if (size) make_shapes(&seed);
  for (uint32_t round = 0; round < size; ++round) {
    sum = bench_mix(sum, visit_shapes(round));
    sum = bench_mix(sum, value = run_operations(value, &seed));
  }
  return bench_report("dispatch", size, sum);
}

/* Sorting: quicksort with insertion sort for short runs on 32-bit integers, heap sort on 24-byte records with
 * a mixed key, and a merge sort through a comparison function. Data-dependent branches and small
 * random-access loads. */
#include "bench.h"

struct record {
  uint32_t key;
  uint16_t group, flags;
  double weight;
  uint64_t serial;
};

static void insertion_sort(int32_t *items, int32_t count) {
  for (int32_t i = 1; i < count; ++i) {
    int32_t item = items[i], j = i;
    for (; j > 0 && items[j - 1] > item; --j) items[j] = items[j - 1];
    items[j] = item;
  }
}

static void quick_sort(int32_t *items, int32_t count) {
  while (count > 16) {
    int32_t a = items[0], b = items[count / 2], c = items[count - 1];
    int32_t pivot = a < b ? (b < c ? b : (a < c ? c : a)) : (a < c ? a : (b < c ? c : b));
    int32_t low = 0, high = count - 1;
    while (low <= high) {
      while (items[low] < pivot) ++low;
      while (items[high] > pivot) --high;
      if (low > high) break;
      int32_t swapped = items[low];
      items[low++] = items[high];
      items[high--] = swapped;
    }
    if (high + 1 < count - low) {
      quick_sort(items, high + 1);
      items += low, count -= low;
    } else {
      quick_sort(items + low, count - low);
      count = high + 1;
    }
  }
  insertion_sort(items, count);
}

static int record_before(const struct record *a, const struct record *b) {
  if (a->group != b->group) return a->group < b->group;
  if (a->weight != b->weight) return a->weight < b->weight;
  return a->key < b->key;
}

static void sift_down(struct record *heap, uint32_t root, uint32_t count) {
  struct record item = heap[root];
  for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && record_before(&heap[child], &heap[child + 1])) ++child;
    if (!record_before(&item, &heap[child])) break;
    heap[root] = heap[child];
  }
  heap[root] = item;
}

static void heap_sort(struct record *records, uint32_t count) {
  for (uint32_t i = count / 2; i-- > 0;) sift_down(records, i, count);
  for (uint32_t end = count; end-- > 1;) {
    struct record largest = records[0];
    records[0] = records[end];
    records[end] = largest;
    sift_down(records, 0, end);
  }
}

typedef int (*comparison)(uint64_t, uint64_t);
static int by_value(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }
static int by_low_bits(uint64_t a, uint64_t b) { return by_value(a << 40, b << 40); }

static void merge_sort(uint64_t *items, uint64_t *spare, uint32_t count, comparison compare) {
  if (count < 2) return;
  uint32_t half = count / 2, left = 0, right = half, out = 0;
  merge_sort(items, spare, half, compare);
  merge_sort(items + half, spare, count - half, compare);
  while (left < half && right < count)
    spare[out++] = compare(items[right], items[left]) < 0 ? items[right++] : items[left++];
  while (left < half) spare[out++] = items[left++];
  memcpy(items, spare, out * sizeof *items);
}

enum { kItems = 20000 };
static int32_t numbers[kItems];
static struct record records[kItems / 2];
static uint64_t words[kItems / 2], spare[kItems / 2];

static void fill(uint32_t *seed) {
  for (int i = 0; i < kItems; ++i) numbers[i] = (int32_t)bench_random(seed);
  for (int i = 0; i < kItems / 2; ++i) {
    uint32_t random = bench_random(seed);
    uint16_t group = (uint16_t)(random % 37);
    records[i] = (struct record){random, group, (uint16_t)i, (double)(random >> 20), random};
    words[i] = (uint64_t)random * 0x10001;
  }
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 70);
  uint32_t seed = 88172645;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    fill(&seed);
    quick_sort(numbers, kItems);
    heap_sort(records, kItems / 2);
    merge_sort(words, spare, kItems / 2, round & 1 ? by_value : by_low_bits);
    for (int i = 0; i < kItems; i += 7) sum = bench_mix(sum, (uint32_t)numbers[i]);
    for (int i = 0; i < kItems / 2; i += 7) sum = bench_mix(sum, records[i].serial ^ words[i]);
  }
  return bench_report("sort", size, sum);
}

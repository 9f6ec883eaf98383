/* Allocation: binary search trees built and torn down with malloc and free, with a long-lived tree in
 * between, so that the C library's allocator (compiled to WebAssembly) and pointer chasing are what is
 * measured. */
#include "bench.h"

struct node {
  struct node *left, *right;
  uint32_t key;
  char *label;
};

static struct node *new_node(uint32_t key) {
  struct node *n = bench_alloc(sizeof *n);
  size_t length = 1 + key % 23;
  n->left = n->right = NULL;
  n->key = key;
  n->label = bench_alloc(length);
  n->label[0] = (char)('a' + key % 26);
  return n;
}

static struct node *full_tree(uint32_t depth, uint32_t key) {
  struct node *n = new_node(key);
  if (depth > 0) {
    n->left = full_tree(depth - 1, key * 2);
    n->right = full_tree(depth - 1, key * 2 + 1);
  }
  return n;
}

static void insert(struct node **root, uint32_t key) {
  while (*root) {
    if ((*root)->key == key) return;
    root = key < (*root)->key ? &(*root)->left : &(*root)->right;
  }
  *root = new_node(key);
}

/* Removes the smallest node and returns its key; the tree must not be empty. */
static uint32_t remove_smallest(struct node **root) {
  while ((*root)->left) root = &(*root)->left;
  struct node *smallest = *root;
  uint32_t key = smallest->key;
  *root = smallest->right;
  free(smallest->label);
  free(smallest);
  return key;
}

static uint64_t weigh(const struct node *n) {
  return n ? bench_mix(weigh(n->left) + weigh(n->right), n->key + (uint64_t)n->label[0]) : 1;
}

static void release(struct node *n) {
  if (!n) return;
  release(n->left);
  release(n->right);
  free(n->label);
  free(n);
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 300);
  uint32_t seed = 19088743;
  uint64_t sum = 0;
  struct node *lasting = NULL;
  for (uint32_t round = 0; round < size; ++round) {
    struct node *tree = full_tree(11, round);
    for (int i = 0; i < 2000; ++i) insert(&lasting, bench_random(&seed) >> 8);
    sum = bench_mix(sum, weigh(tree));
    release(tree);
    for (int i = 0; i < 1500; ++i) sum = bench_mix(sum, remove_smallest(&lasting));
  }
  sum = bench_mix(sum, weigh(lasting));
  release(lasting);
  return bench_report("trees", size, sum);
}

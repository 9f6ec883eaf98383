/* An interpreter inside the interpreter: a stack machine of 27 instructions with one large switch (br_table),
 * running three small programs: Collatz step counts, a bubble sort in its memory, and Euclid's algorithm. */
#include "bench.h"

enum opcode {
  kHalt, kPush, kLoad, kStore, kDup, kDrop, kSwap, kAdd, kSub, kMul, kDiv, kRem, kAnd, kOr, kXor, kShl, kShr,
  kEqual, kLess, kNot, kJump, kJumpIf, kJumpUnless, kFetch, kPut, kIncrement, kMixIn,
  kLabel /* for the loader only: names the next instruction */
};

struct instruction {
  uint8_t opcode, operand;
};

enum { kLocals = 8, kCells = 64, kStack = 32, kCode = 64 };

struct machine {
  uint32_t locals[kLocals], cells[kCells], stack[kStack];
  uint64_t sum, steps;
};

/* Runs `code` until kHalt. The programs below are fixed and keep within the stack and the locals. */
BENCH_NOINLINE static void run(struct machine *m, const struct instruction *code) {
  const struct instruction *at = code;
  uint32_t *sp = m->stack;
  for (uint64_t steps = 1;; ++steps) {
    uint32_t operand = at->operand;
    switch ((enum opcode)(at++)->opcode) {
      case kHalt: m->steps += steps; return;
      case kPush: *sp++ = operand; break;
      case kLoad: *sp++ = m->locals[operand]; break;
      case kStore: m->locals[operand] = *--sp; break;
      case kDup: *sp = sp[-1]; ++sp; break;
      case kDrop: --sp; break;
      case kSwap: { uint32_t top = sp[-1]; sp[-1] = sp[-2]; sp[-2] = top; break; }
      case kAdd: --sp; sp[-1] += *sp; break;
      case kSub: --sp; sp[-1] -= *sp; break;
      case kMul: --sp; sp[-1] *= *sp; break;
      case kDiv: --sp; sp[-1] /= *sp; break;
      case kRem: --sp; sp[-1] %= *sp; break;
      case kAnd: --sp; sp[-1] &= *sp; break;
      case kOr: --sp; sp[-1] |= *sp; break;
      case kXor: --sp; sp[-1] ^= *sp; break;
      case kShl: --sp; sp[-1] <<= *sp & 31; break;
      case kShr: --sp; sp[-1] >>= *sp & 31; break;
      case kEqual: --sp; sp[-1] = sp[-1] == *sp; break;
      case kLess: --sp; sp[-1] = sp[-1] < *sp; break;
      case kNot: sp[-1] = !sp[-1]; break;
      case kJump: at = code + operand; break;
      case kJumpIf: if (*--sp) at = code + operand; break;
      case kJumpUnless: if (!*--sp) at = code + operand; break;
      case kFetch: sp[-1] = m->cells[sp[-1] % kCells]; break;
      case kPut: sp -= 2; m->cells[sp[0] % kCells] = sp[1]; break;
      case kIncrement: ++m->locals[operand]; break;
      case kMixIn: m->sum = bench_mix(m->sum, *--sp); break;
      case kLabel: break;
    }
  }
}

/* Copies a program up to and with kHalt, with labels replaced by instruction numbers. */
static void load(struct instruction *code, const struct instruction *source) {
  uint8_t labels[16] = {0}, count = 0;
  for (const struct instruction *s = source;; ++s) {
    if (s->opcode == kLabel) {
      labels[s->operand] = count;
    } else {
      code[count++] = *s;
      if (s->opcode == kHalt) break;
    }
  }
  for (struct instruction *c = code; c < code + count; ++c) {
    int jumps = c->opcode == kJump || c->opcode == kJumpIf || c->opcode == kJumpUnless;
    if (jumps) c->operand = labels[c->operand];
  }
}

/* Mixes in the number of Collatz steps of each number from local 0 up to, and without, local 1. */
enum { kNextNumber, kNextStep, kOdd, kCount, kReached };
static const struct instruction kCollatz[] = {
    {kLabel, kNextNumber}, {kLoad, 0}, {kStore, 2}, {kPush, 0}, {kStore, 3},
    {kLabel, kNextStep}, {kLoad, 2}, {kPush, 1}, {kEqual, 0}, {kJumpIf, kReached},
    {kLoad, 2}, {kPush, 1}, {kAnd, 0}, {kJumpIf, kOdd},
    {kLoad, 2}, {kPush, 1}, {kShr, 0}, {kStore, 2}, {kJump, kCount},
    {kLabel, kOdd}, {kPush, 3}, {kLoad, 2}, {kMul, 0}, {kPush, 1}, {kAdd, 0}, {kStore, 2},
    {kLabel, kCount}, {kIncrement, 3}, {kJump, kNextStep},
    {kLabel, kReached}, {kLoad, 3}, {kMixIn, 0}, {kIncrement, 0},
    {kLoad, 0}, {kLoad, 1}, {kLess, 0}, {kJumpIf, kNextNumber}, {kHalt, 0},
};

/* Fills the cells with pseudo-random bytes from the seed in local 0, bubble-sorts them, mixes in every cell.
 * */
enum { kFill, kPass, kPair, kInOrder, kRead };
static const struct instruction kBubbleSort[] = {
    {kPush, 0}, {kStore, 1},
    {kLabel, kFill}, {kLoad, 0}, {kPush, 77}, {kMul, 0}, {kPush, 13}, {kAdd, 0}, {kDup, 0}, {kStore, 0},
    {kPush, 8}, {kShr, 0}, {kPush, 255}, {kAnd, 0}, {kLoad, 1}, {kSwap, 0}, {kPut, 0},
    {kIncrement, 1}, {kLoad, 1}, {kPush, kCells}, {kLess, 0}, {kJumpIf, kFill},
    {kPush, kCells - 1}, {kStore, 2},
    {kLabel, kPass}, {kPush, 0}, {kStore, 1},
    {kLabel, kPair}, {kLoad, 1}, {kPush, 1}, {kAdd, 0}, {kStore, 5},
    {kLoad, 1}, {kFetch, 0}, {kStore, 3}, {kLoad, 5}, {kFetch, 0}, {kStore, 4},
    {kLoad, 4}, {kLoad, 3}, {kLess, 0}, {kJumpUnless, kInOrder},
    {kLoad, 1}, {kLoad, 4}, {kPut, 0}, {kLoad, 5}, {kLoad, 3}, {kPut, 0},
    {kLabel, kInOrder}, {kIncrement, 1}, {kLoad, 1}, {kLoad, 2}, {kLess, 0}, {kJumpIf, kPair},
    {kLoad, 2}, {kPush, 1}, {kSub, 0}, {kDup, 0}, {kStore, 2}, {kJumpIf, kPass},
    {kLoad, 1}, {kFetch, 0}, {kMixIn, 0},
    {kPush, 0}, {kStore, 1}, {kLabel, kRead}, {kLoad, 1}, {kFetch, 0}, {kMixIn, 0},
    {kIncrement, 1}, {kLoad, 1}, {kPush, kCells}, {kEqual, 0}, {kNot, 0}, {kJumpIf, kRead}, {kHalt, 0},
};

/* Mixes in the greatest common divisor of local 1 and every number below local 0. */
enum { kNextDivisor, kDivide, kDivided };
static const struct instruction kEuclid[] = {
    {kLabel, kNextDivisor}, {kLoad, 1}, {kLoad, 0},
    {kLabel, kDivide}, {kDup, 0}, {kJumpUnless, kDivided},
    {kSwap, 0}, {kStore, 2}, {kDup, 0}, {kStore, 3}, {kLoad, 2}, {kLoad, 3}, {kRem, 0}, {kJump, kDivide},
    {kLabel, kDivided}, {kDrop, 0}, {kPush, 5}, {kShl, 0}, {kLoad, 0}, {kXor, 0}, {kMixIn, 0},
    {kLoad, 0}, {kPush, 1}, {kSub, 0}, {kDup, 0}, {kStore, 0}, {kJumpIf, kNextDivisor}, {kHalt, 0},
};

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 700);
  static struct machine m;
  static struct instruction collatz[kCode], bubble_sort[2 * kCode], euclid[kCode];
  load(collatz, kCollatz);
  load(bubble_sort, kBubbleSort);
  load(euclid, kEuclid);
  for (uint32_t round = 0; round < size; ++round) {
    m.locals[0] = 1000 + round * 20;
    m.locals[1] = 1020 + round * 20;
    run(&m, collatz);
    m.locals[0] = round;
    run(&m, bubble_sort);
    m.locals[0] = 150;
    m.locals[1] = 360360 + round;
    run(&m, euclid);
  }
  return bench_report("vm", size, bench_mix(m.sum, m.steps));
}

/* Compression: a greedy LZ77 coder with hash chains and its decoder, on text made of a small vocabulary. Byte
 * loads, match comparison loops, copies that overlap themselves. The decoder's output is checked against the
 * input. */
#include "bench.h"

enum { kBytes = 48 * 1024, kWindow = 32 * 1024, kHashBits = 13, kTries = 12 };
enum { kShortest = 4, kLongest = 255 + kShortest };

static uint8_t plain[kBytes], packed[2 * kBytes], unpacked[kBytes];
static int32_t heads[1 << kHashBits], previous[kWindow];

static void write_plain(uint32_t *seed) {
  static const char kSyllables[32][5] = {"an",  "be",  "cor", "du",  "en",   "fil", "gra", "hol",
                                         "in",  "jo",  "ke",  "lun", "mi",   "no",  "os",  "per",
                                         "qua", "ri",  "sta", "tor", "ul",   "ver", "wo",  "xi",
                                         "ys",  "zen", ". ",  ", ",  " ",    " ",   "ing ", "\n"};
  for (uint32_t at = 0; at < kBytes;) {
    uint32_t random = bench_random(seed);
    if (random < 0x20000000 && at > 64) { /* repeat an older phrase */
      uint32_t from = random % (at - 32), length = 6 + random % 26;
      while (length-- && at < kBytes) plain[at++] = plain[from++];
    } else {
      for (const char *s = kSyllables[random >> 27]; *s && at < kBytes; ++s) plain[at++] = (uint8_t)*s;
    }
  }
}

static uint32_t hash_at(const uint8_t *p) {
  uint32_t four;
  memcpy(&four, p, 4);
  return four * 2654435761u >> (32 - kHashBits);
}

static uint32_t match_length(const uint8_t *a, const uint8_t *b, uint32_t most) {
  uint32_t length = 0;
  while (length < most && a[length] == b[length]) ++length;
  return length;
}

static void remember(uint32_t at) {
  uint32_t hash = hash_at(plain + at);
  previous[at % kWindow] = heads[hash];
  heads[hash] = (int32_t)at;
}

/* The longest match for position `at` among the candidates of its hash chain; 0 if there is none. */
static uint32_t find_match(uint32_t at, uint32_t *distance) {
  uint32_t best = 0, most = kBytes - at < kLongest ? kBytes - at : kLongest;
  int32_t candidate = heads[hash_at(plain + at)];
  for (int tries = 0; tries < kTries && candidate >= 0 && at - (uint32_t)candidate < kWindow; ++tries) {
    uint32_t length = match_length(plain + candidate, plain + at, most);
    if (length > best) best = length, *distance = at - (uint32_t)candidate;
    candidate = previous[(uint32_t)candidate % kWindow];
  }
  return best >= kShortest ? best : 0;
}

/* Tokens: a control byte for each eight items (bit set: match), literals of one byte, matches of three. */
static uint32_t pack(void) {
  uint32_t out = 0, control = 0, items = 8, at = 0;
  for (int i = 0; i < 1 << kHashBits; ++i) heads[i] = -1;
  while (at < kBytes) {
    if (items == 8) control = out, packed[out++] = 0, items = 0;
    uint32_t distance = 0, length = at + kShortest <= kBytes ? find_match(at, &distance) : 0;
    if (length) {
      packed[control] |= (uint8_t)(1u << items);
      packed[out++] = (uint8_t)(length - kShortest);
      packed[out++] = (uint8_t)distance;
      packed[out++] = (uint8_t)(distance >> 8);
    } else {
      packed[out++] = plain[at];
      length = 1;
    }
    for (uint32_t end = at + length; at < end; ++at)
      if (at + kShortest <= kBytes) remember(at);
    ++items;
  }
  return out;
}

static uint32_t unpack(uint32_t packed_size) {
  uint32_t in = 0, out = 0, control = 0, items = 8;
  while (in < packed_size) {
    if (items == 8) {
      control = packed[in++], items = 0;
    } else if (control >> items++ & 1) {
      uint32_t length = packed[in] + kShortest, from = out - (packed[in + 1] | (uint32_t)packed[in + 2] << 8);
      in += 3;
      while (length--) unpacked[out++] = unpacked[from++];
    } else {
      unpacked[out++] = packed[in++];
    }
  }
  return out;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 200);
  uint32_t seed = 521288629;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    write_plain(&seed);
    uint32_t packed_size = pack();
    if (unpack(packed_size) != kBytes || memcmp(plain, unpacked, kBytes) != 0) {
      puts("lz: the decoder did not restore the input");
      return 1;
    }
    for (uint32_t i = 0; i < packed_size; i += 16) sum = bench_mix(sum, packed[i]);
    sum = bench_mix(sum, packed_size);
  }
  return bench_report("lz", size, sum);
}

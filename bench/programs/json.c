/* JSON: writes a document, parses it into a tree in an arena by recursive descent, then walks the tree. A
 * state machine over bytes with small switches, number conversion (integer and f64), and string comparison.
 * */
#include "bench.h"

enum kind { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

struct value {
  enum kind kind;
  uint32_t length; /* of the string, or the number of members */
  const char *text;
  double number;
  const char *name; /* as a member of an object */
  uint32_t name_length;
  struct value *next, *first;
};

enum { kText = 40 * 1024, kValues = 8192, kDeepest = 32 };
static char text[kText];
static struct value values[kValues];

struct parser {
  const char *at;
  uint32_t used, depth;
};

static char *write_string(char *out, uint32_t random) {
  *out++ = '"';
  for (uint32_t n = 3 + (random & 7); n > 0; --n, random = random * 1664525 + 1013904223) {
    if (random >> 28 == 0) *out++ = '\\', *out++ = 'n';
    else *out++ = (char)('a' + (random >> 24) % 26);
  }
  *out++ = '"';
  return out;
}

static char *write_value(char *out, uint32_t *seed, uint32_t depth) {
  uint32_t random = bench_random(seed), choice = random >> 29;
  if (depth == 0 || choice < 4) {
    switch (random % 6) {
      case 0: return out + sprintf(out, "%d", (int)(random % 2000000) - 1000000);
      case 1: return out + sprintf(out, "%u.%03ue-2", random % 1000, random % 997);
      case 2: return strcpy(out, "true") + 4;
      case 3: return strcpy(out, "null") + 4;
      default: return write_string(out, random);
    }
  }
  int object = choice & 1;
  *out++ = object ? '{' : '[';
  for (uint32_t i = 0, n = random % 7; i < n; ++i) {
    if (i) *out++ = ',', *out++ = ' ';
    if (object) out = write_string(out, random ^ i), *out++ = ':', *out++ = ' ';
    out = write_value(out, seed, depth - 1);
  }
  *out++ = object ? '}' : ']';
  return out;
}

/* Writes one array of many values that fills most of the text. */
static void write_document(uint32_t *seed) {
  char *out = text;
  *out++ = '[';
  while (out < text + kText - 12 * 1024) {
    out = write_value(out, seed, 4);
    *out++ = ',', *out++ = '\n';
  }
  strcpy(out, "false]");
}

static void skip_space(struct parser *p) {
  while (*p->at == ' ' || *p->at == '\n' || *p->at == '\t' || *p->at == '\r') ++p->at;
}

static int parse_string(struct parser *p, const char **start, uint32_t *length) {
  if (*p->at != '"') return 0;
  for (*start = ++p->at; *p->at != '"'; ++p->at) {
    if (*p->at == '\\') ++p->at;
    if (!*p->at) return 0;
  }
  *length = (uint32_t)(p->at++ - *start);
  return 1;
}

static int parse_number(struct parser *p, double *number) {
  static const double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
  int64_t mantissa = 0;
  int32_t exponent = 0, written = 0, negative = *p->at == '-', less = 0;
  const char *start = p->at += negative;
  for (; *p->at >= '0' && *p->at <= '9'; ++p->at) mantissa = mantissa * 10 + (*p->at - '0');
  if (p->at == start) return 0;
  if (*p->at == '.')
    for (++p->at; *p->at >= '0' && *p->at <= '9'; ++p->at, --exponent)
      mantissa = mantissa * 10 + (*p->at - '0');
  if (*p->at == 'e' || *p->at == 'E') {
    ++p->at;
    if (*p->at == '-' || *p->at == '+') less = *p->at++ == '-';
    for (; *p->at >= '0' && *p->at <= '9'; ++p->at) written = written * 10 + (*p->at - '0');
    exponent += less ? -written : written;
  }
  if (exponent < -12 || exponent > 12) return 0;
  *number = exponent < 0 ? (double)mantissa / kPowers[-exponent] : (double)mantissa * kPowers[exponent];
  if (negative) *number = -*number;
  return 1;
}

static struct value *parse_value(struct parser *p);

static int parse_members(struct parser *p, struct value *parent, char close) {
  struct value **link = &parent->first;
  ++p->at;
  skip_space(p);
  if (*p->at == close) return ++p->at, 1;
  for (;;) {
    const char *name = NULL;
    uint32_t name_length = 0;
    if (parent->kind == kObject) {
      skip_space(p);
      if (!parse_string(p, &name, &name_length)) return 0;
      skip_space(p);
      if (*p->at++ != ':') return 0;
    }
    struct value *member = parse_value(p);
    if (!member) return 0;
    member->name = name;
    member->name_length = name_length;
    *link = member;
    link = &member->next;
    ++parent->length;
    skip_space(p);
    char separator = *p->at++;
    if (separator == close) return 1;
    if (separator != ',') return 0;
  }
}

static int parse_word(struct parser *p, const char *word) {
  size_t length = strlen(word);
  if (strncmp(p->at, word, length) != 0) return 0;
  p->at += length;
  return 1;
}

static struct value *parse_value(struct parser *p) {
  if (p->used == kValues || p->depth == kDeepest) return NULL;
  struct value *v = &values[p->used++];
  int good;
  memset(v, 0, sizeof *v);
  ++p->depth;
  skip_space(p);
  switch (*p->at) {
    case '{': v->kind = kObject; good = parse_members(p, v, '}'); break;
    case '[': v->kind = kArray; good = parse_members(p, v, ']'); break;
    case '"': v->kind = kString; good = parse_string(p, &v->text, &v->length); break;
    case 't': v->kind = kTrue; good = parse_word(p, "true"); break;
    case 'f': v->kind = kFalse; good = parse_word(p, "false"); break;
    case 'n': v->kind = kNull; good = parse_word(p, "null"); break;
    default: v->kind = kNumber; good = parse_number(p, &v->number); break;
  }
  --p->depth;
  return good ? v : NULL;
}

static uint64_t weigh(const struct value *v, uint64_t sum) {
  for (; v; v = v->next) {
    sum = bench_mix(sum, v->kind * 8u + v->length + v->name_length);
    if (v->kind == kNumber) sum = bench_mix_f64(sum, v->number);
    if (v->kind == kString)
      sum = bench_mix(sum, (uint64_t)v->text[0] << 8 | (uint64_t)v->text[v->length - 1]);
    sum = weigh(v->first, sum);
  }
  return sum;
}

/* How many members of objects in the tree are called `name`. */
static uint32_t count_named(const struct value *v, const char *name, uint32_t length) {
  uint32_t count = 0;
  for (; v; v = v->next) {
    if (v->name && v->name_length == length && memcmp(v->name, name, length) == 0) ++count;
    count += count_named(v->first, name, length);
  }
  return count;
}

int main(int argc, char **argv) {
  uint32_t size = bench_size(argc, argv, 1200);
  uint32_t seed = 123456789;
  uint64_t sum = 0;
  for (uint32_t round = 0; round < size; ++round) {
    if (round % 8 == 0) write_document(&seed);
    struct parser p = {text, 0, 0};
    struct value *root = parse_value(&p);
    if (!root) {
      printf("json: syntax error at byte %d\n", (int)(p.at - text));
      return 1;
    }
    sum = bench_mix(weigh(root, sum), p.used);
    sum = bench_mix(sum, count_named(root, "abc", 3));
  }
  return bench_report("json", size, sum);
}

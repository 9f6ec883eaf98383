/* The smallest WASI command that prints: what the start-up mode of the harness times. */
#include <stdio.h>

int main(void) {
  puts("hello, world");
  return 0;
}

// The test program's main function.
// Catch would replace the handler that turns faults of guarded memories into traps.
#define CATCH_CONFIG_NO_POSIX_SIGNALS
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

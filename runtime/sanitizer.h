// What the address sanitizer must be told.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_ASAN 1
#endif
#endif

#if defined(WEFT_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace weft {

/// After native frames were left without returning from them: their poison must go.
inline void forget_stack_below_here() {
#if defined(WEFT_ASAN)
  __asan_handle_no_return();
#endif
}

}  // namespace weft

// What functions on descriptors and on paths have in common.
#pragma once

#include <sys/stat.h>

#include "wasi/abi.h"
#include "wasi/state.h"

namespace weft::wasi {

Filestat to_filestat(const struct stat& host);
UnstableFilestat to_unstable(const Filestat& stat);
/// The two timespecs for utimensat from WASI's arguments. Invalid when a time is both given and "now".
Errno to_timespecs(uint64_t accessed, uint64_t modified, uint32_t flags, struct timespec out[2]);
/// open(2) flags for WASI fd flags.
int to_host_flags(uint32_t fd_flags);
uint16_t from_host_flags(int host_flags);

}  // namespace weft::wasi

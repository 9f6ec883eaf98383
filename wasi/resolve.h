// The one place where guest paths become host files.
//
// A path is walked component by component from the directory that the guest named, each step opened without following
// links, so that nothing outside of that directory can be reached, whatever links there are and whoever renames what
// meanwhile. Links are followed by walking their text; absolute ones, and `..` above the start, are not permitted.
#pragma once

#include <string>
#include <string_view>

#include "wasi/abi.h"

namespace weft::wasi {

/// Where a path leads: a name in an open directory. Owns the directory's host descriptor.
class Resolved {
 public:
  Resolved() = default;
  ~Resolved();
  Resolved(const Resolved&) = delete;
  Resolved& operator=(const Resolved&) = delete;

  int directory = -1;              // host descriptor of the last directory
  std::string name;                // the last component; "." for the directory itself
  bool must_be_directory = false;  // the path ended with a slash
};

/// Walks `path` from the host directory `start`, to the directory of its last component. With `follow_last` a link in
/// the last place is followed too. Errors: NotPermitted for paths that lead outside, and what the host says.
Errno resolve(int start, std::string_view path, bool follow_last, Resolved& out);

}  // namespace weft::wasi

// Implementation limits, as the WebAssembly JavaScript Interface names them (its section "Implementation-defined
// Limits"), so that a module that runs in browsers runs here. Each has an error text of its own where it is checked.
#pragma once

#include <cstdint>

namespace weft::limits {

inline constexpr uint64_t kModuleBytes = 1'073'741'824;
inline constexpr uint32_t kTypes = 1'000'000;
inline constexpr uint32_t kRecGroupTypes = 1'000'000;
inline constexpr uint32_t kSubtypingDepth = 63;
inline constexpr uint32_t kFunctions = 1'000'000;
inline constexpr uint32_t kImports = 1'000'000;
inline constexpr uint32_t kExports = 1'000'000;
inline constexpr uint32_t kGlobals = 1'000'000;
inline constexpr uint32_t kTags = 1'000'000;
inline constexpr uint32_t kTables = 100'000;
inline constexpr uint32_t kMemories = 100;
inline constexpr uint32_t kDataSegments = 100'000;
inline constexpr uint32_t kElementSegments = 10'000'000;
inline constexpr uint32_t kElementSegmentEntries = 10'000'000;
inline constexpr uint32_t kFunctionBytes = 7'654'321;
inline constexpr uint32_t kFunctionLocals = 50'000;
inline constexpr uint32_t kFunctionParams = 1'000;
inline constexpr uint32_t kFunctionResults = 1'000;
inline constexpr uint32_t kStructFields = 10'000;
inline constexpr uint32_t kArrayNewFixedOperands = 10'000;
inline constexpr uint32_t kBranchTableTargets = 7'654'321;  // bounded by the function's size anyway
inline constexpr uint32_t kCatchClauses = 10'000;
inline constexpr uint64_t kTableEntries = 10'000'000;
inline constexpr uint32_t kNameBytes = 100'000;

}  // namespace weft::limits

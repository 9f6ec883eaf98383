// What a walk over a function's body tells the engines before they compile it: one pass that knows what comes.
#pragma once

#include <cstdint>
#include <vector>

#include "validator/validator.h"

namespace weft {

/// A block, loop, if or try in the order of its opening instructions.
struct BlockFacts {
  uint32_t end_offset = 0;  // of its `end` (or `delegate`), from the start of the module
  uint32_t branches = 0;    // branches that name its label
};

/// A local's use inside a loop.
struct LocalUse {
  uint32_t local = 0;
  uint32_t reads = 0;
  uint32_t writes = 0;
};

struct LoopFacts {
  uint32_t block = 0;            // index into FunctionFacts::blocks
  uint32_t begin_offset = 0;     // of the `loop` instruction
  uint32_t depth = 0;            // loops around it
  bool has_calls = false;        // a call (of any kind) occurs in it or in a loop inside it
  std::vector<LocalUse> locals;  // used in it (inner loops counted eight-fold), most used first
};

struct FunctionFacts {
  std::vector<BlockFacts> blocks;
  std::vector<LoopFacts> loops;  // in the order of their opening instructions
  std::vector<LocalUse> locals;  // whole function, most used first; only locals that are used
  uint32_t max_operands = 0;     // deepest operand stack, in values
  uint32_t max_nesting = 0;      // deepest control nesting
  uint32_t instructions = 0;     // reachable ones
  bool has_calls = false;
  bool has_loops() const { return !loops.empty(); }
};

/// Validates a function (again) and collects its facts. The function must exist; errors are those of validation.
Result<FunctionFacts> collect_facts(FunctionValidator& validator, uint32_t function_index);

}  // namespace weft

// Collecting what engines want to know of a body before they compile it.
#include "validator/facts.h"

#include <algorithm>
#include <unordered_map>

namespace weft {
namespace {

// Uses inside a loop count as if the loop ran this often.
constexpr uint32_t kLoopWeight = 8;
constexpr uint32_t kMaxCount = 1u << 28;

class Collector final : public InstructionSink {
 public:
  FunctionFacts take() {
    facts_.locals = sorted(whole_);
    return std::move(facts_);
  }

  void on_instruction(const Instruction& instruction, bool reachable, const FunctionValidator& state) override {
    facts_.max_operands = std::max(facts_.max_operands, static_cast<uint32_t>(state.operands().size()));
    facts_.max_nesting = std::max(facts_.max_nesting, static_cast<uint32_t>(state.controls().size()));
    facts_.instructions += reachable;
    switch (instruction.op) {
      case Opcode::Block:
      case Opcode::Loop:
      case Opcode::If:
      case Opcode::Try:
      case Opcode::TryTable: open(instruction); break;
      case Opcode::End:
      case Opcode::Delegate: close(instruction); break;
      case Opcode::Br:
      case Opcode::BrIf:
      case Opcode::BrOnNull:
      case Opcode::BrOnNonNull:
      case Opcode::BrOnCast:
      case Opcode::BrOnCastFail: branch(instruction.index); break;
      case Opcode::BrTable:
        for (const uint32_t label : instruction.labels) branch(label);
        break;
      case Opcode::LocalGet: use(instruction.index, false); break;
      case Opcode::LocalSet:
      case Opcode::LocalTee: use(instruction.index, true); break;
      case Opcode::Call:
      case Opcode::CallIndirect:
      case Opcode::CallRef: call(); break;
      default: break;
    }
    if (instruction.op == Opcode::TryTable) {
      for (const CatchClause& clause : instruction.catches) branch(clause.label + 1);
    }
  }

 private:
  using Uses = std::unordered_map<uint32_t, LocalUse>;
  struct OpenLoop {
    size_t loop;  // index into facts_.loops
    Uses uses;
  };

  void open(const Instruction& instruction) {
    if (instruction.op == Opcode::Loop) {
      LoopFacts loop;
      loop.block = static_cast<uint32_t>(facts_.blocks.size());
      loop.begin_offset = instruction.offset;
      loop.depth = static_cast<uint32_t>(loops_.size());
      loops_.push_back({facts_.loops.size(), {}});
      facts_.loops.push_back(std::move(loop));
    }
    open_.push_back(static_cast<uint32_t>(facts_.blocks.size()));
    facts_.blocks.emplace_back();
  }

  void close(const Instruction& instruction) {
    if (open_.empty()) return;  // the function's end
    const uint32_t block = open_.back();
    open_.pop_back();
    facts_.blocks[block].end_offset = instruction.offset;
    if (loops_.empty() || facts_.loops[loops_.back().loop].block != block) return;
    // What the loop uses, the code around it uses more often.
    const OpenLoop closed = std::move(loops_.back());
    loops_.pop_back();
    LoopFacts& loop = facts_.loops[closed.loop];
    loop.locals = sorted(closed.uses);
    Uses& outer = loops_.empty() ? whole_ : loops_.back().uses;
    for (const auto& [local, use] : closed.uses) {
      LocalUse& sum = outer[local];
      sum.local = local;
      sum.reads = std::min(kMaxCount, sum.reads + std::min(kMaxCount, use.reads) * kLoopWeight);
      sum.writes = std::min(kMaxCount, sum.writes + std::min(kMaxCount, use.writes) * kLoopWeight);
    }
    if (loop.has_calls && !loops_.empty()) facts_.loops[loops_.back().loop].has_calls = true;
  }

  void branch(uint32_t depth) {
    if (depth < open_.size()) ++facts_.blocks[open_[open_.size() - 1 - depth]].branches;
  }

  void use(uint32_t local, bool write) {
    LocalUse& entry = (loops_.empty() ? whole_ : loops_.back().uses)[local];
    entry.local = local;
    ++(write ? entry.writes : entry.reads);
  }

  void call() {
    facts_.has_calls = true;
    if (!loops_.empty()) facts_.loops[loops_.back().loop].has_calls = true;
  }

  static std::vector<LocalUse> sorted(const Uses& uses) {
    std::vector<LocalUse> list;
    list.reserve(uses.size());
    for (const auto& [local, use] : uses) list.push_back(use);
    std::ranges::sort(list, [](const LocalUse& a, const LocalUse& b) {
      const uint64_t left = uint64_t{a.reads} + a.writes;
      const uint64_t right = uint64_t{b.reads} + b.writes;
      return left != right ? left > right : a.local < b.local;
    });
    return list;
  }

  FunctionFacts facts_;
  std::vector<uint32_t> open_;  // blocks, by index
  std::vector<OpenLoop> loops_;
  Uses whole_;
};

}  // namespace

Result<FunctionFacts> collect_facts(FunctionValidator& validator, uint32_t function_index) {
  Collector collector;
  WEFT_TRY(validator.function(function_index, &collector));
  return collector.take();
}

}  // namespace weft

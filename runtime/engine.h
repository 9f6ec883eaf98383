// The engine: what all stores and compiled modules of a program share.
#pragma once

#include <memory>

#include "module/features.h"
#include "module/type_registry.h"
#include "runtime/memory.h"
#include "runtime/tier.h"

namespace weft {

/// Choices that hold for everything in an engine.
struct EngineConfig {
  FeatureSet features;
  Bounds bounds = Bounds::Guard;  // wanted for memories; see Memory::create
  bool deterministic = false;     // the deterministic profile (spec, appendix "Profiles")
  bool collect_always = false;    // collect garbage at every allocation, to find what is not rooted
  bool metered = false;           // code counts down Store::fuel(); code of other engines costs nothing for it
};

/// An engine. Immutable after construction; may be used from any thread, and must outlive its modules and stores.
class Engine {
 public:
  /// `tier` executes the code of all modules of this engine.
  Engine(EngineConfig config, std::unique_ptr<ExecutionTier> tier) : config_(config), tier_(std::move(tier)) {}

  const EngineConfig& config() const { return config_; }
  TypeRegistry& types() { return types_; }
  const TypeRegistry& types() const { return types_; }
  ExecutionTier& tier() { return *tier_; }

 private:
  EngineConfig config_;
  TypeRegistry types_;
  std::unique_ptr<ExecutionTier> tier_;
};

}  // namespace weft

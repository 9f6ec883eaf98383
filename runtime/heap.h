// The garbage-collected heap of a store: structures, arrays, exceptions, and references that the host made.
//
// Objects do not move. Small ones live in blocks of one size each, large ones alone. Collection marks from the roots:
// words of the wasm stack are taken for references when they are the address of an object (conservative), everything
// else is known (precise). Blocks are swept when their size is asked for again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "module/type_registry.h"
#include "runtime/value.h"

namespace weft {

struct TagInstance;

/// What stands in front of every object's payload.
struct alignas(8) Object {
  enum Kind : uint8_t { Free, Struct, Array, Exception, Host };
  union {
    const RuntimeType* type;  // Struct, Array
    const TagInstance* tag;   // Exception: the payload is its arguments as cells
    uint64_t host;            // Host: whatever the host wants to know
    Object* next_free;        // Free
  };
  uint32_t length = 0;  // Array: elements
  Kind kind = Free;
  bool marked = false;

  uint8_t* payload() { return reinterpret_cast<uint8_t*>(this + 1); }
  const uint8_t* payload() const { return reinterpret_cast<const uint8_t*>(this + 1); }
  Cell* cells() { return reinterpret_cast<Cell*>(payload()); }
};
static_assert(sizeof(Object) == 16);

inline Object* ref_to_object(Ref ref) { return reinterpret_cast<Object*>(ref); }
inline Ref object_to_ref(const Object* object) { return reinterpret_cast<Ref>(object); }

class Heap {
 public:
  /// `limit`: bytes that objects may take in all. With `stress` every allocation collects first.
  Heap(uint64_t limit, bool stress) : limit_(limit), stress_(stress) {}
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// Calls `mark_all` with itself to name the roots; set once by the store.
  using RootVisitor = std::function<void(Heap&)>;
  void set_roots(RootVisitor roots) { roots_ = std::move(roots); }

  /// A zeroed object of `payload` bytes, or null when the limit or the host forbids it. May collect.
  Object* allocate(Object::Kind kind, uint64_t payload);

  /// Collects now.
  void collect();

  /// For root visitors: a reference, and a range of words that may be references.
  void mark(Ref ref);
  void mark_words(const Cell* begin, const Cell* end);

  /// Bytes of what was alive at the last collection and of what was allocated since.
  uint64_t used_bytes() const { return live_ + allocated_; }
  uint64_t collections() const { return collections_; }

 private:
  static constexpr uint64_t kFirstCollection = 1 << 20;
  static constexpr size_t kBlockBytes = 64 << 10;
  static constexpr size_t kGranule = 16;
  static constexpr size_t kLargest = 2048;  // cells of this size and more are large
  static constexpr size_t kClasses = kLargest / kGranule + 1;

  struct Block {
    uint8_t* begin = nullptr;
    uint32_t cell_bytes = 0;
    uint32_t cells = 0;
    bool needs_sweep = false;
  };
  struct Class {
    Object* free = nullptr;
    std::vector<Block*> blocks;
    size_t next_to_sweep = 0;
  };

  Object* allocate_small(size_t size_class);
  Object* allocate_large(uint64_t bytes);
  bool add_block(size_t size_class);
  void sweep(Class& size_class, Block& block);
  void sweep_large();
  void finish_sweep();
  Object* find(Cell word, uint64_t& bytes) const;
  void trace(Object& object);

  uint64_t limit_;
  bool stress_;
  RootVisitor roots_;
  Class classes_[kClasses];
  std::unordered_map<uintptr_t, std::unique_ptr<Block>> blocks_;  // by address
  std::unordered_map<uintptr_t, uint64_t> large_;                 // objects to their bytes
  std::vector<Object*> mark_stack_;
  uint64_t live_ = 0;
  uint64_t allocated_ = 0;
  uint64_t collections_ = 0;
};

}  // namespace weft

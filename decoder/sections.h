// What the parts of the decoder share: the module being built, and the checks that every section makes.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "module/error.h"
#include "module/features.h"
#include "module/instruction.h"
#include "module/limits.h"
#include "module/module.h"
#include "module/reader.h"

namespace weft::decoding {

/// Section ids, spec §5.5.2.
enum class SectionId : uint8_t {
  Custom = 0,
  Type = 1,
  Import = 2,
  Function = 3,
  Table = 4,
  Memory = 5,
  Global = 6,
  Export = 7,
  Start = 8,
  Element = 9,
  Code = 10,
  Data = 11,
  DataCount = 12,
  Tag = 13,
};
inline constexpr uint8_t kLastSectionId = 13;

std::string_view section_name(SectionId id);

/// Decoding in progress. A reader's sticky error ends the loops; what readers cannot say (limits, features) goes to
/// `error`, first one kept.
struct Context {
  Module& module;
  const FeatureSet& features;
  std::string_view section;
  std::unique_ptr<Error> error;

  bool failed(const ByteReader& reader) const { return error != nullptr || reader.failed(); }
  /// Records an error at `offset`.
  void fail(ErrorKind kind, std::string message, size_t offset);
  /// Requires a feature for a construct that begins at `offset`; records an error naming it when it is off.
  bool require(Feature feature, std::string_view what, size_t offset);
  /// Reads a vector's count; an error beyond `limit`, or beyond what the section's bytes can hold.
  uint32_t count(ByteReader& reader, uint32_t limit, std::string_view what);
};

// One function a section (sections.cpp, types.cpp, segments.cpp). Each reads the contents it is given.
void read_types(Context& context, ByteReader& reader);
void read_imports(Context& context, ByteReader& reader);
void read_functions(Context& context, ByteReader& reader);
void read_tables(Context& context, ByteReader& reader);
void read_memories(Context& context, ByteReader& reader);
void read_tags(Context& context, ByteReader& reader);
void read_globals(Context& context, ByteReader& reader);
void read_exports(Context& context, ByteReader& reader);
void read_start(Context& context, ByteReader& reader);
void read_elements(Context& context, ByteReader& reader);
void read_code(Context& context, ByteReader& reader);
void read_datas(Context& context, ByteReader& reader);
void read_data_count(Context& context, ByteReader& reader);

/// Pieces that several sections have.
TableType read_table_type(Context& context, ByteReader& reader);
MemoryType read_memory_type(Context& context, ByteReader& reader);
GlobalType read_global_type(ByteReader& reader);
uint32_t read_tag_type(ByteReader& reader);

}  // namespace weft::decoding

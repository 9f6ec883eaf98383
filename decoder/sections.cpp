// Sections of plain definitions, spec §5.5.5 to §5.5.11 and §5.5.13.
#include "decoder/sections.h"

namespace weft::decoding {

std::string_view section_name(SectionId id) {
  static constexpr std::string_view kNames[] = {"custom", "type",   "import",     "function", "table",
                                                "memory", "global", "export",     "start",    "element",
                                                "code",   "data",   "data count", "tag"};
  return kNames[static_cast<size_t>(id)];
}

void Context::fail(ErrorKind kind, std::string message, size_t offset) {
  if (error != nullptr) return;
  error = std::make_unique<Error>(kind, std::move(message), ErrorPlace{.offset = offset, .section = section});
}

bool Context::require(Feature feature, std::string_view what, size_t offset) {
  if (features.has(feature)) return true;
  fail(ErrorKind::Malformed, fmt::format("{} requires feature {}, which is off", what, feature_name(feature)), offset);
  return false;
}

uint32_t Context::count(ByteReader& reader, uint32_t limit, std::string_view what) {
  const uint32_t start = reader.offset();
  const uint32_t number = reader.leb_u32();
  if (reader.failed()) return 0;
  if (number > reader.remaining()) {  // every element takes a byte at least
    reader.fail_at("length out of bounds: unexpected end", start);
    return 0;
  }
  if (number > limit) {
    fail(ErrorKind::Limit, fmt::format("{} {}, the limit is {}", number, what, limit), start);
    return 0;
  }
  return number;
}

void read_imports(Context& context, ByteReader& reader) {
  Module& module = context.module;
  const uint32_t number = context.count(reader, limits::kImports, "imports");
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    Import import;
    import.module = reader.name();
    import.name = reader.name();
    const uint32_t at = reader.offset();
    const uint8_t kind = reader.u8();
    if (kind > static_cast<uint8_t>(ExternKind::Tag)) reader.fail_at("malformed import kind", at);
    if (reader.failed()) return;
    import.kind = static_cast<ExternKind>(kind);
    switch (import.kind) {
      case ExternKind::Func:
        import.index = module.imported_functions++;
        module.functions.push_back({reader.leb_u32(), {}});
        break;
      case ExternKind::Table:
        import.index = module.imported_tables++;
        module.tables.push_back({read_table_type(context, reader), {}});
        break;
      case ExternKind::Memory:
        import.index = module.imported_memories++;
        module.memories.push_back({read_memory_type(context, reader)});
        break;
      case ExternKind::Global:
        import.index = module.imported_globals++;
        module.globals.push_back({read_global_type(reader), {}});
        break;
      case ExternKind::Tag:
        context.require(Feature::Exceptions, "a tag", at);
        import.index = module.imported_tags++;
        module.tags.push_back({read_tag_type(reader)});
        break;
    }
    module.imports.push_back(import);
  }
}

void read_functions(Context& context, ByteReader& reader) {
  const uint32_t number = context.count(reader, limits::kFunctions, "functions");
  context.module.functions.reserve(context.module.functions.size() + number);
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    context.module.functions.push_back({reader.leb_u32(), {}});
  }
}

void read_tables(Context& context, ByteReader& reader) {
  constexpr uint8_t kWithInit = 0x40;
  const uint32_t number = context.count(reader, limits::kTables, "tables");
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    TableDefinition table;
    if (reader.peek() == kWithInit) {
      const uint32_t at = reader.offset();
      reader.u8();
      if (reader.u8() != 0) reader.fail_at("malformed table", at);
      table.type = read_table_type(context, reader);
      table.init = skip_const_expr(reader);
    } else {
      table.type = read_table_type(context, reader);
    }
    context.module.tables.push_back(table);
  }
}

void read_memories(Context& context, ByteReader& reader) {
  const uint32_t number = context.count(reader, limits::kMemories, "memories");
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    context.module.memories.push_back({read_memory_type(context, reader)});
  }
}

void read_tags(Context& context, ByteReader& reader) {
  const uint32_t at = reader.offset();
  const uint32_t number = context.count(reader, limits::kTags, "tags");
  if (number != 0 && !context.features.has(Feature::LegacyExceptions))
    context.require(Feature::Exceptions, "a tag", at);
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    context.module.tags.push_back({read_tag_type(reader)});
  }
}

void read_globals(Context& context, ByteReader& reader) {
  const uint32_t number = context.count(reader, limits::kGlobals, "globals");
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    GlobalDefinition global;
    global.type = read_global_type(reader);
    global.init = skip_const_expr(reader);
    context.module.globals.push_back(global);
  }
}

void read_exports(Context& context, ByteReader& reader) {
  const uint32_t number = context.count(reader, limits::kExports, "exports");
  for (uint32_t i = 0; i < number && !context.failed(reader); ++i) {
    Export exported;
    exported.name = reader.name();
    const uint32_t at = reader.offset();
    const uint8_t kind = reader.u8();
    if (kind > static_cast<uint8_t>(ExternKind::Tag)) reader.fail_at("malformed export kind", at);
    exported.kind = static_cast<ExternKind>(kind);
    exported.index = reader.leb_u32();
    context.module.exports.push_back(exported);
  }
}

void read_start(Context& context, ByteReader& reader) { context.module.start = reader.leb_u32(); }

void read_code(Context& context, ByteReader& reader) {
  Module& module = context.module;
  const uint32_t start = reader.offset();
  const uint32_t number = context.count(reader, limits::kFunctions, "function bodies");
  if (context.failed(reader)) return;
  if (number != module.functions.size() - module.imported_functions) {
    reader.fail_at("function and code section have inconsistent lengths", start);
    return;
  }
  for (uint32_t i = 0; i < number; ++i) {
    const uint32_t at = reader.offset();
    const uint32_t size = reader.leb_u32();
    const uint32_t index = module.imported_functions + i;
    if (size > limits::kFunctionBytes && size <= reader.remaining()) {
      context.fail(ErrorKind::Limit,
                   fmt::format("function {} has {} bytes, the limit is {}", index, size, limits::kFunctionBytes), at);
    }
    module.functions[index].body = reader.take(size);
    if (context.failed(reader)) return;
  }
}

}  // namespace weft::decoding

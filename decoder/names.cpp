// The name section, spec appendix §7.4.1.
#include "decoder/names.h"

#include "module/reader.h"

namespace weft {
namespace {

NameMap read_map(ByteReader& reader) {
  NameMap map;
  const uint32_t count = reader.leb_u32();
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    const uint32_t index = reader.leb_u32();
    const std::string_view name = reader.name();
    if (!reader.failed()) map.emplace(index, name);
  }
  return map;
}

IndirectNameMap read_indirect_map(ByteReader& reader) {
  IndirectNameMap maps;
  const uint32_t count = reader.leb_u32();
  for (uint32_t i = 0; i < count && !reader.failed(); ++i) {
    const uint32_t index = reader.leb_u32();
    maps.emplace(index, read_map(reader));
  }
  return maps;
}

// Subsection ids.
void read_subsection(uint8_t id, ByteReader& reader, Names& names) {
  switch (id) {
    case 0: names.module = reader.name(); break;
    case 1: names.functions = read_map(reader); break;
    case 2: names.locals = read_indirect_map(reader); break;
    case 3: names.labels = read_indirect_map(reader); break;
    case 4: names.types = read_map(reader); break;
    case 5: names.tables = read_map(reader); break;
    case 6: names.memories = read_map(reader); break;
    case 7: names.globals = read_map(reader); break;
    case 8: names.elements = read_map(reader); break;
    case 9: names.datas = read_map(reader); break;
    case 10: names.fields = read_indirect_map(reader); break;
    case 11: names.tags = read_map(reader); break;
    default: break;
  }
}

}  // namespace

Names decode_names(const Module& module) {
  Names names;
  const CustomSection* const section = module.find_custom("name");
  if (section == nullptr) return names;
  ByteReader reader(module.span(), section->contents);
  while (!reader.at_end() && !reader.failed()) {
    const uint8_t id = reader.u8();
    const uint32_t size = reader.leb_u32();
    const ByteRange contents = reader.take(size);
    if (reader.failed()) break;
    ByteReader inside(module.span(), contents);
    read_subsection(id, inside, names);
  }
  return names;
}

}  // namespace weft

// The inverse of the decoder, section by section.
#include "decoder/encoder.h"

#include <string_view>

#include "decoder/sections.h"

namespace weft {
namespace {

using decoding::SectionId;

class Encoder {
 public:
  explicit Encoder(const Module& module) : module_(module) {}

  std::vector<uint8_t> run() {
    out_ = {0x00, 'a', 's', 'm', 1, 0, 0, 0};
    customs_after(0);
    // In the order in which sections stand.
    section(SectionId::Type, module_.rec_groups.size(), [&](size_t i) { rec_group(module_.rec_groups[i]); });
    section(SectionId::Import, module_.imports.size(), [&](size_t i) { import(module_.imports[i]); });
    definitions(SectionId::Function, module_.functions, module_.imported_functions,
                [&](const Function& function) { number(function.type); });
    definitions(SectionId::Table, module_.tables, module_.imported_tables,
                [&](const TableDefinition& definition) { table(definition); });
    definitions(SectionId::Memory, module_.memories, module_.imported_memories,
                [&](const MemoryDefinition& memory) { memory_type(memory.type); });
    definitions(SectionId::Tag, module_.tags, module_.imported_tags,
                [&](const TagDefinition& tag) { tag_type(tag.type); });
    definitions(SectionId::Global, module_.globals, module_.imported_globals, [&](const GlobalDefinition& global) {
      global_type(global.type);
      bytes(global.init);
    });
    section(SectionId::Export, module_.exports.size(), [&](size_t i) {
      name(module_.exports[i].name);
      byte(static_cast<uint8_t>(module_.exports[i].kind));
      number(module_.exports[i].index);
    });
    single(SectionId::Start, module_.start);
    section(SectionId::Element, module_.elements.size(), [&](size_t i) { element(module_.elements[i]); });
    single(SectionId::DataCount, module_.data_count);
    definitions(SectionId::Code, module_.functions, module_.imported_functions, [&](const Function& function) {
      number(function.body.size);
      bytes(function.body);
    });
    section(SectionId::Data, module_.datas.size(), [&](size_t i) { data(module_.datas[i]); });
    return std::move(out_);
  }

 private:
  void byte(uint8_t value) { out_.push_back(value); }
  void number(uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<uint8_t>(value | 0x80));
    byte(static_cast<uint8_t>(value));
  }
  void signed_number(int64_t value) {
    for (; value < -64 || value > 63; value >>= 7) byte(static_cast<uint8_t>((value & 0x7F) | 0x80));
    byte(static_cast<uint8_t>(value & 0x7F));
  }
  void bytes(ByteRange range) {
    const auto span = module_.range(range);
    out_.insert(out_.end(), span.begin(), span.end());
  }
  void name(std::string_view text) {
    number(text.size());
    out_.insert(out_.end(), text.begin(), text.end());
  }

  // Whatever `contents` writes, as a section; then the custom sections that follow it.
  template <typename F>
  void whole_section(SectionId id, F&& contents) {
    byte(static_cast<uint8_t>(id));
    std::vector<uint8_t> outer;
    outer.swap(out_);
    contents();
    outer.swap(out_);
    number(outer.size());
    out_.insert(out_.end(), outer.begin(), outer.end());
  }
  template <typename F>
  void section(SectionId id, size_t count, F&& entry) {
    if (count != 0) {
      whole_section(id, [&] {
        number(count);
        for (size_t i = 0; i < count; ++i) entry(i);
      });
    }
    customs_after(static_cast<uint8_t>(id));
  }
  template <typename T, typename F>
  void definitions(SectionId id, const std::vector<T>& all, size_t imported, F&& entry) {
    section(id, all.size() - imported, [&](size_t i) { entry(all[imported + i]); });
  }
  void single(SectionId id, std::optional<uint32_t> value) {
    if (value) whole_section(id, [&] { number(*value); });
    customs_after(static_cast<uint8_t>(id));
  }
  void customs_after(uint8_t id) {
    for (const CustomSection& custom : module_.customs) {
      if (custom.after_section != id) continue;
      whole_section(SectionId::Custom, [&] {
        name(custom.name);
        bytes(custom.contents);
      });
    }
  }

  // -- types --
  void heap_type(HeapType heap) {
    if (heap.is_defined()) {
      signed_number(heap.index());
    } else {
      byte(heap.abstract());
    }
  }
  void val_type(ValType type) {
    if (type.is_nullable() && type.heap().is_abstract()) {
      byte(type.heap().abstract());
      return;
    }
    byte(type.kind());
    if (type.is_ref()) heap_type(type.heap());
  }
  void val_types(const std::vector<ValType>& types) {
    number(types.size());
    for (const ValType type : types) val_type(type);
  }
  void field(const FieldType& field) {
    val_type(field.type);
    byte(field.is_mutable);
  }
  void rec_group(RecGroupRange group) {
    if (group.count != 1) {
      byte(0x4E);
      number(group.count);
    }
    for (uint32_t i = 0; i < group.count; ++i) sub_type(module_.types[group.first + i]);
  }
  void sub_type(const SubType& type) {
    if (!type.is_final || type.super) {
      byte(type.is_final ? 0x4F : 0x50);
      number(type.super ? 1 : 0);
      if (type.super) number(*type.super);
    }
    const CompositeType& composite = type.composite;
    switch (composite.kind) {
      case CompositeKind::Func:
        byte(0x60);
        val_types(composite.func.params);
        val_types(composite.func.results);
        break;
      case CompositeKind::Struct:
        byte(0x5F);
        number(composite.fields.size());
        for (const FieldType& each : composite.fields) field(each);
        break;
      case CompositeKind::Array:
        byte(0x5E);
        field(composite.fields[0]);
        break;
    }
  }
  void limits(const Limits& limits, uint8_t flags) {
    byte(flags | (limits.max ? 1 : 0));
    number(limits.min);
    if (limits.max) number(*limits.max);
  }
  void table_type(const TableType& type) {
    val_type(type.element);
    limits(type.limits, type.is_64 ? 4 : 0);
  }
  void memory_type(const MemoryType& type) {
    const bool has_page_size = type.page_size_log2 != 16;
    limits(type.limits,
           static_cast<uint8_t>((type.is_shared ? 2 : 0) | (type.is_64 ? 4 : 0) | (has_page_size ? 8 : 0)));
    if (has_page_size) number(type.page_size_log2);
  }
  void global_type(const GlobalType& type) {
    val_type(type.type);
    byte(type.is_mutable);
  }
  void tag_type(uint32_t type) {
    byte(0);
    number(type);
  }

  // -- entries --
  void import(const Import& import) {
    name(import.module);
    name(import.name);
    byte(static_cast<uint8_t>(import.kind));
    switch (import.kind) {
      case ExternKind::Func: number(module_.functions[import.index].type); break;
      case ExternKind::Table: table_type(module_.tables[import.index].type); break;
      case ExternKind::Memory: memory_type(module_.memories[import.index].type); break;
      case ExternKind::Global: global_type(module_.globals[import.index].type); break;
      case ExternKind::Tag: tag_type(module_.tags[import.index].type); break;
    }
  }
  void table(const TableDefinition& definition) {
    if (definition.init) {
      byte(0x40);
      byte(0x00);
    }
    table_type(definition.type);
    if (definition.init) bytes(*definition.init);
  }
  void element(const ElementSegment& segment) {
    // Bit 0: passive or declarative; bit 1: table index, or declarative; bit 2: expressions.
    const bool active = segment.mode == SegmentMode::Active;
    const bool plain_type = segment.uses_functions || segment.type == kFuncRef;
    const bool short_form = active && segment.table == 0 && plain_type;
    const uint32_t flags = (active ? 0u : 1u) | (segment.uses_functions ? 0u : 4u) |
                           ((active && !short_form) || segment.mode == SegmentMode::Declarative ? 2u : 0u);
    number(flags);
    if (active && !short_form) number(segment.table);
    if (active) bytes(segment.offset);
    if (!short_form) {
      if (segment.uses_functions) {
        byte(0);
      } else {
        val_type(segment.type);
      }
    }
    number(segment.size());
    for (const uint32_t function : segment.functions) number(function);
    for (const ConstExpr expr : segment.expressions) bytes(expr);
  }
  void data(const DataSegment& segment) {
    const bool active = segment.mode == SegmentMode::Active;
    number(!active ? 1 : segment.memory == 0 ? 0 : 2);
    if (active && segment.memory != 0) number(segment.memory);
    if (active) bytes(segment.offset);
    number(segment.contents.size);
    bytes(segment.contents);
  }

  const Module& module_;
  std::vector<uint8_t> out_;
};

}  // namespace

std::vector<uint8_t> encode(const Module& module) { return Encoder(module).run(); }

}  // namespace weft

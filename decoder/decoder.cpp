// The frame of a module: magic number, version, and sections in their order, spec §5.5.16.
#include "decoder/decoder.h"

#include "decoder/sections.h"

namespace weft {
namespace {

using decoding::Context;
using decoding::SectionId;

constexpr uint8_t kMagic[] = {0x00, 'a', 's', 'm'};
constexpr uint8_t kVersion[] = {1, 0, 0, 0};

// How sections are read, and their order: Tag stands between Memory and Global, DataCount before Code.
struct Section {
  SectionId id;
  int order;
  void (*read)(Context&, ByteReader&);
};
constexpr Section kSections[] = {
    {SectionId::Custom, 0, nullptr},
    {SectionId::Type, 1, decoding::read_types},
    {SectionId::Import, 2, decoding::read_imports},
    {SectionId::Function, 3, decoding::read_functions},
    {SectionId::Table, 4, decoding::read_tables},
    {SectionId::Memory, 5, decoding::read_memories},
    {SectionId::Global, 7, decoding::read_globals},
    {SectionId::Export, 8, decoding::read_exports},
    {SectionId::Start, 9, decoding::read_start},
    {SectionId::Element, 10, decoding::read_elements},
    {SectionId::Code, 12, decoding::read_code},
    {SectionId::Data, 13, decoding::read_datas},
    {SectionId::DataCount, 11, decoding::read_data_count},
    {SectionId::Tag, 6, decoding::read_tags},
};

class Decoder {
 public:
  Decoder(std::shared_ptr<const Bytes> bytes, const FeatureSet& features)
      : module_(std::make_unique<Module>()), context_{*module_, features, {}, nullptr} {
    module_->bytes = std::move(bytes);
  }

  Result<std::unique_ptr<Module>> run() {
    const std::span<const uint8_t> bytes = module_->span();
    WEFT_TRY(check_header(bytes));
    ByteReader reader(bytes);
    reader.take(sizeof(kMagic) + sizeof(kVersion));
    while (!reader.at_end() && !reader.failed()) WEFT_TRY(read_section(reader));
    if (reader.failed()) return std::unexpected(reader.to_error());
    WEFT_TRY(check_whole());
    return std::move(module_);
  }

 private:
  static std::unexpected<Error> malformed(const char* message, size_t offset, std::string_view section = {}) {
    return fail(ErrorKind::Malformed, message, {.offset = offset, .section = section});
  }

  static Result<> check_header(std::span<const uint8_t> bytes) {
    if (bytes.size() > limits::kModuleBytes) {
      return fail(ErrorKind::Limit,
                  fmt::format("module has {} bytes, the limit is {}", bytes.size(), limits::kModuleBytes));
    }
    const auto begins = [&](size_t at, std::span<const uint8_t> with) {
      return bytes.size() >= at + with.size() && std::equal(with.begin(), with.end(), bytes.begin() + at);
    };
    if (bytes.size() < sizeof(kMagic)) return malformed("unexpected end: shorter than the magic number", bytes.size());
    if (!begins(0, kMagic)) return malformed("magic header not detected: this is no WebAssembly module", 0);
    if (bytes.size() < sizeof(kMagic) + sizeof(kVersion)) return malformed("unexpected end: no version", bytes.size());
    if (!begins(sizeof(kMagic), kVersion)) {
      return malformed("unknown binary version: version 1 is expected (components are not modules)", sizeof(kMagic));
    }
    return {};
  }

  Result<> read_section(ByteReader& reader) {
    const uint32_t start = reader.offset();
    const uint8_t id = reader.u8();
    if (id > decoding::kLastSectionId) return malformed("malformed section id", start);
    const Section& section = kSections[id];
    context_.section = decoding::section_name(section.id);
    const uint32_t size = reader.leb_u32();
    if (reader.failed()) return std::unexpected(reader.to_error(context_.section));
    if (size > reader.remaining()) {
      return malformed("length out of bounds: unexpected end, the section is longer than the module", start,
                       context_.section);
    }
    const ByteRange contents = reader.take(size);
    ByteReader inside(module_->span(), contents);
    if (section.id == SectionId::Custom) return read_custom(inside);
    if (section.order <= last_order_) {
      return malformed("unexpected content after last section: a section is repeated or out of order", start,
                       context_.section);
    }
    last_order_ = section.order;
    last_id_ = id;
    section.read(context_, inside);
    if (context_.error != nullptr) return std::unexpected(*context_.error);
    if (inside.failed()) return std::unexpected(inside.to_error(context_.section));
    if (!inside.at_end()) {
      return malformed("section size mismatch: the section has bytes behind its contents", inside.offset(),
                       context_.section);
    }
    return {};
  }

  Result<> read_custom(ByteReader& inside) {
    CustomSection custom;
    custom.name = inside.name();
    if (inside.failed()) return std::unexpected(inside.to_error(context_.section));
    custom.contents = inside.take(static_cast<uint32_t>(inside.remaining()));
    custom.after_section = last_id_;
    module_->customs.push_back(custom);
    return {};
  }

  // What must agree between sections, also when one of them is missing.
  Result<> check_whole() const {
    const size_t end = module_->span().size();
    const bool has_functions = module_->functions.size() > module_->imported_functions;
    if (has_functions && module_->functions.back().body.offset == 0) {  // no code section
      return malformed("function and code section have inconsistent lengths", end);
    }
    if (module_->data_count.value_or(0) != 0 && module_->datas.empty()) {
      return malformed("data count and data section have inconsistent lengths", end);
    }
    return {};
  }

  std::unique_ptr<Module> module_;
  Context context_;
  int last_order_ = 0;
  uint8_t last_id_ = 0;
};

}  // namespace

bool has_wasm_magic(std::span<const uint8_t> bytes) {
  return bytes.size() >= sizeof(kMagic) && std::equal(std::begin(kMagic), std::end(kMagic), bytes.begin());
}

Result<std::unique_ptr<Module>> decode(std::shared_ptr<const Bytes> bytes, const FeatureSet& features) {
  return Decoder(std::move(bytes), features).run();
}

}  // namespace weft

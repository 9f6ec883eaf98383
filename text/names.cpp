// What a module from text has in custom sections: identifiers as a name section (spec appendix §7.4.1), and branch
// hints.
#include "text/module_parser.h"

namespace weft::text {
namespace {

using Names = std::map<uint32_t, std::string_view>;

void append_name(std::vector<uint8_t>& to, std::string_view name) {
  append_unsigned(to, name.size());
  to.insert(to.end(), name.begin(), name.end());
}

void append_map(std::vector<uint8_t>& to, const Names& names) {
  append_unsigned(to, names.size());
  for (const auto& [index, name] : names) {
    append_unsigned(to, index);
    append_name(to, name);
  }
}

void append_indirect_map(std::vector<uint8_t>& to, const std::map<uint32_t, Names>& maps) {
  append_unsigned(to, maps.size());
  for (const auto& [index, names] : maps) {
    append_unsigned(to, index);
    append_map(to, names);
  }
}

void append_subsection(std::vector<uint8_t>& to, uint8_t id, const std::vector<uint8_t>& contents) {
  to.push_back(id);
  append_unsigned(to, contents.size());
  to.insert(to.end(), contents.begin(), contents.end());
}

}  // namespace

void ModuleParser::add_name_section(std::string_view module_name) {
  std::vector<uint8_t> section;
  std::vector<uint8_t> contents;
  const auto add = [&](uint8_t id, const Names& names) {
    if (names.empty()) return;
    contents.clear();
    append_map(contents, names);
    append_subsection(section, id, contents);
  };
  const auto add_indirect = [&](uint8_t id, const std::map<uint32_t, Names>& maps) {
    if (maps.empty()) return;
    contents.clear();
    append_indirect_map(contents, maps);
    append_subsection(section, id, contents);
  };
  std::map<uint32_t, Names> fields;
  for (const auto& [type, space] : struct_fields_) {
    if (!space.names.empty()) fields.emplace(type, space.names);
  }
  if (!module_name.empty()) {
    append_name(contents, module_name);
    append_subsection(section, 0, contents);
  }
  add(1, functions_.names);
  add_indirect(2, local_names_);
  add_indirect(3, label_names_);
  add(4, types_.names);
  add(5, tables_.names);
  add(6, memories_.names);
  add(7, globals_.names);
  add(8, elements_.names);
  add(9, datas_.names);
  add_indirect(10, fields);
  add(11, tags_.names);
  if (section.empty()) return;
  CustomSection custom;
  custom.name = "name";
  custom.after_section = 11;
  custom.contents = {static_cast<uint32_t>(out_.size()), static_cast<uint32_t>(section.size())};
  out_.insert(out_.end(), section.begin(), section.end());
  module_->customs.push_back(custom);
}

// The custom section of the branch hinting proposal; it stands in front of the code section.
void ModuleParser::add_hint_section() {
  if (hints_.empty()) return;
  std::vector<uint8_t> section;
  append_unsigned(section, hints_.size());
  for (const FunctionHints& function : hints_) {
    append_unsigned(section, function.function);
    append_unsigned(section, function.hints.size());
    for (const auto& [offset, likely] : function.hints) {
      append_unsigned(section, offset);
      section.push_back(1);  // bytes of the hint
      section.push_back(likely);
    }
  }
  CustomSection custom;
  custom.name = "metadata.code.branch_hint";
  custom.after_section = 3;
  custom.contents = {static_cast<uint32_t>(out_.size()), static_cast<uint32_t>(section.size())};
  out_.insert(out_.end(), section.begin(), section.end());
  module_->customs.push_back(custom);
}

}  // namespace weft::text

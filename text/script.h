// The script language of the official test suite (spec repository, interpreter/README.md "Scripts") as data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/error.h"
#include "module/features.h"
#include "module/module.h"
#include "text/lexer.h"

namespace weft::text {

struct Place {
  uint32_t line = 0;
  uint32_t column = 0;
};

/// A constant argument of an action, or an expected result.
struct ScriptValue {
  enum Kind : uint8_t {
    I32,
    I64,
    F32,
    F64,
    V128,
    NanCanonical,  // of `type` F32 or F64
    NanArithmetic,
    RefNull,    // `heap` says which, or Bottom for plain (ref.null)
    RefFunc,    // any function reference
    RefExtern,  // host reference number `bits`; any when `any` is set
    RefHost,    // (ref.host n): the same host value seen as anyref
    RefAny,
    RefEq,
    RefI31,
    RefStruct,
    RefArray,
    RefExn,  // any non-null reference of that heap type
    Either,  // one of `alternatives`
  } kind = I32;
  ValType::Kind type = ValType::I32;
  bool any = false;
  HeapType heap;
  uint64_t bits = 0;  // I32 zero-extended; low half of V128
  uint64_t bits_high = 0;
  uint8_t lane_count = 0;                  // V128: 16, 8, 4 or 2 lanes
  ValType::Kind lane_type = ValType::I32;  // V128 lanes: I8, I16, I32, I64, F32, F64
  std::vector<ScriptValue> lanes;          // V128 results with float lanes: each F32/F64/NanCanonical/NanArithmetic
  std::vector<ScriptValue> alternatives;
};

/// A module of a script. Modules are parsed by `load`, so that assert_malformed can see the error.
struct ScriptModule {
  enum Form : uint8_t { Text, Binary, Quote } form = Text;
  std::string id;                           // "$name" or empty
  bool is_definition = false;               // (module definition …): not instantiated
  std::shared_ptr<const TokenList> tokens;  // Text: the module's fields are [begin, end)
  size_t begin = 0;
  size_t end = 0;
  size_t name_token = 0;  // Text: of its identifier, 0 for none
  std::string data;       // Binary, Quote: the concatenated strings
  Place place;

  /// Parses or decodes the module. Errors of Text carry the place in the script file.
  Result<std::unique_ptr<Module>> load(const FeatureSet& features) const;
};

struct Action {
  enum Kind : uint8_t { Invoke, Get } kind = Invoke;
  std::string module_id;  // "$name" or empty for the most recent module
  std::string field;
  std::vector<ScriptValue> arguments;
  Place place;
};

struct Command {
  enum Kind : uint8_t {
    DefineModule,       // module
    InstantiateModule,  // (module instance $instance $definition)
    Register,           // name, id
    Perform,            // action
    AssertReturn,       // action, expected
    AssertTrap,         // action, or module; message
    AssertExhaustion,   // action, message
    AssertException,    // action
    AssertMalformed,    // module, message
    AssertInvalid,
    AssertUnlinkable,
    AssertMalformedCustom,
    AssertInvalidCustom,
    Thread,  // (thread $id (shared (module $m))* command*)
    Wait,    // (wait $id)
  } kind = Perform;
  Place place;
  std::optional<ScriptModule> module;
  std::optional<Action> action;
  std::vector<ScriptValue> expected;
  std::string message;                      // expected text
  std::string id;                           // InstantiateModule: instance; Register: module id; Thread, Wait: thread id
  std::string name;                         // Register: name; InstantiateModule: definition id
  std::vector<std::string> shared_modules;  // Thread
  std::vector<Command> commands;            // Thread
};

/// A script. Owns nothing of the source: `source` given to parse_script must outlive it.
using Script = std::vector<Command>;

/// Parses a script. Errors: Malformed with line and column (of the script itself, not of modules in it, which are
/// parsed when they are loaded).
Result<Script> parse_script(std::string_view source);

}  // namespace weft::text

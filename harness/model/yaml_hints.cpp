#include "harness/model/yaml_hints.hpp"

#include <array>

namespace halfopen {
namespace {

struct Hint {
  std::string_view message;  // yaml-cpp's, or its beginning
  std::string_view words;
};

constexpr std::array kHints{
    Hint{"unknown token", "a value cannot begin with this sign; put the value in quotes"},
    Hint{"end of map flow not found",
         "a \"{\" or a quote is not closed; expected \"}\" or a comma before this"},
    Hint{"end of sequence flow not found",
         "a \"[\" or a quote is not closed; expected \"]\" or a comma before this"},
    Hint{"end of map not found",
         "this line does not belong to the map above it; expected \"key: value\", as far in as its "
         "other "
         "keys"},
    Hint{"end of sequence not found",
         "this line does not belong to the list above it; mend its indentation, or begin an item "
         "with "
         "\"- \""},
    Hint{"illegal map value",
         "a \": \" where no key can be; the line above may lack its \": \", or a text with a colon "
         "in "
         "it its quotes"},
    Hint{"illegal map key", "a key where none can be; mend the indentation, or put it in quotes"},
    Hint{"illegal block entry", "a \"- \" where no list item can be; mend the indentation"},
    Hint{"illegal flow end", "a \"}\" or \"]\" that closes nothing; remove it, or open it first"},
    Hint{"illegal tab", "a tab in the indentation; use spaces"},
    Hint{"illegal EOF in scalar", "the text ends within quotes; close them"},
    Hint{"illegal document indicator in scalar",
         "\"---\" or \"...\" within quotes; close the quotes before it"},
    Hint{"unknown escape character",
         "a \"\\\" that begins no escape; in double quotes write \"\\\\\", or use single quotes"},
    Hint{"the referenced anchor is not defined",
         "an alias is not allowed; use vars and \"${name}\" for what repeats"},
    Hint{"alias not found after *", "a value cannot begin with \"*\"; put it in quotes"},
    Hint{"anchor not found after &", "a value cannot begin with \"&\"; put it in quotes"},
};

}  // namespace

std::string yaml_hint(std::string_view message, std::string_view line) {
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  if (indentation.find('\t') != std::string_view::npos) {
    return "not valid YAML: a tab in the indentation; use spaces";
  }
  for (const Hint& hint : kHints) {
    if (message.starts_with(hint.message)) return "not valid YAML: " + std::string(hint.words);
  }
  return "not valid YAML: " + std::string(message);
}

}  // namespace halfopen

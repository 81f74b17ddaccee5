#include "clients/cli/views/words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"

namespace gatehouse::cli {
namespace {

using google::protobuf::EnumDescriptor;

std::string WithoutPrefix(const EnumDescriptor& type, absl::string_view name) {
  const std::string& zero = type.FindValueByNumber(0)->name();
  const absl::string_view prefix = absl::StripSuffix(zero, "UNSPECIFIED");
  return std::string(absl::StripPrefix(name, prefix));
}

std::string AsWord(absl::string_view constant) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(constant), {{"_", "-"}});
}

}  // namespace

std::string Constant(const EnumDescriptor& type, int value) {
  const auto* known = type.FindValueByNumber(value);
  return known == nullptr ? absl::StrCat(value) : WithoutPrefix(type, known->name());
}

std::string Word(const EnumDescriptor& type, int value) { return AsWord(Constant(type, value)); }

std::vector<std::string> Words(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    const int value = type.value(i)->number();
    if (value != 0) words.push_back(Word(type, value));
  }
  return words;
}

int ValueOf(const EnumDescriptor& type, absl::string_view word) {
  for (int i = 0; i < type.value_count(); ++i) {
    const int value = type.value(i)->number();
    if (value != 0 && Word(type, value) == word) return value;
  }
  return 0;
}

}  // namespace gatehouse::cli

// The contract's enum values as people type and read them: ROLE_LOCAL_ADMIN is "local-admin" on a
// command line and in a table, and "LOCAL_ADMIN" where the documentation's own name is meant.
// Thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_WORDS_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace gatehouse::cli {

// "LOCAL_ADMIN"; the number for a value newer than this program.
std::string Constant(const google::protobuf::EnumDescriptor& type, int value);
// "local-admin".
std::string Word(const google::protobuf::EnumDescriptor& type, int value);
// Every word but the unspecified one's, in the enum's order.
std::vector<std::string> Words(const google::protobuf::EnumDescriptor& type);
// The value of a word of Words(), or 0.
int ValueOf(const google::protobuf::EnumDescriptor& type, absl::string_view word);

template <typename Enum>
std::string Constant(Enum value) {
  return Constant(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

template <typename Enum>
std::string Word(Enum value) {
  return Word(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

template <typename Enum>
std::vector<std::string> Words() {
  return Words(*google::protobuf::GetEnumDescriptor<Enum>());
}

template <typename Enum>
Enum ValueOf(absl::string_view word) {
  return static_cast<Enum>(ValueOf(*google::protobuf::GetEnumDescriptor<Enum>(), word));
}

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_WORDS_H_

#include "policy/vocabulary.h"

#include <string>

#include "absl/strings/ascii.h"

namespace gatehouse::policy {

const google::protobuf::EnumDescriptor* Describe(Vocabulary vocabulary) {
  switch (vocabulary) {
    case Vocabulary::kNone:
      return nullptr;
    case Vocabulary::kAction:
      return v1::Action::Value_descriptor();
    case Vocabulary::kRole:
      return v1::Role::Value_descriptor();
    case Vocabulary::kAccountStatus:
      return v1::AccountStatus::Value_descriptor();
    case Vocabulary::kSessionLevel:
      return v1::SessionLevel::Value_descriptor();
    case Vocabulary::kRequiredAction:
      return v1::RequiredAction::Value_descriptor();
    case Vocabulary::kPasswordScope:
      return v1::PasswordScope::Value_descriptor();
    case Vocabulary::kAttestationKind:
      return v1::AttestationKind::Value_descriptor();
    case Vocabulary::kIdentityCheckKind:
      return v1::IdentityCheckKind::Value_descriptor();
    case Vocabulary::kMendBy:
      return v1::MendBy::Value_descriptor();
    case Vocabulary::kReason:
      return v1::Reason::Value_descriptor();
  }
  return nullptr;
}

absl::string_view WordFor(Vocabulary vocabulary, int number) {
  const google::protobuf::EnumDescriptor* words = Describe(vocabulary);
  if (words == nullptr) return {};
  const google::protobuf::EnumValueDescriptor* word = words->FindValueByNumber(number);
  return word == nullptr ? absl::string_view() : absl::string_view(word->name());
}

std::string RpcNameFor(Action::Value action) {
  std::string name;
  bool capital = true;
  for (const char letter : WordFor(Vocabulary::kAction, action)) {
    if (letter == '_') {
      capital = true;
      continue;
    }
    name.push_back(capital ? letter : absl::ascii_tolower(static_cast<unsigned char>(letter)));
    capital = false;
  }
  return name;
}

}  // namespace gatehouse::policy

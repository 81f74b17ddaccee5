// The words that policies, facts and decisions share: actions, roles, statuses and the rest.
//
// Each is the enum `Value` inside a generated message, so it is written Action::RESECURE_ACCOUNT
// and passed as Action::Value. Names and numbers are those of gatehouse.v1's enums: a number read
// from an API message is a policy number. Pure functions over constant tables: thread-safe, no
// errors; unknown numbers have the empty name and rank 0.

#ifndef GATEHOUSE_POLICY_VOCABULARY_H_
#define GATEHOUSE_POLICY_VOCABULARY_H_

#include <string>

#include "absl/strings/string_view.h"

#include "gatehouse/policy/v1/vocabulary.pb.h"

namespace gatehouse::policy {

using v1::AccountStatus;
using v1::Action;
using v1::AttestationKind;
using v1::IdentityCheckKind;
using v1::MendBy;
using v1::PasswordScope;
using v1::Reason;
using v1::RequiredAction;
using v1::Role;
using v1::SessionLevel;

// Which words a fact of whole-number type takes its values from; kNone for plain numbers.
enum class Vocabulary {
  kNone,
  kAction,
  kRole,
  kAccountStatus,
  kSessionLevel,
  kRequiredAction,
  kPasswordScope,
  kAttestationKind,
  kIdentityCheckKind,
  kMendBy,
  kReason,
};

// The generated description of a vocabulary's words; null for kNone.
const google::protobuf::EnumDescriptor* Describe(Vocabulary vocabulary);

// The word for a number, without prefix: "LOCAL_ADMIN".
absl::string_view WordFor(Vocabulary vocabulary, int number);

// The RPC's name for an action: "ResecureAccount".
std::string RpcNameFor(Action::Value action);

// The privilege order of product/domain.md section 9: AUDITOR and LOCAL_HELPDESK 1, LOCAL_ADMIN 2,
// PRIMARY_LOCAL_ADMIN 3, NATIONAL_ADMIN 4, OPERATOR 5; 0 for anything else.
constexpr int RankOf(int role) {
  switch (role) {
    case Role::AUDITOR:
    case Role::LOCAL_HELPDESK:
      return 1;
    case Role::LOCAL_ADMIN:
      return 2;
    case Role::PRIMARY_LOCAL_ADMIN:
      return 3;
    case Role::NATIONAL_ADMIN:
      return 4;
    case Role::OPERATOR:
      return 5;
    default:
      return 0;
  }
}

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_VOCABULARY_H_

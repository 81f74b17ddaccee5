// Which systems want a password that its owner has set anew: the portal, and where the organisation
// has one password for both, the workstation too (seed "Self-service"; product/domain.md, section
// 3). Stateless.
#ifndef GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_PASSWORD_EFFECTS_H_
#define GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_PASSWORD_EFFECTS_H_

#include "absl/status/status.h"
#include "google/protobuf/repeated_field.h"

#include "server/operations/call/scope.h"
#include "storage/records.h"

namespace gatehouse::server {

// Appends v1::PasswordResetEffect, as `effects` of an answer has them.
absl::Status TellSystems(Scope& scope, const storage::AccountRecord& account,
                         google::protobuf::RepeatedField<int>& effects);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_PASSWORD_EFFECTS_H_

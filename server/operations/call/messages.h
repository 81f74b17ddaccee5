// Records as the API tells them. Pure functions, thread-safe; none lets a secret through.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_MESSAGES_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_MESSAGES_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/audit_event.pb.h"
#include "gatehouse/v1/authentication_method.pb.h"
#include "gatehouse/v1/organisation.pb.h"
#include "gatehouse/v1/session.pb.h"
#include "policy/decision.h"
#include "policy/policy.h"
#include "storage/authentication_records.h"
#include "storage/records.h"
#include "storage/session_store.h"

namespace gatehouse::server {

google::protobuf::Timestamp ToTimestamp(absl::Time instant);
absl::Time FromTimestamp(const google::protobuf::Timestamp& instant);
google::protobuf::Duration ToDuration(absl::Duration span);

// `required_actions` as the policy obliges the account's next sign-in.
v1::Account ToMessage(const storage::AccountRecord& account, const policy::Policy& policy,
                      const policy::Decision& sign_in, absl::Time now);
v1::Profile ToMessage(const storage::ProfileRecord& profile);
storage::ProfileRecord FromMessage(const v1::Profile& profile);
v1::RoleGrant ToMessage(const storage::RoleGrantRecord& grant);
v1::Organisation ToMessage(const storage::OrganisationRecord& organisation);
v1::AcceptableUsePolicy ToMessage(const storage::AcceptableUsePolicyRecord& aup);
// The device that it runs on is not part of the record.
v1::Session ToMessage(const storage::FoundSession& session);
v1::Client ToMessage(const storage::ClientRecord& client);
storage::ClientRecord FromMessage(const v1::Client& client);
v1::AuthenticationMethod ToMessage(const storage::AuthenticationMethodRecord& method);
// All that may be told of a method before its owner has proven to be one.
v1::AuthenticationMethod ToMaskedMessage(const storage::AuthenticationMethodRecord& method);
v1::AuditEvent ToMessage(const storage::AuditRecord& audit);

// Changes with every change of the row and with nothing else.
std::string EtagOf(int64_t row_version);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_MESSAGES_H_

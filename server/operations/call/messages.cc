#include "server/operations/call/messages.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

#include "gatehouse/v1/action.pb.h"
#include "gatehouse/v1/error_reason.pb.h"
#include "server/operations/facts/account_state.h"

namespace gatehouse::server {
namespace {

template <typename Enum>
Enum ParsePrefixed(bool (*parse)(google::protobuf::ConstStringParam, Enum*),
                   absl::string_view prefix, const std::string& name) {
  Enum value{};
  parse(absl::StrCat(prefix, name), &value);
  return value;
}

// "+44 7*** ***123": the same for every length of number.
std::string MaskedNumber(absl::string_view e164) {
  constexpr size_t kCountry = 3;
  constexpr size_t kEnd = 3;
  if (e164.size() <= kCountry + 1 + kEnd) return "";
  return absl::StrCat(e164.substr(0, kCountry), " ", e164.substr(kCountry, 1), "*** ***",
                      e164.substr(e164.size() - kEnd));
}

}  // namespace

google::protobuf::Timestamp ToTimestamp(absl::Time instant) {
  google::protobuf::Timestamp message;
  const int64_t seconds = absl::ToUnixSeconds(instant);
  message.set_seconds(seconds);
  message.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(instant - absl::FromUnixSeconds(seconds))));
  return message;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& instant) {
  return absl::FromUnixSeconds(instant.seconds()) + absl::Nanoseconds(instant.nanos());
}

google::protobuf::Duration ToDuration(absl::Duration span) {
  google::protobuf::Duration message;
  absl::Duration rest;
  message.set_seconds(absl::IDivDuration(span, absl::Seconds(1), &rest));
  message.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return message;
}

v1::Account ToMessage(const storage::AccountRecord& account, const policy::Policy& policy,
                      const policy::Decision& sign_in, absl::Time now) {
  const EffectiveStatus effective = StatusAt(account, policy, now);
  v1::Account message;
  message.set_account_id(account.id.value());
  message.set_organisation_id(account.organisation_id.value());
  message.set_username(account.username);
  if (effective.status != v1::ACCOUNT_STATUS_PURGED) {
    *message.mutable_profile() = ToMessage(account.profile);
  }
  message.set_status(effective.status);
  message.set_state(StateAt(account, effective));
  message.set_locked(account.locked_at.has_value());
  message.set_leaver(account.leaver_at.has_value());
  std::vector<storage::RoleGrantRecord> roles = account.roles;
  std::sort(roles.begin(), roles.end(),
            [](const auto& a, const auto& b) { return a.role < b.role; });
  for (const storage::RoleGrantRecord& grant : roles) *message.add_roles() = ToMessage(grant);
  for (const auto action : sign_in.obligations) {
    message.add_required_actions(static_cast<v1::RequiredAction>(action));
  }
  *message.mutable_joined_time() = ToTimestamp(account.joined_at);
  message.set_etag(EtagOf(account.row_version));
  return message;
}

v1::Profile ToMessage(const storage::ProfileRecord& profile) {
  v1::Profile message;
  message.set_given_name(profile.given_name);
  message.set_family_name(profile.family_name);
  message.set_display_name(profile.display_name);
  message.set_contact_email(profile.contact_email);
  message.set_phone_number(profile.phone_number);
  return message;
}

storage::ProfileRecord FromMessage(const v1::Profile& profile) {
  return {.given_name = profile.given_name(),
          .family_name = profile.family_name(),
          .display_name = profile.display_name(),
          .contact_email = profile.contact_email(),
          .phone_number = profile.phone_number()};
}

v1::RoleGrant ToMessage(const storage::RoleGrantRecord& grant) {
  v1::RoleGrant message;
  message.set_role(grant.role);
  message.set_organisation_id(grant.organisation_id.value());
  return message;
}

v1::Organisation ToMessage(const storage::OrganisationRecord& organisation) {
  v1::Organisation message;
  message.set_organisation_id(organisation.id.value());
  message.set_display_name(organisation.display_name);
  message.set_nas_managed(organisation.nas_managed);
  message.set_password_scope(organisation.password_scope);
  *message.mutable_create_time() = ToTimestamp(organisation.created_at);
  message.set_etag(EtagOf(organisation.row_version));
  return message;
}

v1::AcceptableUsePolicy ToMessage(const storage::AcceptableUsePolicyRecord& aup) {
  v1::AcceptableUsePolicy message;
  message.set_version(aup.version);
  message.set_document_uri(aup.document_uri);
  message.set_document_sha256(aup.document_sha256);
  *message.mutable_publish_time() = ToTimestamp(aup.published_at);
  return message;
}

v1::Client ToMessage(const storage::ClientRecord& client) {
  v1::Client message;
  message.set_ip_address(client.ip_address);
  message.set_user_agent(client.user_agent);
  message.set_device_label(client.device_label);
  return message;
}

storage::ClientRecord FromMessage(const v1::Client& client) {
  return {.ip_address = client.ip_address(),
          .user_agent = client.user_agent(),
          .device_label = client.device_label()};
}

v1::AuthenticationMethod ToMessage(const storage::AuthenticationMethodRecord& method) {
  v1::AuthenticationMethod message = ToMaskedMessage(method);
  message.set_label(method.label);
  message.set_confirmed(method.confirmed_at.has_value());
  *message.mutable_create_time() = ToTimestamp(method.created_at);
  message.set_codes_left(static_cast<int32_t>(method.printed_codes.size()));
  if (method.last_used_at.has_value()) {
    *message.mutable_last_use_time() = ToTimestamp(*method.last_used_at);
  }
  return message;
}

v1::AuthenticationMethod ToMaskedMessage(const storage::AuthenticationMethodRecord& method) {
  v1::AuthenticationMethod message;
  message.set_method_id(method.id);
  message.set_kind(method.kind);
  message.set_masked_destination(MaskedNumber(method.phone_number));
  message.set_confirmed(true);
  return message;
}

v1::Session ToMessage(const storage::FoundSession& session) {
  const storage::SessionRecord& record = session.record;
  v1::Session message;
  message.set_session_id(record.key.digest.ToSessionId());
  message.set_account_id(record.key.account_id.value());
  message.set_level(record.level);
  for (const v1::RequiredAction action : record.required_actions) {
    message.add_required_actions(action);
  }
  *message.mutable_create_time() = ToTimestamp(record.created_at);
  *message.mutable_last_use_time() = ToTimestamp(session.last_used_at);
  *message.mutable_expire_time() = ToTimestamp(record.expires_at);
  *message.mutable_idle_timeout() = ToDuration(record.idle_timeout);
  return message;
}

v1::AuditEvent ToMessage(const storage::AuditRecord& audit) {
  v1::AuditEvent message;
  message.set_organisation_id(audit.organisation_id.value());
  message.set_sequence(audit.sequence);
  *message.mutable_time() = ToTimestamp(audit.time);
  message.set_actor_account_id(audit.actor_id.value());
  message.set_actor_session_id(audit.actor_session_id);
  message.set_caller(audit.caller);
  message.set_action(ParsePrefixed<v1::Action>(v1::Action_Parse, "ACTION_", audit.action));
  message.set_target_account_id(audit.target_id.value());
  message.set_outcome(audit.outcome);
  for (const std::string& reason : audit.reasons) {
    message.add_reasons(
        ParsePrefixed<v1::ErrorReason>(v1::ErrorReason_Parse, "ERROR_REASON_", reason));
  }
  message.set_policy_revision(audit.policy_revision);
  message.mutable_details()->insert(audit.details.begin(), audit.details.end());
  message.set_chain_sha256(audit.chain_sha256);
  return message;
}

std::string EtagOf(int64_t row_version) { return absl::StrCat("v", row_version); }

}  // namespace gatehouse::server

#include "storage/sql/account_row.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "storage/text.h"

namespace gatehouse::storage {

const char kAccountColumns[] =
    "id, organisation_id, username, given_name, family_name, display_name, contact_email, "
    "phone_number, profile_confirmed_at, status, status_changed_at, last_used_at, locked_at, "
    "leaver_at, created_at, joined_at, password_phc, password_version, password_changed_at, "
    "password_must_change, password_temporary_until, aup_version, aup_accepted_at, aup_reset_at, "
    "secret_ciphertext, secret_key_id, secret_version, secret_set_at, has_security_questions, "
    "authentication_methods, resecured_at, roles, epoch, authorisation_version, row_version";

// "ROLE:ORGANISATION;" a grant; ids are base64url and hold neither sign.
std::string WriteRoles(const std::vector<RoleGrantRecord>& roles) {
  std::string text;
  for (const RoleGrantRecord& grant : roles) {
    absl::StrAppend(&text, static_cast<int>(grant.role), ":", grant.organisation_id.value(), ";");
  }
  return text;
}

std::vector<RoleGrantRecord> ReadRoles(absl::string_view text) {
  std::vector<RoleGrantRecord> roles;
  for (const absl::string_view grant : absl::StrSplit(text, ';', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(grant, absl::MaxSplits(':', 1));
    int role = v1::ROLE_UNSPECIFIED;
    if (!absl::SimpleAtoi(parts.first, &role)) continue;
    roles.push_back({static_cast<v1::Role>(role), OrganisationId(parts.second)});
  }
  return roles;
}

AccountRecord ReadAccount(Row& row) {
  AccountRecord account;
  account.id = AccountId(row.Text());
  account.organisation_id = OrganisationId(row.Text());
  account.username = row.Text();
  account.profile.given_name = row.Text();
  account.profile.family_name = row.Text();
  account.profile.display_name = row.Text();
  account.profile.contact_email = row.Text();
  account.profile.phone_number = row.Text();
  account.profile_confirmed_at = row.OptionalInstant();
  account.status = row.Enumerator<v1::AccountStatus>();
  account.status_changed_at = row.Instant();
  account.last_used_at = row.OptionalInstant();
  account.locked_at = row.OptionalInstant();
  account.leaver_at = row.OptionalInstant();
  account.created_at = row.Instant();
  account.joined_at = row.Instant();
  account.password.phc = row.Text();
  account.password.version = row.Integer();
  account.password.changed_at = row.Instant();
  account.password.must_change = row.Truth();
  account.password.temporary_until = row.OptionalInstant();
  account.aup_version = row.Text();
  account.aup_accepted_at = row.OptionalInstant();
  account.aup_reset_at = row.OptionalInstant();
  account.secret.ciphertext = row.Bytes();
  account.secret.key_id = row.Text();
  account.secret.version = row.Integer();
  account.secret.set_at = row.OptionalInstant();
  account.has_security_questions = row.Truth();
  account.authentication_methods = static_cast<int>(row.Integer());
  account.resecured_at = row.OptionalInstant();
  account.roles = ReadRoles(row.Text());
  account.epoch = row.Integer();
  account.authorisation_version = row.Integer();
  account.row_version = row.Integer();
  if (absl::StartsWith(account.username, kErasedName)) account.username.clear();
  return account;
}

std::string NamesOf(const AccountRecord& account) {
  const ProfileRecord& profile = account.profile;
  return absl::StrCat("\n", account.username, "\n", NameKey(profile.given_name), "\n",
                      NameKey(profile.family_name), "\n", NameKey(profile.display_name), "\t",
                      NameKey(profile.contact_email));
}

}  // namespace gatehouse::storage

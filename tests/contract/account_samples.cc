#include "tests/contract/account_samples.h"

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatehouse::storage {
namespace {

std::string Text(absl::Time instant) { return absl::StrCat(absl::ToUnixNanos(instant)); }

std::string Text(const std::optional<absl::Time>& instant) {
  return instant.has_value() ? Text(*instant) : "never";
}

std::string Lines(std::initializer_list<std::string> fields) { return absl::StrJoin(fields, "\n"); }

}  // namespace

absl::Time SampleTime(int minutes) {
  return absl::FromUnixMicros(1'788'134'400'123'457) + absl::Minutes(minutes);
}

OrganisationRecord SampleOrganisation(int number) {
  return {.id = OrganisationId(absl::StrCat("organisation-", number)),
          .display_name = absl::StrCat("Trust Number ", number),
          .nas_managed = number % 2 == 1,
          .password_scope = v1::PASSWORD_SCOPE_SEPARATE,
          .created_at = SampleTime(number),
          .row_version = 1};
}

AcceptableUsePolicyRecord SampleAcceptableUsePolicy(int number) {
  return {.version = absl::StrCat("2026-", number),
          .document_uri = absl::StrCat("https://example.org/aup/", number),
          .document_sha256 = std::string(64, 'a'),
          .published_at = SampleTime(number)};
}

AccountRecord SampleAccount(int number) {
  AccountRecord account;
  account.id = AccountId(absl::StrCat("account-", number));
  account.organisation_id = SampleOrganisation(1).id;
  account.username = absl::StrCat("user", number);
  account.profile = {.given_name = absl::StrCat("Given", number),
                     .family_name = absl::StrCat("Family", number),
                     .display_name = "Dr. Zoë Ångström",
                     .contact_email = absl::StrCat("user", number, "@example.org"),
                     .phone_number = "+441134960000"};
  account.profile_confirmed_at = SampleTime(1);
  account.status = v1::ACCOUNT_STATUS_ACTIVE;
  account.status_changed_at = SampleTime(2);
  account.last_used_at = SampleTime(3);
  account.locked_at = SampleTime(4);
  account.leaver_at = SampleTime(5);
  account.created_at = SampleTime(6);
  account.joined_at = SampleTime(7);
  account.password = {.phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
                      .version = 3,
                      .changed_at = SampleTime(8),
                      .must_change = true,
                      .temporary_until = SampleTime(9)};
  account.aup_version = "2026-1";
  account.aup_accepted_at = SampleTime(10);
  account.aup_reset_at = SampleTime(11);
  account.secret = {.ciphertext = std::string("\0\x01\xff sealed\0", 11),
                    .key_id = "key-1",
                    .version = 4,
                    .set_at = SampleTime(12)};
  account.has_security_questions = true;
  account.authentication_methods = 14;
  account.resecured_at = SampleTime(13);
  account.roles = {{v1::ROLE_LOCAL_ADMIN, account.organisation_id}, {v1::ROLE_OPERATOR, {}}};
  account.epoch = 5;
  account.authorisation_version = 6;
  account.row_version = 1;
  return account;
}

SessionDigest SampleDigest(int number) {
  std::array<std::uint8_t, SessionDigest::kSize> bytes{};  // starts with NUL bytes
  bytes[30] = static_cast<std::uint8_t>(number >> 8);
  bytes[31] = static_cast<std::uint8_t>(number);
  return SessionDigest(bytes);
}

RecognitionRecord SampleRecognition(int number) {
  return {.account_id = SampleAccount(number).id,
          .secret_version = 4,
          .asked = {2, 5, 11},
          .failures = 7,
          .closed_until = SampleTime(20),
          .successes = 3};
}

VerificationRecord SampleVerification(const std::string& id, int account) {
  return {.id = id,
          .state = VerificationState::kOpen,
          .account_id = SampleAccount(account).id,
          .agent_id = AccountId("agent"),
          .organisation_id = SampleOrganisation(1).id,
          .secret_version = 4,
          .epoch = 5,
          .position = 6,
          .question = "What was pet 2 – Zoë's?",
          .asked = {2, 5, 11},
          .expires_at = SampleTime(10)};
}

SecurityQuestionRecord SampleSecurityQuestion(int number) {
  return {.number = number,
          .question = absl::StrCat("What was pet ", number, " – Zoë's?"),
          .ciphertext = std::string("\0\x01\xff sealed\0", 11),
          .key_id = "key-1"};
}

RevocationRecord SampleRevocation(int number) {
  return {.kind = RevocationKind::kMinimumEpoch,
          .account_id = SampleAccount(number).id,
          .min_epoch = number,
          .except = SampleDigest(number),
          .authorisation_version = 7,
          .keep_until = SampleTime(720)};
}

PolicyRevisionRecord SamplePolicyRevision(int number) {
  return {.revision = absl::StrCat("revision-", number),
          .text = absl::StrCat("name: \"sämple\"\n# ", number, "\n", std::string(100'000, ' ')),
          .activated_at = SampleTime(number),
          .actor_id = AccountId("operator"),
          .reason = "longer hold\n'48h'",
          .diff_digest = "digest"};
}

AuditRecord SampleAudit(const OrganisationId& organisation, std::int64_t sequence) {
  return {.organisation_id = organisation,
          .sequence = sequence,
          .chain_sha256 = std::string(31, '\0') + static_cast<char>(sequence),
          .time = SampleTime(static_cast<int>(sequence)),
          .actor_id = AccountId("actor"),
          .actor_session_id = "session",
          .caller = "spiffe://example.org/portal",
          .action = "RESECURE_ACCOUNT",
          .target_id = AccountId("target"),
          .outcome = v1::AUDIT_OUTCOME_DENIED,
          .reasons = {"AUP_NOT_ACCEPTED", "RANK_TOO_LOW"},
          .policy_revision = "revision",
          .details = {{"reason", "lost\ttheir \"secret\"\n\\ 100 % ünsure"}, {"empty", ""}}};
}

ReplayRecord SampleReplay(int number) {
  return {.caller = "local",
          .method = "ResecureAccount",
          .request_id = absl::StrCat("request-", number),
          .presenter = "session",
          .payload_mac = std::string("\0mac\xfe", 5),
          .response = std::string("\0\0response", 10),
          .created_at = SampleTime(number),
          .account_id = AccountId("told-of"),
          .refusal = std::string("\0refusal", 8)};
}

ImportedItemRecord SampleImportedItem(int number) {
  return {.import_id = "import",
          .item = number,
          .account_id = AccountId(absl::StrCat("imported-", number)),
          .payload_mac = std::string("\0mac\xfe", 5),
          .imported_at = SampleTime(number)};
}

AuthenticationMethodRecord SampleMethod(int number) {
  return {.account_id = SampleAccount(1).id,
          .id = absl::StrCat("method-", number),
          .kind = v1::AUTHENTICATION_METHOD_KIND_VOICE,
          .label = "Zoë's \"desk\"",
          .phone_number = "+441134960001",
          .key_id = "key-1",
          .ciphertext = std::string("\0sealed\xff", 8),
          .printed_codes = {"hash-1", "hash-2"},
          .last_step = 57'000'000,
          .created_at = SampleTime(number),
          .confirmed_at = SampleTime(number + 1),
          .last_used_at = SampleTime(number + 2)};
}

ProofRecord SampleProof(int number) {
  return {.id = absl::StrCat("proof-", number),
          .purpose = ProofPurpose::kPasswordReset,
          .subject = "name:hash",
          .account_id = SampleAccount(1).id,
          .epoch = 5,
          .position = 6,
          .wrong_codes = 2,
          .proven_methods = {"method-1", "method-2"},
          .code = SentCodeRecord{.method_id = "method-3",
                                 .key_id = "key-2",
                                 .hash = std::string("\0hash", 5),
                                 .expires_at = SampleTime(number + 10)},
          .created_at = SampleTime(number),
          .expires_at = SampleTime(number + 15),
          .ip_address = "192.0.2.7",
          .user_agent = "a browser",
          .device_label = "ward 7"};
}

RefusalRunRecord SampleRefusalRun(const AccountId& account, const std::string& cause) {
  return {.account_id = account,
          .action = "SIGN_IN",
          .cause = cause,
          .began_at = SampleTime(1),
          .last_at = SampleTime(2),
          .further = 57,
          .source = "192.0.2.7"};
}

OutboxRecord SampleMessage(const std::string& id, const AccountId& account) {
  return {.id = id,
          .account_id = account,
          .channel = OutboxChannel::kDirectories,
          .kind = "notification",
          .payload = std::string("\0payload\xff", 9),
          .created_at = SampleTime(),
          .due_at = SampleTime(1),
          .attempts = 2,
          .last_error = "once refused"};
}

std::string Text(const OrganisationRecord& organisation) {
  return Lines({organisation.id.value(), organisation.display_name,
                absl::StrCat(organisation.nas_managed), absl::StrCat(organisation.password_scope),
                Text(organisation.created_at), absl::StrCat(organisation.row_version)});
}

std::string Text(const AcceptableUsePolicyRecord& aup) {
  return Lines({aup.version, aup.document_uri, aup.document_sha256, Text(aup.published_at)});
}

std::string Text(const AccountRecord& account) {
  std::string roles;
  for (const RoleGrantRecord& grant : account.roles) {
    absl::StrAppend(&roles, grant.role, "@", grant.organisation_id.value(), " ");
  }
  return Lines({account.id.value(),
                account.organisation_id.value(),
                account.username,
                account.profile.given_name,
                account.profile.family_name,
                account.profile.display_name,
                account.profile.contact_email,
                account.profile.phone_number,
                Text(account.profile_confirmed_at),
                absl::StrCat(account.status),
                Text(account.status_changed_at),
                Text(account.last_used_at),
                Text(account.locked_at),
                Text(account.leaver_at),
                Text(account.created_at),
                Text(account.joined_at),
                account.password.phc,
                absl::StrCat(account.password.version),
                Text(account.password.changed_at),
                absl::StrCat(account.password.must_change),
                Text(account.password.temporary_until),
                account.aup_version,
                Text(account.aup_accepted_at),
                Text(account.aup_reset_at),
                absl::CHexEscape(account.secret.ciphertext),
                account.secret.key_id,
                absl::StrCat(account.secret.version),
                Text(account.secret.set_at),
                absl::StrCat(account.has_security_questions),
                absl::StrCat(account.authentication_methods),
                Text(account.resecured_at),
                roles,
                absl::StrCat(account.epoch),
                absl::StrCat(account.authorisation_version),
                absl::StrCat(account.row_version)});
}

std::string Text(const RecognitionRecord& recognition) {
  return Lines({recognition.account_id.value(), absl::StrCat(recognition.secret_version),
                absl::StrJoin(recognition.asked, ","), absl::StrCat(recognition.failures),
                Text(recognition.closed_until), absl::StrCat(recognition.successes)});
}

std::string Text(const VerificationRecord& verification) {
  return Lines({verification.id, absl::StrCat(static_cast<int>(verification.state)),
                verification.account_id.value(), verification.agent_id.value(),
                verification.organisation_id.value(), absl::StrCat(verification.secret_version),
                absl::StrCat(verification.epoch), absl::StrCat(verification.position),
                verification.question, absl::StrJoin(verification.asked, ","),
                Text(verification.expires_at), Text(verification.grant_expires_at),
                absl::CHexEscape(verification.attempt_mac)});
}

std::string Text(const SecurityQuestionRecord& question) {
  return Lines({absl::StrCat(question.number), question.question,
                absl::CHexEscape(question.ciphertext), question.key_id});
}

std::string Text(const SealedRecord& sealed) {
  return Lines({absl::StrCat(static_cast<int>(sealed.kind)), sealed.account_id.value(),
                absl::StrCat(sealed.version), sealed.method_id, absl::CHexEscape(sealed.ciphertext),
                sealed.key_id});
}

std::string Text(const RevocationRecord& revocation) {
  return Lines({absl::StrCat(revocation.position), absl::StrCat(static_cast<int>(revocation.kind)),
                revocation.account_id.value(), absl::StrCat(revocation.min_epoch),
                revocation.except.has_value() ? revocation.except->ToSessionId() : "none",
                revocation.digest.ToSessionId(), absl::StrCat(revocation.authorisation_version),
                Text(revocation.keep_until)});
}

std::string Text(const PolicyRevisionRecord& revision) {
  return Lines({revision.revision, revision.text, absl::StrCat(revision.activation),
                Text(revision.activated_at), revision.actor_id.value(), revision.reason,
                revision.diff_digest});
}

std::string Text(const PolicyStateRecord& state) {
  return Lines({state.active, state.shadow, Text(state.shadow_since)});
}

std::string Text(const AuditRecord& audit) {
  return Lines({audit.organisation_id.value(), absl::StrCat(audit.sequence),
                absl::CHexEscape(audit.chain_sha256), Text(audit.time), audit.actor_id.value(),
                audit.actor_session_id, audit.caller, audit.action, audit.target_id.value(),
                absl::StrCat(audit.outcome), absl::StrJoin(audit.reasons, ","),
                audit.policy_revision,
                absl::StrJoin(audit.details, ";", absl::PairFormatter("="))});
}

std::string Text(const ReplayRecord& replay) {
  return Lines({replay.caller, replay.method, replay.request_id, replay.presenter,
                absl::CHexEscape(replay.payload_mac), absl::CHexEscape(replay.response),
                Text(replay.created_at), replay.account_id.value(),
                absl::CHexEscape(replay.refusal)});
}

std::string Text(const ImportedItemRecord& item) {
  return Lines({item.import_id, absl::StrCat(item.item), item.account_id.value(),
                absl::CHexEscape(item.payload_mac), Text(item.imported_at)});
}

std::string Text(const AuthenticationMethodRecord& method) {
  return Lines({method.account_id.value(), method.id, absl::StrCat(method.kind), method.label,
                method.phone_number, method.key_id, absl::CHexEscape(method.ciphertext),
                absl::StrJoin(method.printed_codes, ","), absl::StrCat(method.last_step),
                Text(method.created_at), Text(method.confirmed_at), Text(method.last_used_at)});
}

std::string Text(const ProofRecord& proof) {
  const SentCodeRecord code = proof.code.value_or(SentCodeRecord());
  return Lines({proof.id, absl::StrCat(static_cast<int>(proof.purpose)), proof.subject,
                proof.account_id.value(), absl::StrCat(proof.epoch), absl::StrCat(proof.position),
                absl::StrCat(proof.wrong_codes), absl::StrJoin(proof.proven_methods, ","),
                proof.code.has_value() ? Text(code.expires_at) : "no code", code.method_id,
                code.key_id, absl::CHexEscape(code.hash), Text(proof.created_at),
                Text(proof.expires_at), proof.ip_address, proof.user_agent, proof.device_label});
}

std::string Text(const RefusalRunRecord& run) {
  return Lines({run.account_id.value(), run.action, run.cause, Text(run.began_at),
                Text(run.last_at), absl::StrCat(run.further), run.source});
}

std::string Text(const OutboxRecord& message) {
  return Lines({message.id, message.account_id.value(),
                absl::StrCat(static_cast<int>(message.channel)), message.kind,
                absl::CHexEscape(message.payload), Text(message.created_at), Text(message.due_at),
                absl::StrCat(message.attempts), message.last_error, Text(message.dead_at)});
}

std::vector<std::string> Usernames(const std::vector<AccountRecord>& accounts) {
  std::vector<std::string> usernames;
  for (const AccountRecord& account : accounts) usernames.push_back(account.username);
  return usernames;
}

std::vector<std::int64_t> Sequences(const std::vector<AuditRecord>& events) {
  std::vector<std::int64_t> sequences;
  for (const AuditRecord& event : events) sequences.push_back(event.sequence);
  return sequences;
}

std::vector<std::string> Ids(const std::vector<OutboxRecord>& messages) {
  std::vector<std::string> ids;
  for (const OutboxRecord& message : messages) ids.push_back(message.id);
  return ids;
}

}  // namespace gatehouse::storage

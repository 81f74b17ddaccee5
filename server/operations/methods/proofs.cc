#include "server/operations/methods/proofs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "server/operations/call/refusal_runs.h"
#include "server/operations/errors.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/methods/code_limits.h"
#include "server/operations/methods/code_messages.h"
#include "server/operations/methods/decoys.h"
#include "server/operations/methods/printed_codes.h"
#include "server/operations/passwords/password_verification.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/codes.h"
#include "server/secrets/token.h"
#include "server/secrets/totp.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::AuthenticationMethodRecord;
using storage::CodeEvent;
using Methods = std::vector<AuthenticationMethodRecord>;

absl::Span<const uint8_t> BytesOf(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string NewSecretName(Entropy& entropy) {
  std::array<uint8_t, 32> bytes;
  entropy.Fill(absl::MakeSpan(bytes));
  return Base64UrlEncode(bytes);
}

std::string PlaceOfSentCode(const storage::ProofRecord& proof, absl::string_view method_id) {
  return absl::StrCat("sent\n", proof.id, "\n", method_id);
}

absl::Status CodeInvalid() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CODE_INVALID,
               "the code is not right, or not any more; check it, or ask for another");
}

bool IsSentCode(const KeyRing& keys, const storage::ProofRecord& proof,
                const AuthenticationMethodRecord& method, const SecretString& code,
                absl::Time now) {
  const storage::SentCodeRecord sent = proof.code.value_or(storage::SentCodeRecord());
  const bool same = IsHashOfCode(keys, PlaceOfSentCode(proof, method.id), code,
                                 {.key_id = sent.key_id, .bytes = sent.hash});
  return same && sent.method_id == method.id && now < sent.expires_at;
}

absl::Status Unreadable(MutationScope& scope, const KeyRing& keys,
                        const AuthenticationMethodRecord& method) {
  if (!keys.Has(KeyPurpose::kSecondFactor, method.key_id)) {
    return scope.Refuse(
        Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_KEY_UNAVAILABLE,
              "the key that protects this method is not in the server's key ring; use another "
              "method until whoever runs the server restores it"));
  }
  scope.Tell("fault", "sealed_value_altered");
  return scope.Refuse(
      Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
            "what this method is checked by was altered in the database, or moved there from "
            "another account, and was not read; use another method, and tell whoever runs the "
            "server"));
}

// Whether the app has made it; remembers the step.
absl::StatusOr<bool> UseTotpCode(MutationScope& scope, const KeyRing& keys,
                                 const SecretString& code, AuthenticationMethodRecord& method) {
  const auto opened =
      keys.Open(KeyPurpose::kSecondFactor, {.key_id = method.key_id, .bytes = method.ciphertext},
                PlaceOfTotpSecret(method.account_id, method.id));
  if (!opened.ok()) return Unreadable(scope, keys, method);
  const auto step = FindTotpStep(SecretBytes(opened->Reveal()), code.Reveal(), scope.call().now,
                                 scope.policy().Int(Parameter::kTotpDriftSteps), method.last_step);
  if (step.has_value()) method.last_step = *step;
  return step.has_value();
}

absl::StatusOr<bool> UseCode(MutationScope& scope, const KeyRing& keys, OpenProof& proof,
                             AuthenticationMethodRecord& method, const SecretString& code) {
  if (code.empty()) return false;
  if (!proof.account.has_value()) {
    IsSentCode(keys, proof.record, method, code, scope.call().now);
    return false;
  }
  switch (method.kind) {
    case v1::AUTHENTICATION_METHOD_KIND_TOTP:
      return UseTotpCode(scope, keys, code, method);
    case v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE:
      return UsePrintedCode(keys, code, method);
    default:
      return IsSentCode(keys, proof.record, method, code, scope.call().now);
  }
}

bool IsFor(storage::ProofPurpose purpose, const AuthenticationMethodRecord& method) {
  switch (purpose) {
    case storage::ProofPurpose::kRegistration:
      return !method.confirmed_at.has_value();
    case storage::ProofPurpose::kSecondFactor:
      return method.confirmed_at.has_value();
    case storage::ProofPurpose::kPasswordReset:
      return CountsAsMethod(method);
  }
  return false;
}

bool IsSent(const AuthenticationMethodRecord& method) {
  return method.kind == v1::AUTHENTICATION_METHOD_KIND_SMS ||
         method.kind == v1::AUTHENTICATION_METHOD_KIND_VOICE;
}

}  // namespace

ProofName::ProofName(Entropy& entropy) : text(NewSecretName(entropy)) {
  digest = DigestToken(text.Reveal()).ToSessionId();
}

PreparedCode::PreparedCode(const Dependencies& dependencies, const policy::Policy& policy)
    : digits(DrawDigits(dependencies.entropy, policy.Int(Parameter::kRecoveryCodeDigits))),
      message_id(NewId(dependencies.entropy)),
      sealed(dependencies.keys.Seal(KeyPurpose::kSecondFactor, BytesOf(digits.Reveal()),
                                    PlaceOfCodeOnItsWay(message_id), dependencies.entropy)) {}

AuthenticationMethodRecord* OpenProof::FindMethod(absl::string_view method_id) {
  const auto found = std::ranges::find(methods, method_id, &AuthenticationMethodRecord::id);
  return found == methods.end() ? nullptr : &*found;
}

absl::StatusOr<Methods> MethodsFor(storage::Transaction& transaction,
                                   const storage::AccountId& account_id,
                                   storage::ProofPurpose purpose) {
  GATEHOUSE_ASSIGN_OR_RETURN(Methods methods, transaction.ListAuthenticationMethods(account_id));
  std::erase_if(methods, [purpose](const auto& method) { return !IsFor(purpose, method); });
  return methods;
}

bool CountsAsMethod(const AuthenticationMethodRecord& method) {
  return method.confirmed_at.has_value() && !IsPrinted(method);
}

absl::StatusOr<OpenProof> FindOpenProof(MutationScope& scope, const KeyRing& keys,
                                        absl::string_view name, storage::ProofPurpose purpose,
                                        const absl::Status& refusal) {
  storage::Transaction& transaction = scope.transaction();
  auto found = transaction.FindProof(DigestToken(name).ToSessionId());
  if (absl::IsNotFound(found.status())) return scope.Refuse(refusal);
  GATEHOUSE_RETURN_IF_ERROR(found.status());
  OpenProof proof{.record = *std::move(found)};
  const storage::ProofRecord& record = proof.record;
  GATEHOUSE_ASSIGN_OR_RETURN(const bool stopped,
                             transaction.IsEverythingRevokedSince(record.position));
  if (record.purpose != purpose || scope.call().now >= record.expires_at || stopped) {
    return scope.Refuse(refusal);
  }
  scope.Tell(kRefusalSource, SourceOf(record.ip_address));
  // Looked for even where there can be none, so that it takes as long.
  auto account = transaction.FindAccount(record.account_id);
  GATEHOUSE_ASSIGN_OR_RETURN(proof.methods, MethodsFor(transaction, record.account_id, purpose));
  if (record.account_id.empty()) {
    if (!record.proven_methods.empty()) return scope.Refuse(refusal);  // a decoy proves nothing
    proof.methods = DecoyMethods(keys, scope.policy(), record.subject);
    return proof;
  }
  const bool is_foreign =
      purpose == storage::ProofPurpose::kRegistration && record.account_id != scope.actor().id;
  if (is_foreign) return scope.Refuse(refusal);
  GATEHOUSE_RETURN_IF_ERROR(account.status());
  proof.account = *std::move(account);
  scope.SetTarget(*proof.account);
  const bool purged = StatusAt(*proof.account, scope.policy(), scope.call().now).status ==
                      v1::ACCOUNT_STATUS_PURGED;
  if (purged || record.epoch != proof.account->epoch) return scope.Refuse(refusal);
  return proof;
}

absl::StatusOr<absl::Time> SendCode(MutationScope& scope, const Dependencies& dependencies,
                                    OpenProof& proof, absl::string_view method_id,
                                    const PreparedCode& code) {
  const AuthenticationMethodRecord* const method = proof.FindMethod(method_id);
  if (method == nullptr || !IsSent(*method)) return scope.Refuse(AuthenticationMethodInvalid());
  storage::ProofRecord& record = proof.record;
  GATEHOUSE_RETURN_IF_ERROR(CheckSentCodes(scope, record));
  const absl::Time now = scope.call().now;
  const absl::Time expires_at =
      std::min(now + scope.policy().Duration(Parameter::kRecoveryCodeLifetime), record.expires_at);
  KeyRing::Tag hash = HashCode(dependencies.keys, PlaceOfSentCode(record, method->id), code.digits);
  record.code = storage::SentCodeRecord{.method_id = method->id,
                                        .key_id = std::move(hash.key_id),
                                        .hash = std::move(hash.bytes),
                                        .expires_at = expires_at};
  storage::Transaction& transaction = scope.transaction();
  GATEHOUSE_RETURN_IF_ERROR(transaction.PutProof(record));
  GATEHOUSE_RETURN_IF_ERROR(
      transaction.CountCode(record.subject, record.purpose, CodeEvent::kSent, now));
  if (proof.account.has_value()) {
    GATEHOUSE_RETURN_IF_ERROR(SendCodeMessage(scope, {.message_id = code.message_id,
                                                      .account = *proof.account,
                                                      .method = *method,
                                                      .sealed = code.sealed,
                                                      .expires_at = expires_at}));
  }
  return expires_at;
}

absl::Status TryCode(MutationScope& scope, const Dependencies& dependencies, OpenProof& proof,
                     absl::string_view method_id, absl::string_view typed,
                     const std::string& message_id) {
  storage::ProofRecord& record = proof.record;
  AuthenticationMethodRecord* const method = proof.FindMethod(method_id);
  const auto& proven = record.proven_methods;
  if (method == nullptr || std::ranges::find(proven, method_id) != proven.end()) {
    return scope.Refuse(AuthenticationMethodInvalid());
  }
  GATEHOUSE_RETURN_IF_ERROR(CheckWrongCodes(scope, record));
  GATEHOUSE_ASSIGN_OR_RETURN(
      const bool right, UseCode(scope, dependencies.keys, proof, *method, NormalizeCode(typed)));
  if (!right) {
    GATEHOUSE_RETURN_IF_ERROR(CountWrongCode(
        scope, record, proof.account.has_value() ? &*proof.account : nullptr, message_id));
    return scope.RefuseAndKeep(CodeInvalid());
  }
  method->last_used_at = scope.call().now;
  record.proven_methods.emplace_back(method_id);
  record.code.reset();
  GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutProof(record));
  return IsPrinted(*method) ? KeepPrintedCodes(scope, *method, *proof.account, message_id)
                            : scope.transaction().PutAuthenticationMethod(*method);
}

absl::Status AuthenticationMethodInvalid() {
  return Error(absl::StatusCode::kFailedPrecondition,
               v1::ERROR_REASON_AUTHENTICATION_METHOD_INVALID,
               "there is no such method that would do here; use one of those that were offered");
}

std::string PlaceOfTotpSecret(const storage::AccountId& account_id, absl::string_view method_id) {
  return absl::StrCat("totp\n", account_id.value(), "\n", method_id);
}

storage::ClientRecord ClientOf(const storage::ProofRecord& proof) {
  return {.ip_address = proof.ip_address,
          .user_agent = proof.user_agent,
          .device_label = proof.device_label};
}

}  // namespace gatehouse::server

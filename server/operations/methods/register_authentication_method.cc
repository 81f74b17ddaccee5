#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/methods/printed_codes.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/sessions/new_session.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"
#include "server/secrets/totp.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using policy::Parameter;
using Request = v1::RegisterAuthenticationMethodRequest;
using Response = v1::RegisterAuthenticationMethodResponse;
using storage::AuthenticationMethodRecord;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Typed("password", request.password());
  const bool is_app = request.kind() == v1::AUTHENTICATION_METHOD_KIND_TOTP;
  const bool is_telephone = request.kind() == v1::AUTHENTICATION_METHOD_KIND_SMS ||
                            request.kind() == v1::AUTHENTICATION_METHOD_KIND_VOICE;
  const bool is_printed = request.kind() == v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE;
  if (!is_app && !is_telephone && !is_printed) {
    check.Fault("kind", "must be TOTP, SMS, VOICE or RECOVERY_CODE");
  }
  if (is_telephone) {
    check.PhoneNumber("phone_number", request.phone_number(), Presence::kRequired);
  } else if (!request.phone_number().empty()) {
    check.Fault("phone_number", "belongs to SMS and VOICE");
  }
  if (is_printed && !request.label().empty()) check.Fault("label", "belongs to other kinds");
  check.Name("label", request.label(), Presence::kOptional);
  check.RequestId(request.request_id());
  return check.status();
}

// An app is known by what the person calls it, a telephone by its number, whichever way codes come
// to it: whoever holds it holds one method and not two.
bool IsSame(const AuthenticationMethodRecord& method, const Request& request) {
  if (request.kind() != v1::AUTHENTICATION_METHOD_KIND_TOTP) {
    return method.phone_number == request.phone_number();
  }
  return method.kind == request.kind() && method.label == request.label();
}

absl::Status AlreadyThere() {
  return Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_AUTHENTICATION_METHOD_EXISTS,
               "your account has this method already: give another one another label or number");
}

// What is drawn and found out before the transaction.
struct Draft {
  Draft(const Dependencies& dependencies, const CallContext& call, const MutationCore& mutation,
        const Request& request)
      : secret(NewTotpSecret(dependencies.entropy)),
        code(dependencies, mutation.policy()),
        client(ClientOfSession(dependencies, call, mutation.session().key)) {
    const storage::AccountId& account_id = mutation.session().key.account_id;
    method = {.account_id = account_id,
              .id = NewId(dependencies.entropy),
              .kind = request.kind(),
              .label = request.label(),
              .phone_number = request.phone_number()};
    if (request.kind() != v1::AUTHENTICATION_METHOD_KIND_TOTP) return;
    KeyRing::Sealed sealed =
        dependencies.keys.Seal(KeyPurpose::kSecondFactor, secret.Reveal(),
                               PlaceOfTotpSecret(account_id, method.id), dependencies.entropy);
    method.key_id = std::move(sealed.key_id);
    method.ciphertext = std::move(sealed.bytes);
  }

  AuthenticationMethodRecord method;
  SecretBytes secret;
  PreparedCode code;
  storage::ClientRecord client;
};

// One that was registered before and never confirmed makes way.
absl::Status MakeWay(MutationScope& scope, const Request& request) {
  storage::Transaction& transaction = scope.transaction();
  GATEHOUSE_ASSIGN_OR_RETURN(const auto methods,
                             transaction.ListAuthenticationMethods(scope.actor().id));
  for (const AuthenticationMethodRecord& method : methods) {
    if (method.confirmed_at.has_value()) {
      if (IsSame(method, request)) return scope.Refuse(AlreadyThere());
    } else if (method.kind == request.kind() || IsSame(method, request)) {
      GATEHOUSE_RETURN_IF_ERROR(
          transaction.DeleteAuthenticationMethod(method.account_id, method.id));
    }
  }
  return absl::OkStatus();
}

// Waits for the first code, which is sent where the method makes none itself.
absl::Status BeginProof(MutationScope& scope, const Dependencies& dependencies, const Draft& draft,
                        const AuthenticationMethodRecord& method) {
  const absl::Time now = scope.call().now;
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::RevocationHead head,
                             scope.transaction().ReadRevocationHead());
  OpenProof proof{.account = scope.actor(), .methods = {method}};
  proof.record = {.id = DigestToken(method.id).ToSessionId(),
                  .purpose = storage::ProofPurpose::kRegistration,
                  .subject = method.account_id.value(),
                  .account_id = method.account_id,
                  .epoch = scope.actor().epoch,
                  .position = head.position,
                  .created_at = now,
                  .expires_at = now + scope.policy().Duration(Parameter::kRegistrationLifetime),
                  .ip_address = draft.client.ip_address,
                  .user_agent = draft.client.user_agent,
                  .device_label = draft.client.device_label};
  if (method.kind == v1::AUTHENTICATION_METHOD_KIND_TOTP) {
    return scope.transaction().PutProof(proof.record);
  }
  return SendCode(scope, dependencies, proof, method.id, draft.code).status();
}

// New codes to print, in place of those that there are.
absl::StatusOr<Response> RenewPrintedCodes(const Dependencies& dependencies,
                                           Mutation<Response>& mutation,
                                           const OwnPassword& password) {
  const PrintedCodes printed(dependencies, mutation.policy(), mutation.session().key.account_id);
  const std::string message_id = NewId(dependencies.entropy);
  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    password.SetFacts(facts, account);
    facts.Set(Fact::kRequestMethodCounted, false);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    const storage::AccountRecord before = account;
    GATEHOUSE_ASSIGN_OR_RETURN(const AuthenticationMethodRecord method, printed.Give(scope));
    scope.Tell("method_id", method.id);
    scope.Tell(kPrintedCodesRenewed, "RENEWED");
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(account, scope.session().key.digest));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kRecoveryCodesRenewed));
    *answer.mutable_method() = ToMessage(method);
    for (const SecretString& code : printed.texts()) {
      answer.add_recovery_codes(std::string(code.Reveal()));
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<Response> RegisterAuthenticationMethod(const Dependencies& dependencies,
                                                      const CallContext& call,
                                                      const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::REGISTER_AUTHENTICATION_METHOD,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  GATEHOUSE_ASSIGN_OR_RETURN(const OwnPassword password,
                             VerifyOwnPassword(dependencies, call, mutation,
                                               policy::Action::REGISTER_AUTHENTICATION_METHOD,
                                               SecretString(request.password())));
  if (request.kind() == v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE) {
    return RenewPrintedCodes(dependencies, mutation, password);
  }
  const Draft draft(dependencies, call, mutation, request);

  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    const storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    password.SetFacts(facts, account);
    facts.Set(Fact::kRequestMethodCounted, true);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    GATEHOUSE_RETURN_IF_ERROR(MakeWay(scope, request));

    AuthenticationMethodRecord method = draft.method;
    method.created_at = scope.call().now;
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutAuthenticationMethod(method));
    GATEHOUSE_RETURN_IF_ERROR(BeginProof(scope, dependencies, draft, method));
    scope.Tell("method_id", method.id);
    *answer.mutable_method() = ToMessage(method);
    if (method.kind == v1::AUTHENTICATION_METHOD_KIND_TOTP) {
      answer.set_otpauth_uri(std::string(
          OtpauthUri(draft.secret, dependencies.otpauth_issuer, account.username).Reveal()));
    }
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server

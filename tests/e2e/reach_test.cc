// How far a session reaches, by every method of the contract over the wire: a RESTRICTED one no
// further than what completes its required actions (quality/invariants.md, 6), and an
// administrator's no further than their organisation, role by role, with denials that tell an
// account that is somebody else's from none at all in no bit (7).
//
// What a method is asked is put together from its fields' names, so that a method that is added to
// the contract is tried as well.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/sync_stream.h"
#include "gtest/gtest.h"

#include "clients/contract_methods.h"
#include "gatehouse/v1/organisation_service.grpc.pb.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/any_method.h"

namespace gatehouse::e2e {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

using Accounts = v1::AccountService::Stub;
using Organisations = v1::OrganisationService::Stub;

// An id that was never given out.
constexpr char kNobody[] = "AAAAAAAAAAAAAAAAAAAAAA";

// What a field of this name is given, as text; $A is the account, $O the organisation.
const std::map<std::string, std::string>& FieldTexts() {
  static const auto* const kTexts = new std::map<std::string, std::string>{
      {"account_id", "account_id: '$A'"},
      {"account_ids", "account_ids: '$A'"},
      {"actions", "actions: ACTION_RESECURE_ACCOUNT"},
      {"current_password", "current_password: 'walrus-lantern-abcdefghijkl'"},
      {"display_name", "display_name: 'Elsewhere'"},
      {"document_sha256", absl::StrCat("document_sha256: '", std::string(64, 'a'), "'")},
      {"document_uri", "document_uri: 'https://example.org/aup'"},
      {"identity_check", "identity_check { attestation { kind: ATTESTATION_KIND_DOCUMENT } }"},
      {"new_password", "new_password: 'walrus-lantern-lkjihgfedcba'"},
      {"organisation_id", "organisation_id: '$O'"},
      {"account_secret", "account_secret: 'marmalade'"},
      {"password", "password: 'walrus-lantern-abcdefghijkl'"},
      {"password_scope", "password_scope: PASSWORD_SCOPE_SEPARATE"},
      {"profile", "profile { given_name: 'A' family_name: 'B' display_name: 'A B' }"},
      {"reason", "reason: 'the desk was called'"},
      {"role", "role: ROLE_AUDITOR"},
      {"session_id", absl::StrCat("session_id: '", std::string(42, 'A'), "E'")},
      {"validate_only", "validate_only: true"},
      {"version", "version: 'another'"},
      // Where the same name means something else.
      {"CreateAccount.username", "username: 'new.comer'"},
      {"UpdateProfile.update_mask", "update_mask { paths: 'given_name' }"},
      {"UpdateOrganisation.update_mask", "update_mask { paths: 'display_name' }"},
      {"ListAccounts.role", ""},
      {"ListAuditEvents.actions", ""},
      {"CompleteRequiredActions.profile", ""},
      {"CompleteRequiredActions.account_secret", ""},
      {"GetAccountTimeline.actions", ""},
      {"ListAuditEvents.reason", ""},
      {"ValidatePolicy.text", "text: 'name: \"other\"'"},
      {"DiffPolicies.candidate", "candidate { text: 'name: \"other\"' }"},
      {"ActivatePolicy.policy", "policy { text: 'name: \"other\"' }"},
      {"ReplayDecisions.policy", "policy { text: 'name: \"other\"' }"},
      {"ExplainDecision.action", "action: ACTION_UNLOCK_ACCOUNT"},
      {"RegisterAuthenticationMethod.kind", "kind: AUTHENTICATION_METHOD_KIND_TOTP"},
      {"AnswerIdentityVerification.verification_id", "verification_id: '$A'"},
      {"AnswerIdentityVerification.letters", "letters: ['a', 'b', 'c']"},
      {"ConfirmAuthenticationMethod.method_id", "method_id: '$A'"},
      {"ConfirmAuthenticationMethod.code", "code: '123456'"},
      {"ImportAccounts.start",
       "start { organisation_id: '$O' request_id: '0f8fad5b-d9cb-469f-a165-70867728950e' }"},
      {"RemoveAuthenticationMethod.method_id", "method_id: '$A'"},
  };
  return *kTexts;
}

std::unique_ptr<Message> RequestFor(const MethodDescriptor& method, const std::string& account_id,
                                    const std::string& organisation_id) {
  std::string text;
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const FieldDescriptor& field = *method.input_type()->field(i);
    auto found = FieldTexts().find(absl::StrCat(method.name(), ".", field.name()));
    if (found == FieldTexts().end()) found = FieldTexts().find(field.name());
    if (found != FieldTexts().end()) absl::StrAppend(&text, found->second, "\n");
    if (field.name() == "request_id") {
      absl::StrAppend(&text, "request_id: '", cli::NewRequestId(), "'\n");
    }
  }
  auto request = NewMessage(*method.input_type());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(text, {{"$A", account_id}, {"$O", organisation_id}}), request.get()))
      << method.name();
  return request;
}

bool IsStream(const MethodDescriptor& method) {
  return method.client_streaming() || method.server_streaming();
}

// How a stream ends that consists of one message.
grpc::Status StreamOf(grpc::ChannelInterface& channel, const std::string& token,
                      const MethodDescriptor& method, const Message& message) {
  const std::string path = PathOf(method);
  const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
          &channel, rpc, &context));
  const grpc::Slice bytes(message.SerializeAsString());
  stream->Write(grpc::ByteBuffer(&bytes, 1));
  stream->WritesDone();
  for (grpc::ByteBuffer answer; stream->Read(&answer);) answer.Clear();
  return stream->Finish();
}

class ReachTest : public ::testing::Test {
 protected:
  ReachTest() : other_organisation_(NewOrganisation("Hilltop Surgery", false)) {
    primary_ = Holder(v1::ROLE_PRIMARY_LOCAL_ADMIN, service_.organisation_id()).actor;
  }

  struct RoleHolder {
    Actor actor;
    Person person;
  };

  std::string NewOrganisation(const std::string& name, bool nas_managed) {
    v1::CreateOrganisationRequest request;
    request.set_display_name(name);
    request.set_nas_managed(nas_managed);
    request.set_password_scope(v1::PASSWORD_SCOPE_SEPARATE);
    return service_.national_operator()
        .Call(&Organisations::CreateOrganisation, request)
        ->organisation()
        .organisation_id();
  }

  // Created by the operator, with everything still to do, and the temporary password.
  Person Create(const std::string& organisation_id) {
    v1::CreateAccountRequest request = service_.NewAccount(absl::StrCat("person.", ++names_));
    request.set_organisation_id(organisation_id);
    const auto created = service_.national_operator().Call(&Accounts::CreateAccount, request);
    EXPECT_TRUE(created.ok()) << created;
    return {.account_id = created->account().account_id(),
            .username = request.username(),
            .password = created->temporary_password()};
  }

  void Grant(const Person& person, v1::Role role, const std::string& organisation_id) {
    v1::GrantRoleRequest grant;
    grant.set_account_id(person.account_id);
    grant.set_role(role);
    if (role != v1::ROLE_NATIONAL_ADMIN) grant.set_organisation_id(organisation_id);
    const auto granted = service_.national_operator().Call(&Accounts::GrantRole, grant);
    EXPECT_TRUE(granted.ok()) << granted;
  }

  // With nothing left to do, and the role, if any.
  RoleHolder Holder(v1::Role role, const std::string& organisation_id) {
    Person person = Create(organisation_id);
    if (role != v1::ROLE_UNSPECIFIED) Grant(person, role, organisation_id);
    const std::string temporary = person.password;
    return {.actor = service_.Settle(person, temporary), .person = person};
  }

  grpc::Status Try(const Actor& actor, const Message& request) {
    ++calls_;
    const MethodDescriptor& method = *MethodOf(request);
    if (IsStream(method)) return StreamOf(*channel_, actor.token(), method, request);
    const auto response = NewMessage(*method.output_type());
    return harness::CallUnary(*channel_, actor.token(), request, *response);
  }

  static const MethodDescriptor* MethodOf(const Message& request) {
    for (const MethodDescriptor* method : ContractMethods()) {
      if (method->input_type() == request.GetDescriptor()) return method;
    }
    return nullptr;
  }

  static std::string ReasonOf(const grpc::Status& status) {
    return status.ok() ? "OK" : cli::DecodeRefusal(status).reason;
  }

  // What a RESTRICTED session reaches of what is asked about somebody else's account.
  std::set<std::string> Reached(const Actor& restricted) {
    static const std::set<std::string> kWithoutASession = {
        "CreateSession",        "SendSecondFactorCode",  "AnswerSecondFactor",
        "ValidateSession",      "BatchValidateSessions", "WatchRevocations",
        "StartPasswordReset",   "SendPasswordResetCode", "VerifyPasswordResetCode",
        "CompletePasswordReset"};
    std::set<std::string> reached;
    for (const MethodDescriptor* method : ContractMethods()) {
      if (kWithoutASession.count(method->name()) > 0) continue;
      const std::string reason = ReasonOf(
          Try(restricted, *RequestFor(*method, target_.account_id, service_.organisation_id())));
      EXPECT_NE(reason, "FIELDS_INVALID") << method->name() << " needs more in FieldTexts()";
      if (reason != "SESSION_RESTRICTED" && reason != "NOT_IMPLEMENTED") {
        reached.insert(method->name());
      }
    }
    ++situations_;
    return reached;
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
  std::shared_ptr<grpc::Channel> channel_ = service_.server().NewChannel();
  int names_ = 0;
  int calls_ = 0;
  int situations_ = 0;
  const std::string other_organisation_;
  Actor primary_ = service_.NewActor();
  Person target_ = Create(service_.organisation_id());
};

const std::set<std::string> kBeforeThePassword = {"ChangePassword", "CompleteRequiredActions",
                                                  "GetAcceptableUsePolicy"};
const std::set<std::string> kAtSave = {"CompleteRequiredActions", "GetAcceptableUsePolicy"};
const std::set<std::string> kAtLast = {"CompleteRequiredActions", "GetAcceptableUsePolicy",
                                       "RegisterAuthenticationMethod",
                                       "ConfirmAuthenticationMethod"};

TEST_F(ReachTest, ARestrictedSessionReachesOnlyWhatCompletesItsActions) {
  for (const v1::Role role :
       {v1::ROLE_UNSPECIFIED, v1::ROLE_LOCAL_ADMIN, v1::ROLE_NATIONAL_ADMIN}) {
    SCOPED_TRACE(v1::Role_Name(role));
    Person person = Create(service_.organisation_id());
    if (role != v1::ROLE_UNSPECIFIED) Grant(person, role, service_.organisation_id());
    Actor actor = service_.NewActor();
    ASSERT_TRUE(actor.SignIn(person.username, person.password).ok());
    EXPECT_EQ(Reached(actor), kBeforeThePassword) << "everything is pending";

    const std::string password = FreshPassword();
    ASSERT_TRUE(actor.ChangePassword(person.password, password).ok());
    EXPECT_EQ(Reached(actor), kAtSave) << "policy, profile and secret are pending";

    ASSERT_TRUE(actor.Complete(kCurrentAup, ProfileOf("Robin", "Example"), FreshSecret()).ok());
    if (role != v1::ROLE_UNSPECIFIED) {
      EXPECT_EQ(Reached(actor), kAtLast) << "a second factor alone is pending";
      person.password = password;
      StaffedServer::RegisterApp(actor, person);
    }
    if (role == v1::ROLE_NATIONAL_ADMIN) continue;
    auto reset = Attested<v1::ResetPasswordRequest>(person.account_id, "forgotten");
    reset.set_temporary_password(FreshPassword());
    ASSERT_TRUE(primary_.Call(&Accounts::ResetPassword, reset).ok());
    person.password = reset.temporary_password();
    EXPECT_EQ(Reached(service_.SignIn(person)), kBeforeThePassword)
        << "the password alone is pending";
  }
  v1::PublishAcceptableUsePolicyRequest aup;
  aup.set_version("a later one");
  aup.set_document_uri("https://example.org/aup");
  aup.set_document_sha256(std::string(64, 'b'));
  RoleHolder admin = Holder(v1::ROLE_LOCAL_ADMIN, service_.organisation_id());
  ASSERT_TRUE(
      service_.national_operator().Call(&Organisations::PublishAcceptableUsePolicy, aup).ok());
  EXPECT_EQ(Reached(service_.SignIn(admin.person)), kAtSave) << "a new policy alone is pending";
  std::cout << ContractMethods().size() << " methods in " << situations_
            << " situations: " << calls_ << " calls, none reached but what completes the actions"
            << std::endl;
}

// Whose account it is that is acted on.
struct Target {
  const char* name;
  std::string account_id;
  bool in_own_organisation;  // of the local administrators
  bool nationally_managed;
};

const std::set<v1::Role> kHelp = {v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN,
                                  v1::ROLE_PRIMARY_LOCAL_ADMIN};
const std::set<v1::Role> kAdministration = {v1::ROLE_LOCAL_ADMIN, v1::ROLE_PRIMARY_LOCAL_ADMIN};

// Section 9 of the domain: who may, within their organisation.
std::set<v1::Role> WhoMay(const std::string& method) {
  static const std::set<std::string> kOfTheHelpdesk = {
      "GetAccount",         "CheckEligibility",
      "ListSessions",       "UnlockAccount",
      "ResetPassword",      "StartIdentityVerification",
      "GetAccountTimeline", "ListAuthenticationMethods"};
  if (kOfTheHelpdesk.count(method) > 0) {
    std::set<v1::Role> roles = kHelp;
    if (method == "GetAccountTimeline") roles.insert(v1::ROLE_AUDITOR);
    return roles;
  }
  if (method == "GrantRole" || method == "WithdrawRole") return {v1::ROLE_PRIMARY_LOCAL_ADMIN};
  return kAdministration;
}

bool May(v1::Role role, const std::string& method, const Target& target) {
  const bool grants = method == "GrantRole" || method == "WithdrawRole";
  if (role == v1::ROLE_OPERATOR) {
    return grants || method == "GetAccount" || method == "ExplainDecision";
  }
  if (method == "ExplainDecision") return false;
  if (role == v1::ROLE_NATIONAL_ADMIN) {
    // Into the organisation that is asked about, which nobody manages nationally; and of roles
    // only that of a primary local administrator.
    return target.nationally_managed && !grants && method != "JoinOrganisation";
  }
  return target.in_own_organisation && WhoMay(method).count(role) > 0;
}

TEST_F(ReachTest, NobodyActsBeyondTheirOrganisationAndRoleNorLearnsWhoIsThere) {
  const std::string home = service_.organisation_id();
  const std::string managed = NewOrganisation("Managed Surgery", true);
  const Person deleted = Create(home);
  const Person transferred = Holder(v1::ROLE_UNSPECIFIED, home).person;
  const Actor elsewhere = Holder(v1::ROLE_LOCAL_ADMIN, other_organisation_).actor;
  auto remove = Attested<v1::JoinOrganisationRequest>(transferred.account_id, "a new post");
  remove.set_organisation_id(other_organisation_);
  v1::MarkLeaverRequest leaves;
  leaves.set_account_id(transferred.account_id);
  leaves.set_reason("a new post");
  ASSERT_TRUE(primary_.Call(&Accounts::MarkLeaver, leaves).ok());
  ASSERT_TRUE(elsewhere.Call(&Accounts::JoinOrganisation, remove).ok());
  v1::DeleteAccountRequest gone;
  gone.set_account_id(deleted.account_id);
  gone.set_reason("a mistake");
  ASSERT_TRUE(primary_.Call(&Accounts::DeleteAccount, gone).ok());

  const std::vector<Target> targets = {
      {"own", target_.account_id, true, false},
      {"other", Create(other_organisation_).account_id, false, false},
      {"transferred", transferred.account_id, false, false},
      {"deleted", deleted.account_id, true, false},
      {"nationally managed", Create(managed).account_id, false, true}};
  std::map<v1::Role, Actor> actors = {{v1::ROLE_OPERATOR, service_.national_operator()}};
  for (const v1::Role role :
       {v1::ROLE_UNSPECIFIED, v1::ROLE_AUDITOR, v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN,
        v1::ROLE_PRIMARY_LOCAL_ADMIN, v1::ROLE_NATIONAL_ADMIN}) {
    actors.emplace(role, Holder(role, home).actor);
  }

  int denied = 0;
  int methods = 0;
  for (const MethodDescriptor* method : ContractMethods()) {
    // A batch's denials are results, which AdministrationTest compares.
    if (method->input_type()->FindFieldByName("account_id") == nullptr) continue;
    ++methods;
    for (const auto& [role, actor] : actors) {
      const grpc::Status nobody = Try(actor, *RequestFor(*method, kNobody, home));
      if (ReasonOf(nobody) == "NOT_IMPLEMENTED") continue;
      for (const Target& target : targets) {
        SCOPED_TRACE(absl::StrCat(v1::Role_Name(role), " calls ", method->name(),
                                  " on an account: ", target.name));
        const grpc::Status status = Try(actor, *RequestFor(*method, target.account_id, home));
        EXPECT_NE(ReasonOf(status), "FIELDS_INVALID") << status.error_message();
        EXPECT_EQ(ReasonOf(status) != "NOT_PERMITTED", May(role, method->name(), target))
            << ReasonOf(status);
        if (ReasonOf(status) != "NOT_PERMITTED") continue;
        ++denied;
        EXPECT_EQ(status.error_code(), nobody.error_code());
        EXPECT_EQ(status.error_message(), nobody.error_message());
        EXPECT_EQ(status.error_details(), nobody.error_details());
      }
    }
  }
  std::cout << methods << " methods x " << actors.size() << " roles x " << targets.size()
            << " accounts: " << calls_ << " calls, " << denied
            << " denials, each as though there were no such account; 0 escapes" << std::endl;
}

}  // namespace
}  // namespace gatehouse::e2e

#include "tests/e2e/staffed_server.h"

#include <filesystem>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/harness/child_process.h"
#include "tests/harness/fatal.h"
#include "tests/harness/shipped_policy.h"

namespace gatehouse::e2e {
namespace {

using Accounts = v1::AccountService::Stub;
using Organisations = v1::OrganisationService::Stub;

constexpr char kCheapRules[] = "cheap_hashing.textproto";

template <typename Response>
Response Must(Answer<Response> answer, const char* what) {
  if (!answer.ok()) harness::Fatal(absl::StrCat(what, ": ", answer.status.error_message()));
  return std::move(answer.response);
}

std::string RulesFor(const StaffedServer::Options& options,
                     const harness::TemporaryDirectory& directory) {
  if (!options.rules.empty()) return directory.Write("rules.textproto", options.rules);
  if (options.hashing == Hashing::kAsShipped) return "";
  return directory.Write(kCheapRules, harness::PolicyWithCheapHashing());
}

// Letters alone, as account secrets are.
std::string RandomLetters(int count) {
  static std::random_device random;
  std::string letters;
  while (count-- > 0) letters.push_back(static_cast<char>('a' + random() % 26));
  return letters;
}

}  // namespace

v1::CreateSessionRequest AnonymousSignIn(const std::string& username, const std::string& password) {
  v1::CreateSessionRequest request;
  request.set_username(username);
  request.set_password(password);
  return request;
}

std::string FreshPassword() { return absl::StrCat("walrus-lantern-", RandomLetters(12)); }
std::string FreshSecret() { return RandomLetters(16); }

StaffedServer::StaffedServer(const Options& options)
    : server_({.redis = redis_.url(),
               .database = options.database,
               .policy = RulesFor(options, directory_),
               .flags = options.flags}) {
  const auto bootstrapped = server_.Bootstrap("National Service", "op.root");
  server_.Start();

  const std::string operator_password = FreshPassword();
  Must(operator_.SignIn("op.root", bootstrapped.temporary_password), "the operator signs in");
  Must(operator_.ChangePassword(bootstrapped.temporary_password, operator_password),
       "the operator changes the password");
  v1::PublishAcceptableUsePolicyRequest aup;
  aup.set_version(kCurrentAup);
  aup.set_document_uri("https://example.org/aup/2026-11");
  aup.set_document_sha256(std::string(64, 'a'));
  Must(operator_.Call(&Organisations::PublishAcceptableUsePolicy, aup), "the AUP is published");
  Must(operator_.Complete(kCurrentAup, ProfileOf("Olive", "Root"), FreshSecret()),
       "the operator completes");
  Must(operator_.RegisterApp(operator_password), "the operator registers an app");

  v1::CreateOrganisationRequest organisation;
  organisation.set_display_name("Riverside Trust");
  organisation.set_password_scope(v1::PASSWORD_SCOPE_SEAMLESS);
  organisation_id_ = Must(operator_.Call(&Organisations::CreateOrganisation, organisation),
                          "the organisation is created")
                         .organisation()
                         .organisation_id();

  const auto created = Must(operator_.Call(&Accounts::CreateAccount, NewAccount("la.riverside")),
                            "the administrator is created");
  v1::GrantRoleRequest grant;
  grant.set_account_id(created.account().account_id());
  grant.set_role(v1::ROLE_LOCAL_ADMIN);
  grant.set_organisation_id(organisation_id_);
  Must(operator_.Call(&Accounts::GrantRole, grant), "the administrator gets the role");
  Person administrator{.account_id = created.account().account_id(), .username = "la.riverside"};
  administrator_ = Settle(administrator, created.temporary_password());
}

Actor StaffedServer::Holder(const std::string& token) const {
  Actor actor = NewActor();
  actor.set_token(token);
  return actor;
}

void StaffedServer::WritePolicyFile(const std::string& text) const {
  directory_.Write(kCheapRules, text);
}

void StaffedServer::Restart() {
  server_.Start();
  operator_ = Holder(operator_.token());
  administrator_ = Holder(administrator_.token());
}

v1::CreateAccountRequest StaffedServer::NewAccount(const std::string& username) const {
  v1::CreateAccountRequest request;
  request.set_organisation_id(organisation_id_);
  request.set_username(username);
  *request.mutable_profile() = ProfileOf("Robin", "Example");
  return request;
}

Person StaffedServer::CreatePerson(const std::string& username) {
  const auto created =
      Must(administrator_.Call(&Accounts::CreateAccount, NewAccount(username)), "create a person");
  Person person{.account_id = created.account().account_id(), .username = username};
  Settle(person, created.temporary_password());
  return person;
}

Actor StaffedServer::Settle(Person& person, const std::string& temporary_password) {
  Actor actor = NewActor();
  person.password = FreshPassword();
  Must(actor.SignIn(person.username, temporary_password), "sign in with a temporary password");
  Must(actor.ChangePassword(temporary_password, person.password), "change a temporary password");
  const auto completed =
      Must(actor.Complete(kCurrentAup, ProfileOf("Robin", "Example"), FreshSecret()),
           "complete what is required");
  if (completed.session().level() != v1::SESSION_LEVEL_FULL) RegisterApp(actor, person);
  return actor;
}

Actor StaffedServer::SignIn(Person& person) const {
  Actor actor = NewActor();
  const auto answer = Must(actor.SignIn(person.username, person.password), "sign in");
  if (!answer.has_second_factor()) return actor;
  if (person.printed_codes.empty()) harness::Fatal("no printed code is left");
  Must(actor.Prove(answer.second_factor(), v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE,
                   person.printed_codes.back()),
       "sign in by a printed code");
  person.printed_codes.pop_back();
  return actor;
}

void StaffedServer::RegisterApp(Actor& actor, Person& person) {
  const auto confirmed = Must(actor.RegisterApp(person.password), "register an app");
  person.printed_codes.assign(confirmed.recovery_codes().begin(), confirmed.recovery_codes().end());
}

std::vector<v1::AuditEvent> StaffedServer::AuditEvents(v1::ListAuditEventsRequest request) const {
  std::vector<v1::AuditEvent> events;
  request.set_organisation_id(organisation_id_);
  request.set_page_size(1000);
  do {
    const auto page = Must(operator_.Call(&v1::AuditService::Stub::ListAuditEvents, request),
                           "list audit events");
    events.insert(events.end(), page.events().begin(), page.events().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return events;
}

}  // namespace gatehouse::e2e

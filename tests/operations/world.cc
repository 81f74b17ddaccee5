#include "tests/operations/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "server/operations/account_operations.h"
#include "server/operations/call/scope.h"
#include "server/operations/errors.h"
#include "server/operations/organisation_operations.h"
#include "server/operations/session_operations.h"
#include "server/operations/sessions/new_session.h"
#include "server/secrets/token.h"
#include "storage/memory/account_store.h"
#include "tests/contract/account_samples.h"
#include "tests/harness/shipped_policy.h"

namespace gatehouse::server {
namespace {

constexpr absl::Duration kLease = absl::Seconds(1);

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "the world of a test broke: %s\n", status.ToString().c_str());
  std::abort();
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}

// Compiled once, for worlds come and go by the thousand.
std::shared_ptr<const policy::Policy> ShippedPolicy() {
  static const auto* const kPolicy = [] {
    policy::CompileResult compiled =
        policy::Policy::Compile(harness::PolicyWithCheapHashing(), "nhsmail.textproto");
    if (compiled.policy == nullptr) Must(absl::InvalidArgumentError("the shipped policy is bad"));
    return new std::shared_ptr<const policy::Policy>(compiled.policy);
  }();
  return *kPolicy;
}

// As at a server's first start, but that the system's log begins empty.
std::shared_ptr<const policy::Policy> PutInForce(storage::AccountStore& accounts,
                                                 std::shared_ptr<const policy::Policy> policy,
                                                 absl::Time now) {
  const std::string revision = policy->revision().ToString();
  Must(accounts.TransactRevoking([&](storage::Transaction& transaction) {
    absl::Status status = transaction.SavePolicyRevision(
        {.revision = revision, .text = std::string(policy->text()), .activated_at = now});
    status.Update(transaction.ChangePolicyState({.active = revision}).status());
    return status;
  }));
  return policy;
}

// For the same reason.
const KnownPasswords& CommonPasswords() {
  static const auto* const kPasswords = new KnownPasswords();
  return *kPasswords;
}

KeyRing NewKeys(const std::string& path, Entropy& entropy, const Clock& clock) {
  Must(CreateKeyRing(path, entropy, clock));
  return Must(KeyRing::Load(path));
}

constexpr char kTelephone[] = "+447700900321";

bool NeedsMethod(const World::Roles& roles) {
  return std::ranges::any_of(roles, [](const storage::RoleGrantRecord& grant) {
    return grant.role != v1::ROLE_AUDITOR && grant.role != v1::ROLE_LOCAL_HELPDESK;
  });
}

bool IsOfTheSystem(v1::Role role) {
  return role == v1::ROLE_OPERATOR || role == v1::ROLE_NATIONAL_ADMIN;
}

// Does `act` once, after it was called `passed` times.
storage::HookedAccountStore::Hook OnceAfter(int passed, std::function<void()> act) {
  return [left = std::make_shared<std::atomic<int>>(passed), act = std::move(act)] {
    if ((*left)-- == 0) act();
    return absl::OkStatus();
  };
}

}  // namespace

std::string Outcome(const absl::Status& status) {
  if (status.ok()) return "OK";
  const std::string reason = ReasonOf(status);
  return absl::StrCat(absl::StatusCodeToString(status.code()), " / ",
                      reason.empty() ? status.message() : reason);
}

std::vector<std::string> FaultyFields(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto faults = FindDetail<google::rpc::BadRequest>(status);
  if (!faults.has_value()) return fields;
  for (const auto& violation : faults->field_violations()) fields.push_back(violation.field());
  return fields;
}

World::World(Aup aup)
    : clock_(absl::FromCivil(absl::CivilSecond(2026, 11, 20, 9, 0, 0), absl::UTCTimeZone())),
      entropy_(/*seed=*/20261120),
      log_(LogLevel::kInfo, log_text_),
      memory_(storage::NewMemoryAccountStore(NewId(entropy_))),
      accounts_(*memory_),
      policies_(PutInForce(accounts_, ShippedPolicy(), clock_.Now())),
      decision_journal_(metrics_, {}),
      policy_follower_({.accounts = accounts_,
                        .policies = policies_,
                        .journal = decision_journal_,
                        .log = log_,
                        .metrics = metrics_}),
      key_ring_path_((directory_ / "keyring").string()),
      keys_(NewKeys(key_ring_path_, entropy_, clock_)),
      hasher_(entropy_),
      hash_gate_({.concurrent = 2}, clock_, metrics_.ForLane("hash")),
      secret_vault_(keys_, hasher_, entropy_, {.memory_kib = 64, .passes = 1}),
      revocation_reader_(accounts_, clock_, revocation_log_,
                         {.lease = kLease,
                          .follow =
                              [this](const storage::RevocationHead& head) {
                                return policy_follower_.Follow(head);
                              }}),
      session_judge_(revocation_log_, clock_, kLease),
      background_({.threads = 1}, clock_, metrics_.ForLane("background")),
      dependencies_(new Dependencies{.accounts = accounts_,
                                     .sessions = sessions_,
                                     .revocation_log = revocation_log_,
                                     .revocation_reader = revocation_reader_,
                                     .session_judge = session_judge_,
                                     .use_throttle = use_throttle_,
                                     .policies = policies_,
                                     .policy_follower = policy_follower_,
                                     .decision_journal = decision_journal_,
                                     .keys = keys_,
                                     .known_passwords = CommonPasswords(),
                                     .hasher = hasher_,
                                     .hash_gate = hash_gate_,
                                     .password_settled = password_settled_,
                                     .secret_vault = secret_vault_,
                                     .entropy = entropy_,
                                     .clock = clock_,
                                     .background = background_,
                                     .otpauth_issuer = otpauth_issuer_,
                                     .log = log_,
                                     .metrics = metrics_}) {
  Must(revocation_reader_.Refresh(absl::InfiniteFuture()));
  if (aup == Aup::kPublished) PublishAup(kFirstAup);
}

World::~World() = default;

void World::RotateKeys() {
  Must(RotateKeyRing(key_ring_path_, entropy_, clock_));
  keys_ = Must(KeyRing::Load(key_ring_path_));
}

std::vector<KeyDescription> World::ListedKeys() const { return Must(ListKeys(key_ring_path_)); }

void World::ReplaceKeyRing() {
  key_ring_path_ = (directory_ / NewId(entropy_)).string();
  keys_ = NewKeys(key_ring_path_, entropy_, clock_);
}

void World::BeforeWrite(int passed, std::function<void()> act) {
  accounts_.BeforeWrite(OnceAfter(passed, std::move(act)));
}

void World::BeforeRead(int passed, std::function<void()> act) {
  accounts_.BeforeRead(OnceAfter(passed, std::move(act)));
}

void World::ChangePolicy(absl::string_view text) {
  const policy::CompileResult compiled = policy::Policy::Compile(text, "changed.textproto");
  if (compiled.policy == nullptr) Must(absl::InvalidArgumentError("the policy does not compile"));
  policies_.Exchange(compiled.policy);
}

void World::Advance(absl::Duration step) {
  AwaitBackground();
  clock_.Advance(step);
  Must(revocation_reader_.Refresh(absl::InfiniteFuture()));
}

// The lane has one thread, first in first out.
void World::AwaitBackground() {
  std::promise<absl::Status> reached;
  Must(
      background_.Submit({.run = [&reached] { reached.set_value(absl::OkStatus()); },
                          .on_dropped = [&reached](absl::Status why) { reached.set_value(why); }}));
  Must(reached.get_future().get());
}

// --- Who there is ---

storage::OrganisationId World::AddOrganisation(absl::string_view name, bool nas_managed) {
  storage::OrganisationRecord organisation;
  organisation.id = storage::OrganisationId(NewId(entropy_));
  organisation.display_name = std::string(name);
  organisation.nas_managed = nas_managed;
  organisation.password_scope = v1::PASSWORD_SCOPE_SEPARATE;
  organisation.created_at = clock_.Now();
  Write([&](storage::Transaction& transaction) {
    return transaction.InsertOrganisation(organisation);
  });
  return organisation.id;
}

storage::AccountId World::AddPerson(const storage::OrganisationId& organisation,
                                    absl::string_view username, const Roles& roles) {
  const absl::Time now = clock_.Now();
  storage::AccountRecord account;
  account.id = storage::AccountId(NewId(entropy_));
  account.organisation_id = organisation;
  account.username = std::string(username);
  account.profile = {.given_name = "Asha",
                     .family_name = "Patel",
                     .display_name = absl::StrCat("Asha Patel (", username, ")"),
                     .contact_email = absl::StrCat(username, "@example.org"),
                     .phone_number = "+441134960000"};
  account.profile_confirmed_at = now;
  account.status = v1::ACCOUNT_STATUS_ACTIVE;
  account.status_changed_at = account.created_at = account.joined_at = now;
  account.last_used_at = now;
  account.password.phc = PasswordHash();
  account.password.changed_at = now;
  account.password.version = account.secret.version = 1;
  const KeyRing::Sealed secret =
      secret_vault_.Seal(account.id.value(), account.secret.version, SecretString(kSecret));
  account.secret.ciphertext = secret.bytes;
  account.secret.key_id = secret.key_id;
  account.secret.set_at = now;
  account.roles = roles;
  Write([&](storage::Transaction& transaction) {
    const auto aup = transaction.CurrentAcceptableUsePolicy();
    account.aup_version = aup.ok() ? aup->version : kFirstAup;
    account.aup_accepted_at = now;
    account.authentication_methods = NeedsMethod(roles) ? 1 : 0;
    const absl::Status inserted = transaction.InsertAccount(account);
    if (!inserted.ok() || !NeedsMethod(roles)) return inserted;
    return transaction.PutAuthenticationMethod({.account_id = account.id,
                                                .id = NewId(entropy_),
                                                .kind = v1::AUTHENTICATION_METHOD_KIND_SMS,
                                                .phone_number = kTelephone,
                                                .created_at = now,
                                                .confirmed_at = now});
  });
  return account.id;
}

storage::AccountId World::AddPerson(const storage::OrganisationId& organisation,
                                    absl::string_view username, v1::Role role) {
  return AddPerson(
      organisation, username,
      Roles{{.role = role,
             .organisation_id = IsOfTheSystem(role) ? storage::OrganisationId() : organisation}});
}

storage::AccountId World::AddOperator(absl::string_view username) {
  constexpr absl::string_view kHome = "National Service";
  std::optional<storage::OrganisationId> home;
  Read([&](storage::Transaction& transaction) {
    const auto found = transaction.FindOrganisationByName(kHome);
    if (found.ok()) home = found->id;
    return absl::OkStatus();
  });
  return AddPerson(home.has_value() ? *home : AddOrganisation(kHome), username, v1::ROLE_OPERATOR);
}

void World::PublishAup(absl::string_view version) {
  Write([&](storage::Transaction& transaction) {
    return transaction.InsertAcceptableUsePolicy(
        {.version = std::string(version),
         .document_uri = absl::StrCat("https://example.org/aup/", version),
         .document_sha256 = std::string(64, 'a'),
         .published_at = clock_.Now()});
  });
}

storage::AccountRecord World::Find(const storage::AccountId& id) {
  storage::AccountRecord account;
  Read([&](storage::Transaction& transaction) {
    account = Must(transaction.FindAccount(id));
    return absl::OkStatus();
  });
  return account;
}

void World::Change(const storage::AccountId& id,
                   absl::FunctionRef<void(storage::AccountRecord&)> change) {
  Write([&](storage::Transaction& transaction) {
    storage::AccountRecord account = Must(transaction.FindAccount(id));
    change(account);
    return transaction.UpdateAccount(account);
  });
}

std::string World::Enter(const storage::AccountId& id, absl::string_view device) {
  NewSession session(*dependencies_, id);
  const CallContext call = ContextOf("", v1::CreateSessionRequest());
  const auto policy = policies_.Get();
  Write([&](storage::Transaction& transaction) {
    Scope scope(transaction, call, *policy, decision_journal_, policy::Action::SIGN_IN);
    storage::AccountRecord account = Must(transaction.FindAccount(id));
    Must(session.Continue(scope, account));
    return transaction.UpdateAccount(account);
  });
  Must(session.Store(
      *dependencies_, call,
      {.ip_address = "192.0.2.7", .user_agent = "a browser", .device_label = std::string(device)}));
  return session.TellToken();
}

std::string World::SignIn(absl::string_view username, absl::string_view password) {
  v1::CreateSessionRequest request;
  request.set_username(std::string(username));
  request.set_password(std::string(password));
  return Must(Call("", CreateSession, request)).session_token();
}

std::string World::SettleIn(absl::string_view username, absl::string_view temporary_password,
                            absl::string_view account_secret, absl::string_view password) {
  v1::ChangePasswordRequest change;
  change.set_current_password(std::string(temporary_password));
  change.set_new_password(std::string(password));
  const auto changed = Must(Call(SignIn(username, temporary_password), ChangePassword, change));

  v1::CompleteRequiredActionsRequest complete;
  const auto aup = Must(Call(changed.session_token(), GetAcceptableUsePolicy, {}));
  complete.mutable_accept_aup()->set_version(aup.acceptable_use_policy().version());
  v1::Profile& profile = *complete.mutable_profile();
  profile.set_given_name("Asha");
  profile.set_family_name("Patel");
  profile.set_display_name("Asha Patel");
  profile.set_contact_email("asha.patel@example.org");
  complete.set_account_secret(std::string(account_secret));
  return Must(Call(changed.session_token(), CompleteRequiredActions, complete)).session_token();
}

// --- Calling ---

CallContext World::ContextOf(absl::string_view token,
                             const google::protobuf::Message& request) const {
  CallContext call;
  call.now = clock_.Now();
  call.deadline = call.now + absl::Seconds(10);
  call.method = std::string(absl::StripSuffix(request.GetDescriptor()->name(), "Request"));
  call.caller = "local";
  call.token = SecretString(token);
  call.trace_id = "trace";
  return call;
}

std::string World::NewRequestId() {
  return absl::StrFormat("0f8fad5b-d9cb-469f-a165-%012x", ++request_ids_);
}

void World::GiveRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || !request.GetReflection()->GetString(request, field).empty()) return;
  request.GetReflection()->SetString(&request, field, NewRequestId());
}

// --- What is on record ---

std::vector<storage::AuditRecord> World::Audit(const storage::OrganisationId& log) {
  std::vector<storage::AuditRecord> events;
  Read([&](storage::Transaction& transaction) {
    storage::AuditFilter filter;
    filter.organisation_id = log;
    filter.limit = 100'000;
    events = Must(transaction.ListAudit(filter));
    return absl::OkStatus();
  });
  return events;
}

std::vector<storage::OutboxRecord> World::Outbox(storage::OutboxChannel channel) {
  std::vector<storage::OutboxRecord> messages;
  Read([&](storage::Transaction& transaction) {
    messages = Must(transaction.DueOutbox(channel, absl::InfiniteFuture(), 100'000));
    return absl::OkStatus();
  });
  return messages;
}

std::string World::Everything() {
  std::vector<std::string> lines;
  Read([&](storage::Transaction& transaction) {
    storage::OrganisationFilter all_organisations;
    storage::AccountFilter all_accounts;
    all_organisations.limit = all_accounts.limit = 100'000;
    for (const auto& organisation : Must(transaction.ListOrganisations(all_organisations))) {
      lines.push_back(storage::Text(organisation));
    }
    if (const auto aup = transaction.CurrentAcceptableUsePolicy(); aup.ok()) {
      lines.push_back(storage::Text(*aup));
    }
    for (const auto& account : Must(transaction.ListAccounts(all_accounts))) {
      lines.push_back(storage::Text(account));
      for (const auto& listed : Must(sessions_.List(account.id, absl::InfiniteFuture()))) {
        lines.push_back(listed.session.record.key.digest.ToSessionId());
      }
    }
    for (const auto& revocation : Must(transaction.ReadRevocations(0, 100'000))) {
      lines.push_back(storage::Text(revocation));
    }
    return absl::OkStatus();
  });
  for (const auto channel :
       {storage::OutboxChannel::kPeople, storage::OutboxChannel::kDirectories}) {
    for (const auto& message : Outbox(channel)) lines.push_back(storage::Text(message));
  }
  return absl::StrJoin(lines, "\n");
}

const std::string& World::PasswordHash() {
  if (password_hash_.empty()) {
    HashPermit permit = Must(hash_gate_.Acquire(absl::InfiniteFuture(), [] { return false; }));
    password_hash_ =
        Must(hasher_.Hash(permit, SecretString(kPassword), {.memory_kib = 64, .passes = 1}));
  }
  return password_hash_;
}

Hygiene World::hygiene() {
  return {.accounts = accounts_,
          .policies = policies_,
          .decision_journal = decision_journal_,
          .entropy = entropy_,
          .metrics = metrics_,
          .margin = absl::ZeroDuration()};
}

void World::SweepAccounts() {
  Must(server::SweepAccounts(hygiene(), clock_.Now(), [] { return false; }));
}

void World::Write(storage::TransactionBody body) { Must(accounts_.Transact(body)); }
void World::Read(storage::TransactionBody body) { Must(accounts_.Read(body)); }

}  // namespace gatehouse::server

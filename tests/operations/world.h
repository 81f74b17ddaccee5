// A whole server's operations in one test: real operations, secrets, policy and revocation reader
// over stores in memory, a clock that stands still, randomness from a seed, and Argon2id at a cost
// that tests can pay. The policy is the shipped one, but for that cost.
//
//   World world;
//   const auto riverside = world.AddOrganisation("Riverside Trust");
//   const auto asha = world.AddPerson(riverside, "asha.patel");
//   const std::string token = world.Enter(asha);
//   EXPECT_EQ(Outcome(world.Call(token, GetAccount, {})), "OK");
//
// Whatever the world does for a test must succeed, or the test ends there and then. For use by one
// thread, calls apart: those may come from any.
#ifndef GATEHOUSE_TESTS_OPERATIONS_WORLD_H_
#define GATEHOUSE_TESTS_OPERATIONS_WORLD_H_

#include <atomic>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "policy/policy_holder.h"
#include "server/operations/accounts/hygiene.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/secrets/key_ring_file.h"
#include "storage/account_store.h"
#include "storage/memory/session_store.h"
#include "tests/harness/temporary_directory.h"
#include "tests/revocation/hooked_account_store.h"

namespace gatehouse::server {

// Of everybody whom the world adds, and the version that they have accepted.
inline constexpr char kFirstAup[] = "first";
inline constexpr char kPassword[] = "plover-harbour-lantern-27";
inline constexpr char kSecret[] = "PERIWINKLEANDTHISTLEDOWN";

// How a call ended, as one text: "OK", "PERMISSION_DENIED / NOT_PERMITTED".
std::string Outcome(const absl::Status& status);
template <typename Response>
std::string Outcome(const absl::StatusOr<Response>& answer) {
  return Outcome(answer.status());
}

// The fields that were found at fault, in order.
std::vector<std::string> FaultyFields(const absl::Status& status);

class World {
 public:
  using Roles = std::vector<storage::RoleGrantRecord>;

  // Whether the acceptable use policy has a first version, which everybody has accepted.
  enum class Aup { kNone, kPublished };

  explicit World(Aup aup = Aup::kPublished);
  ~World();

  const Dependencies& dependencies() const { return *dependencies_; }
  FakeClock& clock() { return clock_; }
  storage::HookedAccountStore& accounts() { return accounts_; }
  storage::MemorySessionStore& sessions() { return sessions_; }
  policy::PolicyHolder& policies() { return policies_; }
  // What `text` says comes into force.
  void ChangePolicy(absl::string_view text);
  std::string log() const { return log_text_.str(); }

  // What the server's own sweep has to do with, as though no time had to be left for wrong clocks.
  Hygiene hygiene();
  // One such sweep, now.
  void SweepAccounts();

  // As after `keys rotate` and a restart: the former keys go on reading what they made.
  void RotateKeys();
  std::vector<KeyDescription> ListedKeys() const;
  // As after a restart with another key ring: what was made under the former one cannot be read.
  void ReplaceKeyRing();
  // Does `act` when the transaction after the next `passed` ones is about to begin, as though
  // another server had come in between.
  void BeforeWrite(int passed, std::function<void()> act);
  // The same for reads.
  void BeforeRead(int passed, std::function<void()> act);

  // Lets time pass once nothing is left that operations put off, and the server read the revocation
  // log again.
  void Advance(absl::Duration step);

  // --- Who there is ---

  storage::OrganisationId AddOrganisation(absl::string_view name, bool nas_managed = false);
  // Somebody with nothing left to do: ACTIVE, with kPassword, the current policy accepted, profile
  // confirmed, a secret set; administrators have a telephone for codes.
  storage::AccountId AddPerson(const storage::OrganisationId& organisation,
                               absl::string_view username, const Roles& roles = {});
  // The same with one role, in the person's own organisation where the role has a scope.
  storage::AccountId AddPerson(const storage::OrganisationId& organisation,
                               absl::string_view username, v1::Role role);
  // Somebody who works for the system: in an organisation "National Service", made when needed.
  storage::AccountId AddOperator(absl::string_view username = "olive.operator");
  void PublishAup(absl::string_view version);

  storage::AccountRecord Find(const storage::AccountId& id);
  void Change(const storage::AccountId& id,
              absl::FunctionRef<void(storage::AccountRecord&)> change);

  // A session as a sign-in would open it now, without the price of a password.
  std::string Enter(const storage::AccountId& id, absl::string_view device = "ward 7 kiosk");
  // By the right password.
  std::string SignIn(absl::string_view username, absl::string_view password);
  // From the temporary password to a FULL session.
  std::string SettleIn(absl::string_view username, absl::string_view temporary_password,
                       absl::string_view account_secret, absl::string_view password = kPassword);

  // --- Calling ---

  template <typename Request, typename Response>
  using Operation = absl::StatusOr<Response> (*)(const Dependencies&, const CallContext&,
                                                 const Request&);

  // Calls an operation as the holder of `token`; a mutation without a request_id gets a fresh one.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(absl::string_view token, Operation<Request, Response> operation,
                                std::type_identity_t<Request> request) {
    GiveRequestId(request);
    return operation(*dependencies_, ContextOf(token, request), request);
  }

  CallContext ContextOf(absl::string_view token, const google::protobuf::Message& request) const;
  std::string NewRequestId();

  // --- What is on record ---

  // An organisation's log, or with an empty id the system's; the latest first.
  std::vector<storage::AuditRecord> Audit(const storage::OrganisationId& log);
  // Of each account the message that leaves next.
  std::vector<storage::OutboxRecord> Outbox(
      storage::OutboxChannel channel = storage::OutboxChannel::kPeople);
  // All that operations can change, but for audit events and remembered answers, as text.
  std::string Everything();

 private:
  void GiveRequestId(google::protobuf::Message& request);
  void AwaitBackground();
  const std::string& PasswordHash();
  void Write(storage::TransactionBody body);
  void Read(storage::TransactionBody body);

  // In order of dependence.
  harness::TemporaryDirectory directory_;
  FakeClock clock_;
  SeededEntropy entropy_;
  std::ostringstream log_text_;
  Logger log_;
  Metrics metrics_;
  std::unique_ptr<storage::AccountStore> memory_;
  storage::HookedAccountStore accounts_;
  storage::MemorySessionStore sessions_;
  policy::PolicyHolder policies_;
  DecisionJournal decision_journal_;
  PolicyFollower policy_follower_;
  std::string key_ring_path_;
  KeyRing keys_;
  PasswordHasher hasher_;
  HashGate hash_gate_;
  Bell password_settled_;
  AccountSecretVault secret_vault_;
  RevocationLog revocation_log_;
  RevocationReader revocation_reader_;
  SessionJudge session_judge_;
  UseThrottle use_throttle_;
  Lane background_;
  const std::string otpauth_issuer_ = "Gatehouse";
  std::unique_ptr<Dependencies> dependencies_;

  std::string password_hash_;  // once it was needed
  std::atomic<int> request_ids_ = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_WORLD_H_

// The single-server protocol of design/revocation.md under a seed: sign-ins, revocations,
// validations, reads, faults and clocks take turns in an order that the seed alone decides, also in
// the middle of each other. The parts under trial are the real ones (log, reading of it, judgement,
// confirmation); around them stands a reference model that knows what may be valid when.
//
// A world whose parts are all in place must find no fault. With one of `Parts` taken out, here and
// not in the server, it must find one: else that part would be untried.
#ifndef GATEHOUSE_TESTS_REVOCATION_SIMULATION_H_
#define GATEHOUSE_TESTS_REVOCATION_SIMULATION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "server/revocation/revocation_log.h"
#include "server/revocation/session_judge.h"
#include "server/runtime/clock.h"
#include "storage/account_store.h"
#include "storage/memory/session_store.h"
#include "tests/revocation/hooked_account_store.h"

namespace gatehouse::server {

// What the judgement stands on; false: as though it had been forgotten.
struct Parts {
  bool lease = true;             // the log must have been read a lease ago or less
  bool lease_from_begin = true;  // counted from the read's beginning, not from its end
  bool catch_up = true;          // a revoking call answers only when it is confirmed
  bool epoch = true;             // rows that end all sessions of an account
  bool digest = true;            // rows that end one session
  bool position = true;          // the emergency stop, and what was forgotten
  bool incarnation = true;       // sessions from before a restore
  bool authorisation = true;     // roles that changed since issue
  bool expiry = true;            // the end of a session's life
};

// How one run went.
struct Outcome {
  std::optional<std::string> fault;  // set: what was answered that must not have been
  int valid = 0;
  int invalid = 0;
  int unavailable = 0;
  int revocations_confirmed = 0;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Parts& parts);

  Outcome Run(int steps);

 private:
  // A session as the model knows it.
  struct Session {
    storage::SessionRecord record;
    bool ending = false;  // a revocation of it has been committed
    bool ended = false;   // and has answered OK: nothing may accept it any more
  };

  struct Account {
    std::int64_t epoch = 1;
    std::int64_t authorisation_version = 1;
    std::int64_t answered_version = 1;  // that a call which answered OK has set
  };

  // A revoking call between its commit and its answer.
  struct Pending {
    std::int64_t position = 0;
    absl::Duration committed{};
    std::vector<std::size_t> sessions{};
    storage::AccountId changed{};  // whose roles changed; empty: nobody's
    std::int64_t authorisation_version = 0;
  };

  void Act();
  // Something else happens meanwhile, or nothing, or much.
  void Meanwhile();

  void SignIn();
  void RevokeAll();
  void RevokeAllButOne();
  void RevokeOne();
  void RevokeEverything();
  void ChangeRoles();
  void Validate();
  void ValidateTheInnocent();
  void ReadLog();
  void TidyLog();
  void PassTime();
  void StepWallClock();
  void RestartServer();
  void RestoreDatabase();
  void LoseSessions();
  void KeepRedisDump();
  void RestoreRedisDump();

  // Commits a row; what it ends is known from here on, and answered when Settle() says so.
  void Commit(storage::RevocationRecord row, Pending pending);
  void Settle();
  void Answer(const Pending& pending);
  SessionJudgement Judge(const storage::FoundSession& found) const;
  std::optional<storage::FoundSession> Find(const Session& session);
  storage::RevocationHead Head();
  std::vector<std::size_t> SessionsOf(const storage::AccountId& account) const;
  void Fail(absl::string_view fault, const Session& session);

  storage::AccountId SomeAccount();
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  bool OneIn(std::uint64_t n) { return Below(n) == 0; }

  const Parts parts_;
  std::mt19937_64 random_;
  FakeClock clock_;
  std::unique_ptr<storage::AccountStore> memory_;
  storage::HookedAccountStore store_;
  storage::MemorySessionStore redis_;
  std::unique_ptr<RevocationLog> log_;
  absl::Duration last_read_ended_;
  int depth_ = 0;
  bool reading_ = false;
  char incarnation_ = 1;
  const bool steps_wall_clock_;  // else nobody may be signed out without a cause

  std::map<storage::AccountId, Account> accounts_;
  std::vector<Session> sessions_;
  std::vector<Pending> pending_;
  std::vector<storage::SessionRecord> dump_;
  Outcome outcome_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_REVOCATION_SIMULATION_H_

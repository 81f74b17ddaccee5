#include "tests/revocation/simulation.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "server/revocation/revocation_reader.h"
#include "storage/memory/account_store.h"
#include "tests/contract/session_samples.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::RevocationKind;
using storage::RevocationRecord;
using storage::SampleDigest;
using storage::SessionRecord;

constexpr absl::Duration kLease = absl::Seconds(1);
constexpr absl::Duration kLifetime = absl::Hours(12);
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
constexpr int kDeepest = 2;

std::string Incarnation(char number) { return absl::WebSafeBase64Escape(std::string(16, number)); }

RevocationRecord Row(RevocationKind kind, const AccountId& account, absl::Time now) {
  RevocationRecord row;
  row.kind = kind;
  row.account_id = account;
  row.keep_until = now + kLifetime;
  return row;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, const Parts& parts)
    : parts_(parts),
      random_(seed),
      clock_(absl::FromUnixSeconds(1'800'000'000)),
      memory_(storage::NewMemoryAccountStore(Incarnation(1))),
      store_(*memory_),
      log_(std::make_unique<RevocationLog>()),
      steps_wall_clock_(seed % 2 == 0) {
  store_.BeforeRead(
      [this] { return OneIn(6) ? absl::UnavailableError("away") : absl::OkStatus(); });
  store_.AfterRead([this] {
    Meanwhile();
    return OneIn(8) ? absl::UnavailableError("lost") : absl::OkStatus();
  });
}

Outcome Simulation::Run(int steps) {
  for (int step = 0; step < steps && !outcome_.fault.has_value(); ++step) Act();
  return outcome_;
}

void Simulation::Act() {
  using Action = void (Simulation::*)();
  // As often as named.
  static constexpr std::array<Action, 32> kActions = {
      &Simulation::SignIn,           &Simulation::SignIn,          &Simulation::SignIn,
      &Simulation::SignIn,           &Simulation::Validate,        &Simulation::Validate,
      &Simulation::Validate,         &Simulation::Validate,        &Simulation::Validate,
      &Simulation::Validate,         &Simulation::Validate,        &Simulation::ValidateTheInnocent,
      &Simulation::ReadLog,          &Simulation::ReadLog,         &Simulation::ReadLog,
      &Simulation::ReadLog,          &Simulation::ReadLog,         &Simulation::RevokeAll,
      &Simulation::RevokeAllButOne,  &Simulation::RevokeOne,       &Simulation::RevokeOne,
      &Simulation::RevokeEverything, &Simulation::ChangeRoles,     &Simulation::PassTime,
      &Simulation::PassTime,         &Simulation::PassTime,        &Simulation::StepWallClock,
      &Simulation::TidyLog,          &Simulation::RestartServer,   &Simulation::LoseSessions,
      &Simulation::KeepRedisDump,    &Simulation::RestoreRedisDump};
  if (OneIn(200)) {
    RestoreDatabase();
  } else {
    (this->*kActions[Below(kActions.size())])();
  }
  Settle();
}

void Simulation::Meanwhile() {
  if (depth_ == kDeepest) return;
  ++depth_;
  for (auto acts = Below(4); acts > 0; --acts) Act();
  --depth_;
}

// --- What callers do --------------------------------------------------------------------------

void Simulation::SignIn() {
  const AccountId account = SomeAccount();
  const storage::RevocationHead head = Head();
  const std::size_t number = sessions_.size();
  SessionRecord record = storage::SampleSession(static_cast<int>(number));
  record.key.account_id = account;
  record.incarnation = IncarnationPrefix(head.incarnation);
  record.position = head.position;
  record.epoch = accounts_[account].epoch;
  record.authorisation_version = accounts_[account].authorisation_version;
  record.created_at = clock_.Now();
  record.expires_at = clock_.Now() + kLifetime;
  record.idle_timeout = kLifetime;
  sessions_.push_back({.record = record});
  Meanwhile();
  redis_.Put(record, {}, absl::InfiniteFuture()).IgnoreError();
}

void Simulation::RevokeAll() {
  const AccountId account = SomeAccount();
  RevocationRecord row = Row(RevocationKind::kMinimumEpoch, account, clock_.Now());
  row.min_epoch = ++accounts_[account].epoch;
  Commit(row, {.sessions = SessionsOf(account)});
  Meanwhile();
  if (OneIn(2)) {
    redis_.RemoveBelow(account, row.min_epoch, std::nullopt, absl::InfiniteFuture()).IgnoreError();
  }
}

void Simulation::RevokeAllButOne() {
  const AccountId account = SomeAccount();
  std::vector<std::size_t> sessions = SessionsOf(account);
  // Only a session that is valid can ask for this.
  std::erase_if(sessions, [this](std::size_t index) { return sessions_[index].ending; });
  if (sessions.empty()) return;
  const std::size_t kept = sessions[Below(sessions.size())];
  sessions = SessionsOf(account);
  std::erase(sessions, kept);
  RevocationRecord row = Row(RevocationKind::kMinimumEpoch, account, clock_.Now());
  row.min_epoch = ++accounts_[account].epoch;
  row.except = sessions_[kept].record.key.digest;
  Commit(row, {.sessions = sessions});
}

void Simulation::RevokeOne() {
  if (sessions_.empty()) return;
  const std::size_t index = Below(sessions_.size());
  const storage::SessionKey key = sessions_[index].record.key;
  RevocationRecord row = Row(RevocationKind::kSession, key.account_id, clock_.Now());
  row.digest = key.digest;
  Commit(row, {.sessions = {index}});
  Meanwhile();
  if (OneIn(2)) redis_.Remove(key, absl::InfiniteFuture()).IgnoreError();
}

void Simulation::RevokeEverything() {
  if (!OneIn(4)) return;
  Pending pending;
  for (std::size_t index = 0; index < sessions_.size(); ++index) pending.sessions.push_back(index);
  Commit(Row(RevocationKind::kEverythingBefore, AccountId(), clock_.Now()), std::move(pending));
}

void Simulation::ChangeRoles() {
  const AccountId account = SomeAccount();
  RevocationRecord row = Row(RevocationKind::kAuthorisationVersion, account, clock_.Now());
  row.authorisation_version = ++accounts_[account].authorisation_version;
  Commit(row, {.changed = account, .authorisation_version = row.authorisation_version});
}

void Simulation::Validate() {
  if (sessions_.empty()) return;
  const std::size_t index = Below(sessions_.size());
  const bool ended_at_start = sessions_[index].ended;
  const AccountId account = sessions_[index].record.key.account_id;
  const std::int64_t version_at_start = accounts_[account].answered_version;
  const std::optional<storage::FoundSession> found = Find(sessions_[index]);
  if (!found.has_value()) return;
  Meanwhile();
  const SessionJudgement judgement = Judge(*found);
  const Session& session = sessions_[index];
  switch (judgement.verdict) {
    case SessionVerdict::kInvalid:
      ++outcome_.invalid;
      return;
    case SessionVerdict::kUnavailable:
      ++outcome_.unavailable;
      return;
    case SessionVerdict::kValid:
      ++outcome_.valid;
  }
  if (ended_at_start) Fail("a revoked session was accepted", session);
  if (clock_.Now() >= session.record.expires_at) Fail("an expired session was accepted", session);
  if (session.record.authorisation_version < version_at_start &&
      !judgement.authorisation_is_behind) {
    Fail("roles that were withdrawn were told", session);
  }
}

void Simulation::ValidateTheInnocent() {
  if (steps_wall_clock_ || reading_ || sessions_.empty()) return;
  if (!ReadRevocationLog(*memory_, clock_, *log_).ok()) return Fail("reading failed", {});
  last_read_ended_ = clock_.Monotonic();
  const Session& session = sessions_[Below(sessions_.size())];
  const std::optional<storage::FoundSession> found = Find(session);
  if (!found.has_value() || session.ending || clock_.Now() >= session.record.expires_at) return;
  if (Judge(*found).verdict != SessionVerdict::kValid) {
    Fail("a living session was refused", session);
  }
}

// --- What the server, its stores and its clocks do --------------------------------------------

void Simulation::ReadLog() {
  if (reading_) return;
  reading_ = true;
  if (ReadRevocationLog(store_, clock_, *log_).ok()) last_read_ended_ = clock_.Monotonic();
  reading_ = false;
}

void Simulation::TidyLog() {
  constexpr int kAll = 1000;
  const int limit = OneIn(3) ? static_cast<int>(Below(4)) : kAll;
  memory_
      ->TransactRevoking([&](storage::Transaction& transaction) {
        return transaction.Tidy(storage::Perishable::kRevocations, clock_.Now(), limit).status();
      })
      .IgnoreError();
}

void Simulation::PassTime() {
  constexpr std::array<int, 7> kMilliseconds = {1, 50, 300, 700, 999, 1000, 2500};
  clock_.Advance(OneIn(40) ? absl::Hours(6)
                           : absl::Milliseconds(kMilliseconds[Below(kMilliseconds.size())]));
}

void Simulation::StepWallClock() {
  if (!steps_wall_clock_ || !OneIn(3)) return;
  clock_.StepTo(clock_.Now() + absl::Hours(static_cast<int>(Below(73)) - 36));
}

void Simulation::RestartServer() {
  if (reading_ || !OneIn(3)) return;
  log_ = std::make_unique<RevocationLog>();
}

void Simulation::RestoreDatabase() {
  if (reading_) return;
  memory_
      ->TransactRevoking([this](storage::Transaction& transaction) {
        return transaction.StartIncarnation(Incarnation(++incarnation_));
      })
      .IgnoreError();
  log_ = std::make_unique<RevocationLog>();
  for (Session& session : sessions_) session.ending = session.ended = true;
}

void Simulation::LoseSessions() {
  if (OneIn(3)) {
    redis_.RemoveBelow(SomeAccount(), kHighest, std::nullopt, absl::InfiniteFuture()).IgnoreError();
  }
}

void Simulation::KeepRedisDump() {
  dump_.clear();
  for (const Session& session : sessions_) {
    if (Find(session).has_value()) dump_.push_back(session.record);
  }
}

void Simulation::RestoreRedisDump() {
  for (const SessionRecord& record : dump_) {
    redis_.Put(record, {}, absl::InfiniteFuture()).IgnoreError();
  }
}

// --- The model --------------------------------------------------------------------------------

void Simulation::Commit(RevocationRecord row, Pending pending) {
  memory_
      ->TransactRevoking([&](storage::Transaction& transaction) {
        const auto position = transaction.AppendRevocation(row);
        if (position.ok()) pending.position = *position;
        return position.status();
      })
      .IgnoreError();
  pending.committed = clock_.Monotonic();
  for (const std::size_t index : pending.sessions) sessions_[index].ending = true;
  if (parts_.catch_up) {
    pending_.push_back(std::move(pending));
  } else {
    Answer(pending);
  }
}

void Simulation::Settle() {
  std::erase_if(pending_, [this](const Pending& pending) {
    const absl::Duration waited = clock_.Monotonic() - pending.committed;
    const bool confirmed = ConfirmRevocation(*log_, pending.position, waited, kLease).has_value();
    if (confirmed) Answer(pending);
    return confirmed;
  });
}

void Simulation::Answer(const Pending& pending) {
  ++outcome_.revocations_confirmed;
  for (const std::size_t index : pending.sessions) sessions_[index].ended = true;
  if (pending.changed.empty()) return;
  std::int64_t& answered = accounts_[pending.changed].answered_version;
  answered = std::max(answered, pending.authorisation_version);
}

SessionJudgement Simulation::Judge(const storage::FoundSession& found) const {
  SessionRecord asked = found.record;
  if (!parts_.epoch) asked.epoch = kHighest;
  if (!parts_.digest) asked.key.digest = SampleDigest(-1);
  if (!parts_.position) asked.position = kHighest;
  RevocationFacts facts = log_->Look(asked);
  if (!parts_.incarnation) facts.incarnation = found.record.incarnation;
  if (!parts_.authorisation) facts.authorisation_version = 0;
  if (!parts_.lease_from_begin) facts.read_began = last_read_ended_;
  storage::FoundSession judged = found;
  if (!parts_.expiry) judged.record.expires_at = absl::InfiniteFuture();
  if (!parts_.expiry) judged.record.idle_timeout = absl::InfiniteDuration();
  return JudgeSession(judged, facts, {.now = clock_.Now(), .monotonic = clock_.Monotonic()},
                      parts_.lease ? kLease : absl::InfiniteDuration());
}

std::optional<storage::FoundSession> Simulation::Find(const Session& session) {
  const auto found = storage::FindNow(redis_, session.record.key);
  return found.ok() ? std::optional(*found) : std::nullopt;
}

storage::RevocationHead Simulation::Head() {
  storage::RevocationHead head;
  memory_
      ->Read([&](storage::Transaction& transaction) {
        const auto read = transaction.ReadRevocationHead();
        if (read.ok()) head = *read;
        return read.status();
      })
      .IgnoreError();
  return head;
}

std::vector<std::size_t> Simulation::SessionsOf(const AccountId& account) const {
  std::vector<std::size_t> indices;
  for (std::size_t index = 0; index < sessions_.size(); ++index) {
    if (sessions_[index].record.key.account_id == account) indices.push_back(index);
  }
  return indices;
}

AccountId Simulation::SomeAccount() { return AccountId(absl::StrCat("account", Below(3))); }

void Simulation::Fail(absl::string_view fault, const Session& session) {
  if (outcome_.fault.has_value()) return;
  outcome_.fault = absl::StrCat(fault, ": epoch ", session.record.epoch, ", issued at ",
                                session.record.position, ", read up to ", log_->position());
}

}  // namespace gatehouse::server

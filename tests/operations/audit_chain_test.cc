// Whatever was done to an audit log afterwards shows (quality/invariants.md, 13): its events are
// chained by digest, and the last digest, kept elsewhere, ends them.
//
// GATEHOUSE_SEED repeats a run, GATEHOUSE_ROUNDS makes it longer.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/session_operations.h"
#include "tests/harness/setting.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AuditRecord;
using Log = std::vector<AuditRecord>;

constexpr size_t kEvents = 40;

// The oldest first; whether it is what ended in `head`.
bool IsWhole(const Log& log, const std::string& head) {
  std::string previous;
  for (size_t i = 0; i < log.size(); ++i) {
    if (log[i].sequence != static_cast<int64_t>(i) + 1) return false;
    if (log[i].chain_sha256 != ChainDigest(previous, log[i])) return false;
    previous = log[i].chain_sha256;
  }
  return previous == head;
}

// As somebody would who knows how the chain is made, but not what was kept of it elsewhere.
void ChainAnew(Log& log, size_t from) {
  for (size_t i = from; i < log.size(); ++i) {
    log[i].sequence = static_cast<int64_t>(i) + 1;
    log[i].chain_sha256 = ChainDigest(i == 0 ? "" : log[i - 1].chain_sha256, log[i]);
  }
}

class AuditChainTest : public testing::Test {
 protected:
  using Random = std::mt19937_64;
  using Tampering = std::function<void(Log& log, size_t place, Random& random)>;

  // What is done and refused in a day, as often as makes kEvents of it.
  AuditChainTest() {
    const std::string agent = world_.Enter(agent_);
    for (int i = 0; log().size() < kEvents; ++i) {
      world_.Advance(absl::Milliseconds(1));
      v1::UnlockAccountRequest unlock;
      unlock.set_account_id(asha_.value());
      unlock.set_reason(absl::StrCat("call ", i));
      unlock.mutable_identity_check()->mutable_attestation()->set_kind(
          v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
      EXPECT_EQ(Outcome(world_.Call(agent, UnlockAccount, unlock)),
                "FAILED_PRECONDITION / NOT_LOCKED");
      v1::RevokeAllSessionsRequest revoke;
      revoke.set_account_id(asha_.value());
      revoke.set_reason("a lost telephone");
      EXPECT_EQ(Outcome(world_.Call(agent, RevokeAllSessions, revoke)), "OK");
    }
  }

  Log log() {
    Log events = world_.Audit(riverside_);
    std::reverse(events.begin(), events.end());
    return events;
  }

  static const std::map<std::string, Tampering>& Tamperings() {
    static const auto* const kTamperings = new std::map<std::string, Tampering>{
        {"an actor is replaced",
         [](Log& log, size_t place, Random&) {
           log[place].actor_id = storage::AccountId("AAAAAAAAAAAAAAAAAAAAAA");
         }},
        {"a time is moved by the least there is",
         [](Log& log, size_t place, Random&) { log[place].time += absl::Microseconds(1); }},
        {"a refusal is made a success",
         [](Log& log, size_t place, Random&) {
           AuditRecord& event = log[place];
           const bool denied = event.outcome == v1::AUDIT_OUTCOME_DENIED;
           event.outcome = denied ? v1::AUDIT_OUTCOME_SUCCEEDED : v1::AUDIT_OUTCOME_DENIED;
         }},
        {"a detail is changed",
         [](Log& log, size_t place, Random&) { log[place].details["reason"] = "another"; }},
        {"an event is edited, and all after it are chained anew",
         [](Log& log, size_t place, Random&) {
           log[place].reasons = {"ANOTHER"};
           ChainAnew(log, place);
         }},
        {"an event is missing",
         [](Log& log, size_t place, Random&) {
           log.erase(log.begin() + static_cast<std::ptrdiff_t>(place));
         }},
        {"an event is missing, and the others are chained anew",
         [](Log& log, size_t place, Random&) {
           log.erase(log.begin() + static_cast<std::ptrdiff_t>(place));
           ChainAnew(log, place);
         }},
        {"an event is there twice",
         [](Log& log, size_t place, Random&) {
           log.insert(log.begin() + static_cast<std::ptrdiff_t>(place), AuditRecord(log[place]));
         }},
        {"two events change places",
         [](Log& log, size_t place, Random& random) {
           const size_t other = (place + 1 + random() % (log.size() - 1)) % log.size();
           std::swap(log[place], log[other]);
         }},
        {"another story is told from an event on",
         [](Log& log, size_t place, Random&) {
           log.resize(place + 1);
           log[place].details["reason"] = "another";
           ChainAnew(log, place);
         }},
        {"the last events are cut off", [](Log& log, size_t place, Random&) { log.resize(place); }},
    };
    return *kTamperings;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const storage::AccountId agent_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
};

TEST_F(AuditChainTest, WhateverIsDoneToALogAfterwardsShows) {
  const Log written = log();
  const std::string head = written.back().chain_sha256;
  ASSERT_TRUE(IsWhole(written, head)) << "as it was written";

  const uint64_t seed = harness::Setting("GATEHOUSE_SEED", std::random_device()());
  const uint64_t rounds = harness::Setting("GATEHOUSE_ROUNDS", 10'000);
  SCOPED_TRACE(testing::Message() << "GATEHOUSE_SEED=" << seed);
  Random random(seed);
  uint64_t unnoticed = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    auto tampering = Tamperings().begin();
    std::advance(tampering, static_cast<std::ptrdiff_t>(round % Tamperings().size()));
    Log log = written;
    const size_t place = random() % log.size();
    tampering->second(log, place, random);
    if (!IsWhole(log, head)) continue;
    ++unnoticed;
    ADD_FAILURE() << tampering->first << ", at " << place;
  }
  std::cout << rounds << " times tampered with, in " << Tamperings().size()
            << " ways: " << unnoticed << " unnoticed; seed " << seed << std::endl;
}

}  // namespace
}  // namespace gatehouse::server

// Each reason for which a session is not valid, to the microsecond, and how rarely uses are noted.

#include "server/revocation/session_judge.h"

#include <functional>
#include <vector>

#include "gtest/gtest.h"

#include "server/revocation/use_throttle.h"
#include "tests/contract/session_samples.h"

namespace gatehouse::server {
namespace {

using storage::FoundSession;

constexpr absl::Duration kLease = absl::Seconds(1);
constexpr absl::Duration kInstant = absl::Microseconds(1);

// Everything that a judgement depends on; as it stands, valid.
struct Situation {
  FoundSession found;
  RevocationFacts facts;
  JudgedAt at;

  Situation() {
    found.record = storage::SampleSession(1);
    found.last_used_at = found.record.created_at;
    facts.loaded = true;
    facts.incarnation = found.record.incarnation;
    facts.position = 77;
    facts.read_began = absl::Hours(5);
    at = {.now = found.record.created_at + absl::Minutes(1),
          .monotonic = facts.read_began + absl::Milliseconds(100)};
  }

  SessionJudgement Judge(absl::Duration lease = kLease) const {
    return JudgeSession(found, facts, at, lease);
  }
};

TEST(SessionJudge, AcceptsALivingSessionAndTellsWhatItWasJudgedBy) {
  const SessionJudgement judgement = Situation().Judge();
  EXPECT_EQ(judgement.verdict, SessionVerdict::kValid);
  EXPECT_EQ(judgement.fault, SessionFault::kNone);
  EXPECT_FALSE(judgement.authorisation_is_behind);
  EXPECT_EQ(judgement.staleness, absl::Milliseconds(100));
  EXPECT_EQ(judgement.log_position, 77);
}

TEST(SessionJudge, NothingIsValidByDefault) {
  EXPECT_EQ(SessionJudgement().verdict, SessionVerdict::kInvalid);
  EXPECT_EQ(JudgeSession({}, {}, {}, kLease).verdict, SessionVerdict::kInvalid);
  EXPECT_EQ(JudgeSession({}, {}, {}, absl::InfiniteDuration()).verdict, SessionVerdict::kInvalid);
}

TEST(SessionJudge, DecidesEachConditionAtItsVeryInstant) {
  const struct {
    const char* what;
    std::function<void(Situation&)> change;
    SessionVerdict verdict;
    SessionFault fault;
  } kCases[] = {
      {"the last microsecond of its life",
       [](Situation& s) {
         s.at.now = s.found.record.expires_at - kInstant;
         s.found.last_used_at = s.at.now;
       },
       SessionVerdict::kValid, SessionFault::kNone},
      {"the end of its life",
       [](Situation& s) {
         s.at.now = s.found.record.expires_at;
         s.found.last_used_at = s.at.now;
       },
       SessionVerdict::kInvalid, SessionFault::kExpired},
      {"the last microsecond before it is idle",
       [](Situation& s) { s.at.now = s.found.last_used_at + absl::Minutes(60) - kInstant; },
       SessionVerdict::kValid, SessionFault::kNone},
      {"idle", [](Situation& s) { s.at.now = s.found.last_used_at + absl::Minutes(60); },
       SessionVerdict::kInvalid, SessionFault::kIdle},
      {"used since",
       [](Situation& s) {
         s.at.now = s.found.record.created_at + absl::Minutes(60);
         s.found.last_used_at += absl::Microseconds(1);
       },
       SessionVerdict::kValid, SessionFault::kNone},
      {"the last microsecond of the lease",
       [](Situation& s) { s.at.monotonic = s.facts.read_began + kLease - kInstant; },
       SessionVerdict::kValid, SessionFault::kNone},
      {"the lease is over", [](Situation& s) { s.at.monotonic = s.facts.read_began + kLease; },
       SessionVerdict::kUnavailable, SessionFault::kLease},
      {"the log was never read", [](Situation& s) { s.facts.loaded = false; },
       SessionVerdict::kUnavailable, SessionFault::kLease},
      {"expired, with the lease over",
       [](Situation& s) {
         s.at.now = s.found.record.expires_at;
         s.at.monotonic = s.facts.read_began + kLease;
       },
       SessionVerdict::kInvalid, SessionFault::kExpired},
      {"another incarnation", [](Situation& s) { ++s.facts.incarnation; }, SessionVerdict::kInvalid,
       SessionFault::kIncarnation},
      {"another incarnation, with the lease over",
       [](Situation& s) {
         ++s.facts.incarnation;
         s.at.monotonic = s.facts.read_began + kLease;
       },
       SessionVerdict::kUnavailable, SessionFault::kLease},
      {"no incarnation on either side",
       [](Situation& s) { s.facts.incarnation = s.found.record.incarnation = 0; },
       SessionVerdict::kInvalid, SessionFault::kMalformed},
      {"revoked", [](Situation& s) { s.facts.ended = true; }, SessionVerdict::kInvalid,
       SessionFault::kRevoked},
      {"no level", [](Situation& s) { s.found.record.level = v1::SESSION_LEVEL_UNSPECIFIED; },
       SessionVerdict::kInvalid, SessionFault::kMalformed},
      {"restricted", [](Situation& s) { s.found.record.level = v1::SESSION_LEVEL_RESTRICTED; },
       SessionVerdict::kValid, SessionFault::kNone},
  };
  for (const auto& test : kCases) {
    Situation situation;
    test.change(situation);
    const SessionJudgement judgement = situation.Judge();
    EXPECT_EQ(judgement.verdict, test.verdict) << test.what;
    EXPECT_EQ(judgement.fault, test.fault) << test.what;
  }
}

TEST(SessionJudge, TellsWhenRolesMayHaveChangedSinceIssue) {
  Situation situation;
  situation.facts.authorisation_version = situation.found.record.authorisation_version;
  EXPECT_FALSE(situation.Judge().authorisation_is_behind);
  ++situation.facts.authorisation_version;
  EXPECT_TRUE(situation.Judge().authorisation_is_behind);
  EXPECT_EQ(situation.Judge().verdict, SessionVerdict::kValid);
}

class SessionJudgeOnAClock : public testing::Test {
 protected:
  SessionJudgeOnAClock() : clock_(found_.record.created_at), judge_(log_, clock_, kLease) {
    clock_.Advance(absl::Seconds(10));
    log_.Apply({.head = {.incarnation = "AQIDBAUGBwgJCgsMDQ4PEA", .position = 1},
                .rows = {},
                .began = clock_.Monotonic()},
               /*complete=*/true);
  }

  FoundSession found_ = Situation().found;
  RevocationLog log_;
  FakeClock clock_;
  SessionJudge judge_;
};

TEST_F(SessionJudgeOnAClock, ReadsBothClocksAtEachJudgement) {
  EXPECT_EQ(judge_.Judge(found_).verdict, SessionVerdict::kValid);
  clock_.Advance(kLease - kInstant);
  EXPECT_EQ(judge_.Judge(found_).verdict, SessionVerdict::kValid);
  clock_.Advance(kInstant);
  EXPECT_EQ(judge_.Judge(found_).verdict, SessionVerdict::kUnavailable);
}

TEST_F(SessionJudgeOnAClock, AWallClockThatIsSteppedDoesNotTouchTheLease) {
  clock_.Advance(kLease);
  clock_.StepTo(found_.record.created_at);
  EXPECT_EQ(judge_.Judge(found_).verdict, SessionVerdict::kUnavailable);
}

TEST_F(SessionJudgeOnAClock, ACallersStalenessTightensTheLeaseAndNeverWidensIt) {
  clock_.Advance(absl::Milliseconds(300));
  EXPECT_EQ(judge_.Judge(found_, absl::Milliseconds(301)).verdict, SessionVerdict::kValid);
  EXPECT_EQ(judge_.Judge(found_, absl::Milliseconds(300)).verdict, SessionVerdict::kUnavailable);
  EXPECT_EQ(judge_.Judge(found_, absl::ZeroDuration()).verdict, SessionVerdict::kUnavailable);
  clock_.Advance(kLease);
  EXPECT_EQ(judge_.Judge(found_, absl::Hours(1)).verdict, SessionVerdict::kUnavailable);
}

TEST(UseThrottle, RecordsAUseOncePerMinuteHoweverOftenItIsAsked) {
  UseThrottle throttle;
  FoundSession found = Situation().found;
  const absl::Time start = found.last_used_at;
  EXPECT_FALSE(throttle.ShouldRecord(found, start));
  EXPECT_FALSE(throttle.ShouldRecord(found, start + absl::Minutes(1) - kInstant));
  EXPECT_TRUE(throttle.ShouldRecord(found, start + absl::Minutes(1)));
  EXPECT_FALSE(throttle.ShouldRecord(found, start + absl::Minutes(1)));
  EXPECT_TRUE(throttle.ShouldRecord(found, start + absl::Minutes(2)));
  found.last_used_at = start + absl::Minutes(2);
  EXPECT_FALSE(throttle.ShouldRecord(found, start + absl::Minutes(3) - kInstant));
}

TEST(UseThrottle, SessionsThatShareAPlaceAreRecordedMoreOftenAndNeverLess) {
  UseThrottle throttle(1);
  FoundSession first = Situation().found;
  FoundSession second = first;
  second.record.key.digest = storage::SampleDigest(2);
  const absl::Time later = first.last_used_at + absl::Minutes(5);
  EXPECT_TRUE(throttle.ShouldRecord(first, later));
  EXPECT_TRUE(throttle.ShouldRecord(second, later));
  EXPECT_TRUE(throttle.ShouldRecord(first, later));
}

}  // namespace
}  // namespace gatehouse::server

// What the log in memory says of a session, against the rows it was told.

#include "server/revocation/revocation_log.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "tests/contract/session_samples.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::RevocationKind;
using storage::RevocationRecord;
using storage::SampleDigest;
using storage::SampleSession;
using storage::SessionRecord;

constexpr char kIncarnation[] = "AQIDBAUGBwgJCgsMDQ4PEA";

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// A session of one of a few accounts and digests, issued at `position` under `epoch`.
SessionRecord Session(int account, int digest, std::int64_t position, std::int64_t epoch) {
  SessionRecord session = SampleSession(digest);
  session.key.account_id = AccountId(std::to_string(account));
  session.position = position;
  session.epoch = epoch;
  return session;
}

RevocationRecord Row(std::int64_t position, RevocationKind kind, int account = 1) {
  RevocationRecord row;
  row.position = position;
  row.kind = kind;
  row.account_id = AccountId(std::to_string(account));
  row.keep_until = kNow + absl::Hours(12);
  return row;
}

RevocationRecord EpochRow(std::int64_t position, std::int64_t min_epoch,
                          std::optional<int> except = std::nullopt, int account = 1) {
  RevocationRecord row = Row(position, RevocationKind::kMinimumEpoch, account);
  row.min_epoch = min_epoch;
  if (except.has_value()) row.except = SampleDigest(*except);
  return row;
}

RevocationRecord SessionRow(std::int64_t position, int digest) {
  RevocationRecord row = Row(position, RevocationKind::kSession);
  row.digest = SampleDigest(digest);
  return row;
}

void Apply(RevocationLog& log, const std::vector<RevocationRecord>& rows,
           absl::Duration began = absl::ZeroDuration()) {
  const std::int64_t position = rows.empty() ? log.position() : rows.back().position;
  log.Apply(
      {.head = {.incarnation = kIncarnation, .position = position}, .rows = rows, .began = began},
      /*complete=*/true);
}

TEST(IncarnationPrefix, IsTheFirstEightBytes) {
  EXPECT_EQ(IncarnationPrefix(kIncarnation), 0x0102030405060708u);
}

TEST(IncarnationPrefix, IsNobodysWhenTheIncarnationIsNotOne) {
  for (const char* text : {"", "AQID", "not base64!", "=====", "AQIDBAUGBw"}) {
    EXPECT_EQ(IncarnationPrefix(text), 0u) << text;
  }
}

TEST(RevocationLog, KnowsNothingBeforeItWasRead) {
  const RevocationFacts facts = RevocationLog().Look(SampleSession(1));
  EXPECT_FALSE(facts.loaded);
  EXPECT_EQ(facts.incarnation, 0u);
}

TEST(RevocationLog, AnEpochRowEndsWhatWasIssuedUnderALowerEpoch) {
  RevocationLog log;
  Apply(log, {EpochRow(5, 3)});
  EXPECT_TRUE(log.Look(Session(1, 1, 4, 2)).ended);
  EXPECT_FALSE(log.Look(Session(1, 1, 5, 3)).ended);
  EXPECT_FALSE(log.Look(Session(2, 1, 4, 2)).ended) << "another account's";
}

TEST(RevocationLog, ASessionRowEndsThatSessionAlone) {
  RevocationLog log;
  Apply(log, {SessionRow(5, 1)});
  EXPECT_TRUE(log.Look(Session(1, 1, 4, 2)).ended);
  EXPECT_FALSE(log.Look(Session(1, 2, 4, 2)).ended);
}

TEST(RevocationLog, TheEmergencyStopEndsWhatWasIssuedBeforeIt) {
  RevocationLog log;
  Apply(log, {Row(5, RevocationKind::kEverythingBefore)});
  EXPECT_TRUE(log.Look(Session(1, 1, 4, 9)).ended);
  EXPECT_TRUE(log.Look(Session(7, 2, 0, 9)).ended);
  EXPECT_FALSE(log.Look(Session(1, 1, 5, 1)).ended);
}

TEST(RevocationLog, AnExceptedSessionIsNotSavedFromWhatEndedItEarlier) {
  RevocationLog log;
  Apply(log, {EpochRow(5, 3, 1), EpochRow(6, 4, 2)});
  EXPECT_TRUE(log.Look(Session(1, 1, 4, 2)).ended) << "excepted from the first only";
  EXPECT_TRUE(log.Look(Session(1, 2, 4, 2)).ended) << "ended by the first already";
  EXPECT_FALSE(log.Look(Session(1, 2, 5, 3)).ended) << "issued after the first";
  EXPECT_TRUE(log.Look(Session(1, 3, 5, 3)).ended);
}

TEST(RevocationLog, TellsTheLatestAuthorisationVersionWithoutEndingAnything) {
  RevocationLog log;
  RevocationRecord row = Row(5, RevocationKind::kAuthorisationVersion);
  row.authorisation_version = 7;
  RevocationRecord resecured = EpochRow(6, 2);
  resecured.authorisation_version = 8;
  Apply(log, {row});
  EXPECT_FALSE(log.Look(Session(1, 1, 4, 1)).ended);
  EXPECT_EQ(log.Look(Session(1, 1, 4, 1)).authorisation_version, 7);
  EXPECT_EQ(log.Look(Session(2, 1, 4, 1)).authorisation_version, 0);
  Apply(log, {resecured});
  EXPECT_EQ(log.Look(Session(1, 1, 4, 1)).authorisation_version, 8);
}

// All rows of a small world, against the definition of what they mean.
bool EndedByDefinition(const std::vector<RevocationRecord>& rows, const SessionRecord& session) {
  for (const RevocationRecord& row : rows) {
    const bool same_account = row.account_id == session.key.account_id;
    switch (row.kind) {
      case RevocationKind::kMinimumEpoch:
        if (same_account && session.epoch < row.min_epoch && row.except != session.key.digest) {
          return true;
        }
        break;
      case RevocationKind::kSession:
        if (same_account && row.digest == session.key.digest) return true;
        break;
      case RevocationKind::kEverythingBefore:
        if (session.position < row.position) return true;
        break;
      default:
        break;
    }
  }
  return false;
}

TEST(RevocationLog, SaysOfEverySessionWhatItsRowsSay) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
  for (int round = 0; round < 2000; ++round) {
    RevocationLog log;
    std::vector<RevocationRecord> rows;
    for (int position = 1 + below(3); position < 12; position += 1 + below(3)) {
      switch (below(8)) {
        case 0:
          rows.push_back(SessionRow(position, below(4)));
          break;
        case 1:
          if (below(4) == 0) rows.push_back(Row(position, RevocationKind::kEverythingBefore));
          break;
        default:
          rows.push_back(EpochRow(position, 1 + below(6),
                                  below(2) == 0 ? std::optional<int>(below(4)) : std::nullopt,
                                  below(2)));
      }
      if (!rows.empty() && below(2) == 0) Apply(log, {rows.back()});
    }
    Apply(log, rows);  // again: what is told twice says the same
    for (int trial = 0; trial < 50; ++trial) {
      const SessionRecord session = Session(below(2), below(4), below(12), below(8));
      ASSERT_EQ(log.Look(session).ended, EndedByDefinition(rows, session)) << "round " << round;
    }
  }
}

TEST(RevocationLog, APartOfAReadCountsButRenewsNothing) {
  RevocationLog log;
  Apply(log, {}, absl::Seconds(10));
  log.Apply({.head = {.incarnation = kIncarnation, .position = 9},
             .rows = {EpochRow(5, 3)},
             .began = absl::Seconds(20)},
            /*complete=*/false);
  const RevocationFacts facts = log.Look(Session(1, 1, 4, 2));
  EXPECT_TRUE(facts.ended);
  EXPECT_EQ(facts.position, 5);
  EXPECT_EQ(facts.read_began, absl::Seconds(10));
}

TEST(RevocationLog, APartOfTheFirstReadIsNotEnoughToKnowAnything) {
  RevocationLog log;
  log.Apply({.head = {.incarnation = kIncarnation, .position = 9},
             .rows = {EpochRow(5, 3)},
             .began = absl::Seconds(20)},
            /*complete=*/false);
  EXPECT_FALSE(log.Look(Session(1, 1, 4, 2)).loaded);
}

TEST(RevocationLog, ANewIncarnationBeginsWithNothing) {
  RevocationLog log;
  Apply(log, {EpochRow(5, 3), SessionRow(6, 2), Row(7, RevocationKind::kEverythingBefore)});
  constexpr char kNext[] = "EQIDBAUGBwgJCgsMDQ4PEA";
  log.Apply({.head = {.incarnation = kNext, .position = 2}, .rows = {}, .began = {}}, true);
  const RevocationFacts facts = log.Look(Session(1, 2, 0, 1));
  EXPECT_FALSE(facts.ended);
  EXPECT_EQ(facts.incarnation, IncarnationPrefix(kNext));
  EXPECT_EQ(facts.position, 2);
  EXPECT_EQ(log.size(), 0u);
}

// A read of a log that ends at `position` and has forgotten what stood up to `forgotten_before`.
void ApplyForgetful(RevocationLog& log, std::int64_t position, std::int64_t forgotten_before,
                    const std::vector<RevocationRecord>& rows = {}) {
  log.Apply({.head = {.incarnation = kIncarnation,
                      .position = position,
                      .forgotten_before = forgotten_before},
             .rows = rows,
             .began = absl::ZeroDuration()},
            /*complete=*/true);
}

TEST(RevocationLog, ForgetsWhatTheStoredLogHasForgottenAndNoMore) {
  RevocationLog log;
  Apply(log, {EpochRow(5, 3), SessionRow(6, 2), EpochRow(7, 2, std::nullopt, /*account=*/2)});
  ApplyForgetful(log, 7, 5);
  EXPECT_EQ(log.size(), 2u);
  ApplyForgetful(log, 7, 6);
  EXPECT_EQ(log.size(), 1u);
  EXPECT_TRUE(log.Look(Session(2, 3, 6, 1)).ended) << "by the row that is left";
  ApplyForgetful(log, 7, 7);
  EXPECT_EQ(log.size(), 0u);
}

TEST(RevocationLog, KeepsAnAccountsEntryAsLongAsItsLastRow) {
  RevocationLog log;
  Apply(log, {EpochRow(5, 3), EpochRow(8, 4)});
  ApplyForgetful(log, 8, 6);
  EXPECT_TRUE(log.Look(Session(1, 1, 7, 3)).ended);
}

TEST(RevocationLog, GivesMemoryBackABoundedNumberOfRowsWithEachRead) {
  constexpr std::int64_t kRows = 2000;
  RevocationLog log;
  std::vector<RevocationRecord> rows;
  for (std::int64_t row = 1; row <= kRows; ++row) {
    rows.push_back(EpochRow(row, 3, std::nullopt, static_cast<int>(row)));
  }
  rows.back() = SessionRow(kRows, 1);
  Apply(log, rows);
  ApplyForgetful(log, kRows, kRows);
  EXPECT_GT(log.size(), 1000u) << "not all at once";
  EXPECT_TRUE(log.Look(Session(1, 3, kRows - 1, 9)).ended) << "and yet all is forgotten";
  EXPECT_FALSE(log.Look(Session(1, 3, kRows, 9)).ended);
  for (int read = 0; read < 4; ++read) ApplyForgetful(log, kRows, kRows, rows);
  EXPECT_EQ(log.size(), 0u) << "what is read again stays forgotten";
}

TEST(RevocationLog, WhatIsForgottenComesBackByNoClock) {
  RevocationLog log;
  Apply(log, {EpochRow(5, 3), SessionRow(6, 2), EpochRow(7, 2, std::nullopt, /*account=*/2)});
  ApplyForgetful(log, 7, 7);
  EXPECT_TRUE(log.Look(Session(1, 1, 4, 2)).ended);
  EXPECT_TRUE(log.Look(Session(1, 2, 5, 3)).ended);
  EXPECT_FALSE(log.Look(Session(1, 3, 7, 3)).ended) << "issued after all that was forgotten";
}

TEST(RevocationLog, WhatWasForgottenBeforeItCouldBeReadIsNotMissed) {
  RevocationLog log;
  Apply(log, {EpochRow(2, 2)});
  ApplyForgetful(log, 9, 8, {EpochRow(9, 4)});
  EXPECT_TRUE(log.Look(Session(3, 1, 7, 9)).ended) << "a row up to 8 may have ended it";
  EXPECT_FALSE(log.Look(Session(3, 1, 8, 9)).ended);
  RevocationLog restarted;
  ApplyForgetful(restarted, 9, 8, {EpochRow(9, 4)});
  EXPECT_TRUE(restarted.Look(Session(3, 1, 7, 9)).ended);
}

TEST(RevocationLog, ANewIncarnationHasForgottenWhatItSays) {
  RevocationLog log;
  ApplyForgetful(log, 9, 8);
  log.Apply(
      {.head = {.incarnation = "EQIDBAUGBwgJCgsMDQ4PEA", .position = 4, .forgotten_before = 3},
       .rows = {},
       .began = {}},
      /*complete=*/true);
  EXPECT_TRUE(log.Look(Session(1, 1, 2, 9)).ended);
  EXPECT_FALSE(log.Look(Session(1, 1, 3, 9)).ended);
}

TEST(RevocationLog, ReadersSeeAllOfAReadOrNothing) {
  RevocationLog log;
  Apply(log, {});
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&] {
      while (!done) {
        const RevocationFacts facts = log.Look(Session(1, 1, 0, 0));
        ASSERT_EQ(facts.position, facts.authorisation_version);
        ASSERT_EQ(facts.read_began, absl::Seconds(facts.position));
        ASSERT_EQ(facts.ended, facts.position > 0);
      }
    });
  }
  for (std::int64_t position = 1; position <= 2000; ++position) {
    RevocationRecord row = EpochRow(position, position);
    row.authorisation_version = position;
    Apply(log, {row}, absl::Seconds(position));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace gatehouse::server

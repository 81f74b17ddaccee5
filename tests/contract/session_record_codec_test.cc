// The form of a session's record: exact, small, and strict against whatever bytes come back.

#include "storage/redis/session_record_codec.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "tests/contract/session_samples.h"

namespace gatehouse::storage {
namespace {

std::string Encoded(const SessionRecord& session) {
  const auto bytes = EncodeSessionRecord(session);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *bytes : "";
}

TEST(SessionRecordCodec, TellsEachShapeOfSessionExactly) {
  for (const SessionRecord& session : SampleSessions()) {
    const auto found = DecodeSessionRecord(session.key, Encoded(session));
    ASSERT_TRUE(found.ok()) << found.status();
    ExpectSame(found->record, session);
    EXPECT_EQ(found->last_used_at, session.created_at);
  }
}

TEST(SessionRecordCodec, KeepsAnOrdinarySessionWithinTheBytesThatKeepItsHashPacked) {
  EXPECT_LE(Encoded(SampleSession(1)).size(), 52u);
}

TEST(SessionRecordCodec, RefusesToWriteWhatIsNoSession) {
  const struct {
    const char* what;
    void (*damage)(SessionRecord&);
  } kCases[] = {
      {"no level", [](SessionRecord& s) { s.level = v1::SESSION_LEVEL_UNSPECIFIED; }},
      {"no life", [](SessionRecord& s) { s.expires_at = s.created_at; }},
      {"endless", [](SessionRecord& s) { s.expires_at = absl::InfiniteFuture(); }},
      {"before 1970", [](SessionRecord& s) { s.created_at = absl::UnixEpoch() - absl::Hours(1); }},
      {"no idle time", [](SessionRecord& s) { s.idle_timeout = absl::ZeroDuration(); }},
      {"negative epoch", [](SessionRecord& s) { s.epoch = -1; }},
      {"negative position", [](SessionRecord& s) { s.position = -1; }},
      {"an unset role", [](SessionRecord& s) { s.roles.resize(1); }},
      {"too many roles",
       [](SessionRecord& s) {
         s.roles.assign(8, {.role = v1::ROLE_AUDITOR, .organisation_id = s.organisation_id});
       }},
      {"an unset action",
       [](SessionRecord& s) { s.required_actions = {v1::REQUIRED_ACTION_UNSPECIFIED}; }},
      {"too many actions",
       [](SessionRecord& s) { s.required_actions.assign(8, v1::REQUIRED_ACTION_ACCEPT_AUP); }},
      {"a long name",
       [](SessionRecord& s) { s.organisation_id = OrganisationId(std::string(255, 'o')); }},
  };
  for (const auto& test : kCases) {
    SessionRecord session = SampleSession(1);
    test.damage(session);
    EXPECT_EQ(EncodeSessionRecord(session).status().code(), absl::StatusCode::kInvalidArgument)
        << test.what;
  }
}

TEST(SessionRecordCodec, RefusesEveryTruncationAndEveryAddition) {
  for (const SessionRecord& session : SampleSessions()) {
    const std::string bytes = Encoded(session);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(DecodeSessionRecord(session.key, bytes.substr(0, size)).status().code(),
                absl::StatusCode::kInternal)
          << size;
    }
    EXPECT_FALSE(DecodeSessionRecord(session.key, bytes + '\0').ok());
  }
}

TEST(SessionRecordCodec, RefusesOtherVersions) {
  std::string bytes = Encoded(SampleSession(1));
  for (const int version : {0, 2, 255}) {
    bytes[0] = static_cast<char>(version);
    EXPECT_EQ(DecodeSessionRecord(SampleSession(1).key, bytes).status().code(),
              absl::StatusCode::kInternal);
  }
}

// Last use is no part of what Encode writes, so it is blanked before the comparison.
std::string WithoutLastUse(std::string bytes) { return bytes.replace(1, 4, 4, '\0'); }

// Whatever is accepted is something that could have been written, byte for byte.
TEST(SessionRecordCodec, AcceptsOfDamagedBytesOnlyThoseThatItWouldWriteItself) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const std::vector<SessionRecord> samples = SampleSessions();
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    const SessionRecord& sample = samples[random() % samples.size()];
    std::string bytes = Encoded(sample);
    for (auto mutations = 1 + random() % 3; mutations > 0; --mutations) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, 1);
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random()));
      }
    }
    const auto found = DecodeSessionRecord(sample.key, bytes);
    if (!found.ok()) continue;
    ++accepted;
    ASSERT_EQ(Encoded(found->record), WithoutLastUse(bytes));
    ASSERT_GE(found->last_used_at, found->record.created_at);
    ASSERT_GT(found->record.expires_at, found->record.created_at);
  }
  EXPECT_GT(accepted, 0);
}

TEST(SessionRecordCodec, RefusesArbitraryBytes) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes(random() % 80, '\1');
    for (std::size_t at = 1; at < bytes.size(); ++at) bytes[at] = static_cast<char>(random());
    const auto found = DecodeSessionRecord(SampleSession(1).key, bytes);
    if (!found.ok()) continue;
    ASSERT_EQ(Encoded(found->record), WithoutLastUse(bytes));
  }
}

TEST(SessionRecordCodec, RoundsAUseDownToTheSecond) {
  EXPECT_EQ(EncodeUse(absl::FromUnixSeconds(1'700'000'000) + absl::Milliseconds(999)),
            "1700000000");
  EXPECT_EQ(EncodeUse(absl::UnixEpoch() - absl::Hours(1)), "0");
  EXPECT_EQ(EncodeUse(absl::InfiniteFuture()), "4294967295");
}

}  // namespace
}  // namespace gatehouse::storage

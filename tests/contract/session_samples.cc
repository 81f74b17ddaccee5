#include "tests/contract/session_samples.h"

#include <array>
#include <cstdint>
#include <future>
#include <utility>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace gatehouse::storage {
namespace {

constexpr char kAccount[] = "AAECAwQFBgcICQoLDA0ODw";
constexpr char kOrganisation[] = "EBESExQVFhcYGRobHB0eHw";

}  // namespace

absl::Time Soon() { return absl::Now() + absl::Seconds(60); }

SessionDigest SampleDigest(int number) {
  std::array<std::uint8_t, SessionDigest::kSize> bytes;
  bytes.fill(0xA5);
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(number) >> (8 * i));
  }
  return SessionDigest(bytes);
}

SessionRecord SampleSession(int number) {
  static const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
  return {.key = {.account_id = AccountId(kAccount), .digest = SampleDigest(number)},
          .incarnation = 0x0102030405060708,
          .position = 1'000'000,
          .epoch = 3,
          .authorisation_version = 4,
          .level = v1::SESSION_LEVEL_FULL,
          .required_actions = {},
          .created_at = now,
          .expires_at = now + absl::Hours(12),
          .idle_timeout = absl::Minutes(60),
          .organisation_id = OrganisationId(kOrganisation),
          .roles = {}};
}

std::vector<SessionRecord> SampleSessions() {
  SessionRecord plain = SampleSession(1);

  SessionRecord restricted = SampleSession(2);
  restricted.level = v1::SESSION_LEVEL_RESTRICTED;
  restricted.required_actions = {v1::REQUIRED_ACTION_CHANGE_PASSWORD,
                                 v1::REQUIRED_ACTION_ACCEPT_AUP, v1::REQUIRED_ACTION_UPDATE_PROFILE,
                                 v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET,
                                 v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD};
  restricted.expires_at = restricted.created_at + absl::Minutes(30);

  SessionRecord with_roles = SampleSession(3);
  with_roles.roles = {
      {.role = v1::ROLE_LOCAL_ADMIN, .organisation_id = with_roles.organisation_id},
      {.role = v1::ROLE_AUDITOR, .organisation_id = OrganisationId("ICEiIyQlJicoKSorLC0uLw")},
      {.role = v1::ROLE_OPERATOR, .organisation_id = OrganisationId()}};

  SessionRecord odd = SampleSession(4);
  odd.incarnation = ~std::uint64_t{0};
  odd.position = std::int64_t{1} << 60;
  odd.epoch = std::int64_t{1} << 40;
  odd.authorisation_version = 0;
  odd.expires_at = odd.created_at + absl::Microseconds(1'234'567'891);
  odd.idle_timeout = absl::Microseconds(1);
  odd.organisation_id = OrganisationId("no id at all");

  SessionRecord nowhere = SampleSession(5);
  nowhere.organisation_id = OrganisationId();
  nowhere.roles = {{.role = v1::ROLE_NATIONAL_ADMIN, .organisation_id = OrganisationId()}};
  return {plain, restricted, with_roles, odd, nowhere};
}

ClientRecord SampleClient() {
  return {.ip_address = "192.0.2.1", .user_agent = "Agent/1.0", .device_label = "Ward 7 kiosk"};
}

void ExpectSame(const SessionRecord& actual, const SessionRecord& expected) {
  EXPECT_EQ(actual.key.account_id, expected.key.account_id);
  EXPECT_EQ(actual.key.digest, expected.key.digest);
  EXPECT_EQ(actual.incarnation, expected.incarnation);
  EXPECT_EQ(actual.position, expected.position);
  EXPECT_EQ(actual.epoch, expected.epoch);
  EXPECT_EQ(actual.authorisation_version, expected.authorisation_version);
  EXPECT_EQ(actual.level, expected.level);
  EXPECT_EQ(actual.required_actions, expected.required_actions);
  EXPECT_EQ(actual.created_at, expected.created_at);
  EXPECT_EQ(actual.expires_at, expected.expires_at);
  EXPECT_EQ(actual.idle_timeout, expected.idle_timeout);
  EXPECT_EQ(actual.organisation_id, expected.organisation_id);
  EXPECT_EQ(actual.roles, expected.roles);
}

absl::StatusOr<FoundSession> FindNow(SessionStore& store, const SessionKey& key) {
  std::promise<absl::StatusOr<FoundSession>> answer;
  store.Find(key, Soon(),
             [&answer](absl::StatusOr<FoundSession> found) { answer.set_value(std::move(found)); });
  return answer.get_future().get();
}

std::vector<absl::StatusOr<FoundSession>> FindAllNow(SessionStore& store,
                                                     std::vector<SessionKey> keys) {
  std::promise<std::vector<absl::StatusOr<FoundSession>>> answer;
  store.FindAll(std::move(keys), Soon(), [&answer](std::vector<absl::StatusOr<FoundSession>> all) {
    answer.set_value(std::move(all));
  });
  return answer.get_future().get();
}

}  // namespace gatehouse::storage

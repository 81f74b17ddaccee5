#include "server/secrets/totp.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

SecretBytes Secret(absl::string_view text) {
  return SecretBytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

// RFC 6238, appendix B, whose codes have eight digits: ours are their last six.
TEST(TotpTest, MakesTheCodesOfTheStandard) {
  const SecretBytes secret = Secret("12345678901234567890");
  const struct {
    int64_t seconds;
    const char* code;
  } cases[] = {{59, "287082"},
               {1'111'111'109, "081804"},
               {1'111'111'111, "050471"},
               {1'234'567'890, "005924"},
               {2'000'000'000, "279037"},
               {20'000'000'000, "353130"}};
  for (const auto& [seconds, code] : cases) {
    const int64_t step = TotpStepAt(absl::FromUnixSeconds(seconds));
    EXPECT_EQ(TotpCode(secret, step).Reveal(), code) << seconds;
  }
}

TEST(TotpTest, TakesACodeOfTheDriftWindowAndOfNoOtherStep) {
  SeededEntropy entropy(1);
  const SecretBytes secret = NewTotpSecret(entropy);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const int64_t present = TotpStepAt(now);
  for (int64_t away = -3; away <= 3; ++away) {
    const SecretString code = TotpCode(secret, present + away);
    const auto expected = away >= -1 && away <= 1 ? std::optional(present + away) : std::nullopt;
    EXPECT_EQ(FindTotpStep(secret, code.Reveal(), now, 1, 0), expected) << away;
    EXPECT_EQ(FindTotpStep(secret, code.Reveal(), now, 0, 0).has_value(), away == 0) << away;
  }
}

TEST(TotpTest, TheStepChangesAtTheEdgeToTheNanosecond) {
  const absl::Time edge = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(TotpStepAt(edge), 60'000'000);
  EXPECT_EQ(TotpStepAt(edge - absl::Nanoseconds(1)), 59'999'999);
  EXPECT_EQ(TotpStepAt(edge + absl::Seconds(30)), 60'000'001);
}

TEST(TotpTest, TakesNoCodeOfAStepThatWasUsedOrOfAnEarlierOne) {
  SeededEntropy entropy(2);
  const SecretBytes secret = NewTotpSecret(entropy);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const int64_t present = TotpStepAt(now);
  for (int64_t away = -1; away <= 1; ++away) {
    const SecretString code = TotpCode(secret, present + away);
    EXPECT_EQ(FindTotpStep(secret, code.Reveal(), now, 1, present).has_value(), away == 1) << away;
  }
}

TEST(TotpTest, TakesNothingThatIsNoCode) {
  SeededEntropy entropy(3);
  const SecretBytes secret = NewTotpSecret(entropy);
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const std::string code(TotpCode(secret, TotpStepAt(now)).Reveal());
  for (const std::string& wrong :
       {std::string(), code.substr(1), code + "0", " " + code, std::string(6, '\0')}) {
    EXPECT_EQ(FindTotpStep(secret, wrong, now, 1, 0), std::nullopt) << wrong;
  }
}

TEST(TotpTest, TellsAppsAllTheyNeed) {
  EXPECT_EQ(OtpauthUri(Secret("12345678901234567890"), "Gatehouse", "asha.patel").Reveal(),
            "otpauth://totp/Gatehouse:asha.patel?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Gatehouse");
}

}  // namespace
}  // namespace gatehouse::server

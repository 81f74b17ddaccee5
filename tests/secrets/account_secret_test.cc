#include "server/secrets/account_secret.h"

#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "tests/secrets/one_permit.h"

namespace gatehouse::server {
namespace {

TEST(AccountSecretTest, CaseIsIgnored) {
  EXPECT_EQ(NormalizeAccountSecret(SecretString("sableOrbit")).Reveal(), "SABLEORBIT");
}

TEST(AccountSecretTest, FactsSayWhatASecretIs) {
  const SecretNames names = {.given_name = "Zo\u00eb",
                             .family_name = "O'Neil-Brandt",
                             .display_name = "Dr. Zo\u00eb Brandt",
                             .organisation_name = "Riverside Trust (2)"};
  struct Case {
    const char* secret;
    int length;
    bool only_letters;
    bool is_person_name;
    bool is_organisation_name;
  };
  for (const Case& expected : std::vector<Case>{
           {"sableorbit", 10, true, false, false},
           {"SableOrbit", 10, true, false, false},
           {"", 0, false, false, false},
           {"sable orbit", 11, false, false, false},
           {"sableorbit1", 11, false, false, false},
           {"sablé", 5, false, false, false},
           {"\uff33\uff21\uff22\uff2c\uff25", 5, false, false, false},  // fullwidth letters
           {"\u0405able", 5, false, false, false},                      // Cyrillic Dze
           {"zoe", 3, true, true, false},
           {"oneilbrandt", 11, true, true, false},
           {"ONeilBrandt", 11, true, true, false},
           {"zoeoneilbrandt", 14, true, true, false},
           {"drzoebrandt", 11, true, true, false},
           {"zo\u00eb", 3, false, true, false},
           {"brandtzoe", 9, true, false, false},
           {"zoeoneilbrandts", 15, true, false, false},
           {"riversidetrust", 14, true, false, true},
           {"Riverside Trust", 15, false, false, true},
       }) {
    SCOPED_TRACE(expected.secret);
    const AccountSecretFacts facts = ExamineAccountSecret(SecretString(expected.secret), names);
    EXPECT_EQ(facts.length, expected.length);
    EXPECT_EQ(facts.only_letters, expected.only_letters);
    EXPECT_EQ(facts.is_person_name, expected.is_person_name);
    EXPECT_EQ(facts.is_organisation_name, expected.is_organisation_name);
  }
}

TEST(AccountSecretTest, NamesWithoutLettersAreNoMatch) {
  const SecretNames names = {.given_name = "", .family_name = "\u674e", .organisation_name = "42"};
  const AccountSecretFacts facts = ExamineAccountSecret(SecretString("4242"), names);
  EXPECT_FALSE(facts.is_person_name);
  EXPECT_FALSE(facts.is_organisation_name);
}

class AccountSecretVaultTest : public ::testing::Test {
 protected:
  static KeyRing MakeRing(Entropy& entropy) {
    std::string pattern = std::filesystem::temp_directory_path() / "account_secret_test.XXXXXX";
    const std::filesystem::path directory = mkdtemp(pattern.data());
    EXPECT_TRUE(CreateKeyRing(directory / "ring", entropy, FakeClock(absl::UnixEpoch())).ok());
    absl::StatusOr<KeyRing> ring = KeyRing::Load(directory / "ring");
    std::filesystem::remove_all(directory);
    return *std::move(ring);
  }

  SeededEntropy entropy_{2};
  KeyRing ring_ = MakeRing(entropy_);
  PasswordHasher hasher_{entropy_};
  AccountSecretVault vault_{ring_, hasher_, entropy_, {.memory_kib = 64, .passes = 2}};
  OnePermit permit_;
};

TEST_F(AccountSecretVaultTest, ASealedSecretOpensForItsAccountAndVersionAlone) {
  const KeyRing::Sealed sealed = vault_.Seal("alice", 3, SecretString("SABLEORBIT"));
  EXPECT_EQ(vault_.Open("alice", 3, sealed)->Reveal(), "SABLEORBIT");
  EXPECT_EQ(vault_.Open("alice", 4, sealed).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(vault_.Open("bob", 3, sealed).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(AccountSecretVaultTest, ASealedSecretDoesNotTellItsLength) {
  EXPECT_EQ(vault_.Seal("alice", 1, SecretString(std::string(9, 'A'))).bytes.size(),
            vault_.Seal("alice", 1, SecretString(std::string(64, 'A'))).bytes.size());
  for (const size_t size : {0U, 1U, 95U, 96U, 97U, 300U}) {
    const std::string text(size, 'A');
    EXPECT_EQ(vault_.Open("alice", 1, vault_.Seal("alice", 1, SecretString(text)))->Reveal(), text);
  }
}

TEST_F(AccountSecretVaultTest, TheHistoryKnowsEachOfItsSecretsAndNoOther) {
  std::vector<std::string> history;
  for (const char* former : {"FIRSTWORD", "SECONDWORD", "THIRDWORD", "FOURTHWORD", "FIFTHWORD"}) {
    history.push_back(*vault_.MakeHistoryEntry(permit_, "alice", SecretString(former)));
  }
  for (const char* former : {"FIRSTWORD", "THIRDWORD", "FIFTHWORD"}) {
    EXPECT_TRUE(*vault_.IsInHistory(permit_, "alice", SecretString(former), history)) << former;
  }
  EXPECT_FALSE(*vault_.IsInHistory(permit_, "alice", SecretString("SIXTHWORD"), history));
  EXPECT_FALSE(*vault_.IsInHistory(permit_, "bob", SecretString("FIRSTWORD"), history));
  EXPECT_FALSE(*vault_.IsInHistory(permit_, "alice", SecretString("FIRSTWORD"), {}));
}

TEST_F(AccountSecretVaultTest, AnEntryCannotBeTriedWithoutTheKey) {
  const std::string entry = *vault_.MakeHistoryEntry(permit_, "alice", SecretString("FIRSTWORD"));
  const std::string phc = entry.substr(entry.find('$'));
  EXPECT_FALSE(*hasher_.Verify(permit_, SecretString("FIRSTWORD"), phc));
}

TEST_F(AccountSecretVaultTest, AnUnreadableEntryIsAnErrorAndNotANo) {
  const std::string entry = *vault_.MakeHistoryEntry(permit_, "alice", SecretString("FIRSTWORD"));
  for (const std::string& broken :
       {std::string(), std::string("nonsense"), "x" + entry, entry.substr(0, entry.size() - 30)}) {
    EXPECT_EQ(vault_.IsInHistory(permit_, "alice", SecretString("OTHER"), {broken}).status().code(),
              absl::StatusCode::kDataLoss)
        << broken;
  }
}

}  // namespace
}  // namespace gatehouse::server

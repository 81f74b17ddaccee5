// Part of account_store_contract.h: recognising callers, and what is under keys.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_RECOGNITION_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_RECOGNITION_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

// --- Recognising callers ---

TEST_P(AccountStoreContract, ReadsBackHowAnAccountStandsAndPutsAnotherInItsPlace) {
  InsertAccounts(2);
  const auto standing = [&](int number) {
    return Read([&](Transaction& t) { return t.FindRecognition(SampleAccount(number).id); });
  };
  EXPECT_TRUE(absl::IsNotFound(standing(1).status()));
  RecognitionRecord fresh{.account_id = SampleAccount(1).id, .secret_version = 9};
  for (const RecognitionRecord& put : {SampleRecognition(1), fresh}) {
    ASSERT_EQ(Write([&](Transaction& t) { return t.PutRecognition(put); }), absl::OkStatus());
    EXPECT_EQ(Text(*standing(1)), Text(put));
  }
  EXPECT_TRUE(absl::IsNotFound(standing(2).status()));
}

TEST_P(AccountStoreContract, FindsTheRecognitionsOfManyAccountsWhereThereAreAny) {
  InsertAccounts(120);
  std::vector<AccountId> ids;
  for (int account = 1; account <= 120; ++account) {
    ids.push_back(SampleAccount(account).id);
    if (account % 40 != 0) continue;
    ASSERT_EQ(Write([&](Transaction& t) { return t.PutRecognition(SampleRecognition(account)); }),
              absl::OkStatus());
  }
  const auto found = [&](absl::Span<const AccountId> of) {
    const auto recognitions = Read([&](Transaction& t) { return t.FindRecognitions(of); });
    std::multiset<std::string> texts;
    for (const RecognitionRecord& recognition : *recognitions) texts.insert(Text(recognition));
    return texts;
  };
  EXPECT_EQ(found(ids), (std::multiset{Text(SampleRecognition(40)), Text(SampleRecognition(80)),
                                       Text(SampleRecognition(120))}));
  EXPECT_EQ(found({ids[79]}), (std::multiset{Text(SampleRecognition(80))}));
  EXPECT_EQ(found({}), std::multiset<std::string>());
}

TEST_P(AccountStoreContract, ReadsBackAVerificationExactlyAndTakesItsIdOnce) {
  InsertAccounts(1);
  VerificationRecord granted = SampleVerification("granted", 1);
  granted.state = VerificationState::kGranted;
  granted.grant_expires_at = SampleTime(11);
  for (const VerificationRecord& inserted : {SampleVerification("open", 1), granted}) {
    const auto insert = [&](Transaction& t) { return t.InsertVerification(inserted); };
    ASSERT_EQ(Write(insert), absl::OkStatus());
    EXPECT_TRUE(absl::IsAlreadyExists(Write(insert)));
    const auto found = Read([&](Transaction& t) { return t.FindVerification(inserted.id); });
    EXPECT_EQ(Text(*found), Text(inserted));
  }
  EXPECT_TRUE(
      absl::IsNotFound(Read([](Transaction& t) { return t.FindVerification("ope"); }).status()));
}

TEST_P(AccountStoreContract, ChangesAVerificationOnlyFromTheStateItIsIn) {
  InsertAccounts(1);
  ASSERT_EQ(Write([](Transaction& t) { return t.InsertVerification(SampleVerification("id", 1)); }),
            absl::OkStatus());
  VerificationRecord changed = SampleVerification("id", 1);
  changed.state = VerificationState::kGranted;
  changed.grant_expires_at = SampleTime(12);
  changed.attempt_mac = std::string("key-1\n\0\xff", 8);
  const auto change = [&](VerificationState former) {
    return Write([&](Transaction& t) { return t.ChangeVerification(changed, former); });
  };
  EXPECT_TRUE(absl::IsAborted(change(VerificationState::kAnswered)));
  EXPECT_EQ(change(VerificationState::kOpen), absl::OkStatus());
  EXPECT_TRUE(absl::IsAborted(change(VerificationState::kOpen)));
  EXPECT_EQ(Text(*Read([](Transaction& t) { return t.FindVerification("id"); })), Text(changed));
  changed.id = "another";
  EXPECT_TRUE(absl::IsAborted(change(VerificationState::kOpen)));
}

TEST_P(AccountStoreContract, FindsTheAgentsOpenVerificationThatExpiresLast) {
  const AccountId account = SampleAccount(1).id;
  const AccountId agent = SampleVerification("", 1).agent_id;
  const auto insert = [&](const std::string& id, int minute, const auto& change) {
    VerificationRecord verification = SampleVerification(id, 1);
    verification.expires_at = SampleTime(minute);
    change(verification);
    EXPECT_EQ(Write([&](Transaction& t) { return t.InsertVerification(verification); }),
              absl::OkStatus());
  };
  const auto found = [&](int minute) {
    const auto open = Read(
        [&](Transaction& t) { return t.FindOpenVerification(account, agent, SampleTime(minute)); });
    return absl::IsNotFound(open.status()) ? "none" : open->id;
  };
  InsertAccounts(2);
  EXPECT_EQ(found(0), "none");
  insert("first", 3, [](auto&) {});
  insert("last", 5, [](auto&) {});
  insert("answered", 9, [](auto& v) { v.state = VerificationState::kAnswered; });
  insert("another agent's", 9, [](auto& v) { v.agent_id = AccountId("another"); });
  insert("of another", 9, [](auto& v) { v.account_id = SampleAccount(2).id; });
  EXPECT_EQ(found(4), "last");
  EXPECT_EQ(found(5), "none") << "it is over at the instant itself";
}

TEST_P(AccountStoreContract, ListsWhenOpenVerificationsExpireUntilTheyAreAbandoned) {
  InsertAccounts(2);
  const auto insert = [&](const std::string& id, int minute, auto change) {
    VerificationRecord verification = SampleVerification(id, 1);
    verification.expires_at = SampleTime(minute);
    change(verification);
    EXPECT_EQ(Write([&](Transaction& t) { return t.InsertVerification(verification); }),
              absl::OkStatus());
  };
  const auto unchanged = [](VerificationRecord&) {};
  for (const int minute : {4, 2, 3, 1, 5}) insert(absl::StrCat(minute), minute, unchanged);
  insert("answered", 3, [](auto& v) { v.state = VerificationState::kAnswered; });
  insert("by another secret", 3, [](auto& v) { v.secret_version = 3; });
  insert("of another epoch", 3, [](auto& v) { v.epoch = 4; });
  insert("another's", 3, [](auto& v) { v.account_id = SampleAccount(2).id; });

  const auto minutes = [&](int after, int until, int limit) {
    std::vector<int> listed;
    const auto expiries = Read([&](Transaction& t) {
      return t.ListExpiries(SampleAccount(1).id, 4, SampleTime(after), SampleTime(until), limit);
    });
    for (const absl::Time at : *expiries) {
      listed.push_back(static_cast<int>(absl::ToInt64Minutes(at - SampleTime())));
    }
    return listed;
  };
  using testing::ElementsAre;
  EXPECT_THAT(minutes(1, 4, 9), ElementsAre(2, 3, 3, 4)) << "whatever the epoch";
  EXPECT_THAT(minutes(0, 9, 2), ElementsAre(1, 2));
  ASSERT_EQ(Write([](Transaction& t) {
              return t.AbandonVerifications(SampleAccount(1).id, SampleTime(3));
            }),
            absl::OkStatus());
  EXPECT_THAT(minutes(0, 9, 9), ElementsAre(4, 5));
  const auto state = [&](const char* id) {
    return Read([&](Transaction& t) { return t.FindVerification(id); })->state;
  };
  EXPECT_EQ(state("3"), VerificationState::kAbandoned);
  EXPECT_EQ(state("of another epoch"), VerificationState::kAbandoned);
  EXPECT_EQ(state("answered"), VerificationState::kAnswered);
  EXPECT_EQ(state("another's"), VerificationState::kOpen);

  insert("granted", 5, [](auto& v) { v.state = VerificationState::kGranted; });
  ASSERT_EQ(Write([](Transaction& t) { return t.EndVerifications(SampleAccount(1).id); }),
            absl::OkStatus());
  EXPECT_EQ(state("5"), VerificationState::kAbandoned);
  EXPECT_EQ(state("answered"), VerificationState::kAbandoned);
  EXPECT_EQ(state("granted"), VerificationState::kGranted);
  EXPECT_EQ(state("another's"), VerificationState::kOpen);
}

TEST_P(AccountStoreContract, KeepsAnAccountsSecurityQuestionsInOrderUntilTheyAreReplacedOrRemoved) {
  InsertAccounts(2);
  const AccountId id = SampleAccount(1).id;
  const auto texts = [&](const AccountId& of) {
    std::vector<std::string> found;
    const auto questions = Read([&](Transaction& t) { return t.FindSecurityQuestions(of); });
    for (const auto& question : *questions) found.push_back(Text(question));
    return found;
  };
  const auto put = [&](const std::vector<SecurityQuestionRecord>& questions) {
    return Write([&](Transaction& t) { return t.PutSecurityQuestions(id, questions); });
  };
  const auto sample = [](int number) { return SampleSecurityQuestion(number); };
  using testing::ElementsAre;
  EXPECT_THAT(texts(id), ElementsAre());
  EXPECT_EQ(put({sample(3), sample(1), sample(2)}), absl::OkStatus());
  EXPECT_THAT(texts(id), ElementsAre(Text(sample(1)), Text(sample(2)), Text(sample(3))));
  EXPECT_EQ(put({sample(4)}), absl::OkStatus());
  EXPECT_THAT(texts(id), ElementsAre(Text(sample(4))));
  EXPECT_TRUE(absl::IsAlreadyExists(put({sample(5), sample(5)})));
  EXPECT_THAT(texts(id), ElementsAre(Text(sample(4))));
  EXPECT_THAT(texts(SampleAccount(2).id), ElementsAre());
  EXPECT_EQ(Write([&](Transaction& t) { return t.RemoveSecurityQuestions(id); }), absl::OkStatus());
  EXPECT_THAT(texts(id), ElementsAre());
}

TEST_P(AccountStoreContract, ForgetsWithAnAccountsQuestionsHowTheyWerePutToCallers) {
  InsertAccounts(2);
  const AccountId id = SampleAccount(1).id;
  const auto begin_four = [&](Transaction& t) {
    VerificationRecord by_letters = SampleVerification("by letters", 1);
    by_letters.question.clear();
    VerificationRecord used = SampleVerification("used", 1);
    used.state = VerificationState::kUsed;
    absl::Status status = t.PutSecurityQuestions(id, {SampleSecurityQuestion(1)});
    for (const auto& begun :
         {SampleVerification("open", 1), used, by_letters, SampleVerification("another's", 2)}) {
      t.InsertVerification(begun).IgnoreError();  // it may be there still
    }
    return status;
  };
  const auto is_there = [this](const char* verification) {
    return Read([&](Transaction& t) { return t.FindVerification(verification); }).ok();
  };
  const auto remove = [&](Transaction& t) { return t.RemoveSecurityQuestions(id); };
  const auto replace = [&](Transaction& t) {
    return t.PutSecurityQuestions(id, {SampleSecurityQuestion(2)});
  };
  for (const TransactionBody retire : {TransactionBody(remove), TransactionBody(replace)}) {
    ASSERT_EQ(Write(begin_four), absl::OkStatus());
    ASSERT_EQ(Write(retire), absl::OkStatus());
    EXPECT_FALSE(is_there("open"));
    EXPECT_FALSE(is_there("used"));
    EXPECT_TRUE(is_there("by letters"));
    EXPECT_TRUE(is_there("another's"));
  }
}

// --- What is under keys ---

TEST_P(AccountStoreContract, ListsWhatIsSealedUnderAKeyPageByPage) {
  InsertAccounts(3);
  ASSERT_EQ(Write([](Transaction& t) {
              AccountRecord other = *t.FindAccount(SampleAccount(2).id);
              other.secret.key_id = "key-2";
              EXPECT_EQ(t.UpdateAccount(other), absl::OkStatus());
              AccountRecord unset = *t.FindAccount(SampleAccount(3).id);
              unset.secret = {.version = 5};
              EXPECT_EQ(t.UpdateAccount(unset), absl::OkStatus());
              SecurityQuestionRecord elsewhere = SampleSecurityQuestion(2);
              elsewhere.key_id = "key-2";
              EXPECT_EQ(t.PutSecurityQuestions(other.id, {SampleSecurityQuestion(1), elsewhere,
                                                          SampleSecurityQuestion(3)}),
                        absl::OkStatus());
              AuthenticationMethodRecord app_elsewhere = SampleMethod(3);
              app_elsewhere.key_id = "key-2";
              for (const auto& method : {SampleMethod(2), SampleMethod(1), app_elsewhere}) {
                EXPECT_EQ(t.PutAuthenticationMethod(method), absl::OkStatus());
              }
              return absl::OkStatus();
            }),
            absl::OkStatus());
  const auto page = [&](SealedKind kind, const SealedRecord& after, int limit) {
    return *Read([&](Transaction& t) { return t.ListSealed(kind, "key-1", after, limit); });
  };
  const auto secrets = page(SealedKind::kAccountSecret, {}, 9);
  ASSERT_EQ(secrets.size(), 1u);
  const AccountSecretRecord secret = SampleAccount(1).secret;
  EXPECT_EQ(Text(secrets[0]), Text({SealedKind::kAccountSecret, SampleAccount(1).id, 4, "",
                                    secret.ciphertext, secret.key_id}));
  EXPECT_TRUE(page(SealedKind::kAccountSecret, secrets[0], 9).empty());

  const auto first = page(SealedKind::kSecurityAnswer, {}, 1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(Text(first[0]), Text({SealedKind::kSecurityAnswer, SampleAccount(2).id, 1, "",
                                  SampleSecurityQuestion(1).ciphertext, "key-1"}));
  const auto rest = page(SealedKind::kSecurityAnswer, first[0], 9);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].version, 3);

  const auto app = page(SealedKind::kTotpSecret, {}, 1);
  ASSERT_EQ(app.size(), 1u);
  EXPECT_EQ(Text(app[0]), Text({SealedKind::kTotpSecret, SampleAccount(1).id, 0, "method-1",
                                SampleMethod(1).ciphertext, "key-1"}));
  const auto next_app = page(SealedKind::kTotpSecret, app[0], 9);
  ASSERT_EQ(next_app.size(), 1u);
  EXPECT_EQ(next_app[0].method_id, "method-2");
  for (const auto& [kind, count] :
       {std::pair(SealedKind::kAccountSecret, 1), std::pair(SealedKind::kSecurityAnswer, 2),
        std::pair(SealedKind::kTotpSecret, 2)}) {
    EXPECT_EQ(Read([&](Transaction& t) { return t.CountSealed(kind, "key-1"); }).value_or(-1),
              count);
  }
}

TEST_P(AccountStoreContract, SealsAnewOnlyWhatIsStillThereAndChangesNothingElse) {
  InsertAccounts(1);
  const AccountId id = SampleAccount(1).id;
  ASSERT_EQ(Write([&](Transaction& t) {
              EXPECT_EQ(t.PutAuthenticationMethod(SampleMethod(1)), absl::OkStatus());
              return t.PutSecurityQuestions(id, {SampleSecurityQuestion(1)});
            }),
            absl::OkStatus());
  for (const SealedKind kind : kSealedKinds) {
    const SealedRecord former =
        Read([&](Transaction& t) { return t.ListSealed(kind, "key-1", {}, 1); })->at(0);
    const auto reseal = [&](const SealedRecord& from) {
      bool done = false;
      EXPECT_EQ(Write([&](Transaction& t) {
                  const auto resealed = t.Reseal(from, "anew", "key-2");
                  done = resealed.value_or(false);
                  return resealed.status();
                }),
                absl::OkStatus());
      return done;
    };
    SealedRecord stale = former;
    stale.version += 1;
    stale.method_id += "?";
    EXPECT_FALSE(reseal(stale));
    stale = former;
    stale.key_id = "key-0";
    EXPECT_FALSE(reseal(stale));
    EXPECT_TRUE(reseal(former));
    EXPECT_FALSE(reseal(former)) << "it is there no longer";
    EXPECT_EQ(Read([&](Transaction& t) { return t.CountSealed(kind, "key-1"); }).value_or(-1), 0);
    EXPECT_EQ(
        Read([&](Transaction& t) { return t.ListSealed(kind, "key-2", {}, 1); })->at(0).ciphertext,
        "anew");
  }
  AuthenticationMethodRecord app = SampleMethod(1);
  app.ciphertext = "anew";
  app.key_id = "key-2";
  EXPECT_EQ(Text(Read([&](Transaction& t) { return t.ListAuthenticationMethods(id); })->at(0)),
            Text(app));
  AccountRecord expected = SampleAccount(1);
  expected.secret.ciphertext = "anew";
  expected.secret.key_id = "key-2";
  EXPECT_EQ(Text(Account(1)), Text(expected)) << "its row_version, too, is as it was";
}

TEST_P(AccountStoreContract, CountsEverythingThatNeedsAKey) {
  InsertAccounts(2);
  const auto count = [&](const char* key_id) {
    const auto uses = Read([&](Transaction& t) { return t.CountKeyUses(key_id); });
    return std::vector<std::int64_t>{uses->sealed, uses->secret_history, uses->replays,
                                     uses->printed_codes};
  };
  ASSERT_EQ(Write([](Transaction& t) {
              const AccountId id = SampleAccount(1).id;
              EXPECT_EQ(t.PutSecurityQuestions(id, {SampleSecurityQuestion(1)}), absl::OkStatus());
              AuthenticationMethodRecord method = SampleMethod(1);
              method.account_id = id;
              method.key_id = "key-3";
              method.printed_codes = {"key-4 hash"};
              EXPECT_EQ(t.PutAuthenticationMethod(method), absl::OkStatus());
              for (const char* hash : {"key-1$argon2id", "key-1$argon2i", "key-2$argon2id"}) {
                EXPECT_EQ(t.AppendSecretHistory(id, hash, SampleTime()), absl::OkStatus());
              }
              EXPECT_EQ(t.AppendPasswordHistory(id, "key-1$argon2id", SampleTime()),
                        absl::OkStatus());
              for (const int number : {1, 2}) {
                ReplayRecord replay = SampleReplay(number);
                replay.payload_mac = number == 1 ? "key-1\nmac" : "kez-1\nmac";
                EXPECT_EQ(t.PutReplay(replay, SampleTime()), absl::OkStatus());
              }
              ImportedItemRecord item = SampleImportedItem(1);
              item.payload_mac = "key-5\nmac";
              EXPECT_EQ(t.PutImportedItem(item, SampleTime()), absl::OkStatus());
              return absl::OkStatus();
            }),
            absl::OkStatus());
  using testing::ElementsAre;
  EXPECT_THAT(count("key-1"), ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(count("key-2"), ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(count("kez-1"), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(count("key-3"), ElementsAre(1, 0, 0, 0)) << "an authentication method";
  EXPECT_THAT(count("key-4"), ElementsAre(0, 0, 0, 1)) << "printed codes";
  EXPECT_THAT(count("key-5"), ElementsAre(0, 0, 1, 0)) << "an item of an import";
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_RECOGNITION_H_

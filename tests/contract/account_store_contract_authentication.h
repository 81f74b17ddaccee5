// Part of account_store_contract.h: authentication methods, and proofs by them.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_AUTHENTICATION_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_AUTHENTICATION_H_

#include <string>
#include <vector>

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

inline std::vector<std::string> Texts(const std::vector<AuthenticationMethodRecord>& methods) {
  std::vector<std::string> texts;
  for (const AuthenticationMethodRecord& method : methods) texts.push_back(Text(method));
  return texts;
}

TEST_P(AccountStoreContract, ReadsBackAuthenticationMethodsExactlyAndInTheOrderOfRegistration) {
  InsertAccounts(2);
  AuthenticationMethodRecord bare = SampleMethod(1);
  bare.id = "a-bare-one";
  bare.created_at = SampleTime(9);
  bare.printed_codes.clear();
  bare.confirmed_at = bare.last_used_at = std::nullopt;
  AuthenticationMethodRecord of_another = SampleMethod(1);
  of_another.account_id = SampleAccount(2).id;
  ASSERT_EQ(Write([&](Transaction& t) {
              absl::Status status = t.PutAuthenticationMethod(bare);
              for (const auto& method : {SampleMethod(2), SampleMethod(1), of_another}) {
                status.Update(t.PutAuthenticationMethod(method));
              }
              return status;
            }),
            absl::OkStatus());
  EXPECT_EQ(
      Texts(*Read([](Transaction& t) { return t.ListAuthenticationMethods(SampleAccount(1).id); })),
      (std::vector{Text(SampleMethod(1)), Text(SampleMethod(2)), Text(bare)}));
  EXPECT_TRUE(Read([](Transaction& t) {
                return t.ListAuthenticationMethods(AccountId("nobody"));
              })->empty());
}

TEST_P(AccountStoreContract, ReplacesAndDeletesAnAuthenticationMethodOfOneAccountOnly) {
  InsertAccounts(2);
  AuthenticationMethodRecord changed = SampleMethod(1);
  changed.label = "another";
  changed.printed_codes = {"hash-2"};
  changed.last_step = 1;
  changed.last_used_at = SampleTime(99);
  AuthenticationMethodRecord of_another = SampleMethod(1);
  of_another.account_id = SampleAccount(2).id;
  ASSERT_EQ(Write([&](Transaction& t) {
              absl::Status status = t.PutAuthenticationMethod(SampleMethod(1));
              status.Update(t.PutAuthenticationMethod(of_another));
              status.Update(t.PutAuthenticationMethod(changed));
              return status;
            }),
            absl::OkStatus());
  EXPECT_EQ(
      Texts(*Read([](Transaction& t) { return t.ListAuthenticationMethods(SampleAccount(1).id); })),
      std::vector{Text(changed)});
  ASSERT_EQ(Write([&](Transaction& t) {
              absl::Status status = t.DeleteAuthenticationMethod(SampleAccount(1).id, changed.id);
              status.Update(t.DeleteAuthenticationMethod(SampleAccount(1).id, "none"));
              return status;
            }),
            absl::OkStatus());
  EXPECT_TRUE(Read([](Transaction& t) {
                return t.ListAuthenticationMethods(SampleAccount(1).id);
              })->empty());
  EXPECT_EQ(
      Texts(*Read([](Transaction& t) { return t.ListAuthenticationMethods(SampleAccount(2).id); })),
      std::vector{Text(of_another)});
}

TEST_P(AccountStoreContract, ReadsBackAProofExactlyReplacesItAndDeletesIt) {
  ProofRecord bare = SampleProof(1);
  bare.account_id = AccountId();
  bare.proven_methods.clear();
  bare.code.reset();
  for (const ProofRecord& proof : {SampleProof(1), bare}) {
    ASSERT_EQ(Write([&](Transaction& t) { return t.PutProof(proof); }), absl::OkStatus());
    EXPECT_EQ(Text(*Read([](Transaction& t) { return t.FindProof("proof-1"); })), Text(proof));
  }
  ASSERT_EQ(Write([](Transaction& t) { return t.DeleteProof("proof-1"); }), absl::OkStatus());
  EXPECT_TRUE(
      absl::IsNotFound(Read([](Transaction& t) { return t.FindProof("proof-1"); }).status()));
}

TEST_P(AccountStoreContract, TalliesCodesBySubjectPurposeEventAndTime) {
  const auto tally = [this](absl::string_view subject, absl::Time since) {
    return Read([&](Transaction& t) {
      return t.TallyCodes(subject, ProofPurpose::kPasswordReset, CodeEvent::kWrong, since);
    });
  };
  EXPECT_EQ(tally("subject", SampleTime())->count, 0);
  EXPECT_EQ(tally("subject", SampleTime())->oldest, std::nullopt);
  ASSERT_EQ(
      Write([](Transaction& t) {
        using enum ProofPurpose;
        absl::Status status;
        for (const int minutes : {1, 2, 2, 3}) {
          status.Update(
              t.CountCode("subject", kPasswordReset, CodeEvent::kWrong, SampleTime(minutes)));
        }
        status.Update(t.CountCode("subject", kPasswordReset, CodeEvent::kSent, SampleTime(2)));
        status.Update(t.CountCode("subject", kSecondFactor, CodeEvent::kWrong, SampleTime(2)));
        status.Update(t.CountCode("subject-2", kPasswordReset, CodeEvent::kWrong, SampleTime(2)));
        return status;
      }),
      absl::OkStatus());
  EXPECT_EQ(tally("subject", SampleTime(1))->count, 4);
  EXPECT_EQ(tally("subject", SampleTime(2))->count, 3);
  EXPECT_EQ(tally("subject", SampleTime(2))->oldest, SampleTime(2));
  EXPECT_EQ(tally("subject", SampleTime(4))->count, 0);
  EXPECT_EQ(tally("subject-2", SampleTime(1))->count, 1);
}

TEST_P(AccountStoreContract, ForgetsTheCodesOfOneSubjectPurposeAndEvent) {
  constexpr auto kPurpose = ProofPurpose::kSecondFactor;
  const auto tally = [this](absl::string_view subject, ProofPurpose purpose, CodeEvent event) {
    return Read([&](Transaction& t) { return t.TallyCodes(subject, purpose, event, SampleTime()); })
        ->count;
  };
  ASSERT_EQ(Write([](Transaction& t) {
              absl::Status status;
              for (const char* subject : {"subject", "subject-2"}) {
                for (const auto event : {CodeEvent::kWrong, CodeEvent::kSent}) {
                  for (const auto purpose : {kPurpose, ProofPurpose::kPasswordReset}) {
                    status.Update(t.CountCode(subject, purpose, event, SampleTime(1)));
                  }
                }
              }
              status.Update(t.CountCode("subject", kPurpose, CodeEvent::kWrong, SampleTime(2)));
              status.Update(t.ForgetCodes("subject", kPurpose, CodeEvent::kWrong));
              status.Update(t.ForgetCodes("nobody", kPurpose, CodeEvent::kWrong));
              return status;
            }),
            absl::OkStatus());
  EXPECT_EQ(tally("subject", kPurpose, CodeEvent::kWrong), 0);
  EXPECT_EQ(tally("subject", ProofPurpose::kPasswordReset, CodeEvent::kWrong), 1);
  EXPECT_EQ(tally("subject", kPurpose, CodeEvent::kSent), 1);
  EXPECT_EQ(tally("subject-2", kPurpose, CodeEvent::kWrong), 1);
}

TEST_P(AccountStoreContract, ForgetsMethodsProofsAndTalliesOfATransactionThatFailed) {
  InsertAccounts(1);
  EXPECT_FALSE(Write([](Transaction& t) {
                 absl::Status status = t.PutAuthenticationMethod(SampleMethod(1));
                 status.Update(t.PutProof(SampleProof(1)));
                 status.Update(t.CountCode("subject", ProofPurpose::kSecondFactor, CodeEvent::kSent,
                                           SampleTime()));
                 EXPECT_EQ(status, absl::OkStatus());
                 return absl::CancelledError();
               }).ok());
  EXPECT_TRUE(Read([](Transaction& t) {
                return t.ListAuthenticationMethods(SampleAccount(1).id);
              })->empty());
  EXPECT_TRUE(
      absl::IsNotFound(Read([](Transaction& t) { return t.FindProof("proof-1"); }).status()));
  EXPECT_EQ(Read([](Transaction& t) {
              return t.TallyCodes("subject", ProofPurpose::kSecondFactor, CodeEvent::kSent,
                                  SampleTime());
            })->count,
            0);
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_AUTHENTICATION_H_

// Part of account_store_contract.h: revocation log, audit, replays, outbox, housekeeping.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_LOGS_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_LOGS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

// --- Revocation log ---

TEST_P(AccountStoreContract, BeginsTheRevocationLogWithTheGivenIncarnation) {
  const auto head = Read([](Transaction& t) { return t.ReadRevocationHead(); });
  ASSERT_EQ(head.status(), absl::OkStatus());
  EXPECT_EQ(head->incarnation, kIncarnation);
  EXPECT_EQ(head->position, 0);
}

TEST_P(AccountStoreContract, NumbersRevocationsAndReadsThemBackExactly) {
  std::vector<RevocationRecord> revocations;
  for (const RevocationKind kind :
       {RevocationKind::kMinimumEpoch, RevocationKind::kSession,
        RevocationKind::kAuthorisationVersion, RevocationKind::kEverythingBefore}) {
    RevocationRecord revocation = SampleRevocation(static_cast<int>(kind));
    revocation.kind = kind;
    if (kind == RevocationKind::kSession) {
      revocation.digest = SampleDigest(256);
      revocation.except = std::nullopt;
    }
    revocations.push_back(revocation);
  }
  ASSERT_EQ(Revoke([&](Transaction& t) {
              std::int64_t expected = 0;
              for (RevocationRecord& revocation : revocations) {
                EXPECT_EQ(t.AppendRevocation(revocation).value_or(-1), ++expected);
                revocation.position = expected;
              }
              return absl::OkStatus();
            }),
            absl::OkStatus());
  const auto stored = Read([](Transaction& t) { return t.ReadRevocations(0, 9); });
  ASSERT_EQ(stored->size(), revocations.size());
  for (std::size_t i = 0; i < revocations.size(); ++i) {
    EXPECT_EQ(Text(stored->at(i)), Text(revocations[i]));
  }
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocations(1, 2); })->at(0).position, 2);
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocations(1, 2); })->size(), 2u);
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->position, 4);
}

TEST_P(AccountStoreContract, RevokesOnlyInARevokingTransactionWhichGoesOnOtherwise) {
  EXPECT_EQ(
      Write([](Transaction& t) {
        EXPECT_TRUE(absl::IsFailedPrecondition(t.AppendRevocation(SampleRevocation(1)).status()));
        EXPECT_TRUE(
            absl::IsFailedPrecondition(t.Tidy(Perishable::kRevocations, SampleTime(), 9).status()));
        return absl::OkStatus();
      }),
      absl::OkStatus());
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->position, 0);
}

TEST_P(AccountStoreContract, KnowsWhichSessionsTheLogEnds) {
  const AccountId ada = SampleAccount(1).id;
  const AccountId bob = SampleAccount(2).id;
  ASSERT_EQ(Revoke([&](Transaction& t) {
              EXPECT_EQ(t.AppendRevocation({.kind = RevocationKind::kMinimumEpoch,
                                            .account_id = ada,
                                            .min_epoch = 5,
                                            .except = SampleDigest(1),
                                            .keep_until = SampleTime()})
                            .value_or(0),
                        1);
              EXPECT_EQ(t.AppendRevocation({.kind = RevocationKind::kSession,
                                            .account_id = bob,
                                            .digest = SampleDigest(2),
                                            .keep_until = SampleTime()})
                            .value_or(0),
                        2);
              return t
                  .AppendRevocation({.kind = RevocationKind::kAuthorisationVersion,
                                     .account_id = bob,
                                     .authorisation_version = 9,
                                     .keep_until = SampleTime()})
                  .status();
            }),
            absl::OkStatus());
  struct Case {
    const char* what;
    AccountId account;
    int digest;
    std::int64_t epoch;
    bool revoked;
  };
  const Case cases[] = {
      {"under a lower epoch", ada, 3, 4, true},
      {"the survivor of a password change", ada, 1, 4, false},
      {"under the epoch itself", ada, 3, 5, false},
      {"another account under a lower epoch", bob, 3, 4, false},
      {"named by its digest", bob, 2, 9, true},
      {"of that digest under another account", ada, 2, 9, false},
      {"named by its digest, but under another account", ada, 2, 9, false},
      {"an all-zero digest, which no row names", bob, 0, 1, false},
  };
  const auto is_revoked = [&](const Case& test, std::int64_t issued_position) {
    return Read([&](Transaction& t) {
             return t.IsSessionRevoked(test.account, SampleDigest(test.digest), test.epoch,
                                       issued_position);
           })
        .value();
  };
  for (const Case& test : cases) EXPECT_EQ(is_revoked(test, 0), test.revoked) << test.what;

  ASSERT_EQ(Revoke([](Transaction& t) {
              return t
                  .AppendRevocation(
                      {.kind = RevocationKind::kEverythingBefore, .keep_until = SampleTime()})
                  .status();
            }),
            absl::OkStatus());
  EXPECT_TRUE(is_revoked(cases[2], 3)) << "issued before the emergency stop";
  EXPECT_FALSE(is_revoked(cases[2], 4)) << "issued after it";
}

TEST_P(AccountStoreContract, KnowsWhetherTheEmergencyStopCameAfterAPosition) {
  const auto stopped_since = [this](std::int64_t position) {
    return Read([&](Transaction& t) { return t.IsEverythingRevokedSince(position); }).value();
  };
  ASSERT_EQ(
      Revoke([](Transaction& t) {
        for (const RevocationKind kind : {RevocationKind::kMinimumEpoch, RevocationKind::kSession,
                                          RevocationKind::kAuthorisationVersion}) {
          RevocationRecord revocation = SampleRevocation(1);
          revocation.kind = kind;
          EXPECT_EQ(t.AppendRevocation(revocation).status(), absl::OkStatus());
        }
        return absl::OkStatus();
      }),
      absl::OkStatus());
  EXPECT_FALSE(stopped_since(0)) << "revocations of one account's";
  ASSERT_EQ(Revoke([](Transaction& t) {
              return t
                  .AppendRevocation(
                      {.kind = RevocationKind::kEverythingBefore, .keep_until = SampleTime()})
                  .status();
            }),
            absl::OkStatus());
  EXPECT_TRUE(stopped_since(3));
  EXPECT_FALSE(stopped_since(4)) << "begun at the stop";

  ASSERT_EQ(Revoke([](Transaction& t) {
              return t.Tidy(Perishable::kRevocations, SampleTime(999), 9).status();
            }),
            absl::OkStatus());
  EXPECT_TRUE(stopped_since(3)) << "what stood there is forgotten";
  EXPECT_FALSE(stopped_since(4));
}

TEST_P(AccountStoreContract, ForgetsRevocationsInOrderAndTellsHowFar) {
  const absl::Time old = SampleTime(0);
  const absl::Time now = SampleTime(9);
  ASSERT_EQ(Revoke([&](Transaction& t) {
              absl::Status status;
              for (const absl::Time keep_until : {old, old, now, old}) {
                RevocationRecord revocation = SampleRevocation(1);
                revocation.keep_until = keep_until;
                if (status.ok()) status = t.AppendRevocation(revocation).status();
              }
              return status;
            }),
            absl::OkStatus());
  const auto forget = [&](absl::Time before, int limit) {
    std::int64_t rows = -1;
    EXPECT_EQ(Revoke([&](Transaction& t) {
                rows = t.Tidy(Perishable::kRevocations, before, limit).value_or(-1);
                return absl::OkStatus();
              }),
              absl::OkStatus());
    return rows;
  };
  const auto head = [&] { return *Read([](Transaction& t) { return t.ReadRevocationHead(); }); };
  const auto is_revoked = [&](std::int64_t issued_position) {
    return *Read([&](Transaction& t) {
      return t.IsSessionRevoked(AccountId("innocent"), SampleDigest(7), 1, issued_position);
    });
  };
  EXPECT_EQ(forget(old, 9), 0) << "kept up to and including that instant";
  EXPECT_EQ(head().forgotten_before, 0);
  EXPECT_FALSE(is_revoked(0));

  EXPECT_EQ(forget(now, 1), 1);
  EXPECT_EQ(head().forgotten_before, 1);
  EXPECT_EQ(forget(now, 9), 1) << "the fourth waits for the third";
  EXPECT_EQ(head().forgotten_before, 2);
  EXPECT_EQ(head().position, 4);
  EXPECT_EQ(head().incarnation, kIncarnation);
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocations(0, 9); })->size(), 2u);
  EXPECT_TRUE(is_revoked(1)) << "issued before what is forgotten";
  EXPECT_FALSE(is_revoked(2)) << "issued after it";

  EXPECT_EQ(forget(now + absl::Microseconds(1), 9), 2);
  EXPECT_EQ(head().forgotten_before, 4);
  ASSERT_EQ(Revoke([](Transaction& t) {
              EXPECT_EQ(t.AppendRevocation(SampleRevocation(1)).value_or(0), 5);
              return t.StartIncarnation("incarnation-2");
            }),
            absl::OkStatus());
  EXPECT_EQ(head().forgotten_before, 4) << "positions go on, and so does what is missing of them";
}

TEST_P(AccountStoreContract, StartsANewIncarnationWhereTheLogStands) {
  ASSERT_EQ(Revoke([](Transaction& t) { return t.AppendRevocation(SampleRevocation(1)).status(); }),
            absl::OkStatus());
  ASSERT_EQ(Write([](Transaction& t) { return t.StartIncarnation("incarnation-2"); }),
            absl::OkStatus());
  const auto head = Read([](Transaction& t) { return t.ReadRevocationHead(); });
  EXPECT_EQ(head->incarnation, "incarnation-2");
  EXPECT_EQ(head->position, 1);
}

// --- Audit ---

TEST_P(AccountStoreContract, ChainsTheAuditOfEachOrganisationByItself) {
  const OrganisationId organisation("organisation-1");
  for (const OrganisationId& log : {organisation, OrganisationId(), organisation}) {
    EXPECT_EQ(Write([&](Transaction& t) {
                const auto head = t.LockAuditHead(log);
                if (!head.ok()) return head.status();
                return t.AppendAudit(SampleAudit(log, head->sequence + 1));
              }),
              absl::OkStatus());
  }
  ASSERT_EQ(Write([&](Transaction& t) {
              const auto head = t.LockAuditHead(organisation);
              EXPECT_EQ(head->sequence, 2);
              EXPECT_EQ(head->chain_sha256, SampleAudit(organisation, 2).chain_sha256);
              return head.status();
            }),
            absl::OkStatus());
  const auto events = Read(
      [&](Transaction& t) { return t.ListAudit({.organisation_id = organisation, .limit = 9}); });
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ(Text(events->at(0)), Text(SampleAudit(organisation, 2)));
  EXPECT_EQ(Text(events->at(1)), Text(SampleAudit(organisation, 1)));
  EXPECT_EQ(Sequences(*Read([](Transaction& t) { return t.ListAudit({.limit = 9}); })),
            std::vector<std::int64_t>({1}));
}

TEST_P(AccountStoreContract, RefusesAnAuditEventThatDoesNotFollowTheHead) {
  for (const std::int64_t sequence : {0, 2}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(Write([&](Transaction& t) {
      EXPECT_EQ(t.LockAuditHead({})->sequence, 0);
      return t.AppendAudit(SampleAudit({}, sequence));
    })));
  }
}

TEST_P(AccountStoreContract, FiltersAuditEventsAndPagesThemLatestFirst) {
  ASSERT_EQ(Write([](Transaction& t) {
              absl::Status status = t.LockAuditHead({}).status();
              for (std::int64_t sequence = 1; sequence <= 6 && status.ok(); ++sequence) {
                AuditRecord event = SampleAudit({}, sequence);
                if (sequence % 2 == 0) {
                  event.actor_id = AccountId("other-actor");
                  event.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
                  event.reasons.clear();
                }
                if (sequence % 3 == 0) event.target_id = AccountId("other-target");
                event.action = absl::StrCat("ACTION_", sequence);
                status = t.AppendAudit(event);
              }
              return status;
            }),
            absl::OkStatus());
  struct Case {
    AuditFilter filter;
    std::vector<std::int64_t> expected;
  };
  const Case cases[] = {
      {{}, {6, 5, 4, 3, 2, 1}},
      {{.limit = 2}, {6, 5}},
      {{.before_sequence = 5, .limit = 2}, {4, 3}},
      {{.actor_id = AccountId("other-actor")}, {6, 4, 2}},
      {{.target_id = AccountId("other-target")}, {6, 3}},
      {{.actor_id = AccountId("other-actor"), .target_id = AccountId("other-target")}, {6}},
      {{.actions = {"ACTION_2", "ACTION_5", "ACTION_%"}}, {5, 2}},
      {{.outcome = v1::AUDIT_OUTCOME_DENIED}, {5, 3, 1}},
      {{.reason = "RANK_TOO_LOW"}, {5, 3, 1}},
      {{.reason = "RANK_TOO_"}, {}},
      {{.reason = "AUP_NOT_ACCEPTED,RANK_TOO_LOW"}, {}},
      {{.start = SampleTime(3), .end = SampleTime(5)}, {4, 3}},
      {{.organisation_id = OrganisationId("organisation-1")}, {}},
  };
  for (Case test : cases) {
    if (test.filter.limit == 0) test.filter.limit = 9;
    EXPECT_EQ(Sequences(*Read([&](Transaction& t) { return t.ListAudit(test.filter); })),
              test.expected);
  }
}

// --- Replays ---

TEST_P(AccountStoreContract, RemembersAnAnswerUnderItsWholeKey) {
  const auto put = [](Transaction& t) {
    return t.PutReplay(SampleReplay(1), SampleReplay(1).created_at - absl::Microseconds(1));
  };
  ASSERT_EQ(Write(put), absl::OkStatus());
  EXPECT_TRUE(absl::IsAlreadyExists(Write(put)));
  const auto find = [&](const char* caller, const char* method, const char* request,
                        const char* presenter) {
    return Read([&](Transaction& t) { return t.FindReplay(caller, method, request, presenter); });
  };
  const auto replay = find("local", "ResecureAccount", "request-1", "session");
  ASSERT_EQ(replay.status(), absl::OkStatus());
  EXPECT_EQ(Text(*replay), Text(SampleReplay(1)));
  EXPECT_TRUE(absl::IsNotFound(find("other", "ResecureAccount", "request-1", "session").status()));
  EXPECT_TRUE(absl::IsNotFound(find("local", "UnlockAccount", "request-1", "session").status()));
  EXPECT_TRUE(absl::IsNotFound(find("local", "ResecureAccount", "request-2", "session").status()));
  EXPECT_TRUE(absl::IsNotFound(find("local", "ResecureAccount", "request-1", "").status()));
}

TEST_P(AccountStoreContract, LetsANewAnswerTakeThePlaceOfAnExpiredOne) {
  ReplayRecord later = SampleReplay(1);
  later.payload_mac = "another mac";
  later.response = "another answer";
  later.created_at += absl::Hours(24);
  const auto put = [&](const ReplayRecord& replay, absl::Time expired) {
    return Write([&](Transaction& t) { return t.PutReplay(replay, expired); });
  };
  ASSERT_EQ(put(SampleReplay(1), SampleTime()), absl::OkStatus());
  ASSERT_EQ(put(SampleReplay(2), SampleTime()), absl::OkStatus());
  ASSERT_EQ(put(later, SampleReplay(1).created_at), absl::OkStatus());
  const auto find = [&](const char* id) {
    return Text(*Read(
        [&](Transaction& t) { return t.FindReplay("local", "ResecureAccount", id, "session"); }));
  };
  EXPECT_EQ(find("request-1"), Text(later));
  EXPECT_EQ(find("request-2"), Text(SampleReplay(2)));
}

// --- Outbox ---

TEST_P(AccountStoreContract, SendsTheMessagesOfEachAccountInOrder) {
  const AccountId ada("ada");
  const AccountId bob("bob");
  const auto append = [&](const std::string& id, const AccountId& account, int minutes) {
    OutboxRecord message = SampleMessage(id, account);
    message.created_at = SampleTime(minutes);
    message.due_at = SampleTime(minutes);
    ASSERT_EQ(Write([&](Transaction& t) { return t.AppendOutbox(message); }), absl::OkStatus());
  };
  const auto due = [&](int minutes, int limit = 9) {
    return Ids(*Read([&](Transaction& t) {
      return t.DueOutbox(OutboxChannel::kDirectories, SampleTime(minutes), limit);
    }));
  };
  append("z-first", ada, 1);
  append("a-second", ada, 1);  // the same instant, and a lesser id
  append("m-other", bob, 2);
  using testing::ElementsAre;
  EXPECT_THAT(due(0), ElementsAre());
  EXPECT_THAT(due(1), ElementsAre("z-first"));
  EXPECT_THAT(due(9), ElementsAre("z-first", "m-other"));
  EXPECT_THAT(due(9, 1), ElementsAre("z-first"));

  const auto write = [&](TransactionBody body) { EXPECT_EQ(Write(body), absl::OkStatus()); };
  write([](Transaction& t) { return t.PostponeOutbox("z-first", SampleTime(60), "down"); });
  EXPECT_THAT(due(9), ElementsAre("m-other")) << "a-second must not overtake";
  const auto postponed = Read(
      [](Transaction& t) { return t.DueOutbox(OutboxChannel::kDirectories, SampleTime(60), 1); });
  OutboxRecord expected = SampleMessage("z-first", ada);
  expected.created_at = SampleTime(1);
  expected.due_at = SampleTime(60);
  expected.attempts = 3;
  expected.last_error = "down";
  EXPECT_EQ(Text(postponed->at(0)), Text(expected));

  write([](Transaction& t) { return t.DeleteOutbox("z-first"); });
  write([](Transaction& t) { return t.DeleteOutbox("z-first"); });
  EXPECT_THAT(due(9), ElementsAre("a-second", "m-other"));
  EXPECT_TRUE(absl::IsAlreadyExists(
      Write([&](Transaction& t) { return t.AppendOutbox(SampleMessage("m-other", ada)); })));
}

TEST_P(AccountStoreContract, KeepsTheChannelsOfAnAccountApart) {
  const AccountId ada("ada");
  OutboxRecord notification = SampleMessage("notification", ada);
  notification.channel = OutboxChannel::kPeople;
  ASSERT_EQ(Write([&](Transaction& t) {
              EXPECT_EQ(t.AppendOutbox(notification), absl::OkStatus());
              return t.AppendOutbox(SampleMessage("event", ada));
            }),
            absl::OkStatus());
  for (const auto& [channel, id] : {std::pair(OutboxChannel::kPeople, "notification"),
                                    std::pair(OutboxChannel::kDirectories, "event")}) {
    const auto due = Read([&](Transaction& t) { return t.DueOutbox(channel, SampleTime(9), 9); });
    EXPECT_THAT(Ids(*due), testing::ElementsAre(id));
    const auto summary = Read([&](Transaction& t) { return t.SummariseOutbox(channel); });
    EXPECT_EQ(summary->waiting, 1);
    EXPECT_EQ(summary->failing, 1) << "as both have failed before";
    EXPECT_EQ(summary->dead, 0);
  }
}

TEST_P(AccountStoreContract, SetsADeadMessageAsideUntilItIsRevived) {
  using testing::ElementsAre;
  const AccountId ada("ada");
  const auto write = [&](TransactionBody body) { ASSERT_EQ(Write(body), absl::OkStatus()); };
  const auto due = [&] {
    return Ids(*Read([](Transaction& t) {
      return t.DueOutbox(OutboxChannel::kDirectories, SampleTime(60), 9);
    }));
  };
  write([&](Transaction& t) { return t.AppendOutbox(SampleMessage("first", ada)); });
  write([&](Transaction& t) { return t.AppendOutbox(SampleMessage("second", ada)); });
  write([](Transaction& t) { return t.BuryOutbox("first", SampleTime(5), "no such mailbox"); });

  EXPECT_THAT(due(), ElementsAre("second")) << "the dead hold up nobody";
  const auto dead = Read([](Transaction& t) { return t.ListDeadOutbox(9); });
  ASSERT_THAT(Ids(*dead), ElementsAre("first"));
  OutboxRecord expected = SampleMessage("first", ada);
  expected.attempts = 3;
  expected.last_error = "no such mailbox";
  expected.dead_at = SampleTime(5);
  EXPECT_EQ(Text(dead->at(0)), Text(expected));
  const auto summary =
      Read([](Transaction& t) { return t.SummariseOutbox(OutboxChannel::kDirectories); });
  EXPECT_EQ(summary->waiting, 1);
  EXPECT_EQ(summary->dead, 1);

  const auto revive = [](absl::string_view id) {
    return [id](Transaction& t) { return t.ReviveOutbox(id, SampleTime(6)); };
  };
  EXPECT_TRUE(absl::IsNotFound(Write(revive("second")))) << "it is not dead";
  EXPECT_TRUE(absl::IsNotFound(Write(revive("nobody"))));
  write(revive("first"));
  EXPECT_THAT(due(), ElementsAre("first")) << "it is the oldest again";
  EXPECT_THAT(Ids(*Read([](Transaction& t) { return t.ListDeadOutbox(9); })), ElementsAre());
  const auto revived = Read(
      [](Transaction& t) { return t.DueOutbox(OutboxChannel::kDirectories, SampleTime(60), 1); });
  expected.attempts = 0;
  expected.last_error.clear();
  expected.dead_at.reset();
  expected.due_at = SampleTime(6);
  EXPECT_EQ(Text(revived->at(0)), Text(expected));
}

// --- Housekeeping ---

TEST_P(AccountStoreContract, TidiesOnlyWhatChangesNoAnswer) {
  const std::string account = absl::StrCat(kAccountSubject, SampleAccount(1).id.value());
  const std::string unknown_old = absl::StrCat(kUnknownNameSubject, "old");
  const std::string unknown_new = absl::StrCat(kUnknownNameSubject, "new");
  const absl::Time old = SampleTime(0);
  const absl::Time now = SampleTime(9);
  InsertAccounts(1);
  ASSERT_EQ(Write([&](Transaction& t) {
              for (const absl::Time at : {old, now}) {
                ReplayRecord replay = SampleReplay(at == old ? 1 : 2);
                replay.created_at = at;
                EXPECT_EQ(t.PutReplay(replay, old), absl::OkStatus());
                ImportedItemRecord item = SampleImportedItem(at == old ? 1 : 2);
                item.imported_at = at;
                EXPECT_EQ(t.PutImportedItem(item, old), absl::OkStatus());
                EXPECT_EQ(t.AppendSourceFailure("source", at), absl::OkStatus());
                ProofRecord proof = SampleProof(at == old ? 1 : 2);
                proof.expires_at = at;
                EXPECT_EQ(t.PutProof(proof), absl::OkStatus());
                AuthenticationMethodRecord begun = SampleMethod(at == old ? 1 : 2);
                begun.created_at = at;
                begun.confirmed_at.reset();
                EXPECT_EQ(t.PutAuthenticationMethod(begun), absl::OkStatus());
                EXPECT_EQ(t.CountCode("who", ProofPurpose::kSecondFactor, CodeEvent::kWrong, at),
                          absl::OkStatus());
                VerificationRecord used = SampleVerification(at == old ? "old" : "new", 1);
                used.state = VerificationState::kUsed;
                used.expires_at = at;
                EXPECT_EQ(t.InsertVerification(used), absl::OkStatus());
              }
              AuthenticationMethodRecord confirmed = SampleMethod(3);
              confirmed.created_at = old;
              EXPECT_EQ(t.PutAuthenticationMethod(confirmed), absl::OkStatus());
              VerificationRecord not_counted_yet = SampleVerification("open", 1);
              not_counted_yet.expires_at = old;
              EXPECT_EQ(t.InsertVerification(not_counted_yet), absl::OkStatus());
              for (const std::string& subject : {account, unknown_old, unknown_new}) {
                const absl::Time at = subject == unknown_new ? now : old;
                EXPECT_EQ(t.ReservePasswordAttempt(subject, "id", at), absl::OkStatus());
                EXPECT_EQ(t.SettlePasswordAttempt(subject, "", 12, at), absl::OkStatus());
              }
              return absl::OkStatus();
            }),
            absl::OkStatus());
  for (const Perishable what : kPerishables) {
    if (what == Perishable::kRevocations) continue;
    EXPECT_EQ(Write([&](Transaction& t) {
                EXPECT_EQ(t.Tidy(what, now, 9).value_or(-1), 1) << static_cast<int>(what);
                return absl::OkStatus();
              }),
              absl::OkStatus());
  }
  EXPECT_EQ(store_->Read([&](Transaction& t) {
    const auto find = [&](const char* id) {
      return t.FindReplay("local", "ResecureAccount", id, "session").status();
    };
    EXPECT_TRUE(absl::IsNotFound(find("request-1")));
    EXPECT_EQ(find("request-2"), absl::OkStatus());
    EXPECT_EQ(t.CountSourceFailures("source", old).value_or(-1), 1);
    EXPECT_EQ(t.ListImportedItems({"import", 1, 9})->at(0).item, 2);
    EXPECT_TRUE(absl::IsNotFound(t.FindProof("proof-1").status()));
    EXPECT_EQ(t.FindProof("proof-2").status(), absl::OkStatus());
    EXPECT_EQ(t.TallyCodes("who", ProofPurpose::kSecondFactor, CodeEvent::kWrong, old)->count, 1);
    const auto methods = *t.ListAuthenticationMethods(SampleAccount(1).id);
    EXPECT_EQ(methods.size(), 2u);
    EXPECT_EQ(methods.front().id, "method-3") << "it is confirmed";
    EXPECT_EQ(methods.back().id, "method-2") << "it is young";
    EXPECT_TRUE(absl::IsNotFound(t.FindVerification("old").status()));
    EXPECT_EQ(t.FindVerification("new").status(), absl::OkStatus());
    EXPECT_EQ(t.FindVerification("open").status(), absl::OkStatus());
    EXPECT_EQ(t.FindPasswordAttempts(unknown_old)->failures, 0);
    EXPECT_TRUE(t.FindPasswordAttempts(unknown_old)->pending.empty());
    for (const std::string& subject : {account, unknown_new}) {
      EXPECT_EQ(t.FindPasswordAttempts(subject)->failures, 12) << subject;
      EXPECT_EQ(t.FindPasswordAttempts(subject)->pending.size(), 1u) << subject;
    }
    return absl::OkStatus();
  }),
            absl::OkStatus());
}

TEST_P(AccountStoreContract, TidiesAtMostSoManyRowsAtOnceAndTellsHowMany) {
  ASSERT_EQ(Write([](Transaction& t) {
              absl::Status status;
              for (int i = 1; i <= 3 && status.ok(); ++i) {
                status = t.PutReplay(SampleReplay(i), SampleTime());
              }
              return status;
            }),
            absl::OkStatus());
  for (const std::int64_t expected : {2, 1, 0}) {
    EXPECT_EQ(Write([&](Transaction& t) {
                EXPECT_EQ(t.Tidy(Perishable::kReplays, SampleTime(9), 2).value_or(-1), expected);
                return absl::OkStatus();
              }),
              absl::OkStatus());
  }
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_LOGS_H_

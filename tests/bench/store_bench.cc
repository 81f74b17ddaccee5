// P8 and P12 of the performance page, and what it costs to find people, on the SQLite account
// store.
//
// P8: a resecure's transaction through the store against the same statements on SQLite's own
// interface, both with full durability, in turns. P12: what FindAccount, a page of accounts and a
// resecure cost with 1,000 accounts and with many, in turns. Finding: a page of those who have a
// part of their name or address in common, in an organisation of 1,000 of 10,000 accounts and of
// many, and in one of 30,000. Histories: a page of a person's of 100 events, and of 50,000.
//
//   build/release/bin/store_bench [accounts] [directory]      default: 1000000, .

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

#include "storage/account_store.h"
#include "tests/bench/paired.h"
#include "tests/bench/people.h"
#include "tests/bench/raw_resecure.h"

namespace gatehouse {
namespace {

using bench::Fill;
using bench::IdOf;
using bench::OrganisationOf;
using bench::Require;
using bench::UsernameOf;
using storage::AccountId;
using storage::AccountRecord;
using storage::AccountStore;
using storage::Transaction;

constexpr int kFew = 1000;
constexpr int kSome = 10'000;
constexpr int kUsualOrganisation = 1000;
constexpr int kLargeOrganisation = 30'000;
constexpr int kPage = 50;
const absl::Time kNow = absl::FromUnixSeconds(1'788'134'400);

bench::People Of(int accounts, int organisation_size = kUsualOrganisation) {
  return {.count = accounts, .organisation_size = organisation_size, .now = kNow};
}

std::unique_ptr<AccountStore> Open(const std::filesystem::path& path) {
  return bench::OpenDatabase(absl::StrCat("sqlite:", path.string()));
}

absl::Status WriteLogs(Transaction& t, const AccountRecord& actor, const AccountRecord& target,
                       int request) {
  storage::RevocationRecord revocation;
  revocation.kind = storage::RevocationKind::kMinimumEpoch;
  revocation.account_id = target.id;
  revocation.min_epoch = target.epoch;
  revocation.keep_until = kNow;
  Require(t.AppendRevocation(revocation).status());
  const auto head = t.LockAuditHead(target.organisation_id);
  Require(head.status());
  Require(t.AppendAudit({.organisation_id = target.organisation_id,
                         .sequence = head->sequence + 1,
                         .chain_sha256 = std::string(32, 'c'),
                         .time = kNow,
                         .actor_id = actor.id,
                         .actor_session_id = "session",
                         .caller = "local",
                         .action = "RESECURE_ACCOUNT",
                         .target_id = target.id,
                         .outcome = v1::AUDIT_OUTCOME_SUCCEEDED,
                         .reasons = {},
                         .policy_revision = "revision",
                         .details = {{"reason", "lost their secret"}}}));
  Require(t.AppendOutbox({.id = absl::StrCat("message-", request),
                          .account_id = target.id,
                          .kind = "notification",
                          .payload = std::string(150, 'p'),
                          .created_at = kNow,
                          .due_at = kNow,
                          .attempts = 0}));
  return t.PutReplay({.caller = "local",
                      .method = "ResecureAccount",
                      .request_id = absl::StrCat("request-", request),
                      .presenter = "session",
                      .payload_mac = std::string(32, 'm'),
                      .response = std::string(225, 'r'),
                      .created_at = kNow},
                     kNow - absl::Hours(24));
}

void Resecure(AccountStore& store, const AccountId& actor_id, const AccountId& target_id,
              int request) {
  Require(store.TransactRevoking([&](Transaction& t) {
    const auto replay =
        t.FindReplay("local", "ResecureAccount", absl::StrCat("request-", request), "session");
    const auto actor = t.FindAccount(actor_id);
    Require(actor.status());
    Require(t.IsSessionRevoked(actor_id, storage::SessionDigest(), 1, 1LL << 40).status());
    auto target = t.FindAccount(target_id);
    Require(target.status());
    Require(t.FindOrganisation(target->organisation_id).status());
    ++target->epoch;
    ++target->password.version;
    target->resecured_at = kNow;
    Require(t.UpdateAccount(*target));
    Require(t.AppendPasswordHistory(target_id, bench::kNobodysPhc, kNow));
    Require(t.AppendSecretHistory(target_id, bench::kNobodysPhc, kNow));
    return WriteLogs(t, *actor, *target, request);
  }));
}

enum class Clock { kWall, kCpu };

double Microseconds(Clock clock) {
  return clock == Clock::kCpu ? bench::ThreadCpuMicroseconds()
                              : absl::ToDoubleMicroseconds(absl::Now() - absl::UnixEpoch());
}

// A slice of `count` runs of `work`, each with a number of its own.
bench::Slice SliceOf(Clock clock, int count, std::function<void(int)> work) {
  return [clock, count, work = std::move(work), next = 0]() mutable {
    const double before = Microseconds(clock);
    for (int i = 0; i < count; ++i) work(next++);
    return (Microseconds(clock) - before) / count;
  };
}

void Print(const char* what, const char* a, const char* b, const bench::Comparison& result) {
  std::cout << absl::StrFormat("%-34s %s %s   %s %s   %s/%s %s\n", what, a,
                               bench::Format(result.a, 1), b, bench::Format(result.b, 1), b, a,
                               bench::Format(result.ratio))
            << std::flush;
}

// Account numbers in an order that visits all, far apart.
int Somewhere(int turn, int accounts) {
  return static_cast<int>((static_cast<std::uint64_t>(turn) * 7'368'787 + 1) %
                          static_cast<std::uint64_t>(accounts));
}

void CompareWithRaw(const std::filesystem::path& directory) {
  auto store = Open(directory / "store.db");
  Fill(*store, Of(kFew));
  Fill(*Open(directory / "raw.db"), Of(kFew));
  bench::RawResecure raw((directory / "raw.db").string());
  int request = 0;
  const auto through_store = [&](int turn) {
    Resecure(*store, IdOf(0), IdOf(Somewhere(turn, kFew)), ++request);
  };
  const auto straight = [&](int turn) {
    raw.Run(IdOf(0).value(), IdOf(Somewhere(turn, kFew)).value(), ++request);
  };
  constexpr int kTransactions = 300;
  for (const Clock clock : {Clock::kWall, Clock::kCpu}) {
    const char* const unit = clock == Clock::kWall ? "resecure, wall us" : "resecure, CPU us";
    Print(absl::StrCat(unit, ", A/A").c_str(), "raw", "raw",
          bench::Compare(SliceOf(clock, kTransactions, straight),
                         SliceOf(clock, kTransactions, straight)));
    Print(unit, "store", "raw",
          bench::Compare(SliceOf(clock, kTransactions, through_store),
                         SliceOf(clock, kTransactions, straight)));
  }
}

// A database of so many people.
struct Town {
  Town(const std::filesystem::path& path, const bench::People& of) : people(of), store(Open(path)) {
    const absl::Time start = absl::Now();
    Fill(*store, people);
    std::cout << "filled " << people.count << " accounts in " << absl::Now() - start << ", "
              << std::filesystem::file_size(path) / 1'000'000 << " MB\n";
  }

  bench::People people;
  std::unique_ptr<AccountStore> store;
};

// Whose name or address holds `part`, in the organisation of the person at hand.
void Search(const Town& town, int person, const std::string& part, bool has_some) {
  Require(town.store->Read([&](Transaction& t) {
    storage::AccountFilter filter;
    filter.organisation_id = OrganisationOf(town.people, person);
    filter.name_part = part;
    filter.limit = kPage + 1;
    const auto found = t.ListAccounts(filter);
    return found.ok() && found->empty() != has_some ? absl::OkStatus()
                                                    : absl::InternalError("found too few, or many");
  }));
}

void CompareSearches(const Town& some, const char* name, const Town& other) {
  constexpr int kSearches = 50;
  struct Kind {
    const char* what;
    std::function<std::string(const AccountRecord&)> part;
    bool has_some = true;
  };
  // Without its first letter: a part, not a prefix.
  const auto rest = [](const std::string& text) { return text.substr(1); };
  for (const Kind& kind :
       {Kind{"part of a family name", [&](const auto& a) { return rest(a.profile.family_name); }},
        Kind{"part of an address", [&](const auto& a) { return rest(a.profile.contact_email); }},
        Kind{"part that all have", [](const auto&) { return "isplay"; }},
        Kind{"part that nobody has", [](const auto&) { return "zzz"; }, false}}) {
    const auto slice = [&kind](const Town& town) {
      return SliceOf(Clock::kCpu, kSearches, [&kind, &town](int turn) {
        const int person = Somewhere(turn, town.people.count);
        Search(town, person, kind.part(bench::NewAccount(town.people, person)), kind.has_some);
      });
    };
    Print(absl::StrCat(kind.what, ", CPU us").c_str(), "some", name,
          bench::Compare(slice(some), slice(other)));
  }
}

void WriteHistory(AccountStore& store, const AccountRecord& of, int events) {
  Require(store.Transact([&](Transaction& t) {
    const auto head = t.LockAuditHead(of.organisation_id);
    Require(head.status());
    for (int i = 1; i <= events; ++i) {
      Require(t.AppendAudit({.organisation_id = of.organisation_id,
                             .sequence = head->sequence + i,
                             .chain_sha256 = std::string(32, 'c'),
                             .time = kNow + absl::Seconds(i),
                             .actor_id = {},
                             .actor_session_id = "",
                             .caller = "local",
                             .action = "SIGN_IN",
                             .target_id = of.id,
                             .outcome = v1::AUDIT_OUTCOME_SUCCEEDED,
                             .reasons = {},
                             .policy_revision = "revision",
                             .details = {{"source", "192.0.2.7"}}}));
    }
    return absl::OkStatus();
  }));
}

// The latest page of a person's timeline, of whom little or much is on record.
void CompareHistories(const Town& town) {
  constexpr int kShort = 100, kLong = 50'000;
  const AccountRecord little = bench::NewAccount(town.people, 1);
  const AccountRecord much = bench::NewAccount(town.people, 2);
  WriteHistory(*town.store, little, kShort);
  WriteHistory(*town.store, much, kLong);
  const auto slice = [&town](const AccountRecord& of) {
    return SliceOf(Clock::kCpu, 200, [&town, &of](int) {
      Require(town.store->Read([&](Transaction& t) {
        const auto events = t.ListTimeline({.organisation_id = of.organisation_id,
                                            .account_id = of.id,
                                            .start = std::nullopt,
                                            .end = std::nullopt,
                                            .before = std::nullopt,
                                            .limit = kPage + 1});
        return events.ok() && events->size() == kPage + 1 ? absl::OkStatus()
                                                          : absl::InternalError("a short page");
      }));
    });
  };
  Print("page of 50 of a history, CPU us", "short", "long",
        bench::Compare(slice(little), slice(much)));
}

void CompareGrowth(const Town& few, const Town& many) {
  using Query = std::function<void(AccountStore&, int, int)>;
  const auto compare = [&](const char* what, int count, const Query& query) {
    const auto slice = [&](const Town& town) {
      return SliceOf(Clock::kCpu, count,
                     [&](int turn) { query(*town.store, town.people.count, turn); });
    };
    Print(what, "few", "many", bench::Compare(slice(few), slice(many)));
  };
  const auto read = [](AccountStore& store, storage::TransactionBody body) {
    Require(store.Read(body));
  };
  compare("FindAccount, CPU us", 5000, [&](AccountStore& store, int size, int turn) {
    read(store,
         [&](Transaction& t) { return t.FindAccount(IdOf(Somewhere(turn, size))).status(); });
  });
  compare("FindAccountByUsername, CPU us", 5000, [&](AccountStore& store, int size, int turn) {
    const std::string name = UsernameOf(Somewhere(turn, size));
    read(store, [&](Transaction& t) { return t.FindAccountByUsername(name).status(); });
  });
  const auto page = [&](AccountStore& store, const storage::AccountFilter& filter) {
    read(store, [&](Transaction& t) {
      const auto accounts_found = t.ListAccounts(filter);
      return accounts_found.ok() && !accounts_found->empty() ? absl::OkStatus()
                                                             : absl::InternalError("an empty page");
    });
  };
  compare("page of 50 of all, CPU us", 200, [&](AccountStore& store, int, int) {
    storage::AccountFilter filter;
    filter.after_username = "user.4";
    filter.limit = kPage;
    page(store, filter);
  });
  compare("page of 50 of an organisation", 200, [&](AccountStore& store, int size, int turn) {
    storage::AccountFilter filter;
    filter.organisation_id = OrganisationOf(Of(size), Somewhere(turn, size));
    filter.limit = kPage;
    page(store, filter);
  });
  compare("prefix in an organisation, CPU us", 200, [&](AccountStore& store, int size, int turn) {
    storage::AccountFilter filter;
    filter.organisation_id = OrganisationOf(Of(size), Somewhere(turn, size));
    filter.name_prefix = "family";
    filter.limit = kPage;
    page(store, filter);
  });
  int request = 0;
  compare("resecure, CPU us", 300, [&](AccountStore& store, int size, int turn) {
    Resecure(store, IdOf(0), IdOf(Somewhere(turn, size)), ++request);
  });
}

int Run(int accounts, const std::filesystem::path& parent) {
  const std::filesystem::path directory =
      parent / absl::StrCat("store_bench.", absl::ToUnixMicros(absl::Now()));
  std::filesystem::create_directories(directory);
  CompareWithRaw(directory);
  const Town few(directory / "few.db", Of(kFew));
  CompareHistories(few);
  const Town some(directory / "some.db", Of(kSome));
  {
    const Town large(directory / "large.db", Of(kLargeOrganisation, kLargeOrganisation));
    CompareSearches(some, "large", large);
  }
  const Town many(directory / "many.db", Of(accounts));
  CompareSearches(some, "many", many);
  CompareGrowth(few, many);
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) {
  int accounts = 1'000'000;
  if (argc > 1 && (!absl::SimpleAtoi(argv[1], &accounts) || accounts < 1000)) {
    std::cerr << "usage: store_bench [accounts, at least 1000] [directory]\n";
    return 2;
  }
  return gatehouse::Run(accounts, argc > 2 ? argv[2] : ".");
}

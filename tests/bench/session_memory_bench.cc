// P10 of the performance page: what sessions cost Redis, client descriptions apart. Told by
// used_memory, which counts everything (keys, dictionaries, expiries), and by MEMORY USAGE, which
// leaves the dictionaries' tables and the expiry out. Every session is written by the real store.
//
//   build/release/bin/session_memory_bench [accounts]

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "tests/contract/redis_fixture.h"
#include "tests/contract/session_samples.h"

namespace gatehouse::storage {
namespace {

constexpr int kThreads = 32;

std::int64_t UsedMemory(const harness::RedisProcess& redis) {
  const std::string info = redis.Command({"INFO", "memory"});
  for (absl::string_view line : absl::StrSplit(info, "\r\n")) {
    std::int64_t bytes = 0;
    if (absl::ConsumePrefix(&line, "used_memory:") && absl::SimpleAtoi(line, &bytes)) return bytes;
  }
  std::cerr << "Redis does not tell its memory\n";
  std::exit(1);
}

AccountId RandomAccount() {
  std::string bytes(16, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return AccountId(absl::WebSafeBase64Escape(bytes));
}

SessionRecord RandomSession(const AccountId& account) {
  SessionRecord session = SampleSession(0);
  std::array<std::uint8_t, SessionDigest::kSize> digest;
  randombytes_buf(digest.data(), digest.size());
  std::string organisation(16, '\0');
  randombytes_buf(organisation.data(), organisation.size());
  session.key = {.account_id = account, .digest = SessionDigest(digest)};
  session.organisation_id = OrganisationId(absl::WebSafeBase64Escape(organisation));
  return session;
}

void Put(RedisSessionStore& store, const std::vector<AccountId>& accounts, int sessions_each) {
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::size_t i = thread; i < accounts.size(); i += kThreads) {
        for (int n = 0; n < sessions_each; ++n) {
          const absl::Status status = store.Put(RandomSession(accounts[i]), {}, Soon());
          if (!status.ok()) {
            std::cerr << status << "\n";
            std::exit(1);
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

std::int64_t MemoryUsage(const harness::RedisProcess& redis, const AccountId& account) {
  return std::stoll(redis.Command({"MEMORY", "USAGE", absl::StrCat("gh:{", account.value(), "}")}));
}

void Run(std::size_t count) {
  harness::RedisProcess redis;
  const auto store = ConnectedStore(redis);
  std::vector<AccountId> accounts;
  for (std::size_t i = 0; i < count; ++i) accounts.push_back(RandomAccount());

  const std::int64_t empty = UsedMemory(redis);
  Put(*store, accounts, 1);
  const std::int64_t one_each = UsedMemory(redis);
  std::cout << absl::StreamFormat(
      "%d accounts with one session each: %.1f bytes an account of used_memory, %d by MEMORY "
      "USAGE (target 220)\n",
      count, static_cast<double>(one_each - empty) / static_cast<double>(count),
      MemoryUsage(redis, accounts.front()));

  const std::vector<AccountId> busy(accounts.begin(),
                                    accounts.begin() + static_cast<std::ptrdiff_t>(count / 100));
  int sessions = 1;
  for (const int more : {1, 2, 4, 8, 16, 32, 64}) {
    const std::int64_t before = UsedMemory(redis);
    Put(*store, busy, more);
    sessions += more;
    std::cout << absl::StreamFormat(
        "sessions %3d to %3d: %.1f bytes a session (target 120)\n", sessions - more + 1, sessions,
        static_cast<double>(UsedMemory(redis) - before) /
            static_cast<double>(busy.size() * static_cast<std::size_t>(more)));
  }
  std::cout << absl::StreamFormat(
      "all %d further sessions: %.1f bytes each by MEMORY USAGE, encoding %s\n", sessions - 1,
      static_cast<double>(MemoryUsage(redis, busy.front()) - MemoryUsage(redis, accounts.back())) /
          (sessions - 1),
      redis.Command({"OBJECT", "ENCODING", absl::StrCat("gh:{", busy.front().value(), "}")}));
}

}  // namespace
}  // namespace gatehouse::storage

int main(int argc, char** argv) {
  if (sodium_init() < 0) return 1;
  gatehouse::storage::Run(argc > 1 ? std::stoul(argv[1]) : 100'000);
  return 0;
}

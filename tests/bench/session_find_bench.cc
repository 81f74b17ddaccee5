// The Redis part of P2 of the performance page: CPU microseconds a find, in this process and in
// Redis together, by how many finds are asked for at once. Every answer is checked.
//
//   build/release/bin/session_find_bench [finds]

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "tests/contract/redis_fixture.h"
#include "tests/contract/session_samples.h"

namespace gatehouse::storage {
namespace {

constexpr int kAccounts = 20'000;

// Nanoseconds on a CPU, all threads of this process; of another, by the kernel's own account.
double OwnCpu() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) * 1e9 + static_cast<double>(spent.tv_nsec);
}

double CpuOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/schedstat"));
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds;
}

SessionRecord Session(int number) {
  SessionRecord session = SampleSession(number);
  session.key.account_id = AccountId(absl::StrFormat("account%015d", number));
  session.epoch = number;
  return session;
}

// Asks for `burst` sessions at once, waits for all, and again.
void Find(RedisSessionStore& store, const std::vector<SessionKey>& keys, int finds, int burst) {
  std::counting_semaphore<> answered(0);
  std::atomic<int> left = 0;
  std::size_t next = 0;
  for (int asked = 0; asked < finds; asked += burst) {
    left = burst;
    for (int i = 0; i < burst; ++i) {
      next = (next * 1'103'515'245 + 12'345) % keys.size();
      store.Find(keys[next], Soon(), [&, number = next](const absl::StatusOr<FoundSession>& found) {
        if (!found.ok() || found->record.epoch != static_cast<std::int64_t>(number)) {
          std::cerr << "a wrong answer: " << found.status() << "\n";
          std::exit(1);
        }
        if (left.fetch_sub(1) == 1) answered.release();
      });
    }
    answered.acquire();
  }
}

void Run(int finds) {
  harness::RedisProcess redis;
  const auto store = ConnectedStore(redis);
  std::vector<SessionKey> keys;
  for (int i = 0; i < kAccounts; ++i) {
    const SessionRecord session = Session(i);
    keys.push_back(session.key);
    if (!store->Put(session, {}, Soon()).ok()) std::exit(1);
  }
  for (const int burst : {1, 4, 16, 64, 256, 1024}) {
    const int asked = burst == 1 ? finds / 10 : finds;
    const double own_before = OwnCpu();
    const double redis_before = CpuOf(redis.process().pid());
    const auto batches_before = store->batches_sent();
    const auto start = std::chrono::steady_clock::now();
    Find(*store, keys, asked, burst);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double own = (OwnCpu() - own_before) / 1e3 / asked;
    const double of_redis = (CpuOf(redis.process().pid()) - redis_before) / 1e3 / asked;
    const auto batches = static_cast<double>(store->batches_sent() - batches_before);
    std::cout << absl::StreamFormat(
        "%4d at once: %6.2f us CPU a find (%5.2f here, %5.2f in Redis), %7.0f finds a second, "
        "%6.1f finds a batch\n",
        burst, own + of_redis, own, of_redis, asked / took.count(), asked / batches);
  }
}

}  // namespace
}  // namespace gatehouse::storage

int main(int argc, char** argv) {
  gatehouse::storage::Run(argc > 1 ? std::stoi(argv[1]) : 200'000);
  return 0;
}

// P11 and the part of P10 that is the server's: from exec until health says SERVING, over a warm
// database (it was written just before, so that the system has it in memory), and what the process
// keeps in memory when nobody asks it anything.
//
//   build/release/bin/start_bench [accounts] [starts]

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "tests/bench/paired.h"
#include "tests/bench/people.h"
#include "tests/bench/wire_load.h"

namespace gatehouse::bench {
namespace {

void Run(int accounts, int starts) {
  PinnedSystem system({});
  const absl::Time filling = absl::Now();
  Fill(*OpenDatabase(system.server().database()), {.count = accounts, .now = filling});
  const std::string file = system.server().database().substr(std::string("sqlite:").size());
  std::cout << accounts << " accounts written in " << absl::Now() - filling << ", "
            << std::filesystem::file_size(file) / 1'000'000 << " MB\n"
            << std::flush;

  std::vector<double> milliseconds;
  std::vector<double> mebibytes;
  for (int i = -1; i < starts; ++i) {
    const absl::Time before = absl::Now();
    system.Start();
    const absl::Duration took = absl::Now() - before;
    // A few rounds of what a server does by itself.
    absl::SleepFor(absl::Seconds(1));
    const double resident = MemoryMebibytes(system.server().process().pid(), "VmRSS");
    system.server().Terminate();
    if (i < 0) continue;
    milliseconds.push_back(absl::ToDoubleMilliseconds(took));
    mebibytes.push_back(resident);
  }
  std::cout << starts << " starts, one more before that does not count; median [bootstrap 95 % "
            << "interval]\n  exec to SERVING  " << Format(MedianWithInterval(milliseconds), 0)
            << " ms (P11: <= 200)\n  RSS at rest      " << Format(MedianWithInterval(mebibytes), 1)
            << " MiB (P10: <= 64)\n";
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 1'000'000,
                        argc > 2 ? std::atoi(argv[2]) : 15);
  return 0;
}

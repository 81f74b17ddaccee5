// An import through the real binaries: gatehousectl reads a file of people with bcrypt hashes, as
// another system would hand them over, and the server, on SQLite, is killed (kill -9) when half of
// them are in and started again. Prints the time of it all, the server's work and memory, and
// whether everybody is in once.
//
//   build/release/bin/import_bench [people]

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

#include "clients/cli/credentials_file.h"
#include "tests/bench/wire_load.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/fatal.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::bench {
namespace {

constexpr char kHash[] = "$2b$12$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

std::string WritePeople(const harness::TemporaryDirectory& directory, int people) {
  std::string path = (directory / "people.jsonl").string();
  std::ofstream file(path);
  for (int i = 1; i <= people; ++i) {
    file << R"({"username":"person.)" << i << R"(","profile":{"given_name":"Given)" << i
         << R"(","family_name":"Family)" << i << R"(","display_name":"Given)" << i << " Family" << i
         << R"(","contact_email":"person.)" << i << R"(@example.org"},"password_hash":")" << kHash
         << "\"}\n";
  }
  return path;
}

// User and system time of a process so far.
double CpuSeconds(pid_t process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/stat"));
  std::string text;
  std::getline(file, text);
  const std::vector<std::string> fields = absl::StrSplit(text.substr(text.rfind(')')), ' ');
  double ticks = 0;
  for (const size_t field : {12, 13}) {
    double value = 0;
    if (absl::SimpleAtod(fields.at(field), &value)) ticks += value;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// A file that grows, without reading any of it twice.
class GrowingFile {
 public:
  explicit GrowingFile(std::string path) : path_(std::move(path)) {}

  int64_t Lines() {
    if (!file_.is_open()) file_.open(path_);
    file_.clear();
    lines_ += std::count(std::istreambuf_iterator<char>(file_), {}, '\n');
    return lines_;
  }

 private:
  const std::string path_;
  std::ifstream file_;
  int64_t lines_ = 0;
};

// What the server did and held, over both of its lives.
struct Server {
  double cpu_seconds = 0;
  double mebibytes = 0;  // of its own, apart from the database that it maps

  void Note(harness::ServerProcess& server) {
    cpu_seconds += CpuSeconds(server.process().pid());
    mebibytes = std::max(mebibytes, MemoryMebibytes(server.process().pid(), "RssAnon"));
  }
};

void ExpectEverybodyOnce(const std::string& results, int people) {
  std::set<std::string> ids;
  std::ifstream file(results);
  for (std::string line; std::getline(file, line);) {
    const size_t at = line.find("\"account_id\":\"");
    if (at == std::string::npos) harness::Fatal(line);
    ids.insert(line.substr(at + 14, 22));
  }
  if (ids.size() != static_cast<size_t>(people)) {
    harness::Fatal(absl::StrCat(ids.size(), " accounts of ", people));
  }
}

void Run(int people) {
  e2e::StaffedServer service;
  const harness::TemporaryDirectory directory;
  const std::string file = WritePeople(directory, people);
  const std::string results = file + ".results.jsonl";
  const std::string credentials = (directory / "credentials").string();
  if (!cli::CredentialsFile(credentials)
           .Keep(service.server().address(), service.national_operator().token())
           .ok()) {
    harness::Fatal("the operator's token cannot be kept");
  }

  Server server;
  const absl::Time began = absl::Now();
  harness::ChildProcess import(
      {.arguments = {harness::BinaryPath("gatehousectl"), "--server", service.server().address(),
                     "--credentials", credentials, "import", file, "--organisation",
                     "Riverside Trust"},
       .log = directory / "import.log"});
  GrowingFile told(results);
  harness::WaitUntil([&] { return told.Lines() >= people / 2; }, absl::Hours(1));
  const absl::Duration half = absl::Now() - began;
  server.Note(service.server());
  service.server().Kill9();
  service.Restart();
  const int exit_code = import.Wait(absl::Hours(1));
  const absl::Duration all = absl::Now() - began;
  server.Note(service.server());
  if (exit_code != 0) harness::Fatal(import.LogText());
  ExpectEverybodyOnce(results, people);

  std::cout << people << " people in " << absl::FormatDuration(all) << ", the first half in "
            << absl::FormatDuration(half) << " ("
            << static_cast<int>(people / 2 / absl::ToDoubleSeconds(half))
            << "/s); killed once, and everybody is in once\n  server: " << server.cpu_seconds
            << " s of CPU, " << 1e6 * server.cpu_seconds / people << " µs a person, "
            << server.mebibytes << " MiB of its own at the end\n";
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
  gatehouse::bench::Run(argc > 1 ? std::atoi(argv[1]) : 100'000);
  return 0;
}

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"
#include "tests/tidy/named_tests.h"
#include "tests/tidy/rules.h"
#include "tests/tidy/source_file.h"

namespace gatehouse::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPurpose[] =
    "// What it is for, who owns it, which threads may use it, and how it fails.\n";

TEST(TidyTest, ThisTreeKeepsTheRulesOfTheHouse) {
  const std::vector<std::string> faults = FaultsBelow(GATEHOUSE_SOURCE_DIR);
  EXPECT_TRUE(faults.empty()) << faults.size() << " faults:\n" << absl::StrJoin(faults, "\n");
}

TEST(NamedTestsTest, EveryTestThatTheWalkThroughTheSeedsNamesIsThere) {
  const std::vector<std::string> faults =
      FaultsOfNamedTests(GATEHOUSE_SOURCE_DIR "/tests/README.md");
  EXPECT_TRUE(faults.empty()) << absl::StrJoin(faults, "\n");
}

TEST(NamedTestsTest, WhatIsNotThereIsTold) {
  harness::TemporaryDirectory tests;
  std::filesystem::create_directories(tests / "e2e");
  tests.Write("e2e/a_test.cc", "TEST_F(DoorTest,\n       Opens) {}\nTEST(DoorTest, Shuts) {}\n");
  const auto page = tests.Write("README.md",
                                "| opens | `e2e/a_test.cc` `DoorTest.Opens`, `DoorTest.Shuts` |\n"
                                "| rings | `e2e/a_test.cc` `DoorTest.Rings` |\n"
                                "| burns | `e2e/b_test.cc` |\n");
  EXPECT_THAT(FaultsOfNamedTests(page),
              ElementsAre("README.md:2: none of the files named has DoorTest.Rings",
                          "README.md:3: there is no e2e/b_test.cc"));
  EXPECT_THAT(FaultsOfNamedTests(tests.Write("README.md", "nothing\n")),
              ElementsAre("README.md:1: names no test"));
}

struct Case {
  std::string name;
  std::string path;
  std::string text;
  std::string fault;  // Empty: none.
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string Name(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

class RuleTest : public ::testing::TestWithParam<Case> {};

TEST_P(RuleTest, FindsExactlyThatFault) {
  const Case& c = GetParam();
  const std::vector<std::string> faults = FaultsOf(SourceFile(c.path, c.text));
  if (c.fault.empty()) {
    EXPECT_THAT(faults, IsEmpty());
  } else {
    EXPECT_THAT(faults, ElementsAre(HasSubstr(c.fault)));
  }
}

std::string Including(const std::string& name) { return absl::StrCat("#include \"", name, "\"\n"); }

INSTANTIATE_TEST_SUITE_P(
    Layers, RuleTest,
    ::testing::ValuesIn(std::vector<Case>{
        {"PolicyMayUseAbseil", "policy/a.cc", Including("absl/time/time.h"), ""},
        {"PolicyKnowsNoStorage", "policy/cel/a.cc", Including("storage/account_store.h"),
         "policy/cel/a.cc:1: policy/ must not include storage/account_store.h"},
        {"PolicyKnowsNoFiles", "policy/a.cc", "#include <fstream>\n", "must not need <fstream>"},
        {"PolicyKnowsNoGrpc", "policy/a.cc", Including("grpcpp/grpcpp.h"),
         "must not include grpcpp/"},
        {"ThePolicyToolMayReadFiles", "policy/tool/a.cc", "#include <fstream>\n", ""},
        {"ThePolicyToolKnowsNoStorage", "policy/tool/a.cc", Including("storage/records.h"),
         "policy/tool/ must not include storage/records.h"},
        {"PortsKnowNoDriver", "storage/account_store.h", kPurpose + Including("soci/soci.h"),
         "storage/account_store.h:2: storage/ must not include soci/soci.h"},
        {"PortsKnowNoServer", "storage/a.cc", Including("server/runtime/clock.h"),
         "must not include"},
        {"PortsDoNoIo", "storage/a.cc", "#include <sys/socket.h>\n",
         "must not include sys/socket.h"},
        {"AStoreMayDoIo", "storage/redis/a.cc", "#include <sys/socket.h>\n", ""},
        {"OneStoreKnowsNotTheOther", "storage/sql/a.cc", Including("storage/redis/connection.h"),
         "storage/sql/ must not include storage/redis/connection.h"},
        {"AStoreKnowsItsPort", "storage/redis/a.cc", Including("storage/session_store.h"), ""},
        {"RecordsAreMessagesNotStubs", "storage/a.cc",
         Including("gatehouse/v1/account_service.grpc.pb.h"), "must not include"},
        {"OperationsKnowPorts", "server/operations/a.cc", Including("storage/account_store.h"), ""},
        {"OperationsKnowNoConcreteStore", "server/operations/a.cc",
         Including("storage/memory/memory_account_store.h"),
         "server/operations/ must not include storage/memory/"},
        {"ARoomOfOperationsKnowsThoseBeforeIt", "server/operations/recovery/a.cc",
         Including("server/operations/errors.h") + Including("server/operations/call/mutation.h"),
         ""},
        {"ARoomOfOperationsKnowsNoneBehindIt", "server/operations/call/a.cc",
         Including("server/operations/recovery/password_reset.h"),
         "server/operations/call/ must not include server/operations/recovery/"},
        {"WhatLiesOpenKnowsNoRoom", "server/operations/a.h",
         kPurpose + Including("server/operations/call/mutation.h"), "must not include"},
        {"OperationsKnowNoGrpc", "server/operations/a.cc", Including("grpcpp/support/status.h"),
         "must not include grpcpp/"},
        {"RpcKnowsNoStore", "server/rpc/a.cc", Including("storage/account_store.h"),
         "must not include"},
        {"TheAssemblyKnowsEverything", "server/assembly.cc",
         Including("storage/sql/sql_account_store.h") + Including("grpcpp/grpcpp.h"), ""},
        {"TheServerKnowsNoClient", "server/main.cc", Including("clients/cli/views/table.h"),
         "must not include"},
        {"ClientsKnowTheContractAlone", "clients/cli/a.cc",
         Including("gatehouse/v1/account_service.grpc.pb.h") + Including("policy/decision.h"),
         "clients/cli/a.cc:2: clients/ must not include policy/decision.h"},
        {"ViewsKnowNoConnection", "clients/cli/views/a.cc",
         Including("clients/cli/views/look.h") + Including("clients/cli/connection.h"),
         "clients/cli/views/a.cc:2: clients/cli/views/ must not include clients/cli/connection.h"},
        {"TestsSeeEverything", "tests/e2e/a.cc", Including("server/assembly.h"), ""},
    }),
    Name);

INSTANTIATE_TEST_SUITE_P(Text, RuleTest,
                         ::testing::ValuesIn(std::vector<Case>{
                             {"AHeaderWithoutItsPurpose", "policy/a.h", "#ifndef A\n",
                              "a header opens with a paragraph"},
                             {"AHeaderWithAStubOfAPurpose", "policy/a.h",
                              "// Some things.\n//\n\n// And a function that does something.\n",
                              "a header opens with a paragraph"},
                             {"AHeaderWithItsPurpose", "policy/a.h", kPurpose, ""},
                             {"AFileOf600Lines", "policy/a.cc", std::string(600, '\n'), ""},
                             {"AFileOf601Lines", "policy/a.cc", std::string(601, '\n'),
                              "policy/a.cc:601: longer than 600"},
                             {"SomethingLeftForLater", "deploy/run",
                              "one\n# TO"
                              "DO: two\n",
                              "deploy/run:2: TO"
                              "DO"},
                             {"ASecretThatPrints", "server/secrets/a.cc",
                              "std::string ToString();\n", "nothing secret"},
                         }),
                         Name);

INSTANTIATE_TEST_SUITE_P(
    Calls, RuleTest,
    ::testing::ValuesIn(std::vector<Case>{
        {"ASleepInATest", "tests/e2e/a.cc", "\nabsl::SleepFor(absl::Seconds(1));\n",
         "tests/e2e/a.cc:2: sleeping is no synchronisation"},
        {"ASleepInThreadsWords", "tests/a.cc", "std::this_thread::sleep_for(1s);\n", "sleeping"},
        {"ASleepInWords", "tests/a.cc", "// sleep(1) would be flaky\n/* sleep(1)\n */\n", ""},
        {"ASleepInAString", "tests/a.cc", "Run(\"sleep(1)\", R\"(sleep(2) \")\");\n", ""},
        {"ASleepAfterAString", "tests/a.cc", "Run(\"\\\"\"); sleep(1);\n", "sleeping"},
        {"ASleepAfterADigitSeparator", "tests/a.cc", "f(1'000); sleep(1); f('\"');\n", "sleeping"},
        {"WaitingForACondition", "tests/harness/wait.cc", "absl::SleepFor(pause);\n", ""},
        {"ASleepInTheServer", "server/operations/a.cc", "absl::SleepFor(pause);\n", "sleeping"},
        {"ABackOff", "storage/sql/sql_account_store.cc", "absl::SleepFor(pause);\n", ""},
        {"AClockInTheRevocationLog", "server/revocation/a.cc",
         "clock_gettime(CLOCK_BOOTTIME, &now);\n", "time is passed in"},
        {"TheClock", "server/runtime/clock.cc", "clock_gettime(CLOCK_BOOTTIME, &now);\n", ""},
        {"ARandomNumberInASecret", "server/secrets/a.cc", "randombytes_buf(key, 32);\n",
         "randomness is passed in"},
        {"AFuzzerThatNamesNothing", "tests/fuzz/a.cc", "using namespace gatehouse;\n",
         "name what is used"},
        {"AClockInAnOperation", "server/operations/a.cc", "auto now = absl::Now();\n",
         "time is passed in"},
        {"ARandomNumberInAStore", "storage/sql/a.cc", "std::mt19937 dice;\n",
         "randomness is passed in"},
        {"ATestThatDoesNotRun", "tests/a.cc", "GTEST_SKIP() << 1;\n", "proves nothing"},
    }),
    Name);

TEST(FaultsBelowTest, ReadsOwnFoldersAlone) {
  harness::TemporaryDirectory root;
  for (const char* folder : {"policy/cel", "build/debug", "clients/node/node_modules"}) {
    std::filesystem::create_directories(root / folder);
  }
  const std::string marked =
      "// FIX"
      "ME\n";
  root.Write("policy/cel/lexer.cc", marked);
  root.Write("policy/cel/picture.png", marked);
  root.Write("build/debug/generated.cc", marked);
  root.Write("clients/node/node_modules/theirs.cc", marked);
  EXPECT_THAT(FaultsBelow(root.path()), ElementsAre(HasSubstr("policy/cel/lexer.cc:1: ")));
}

}  // namespace
}  // namespace gatehouse::tidy

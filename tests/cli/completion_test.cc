#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "CLI/CLI.hpp"
#include "clients/cli/commands/commands.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Script(const std::string& shell) {
  Invocation invocation;
  CLI::App app("", "gatehousectl");
  AddEverything(app, invocation);
  ::testing::internal::CaptureStdout();
  app.parse("completion " + shell, false);
  return ::testing::internal::GetCapturedStdout();
}

// What bash offers after `words`, of which the last one is being typed.
std::string Offered(const std::string& words) {
  harness::TemporaryDirectory directory;
  directory.Write("script", Script("bash"));
  const std::string test = "source " + (directory / "script").string() + "; COMP_WORDS=(" + words +
                           "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _gatehousectl; " +
                           "echo \" ${COMPREPLY[*]} \"";
  harness::ChildProcess bash({.arguments = {"bash", "-c", test}, .log = directory / "log"});
  EXPECT_EQ(bash.Wait(), 0);
  return bash.LogText();
}

TEST(CompletionTest, OffersCommandsThenTheirOwnSubcommandsAndFlags) {
  EXPECT_THAT(Offered("gatehousectl a"), HasSubstr(" account audit "));
  EXPECT_THAT(Offered("gatehousectl account re"), HasSubstr(" resecure reset-password "));
  EXPECT_THAT(Offered("gatehousectl account resecure asha.patel --a"), HasSubstr(" --attest "));
}

TEST(CompletionTest, AnArgumentThatIsNamedLikeACommandMisleadsNobody) {
  EXPECT_THAT(Offered("gatehousectl account show audit --"), Not(HasSubstr("--since")));
}

TEST(CompletionTest, ZshGetsItsOwnFrame) {
  EXPECT_THAT(Script("zsh"), HasSubstr("compdef _gatehousectl gatehousectl"));
}

}  // namespace
}  // namespace gatehouse::cli

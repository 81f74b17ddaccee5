// Lines of a file of accounts to be imported.
#include "clients/cli/commands/import_file.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gatehouse::cli {
namespace {

TEST(ImportFileTest, WhatExportTellsOfALivingAccountIsLeftOutAndOneThatWasEndedIsRefused) {
  for (const auto& [status, taken] : {std::pair{"ACTIVE", true},
                                      {"INACTIVE", true},
                                      {"PENDING", true},
                                      {"DISABLED", false},
                                      {"DELETED", false},
                                      {"PURGED", false}}) {
    const std::string line =
        absl::StrCat("{\"account_id\":\"a\",\"username\":\"sam.osei\",\"status\":\"ACCOUNT_STATUS_",
                     status, "\"}");
    const auto account = ParseImportedAccount(line, 7);
    EXPECT_EQ(account.ok(), taken) << status << ": " << account.status();
    EXPECT_EQ(account.ok() ? account->username() : "sam.osei", "sam.osei");
  }
}

TEST(ImportFileTest, ALineThatNoServerTakesIsRefusedByItself) {
  const auto with_hash_of = [](size_t size) {
    return ParseImportedAccount(
        absl::StrCat("{\"password_hash\":\"", std::string(size, 'x'), "\"}"), 1);
  };
  EXPECT_EQ(with_hash_of(1'000'000).status(), absl::OkStatus());
  EXPECT_TRUE(absl::IsInvalidArgument(with_hash_of(1 << 20).status()));
}

}  // namespace
}  // namespace gatehouse::cli

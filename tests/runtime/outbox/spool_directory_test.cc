#include "server/runtime/outbox/spool_directory.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

outbox::v1::Message SampleMessage(const std::string& id = "7Qm2") {
  outbox::v1::Message message;
  message.set_message_id(id);
  message.set_account_id("account");
  message.set_kind("ACCOUNT_RESECURED");
  message.mutable_to()->set_email("asha.patel@example.org");
  message.set_display_name("Asha \"Ash\" Patel\n");
  message.mutable_time()->set_seconds(1795269731);
  message.mutable_time()->set_nanos(402000000);
  (*message.mutable_details())["role"] = "LOCAL_ADMIN";
  return message;
}

class SpoolDirectoryTest : public testing::Test {
 protected:
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const harness::TemporaryDirectory directory_;
  const std::string path_ = (directory_ / "spool").string();
};

TEST_F(SpoolDirectoryTest, AMessageIsOneFileOfJsonForTheServersUserAlone) {
  const auto spool = SpoolDirectory::Open(path_);
  ASSERT_TRUE(spool.ok()) << spool.status();
  ASSERT_TRUE((*spool)->Deliver(SampleMessage()).ok());
  ASSERT_THAT(Files(), ElementsAre("20261121T140211.402000Z-7Qm2.json"));

  const std::string file = path_ + "/" + Files()[0];
  struct stat about;
  ASSERT_EQ(stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700u);

  std::ifstream stream(file);
  const std::string json(std::istreambuf_iterator<char>(stream), {});
  EXPECT_THAT(json, HasSubstr("\"display_name\""));
  outbox::v1::Message read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, SampleMessage()));
}

TEST_F(SpoolDirectoryTest, DeliveringAgainChangesNothing) {
  const auto spool = SpoolDirectory::Open(path_);
  ASSERT_TRUE((*spool)->Deliver(SampleMessage()).ok());
  ASSERT_TRUE((*spool)->Deliver(SampleMessage()).ok());
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(SpoolDirectoryTest, WhatACrashLeftUnfinishedIsFinished) {
  const auto spool = SpoolDirectory::Open(path_);
  std::ofstream(path_ + "/.20261121T140211.402000Z-7Qm2.json") << std::string(100'000, 'x');
  ASSERT_TRUE((*spool)->Deliver(SampleMessage()).ok());
  ASSERT_THAT(Files(), ElementsAre("20261121T140211.402000Z-7Qm2.json"));
  EXPECT_LT(std::filesystem::file_size(path_ + "/" + Files()[0]), 1000u);
}

TEST_F(SpoolDirectoryTest, AnIdCannotLeadOutOfTheDirectory) {
  const auto spool = SpoolDirectory::Open(path_);
  for (const char* id : {"", "../evil", "a/b", "a.b", "a b"}) {
    EXPECT_TRUE(absl::IsInvalidArgument((*spool)->Deliver(SampleMessage(id)))) << id;
  }
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(SpoolDirectoryTest, ADirectoryThatCannotBeIsNamed) {
  directory_.Write("file", "");
  for (const std::string& path :
       {(directory_ / "file").string(), (directory_ / "no/such").string()}) {
    const auto spool = SpoolDirectory::Open(path);
    EXPECT_TRUE(absl::IsFailedPrecondition(spool.status())) << path;
    EXPECT_THAT(std::string(spool.status().message()), HasSubstr(path));
  }
}

TEST_F(SpoolDirectoryTest, ADirectoryThatWentAwayIsToldAndLeavesTheMessageForLater) {
  const auto spool = SpoolDirectory::Open(path_);
  std::filesystem::remove(path_);
  EXPECT_TRUE(absl::IsUnavailable((*spool)->Deliver(SampleMessage())));
}

}  // namespace
}  // namespace gatehouse::server

// A file of lines: bounded, whole lines only, one writer, and well again after a fault.
#include "server/runtime/rotated_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;

class RotatedFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<RotatedFile> Open(std::size_t most_bytes = 1000) {
    auto file = RotatedFile::Open(path_, most_bytes);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *std::move(file) : nullptr;
  }
  std::string Present() const { return harness::ReadFile(path_); }
  std::string Former() const { return harness::ReadFile(absl::StrCat(path_, ".1")); }

  const harness::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "lines";
};

TEST_F(RotatedFileTest, KeepsTheLatestLinesInTwoFilesOfBoundedSize) {
  const auto file = Open(/*most_bytes=*/8);
  for (const char* line : {"one\n", "two\n", "three\n", "four\n", "five\n"}) {
    EXPECT_TRUE(file->Append(line));
    EXPECT_LE(Present().size(), 8u);
  }
  EXPECT_EQ(Former(), "four\n");
  EXPECT_EQ(Present(), "five\n");
  EXPECT_TRUE(file->Append("longer than a file\n")) << "alone, it is no reason to lose it";
  EXPECT_EQ(Former(), "five\n");
}

TEST_F(RotatedFileTest, GoesOnWithTheFileThatIsThere) {
  Open()->Append("one\n");
  Open()->Append("two\n");
  EXPECT_EQ(Present(), "one\ntwo\n");
  const auto file = Open(/*most_bytes=*/10);
  EXPECT_TRUE(file->Append("three\n"));
  EXPECT_EQ(Former(), "one\ntwo\n") << "what was there counts";
}

TEST_F(RotatedFileTest, BeginsANewLineBehindOneThatWasTorn) {
  directory_.Write("lines", "one\nhal");
  Open()->Append("two\n");
  EXPECT_EQ(Present(), "one\nhal\ntwo\n");
}

TEST_F(RotatedFileTest, IsForItsOwnerAlone) {
  const auto file = Open();
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(RotatedFileTest, HasOneWriterAndIsAFile) {
  const auto file = Open();
  const auto other = RotatedFile::Open(path_, 1000);
  EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(other.status().message(), HasSubstr("cannot be locked against other writers"));
  ASSERT_EQ(mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  for (const std::string& path : {std::string("/dev/null"), (directory_ / "pipe").string()}) {
    EXPECT_THAT(RotatedFile::Open(path, 1000).status().message(), HasSubstr("no regular file"));
  }
  EXPECT_THAT(RotatedFile::Open(directory_ / "none/lines", 1000).status().message(),
              HasSubstr("cannot be opened"));
}

TEST_F(RotatedFileTest, TellsWhatCannotBeWrittenAndIsWellAgain) {
  const auto file = Open(/*most_bytes=*/4);
  EXPECT_TRUE(file->Append("one\n"));
  // The former one cannot be replaced by a file.
  const std::string in_the_way = absl::StrCat(path_, ".1/full");
  std::filesystem::create_directories(in_the_way);
  EXPECT_FALSE(file->Append("two\n"));
  EXPECT_THAT(file->CheckHealth().message(), HasSubstr("cannot be set aside"));
  EXPECT_EQ(Present(), "one\n");
  std::filesystem::remove_all(absl::StrCat(path_, ".1"));
  EXPECT_TRUE(file->Append("three\n"));
  EXPECT_EQ(file->CheckHealth(), absl::OkStatus());
  EXPECT_EQ(Present(), "three\n");
}

}  // namespace
}  // namespace gatehouse::server

#include "server/delivery/message_templates.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/runtime/outbox/notification_kind.h"
#include "tests/delivery/sample_message.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kShipped[] = GATEHOUSE_SOURCE_DIR "/deploy/templates";

absl::StatusOr<MessageTemplates> Load(const std::string& directory, const std::string& language) {
  return MessageTemplates::Load(
      {.directory = directory, .language = language, .time_zone = "Europe/London"});
}

class ShippedTemplatesTest : public testing::TestWithParam<const char*> {};

TEST_P(ShippedTemplatesTest, HaveWordsForEveryKindAndLeaveNothingOpen) {
  const auto templates = Load(kShipped, GetParam());
  ASSERT_TRUE(templates.ok()) << templates.status().message();
  for (const NotificationKind kind : kNotificationKinds) {
    outbox::v1::Message message = SampleMessage();
    message.set_kind(std::string(WordOf(kind)));
    if (!DetailOf(kind).empty()) {
      (*message.mutable_details())[std::string(DetailOf(kind))] = "LOCAL_ADMIN";
    }
    const auto text = templates->Compose(message);
    ASSERT_TRUE(text.ok()) << WordOf(kind) << ": " << text.status();
    EXPECT_EQ(text->language(), GetParam());
    EXPECT_THAT(text->body(), HasSubstr("Asha Patel"));
    for (const std::string& part : {text->subject(), text->short_(), text->body()}) {
      EXPECT_THAT(part, AllOf(Not(HasSubstr("{{")), Not(HasSubstr("LOCAL_ADMIN")), Not("")));
    }
    EXPECT_EQ(text->subject().find('\n'), std::string::npos);
    EXPECT_EQ(text->short_().find('\n'), std::string::npos);
  }
}

// Whoever is enabled or restored may be locked, or have no living password; of those who are
// imported, some bring theirs.
TEST_P(ShippedTemplatesTest, PromiseNothingThatHoldsForSomeOnly) {
  const std::string language = GetParam();
  const std::string sign_in = language == "en" ? "you can sign in" : "gallwch fewngofnodi";
  const auto templates = Load(kShipped, language);
  ASSERT_TRUE(templates.ok()) << templates.status().message();
  for (const NotificationKind kind :
       {NotificationKind::kAccountEnabled, NotificationKind::kAccountRestored,
        NotificationKind::kAccountImported}) {
    outbox::v1::Message message = SampleMessage();
    message.set_kind(std::string(WordOf(kind)));
    const auto text = templates->Compose(message);
    ASSERT_TRUE(text.ok()) << text.status();
    for (const std::string& part : {text->short_(), text->body()}) {
      EXPECT_THAT(absl::AsciiStrToLower(part), Not(HasSubstr(sign_in))) << WordOf(kind);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, ShippedTemplatesTest, testing::Values("en", "cy"));

TEST(MessageTemplatesTest, TellTheTimeInThePersonsZoneAndLanguage) {
  outbox::v1::Message message = SampleMessage();
  message.mutable_time()->set_seconds(1783951331);  // 13 July 2026, 14:02:11 UTC
  EXPECT_THAT(Load(kShipped, "en")->Compose(message)->body(), HasSubstr("13 July 2026, 15:02"));
  EXPECT_THAT(Load(kShipped, "cy")->Compose(message)->body(),
              HasSubstr("13 Gorffennaf 2026, 15:02"));
}

class OwnTemplatesTest : public testing::Test {
 protected:
  // As shipped; to be spoilt.
  OwnTemplatesTest() {
    std::filesystem::copy(kShipped, directory_.path(), std::filesystem::copy_options::recursive);
  }

  void Write(const std::string& file, const std::string& text) {
    std::ofstream(directory_ / "en" / file, std::ios::binary) << text;
  }

  absl::StatusOr<MessageTemplates> LoadEnglish() { return Load(directory_.path().string(), "en"); }

  const harness::TemporaryDirectory directory_;
};

TEST_F(OwnTemplatesTest, AllFaultsAreToldAtOnceEachWithItsPlace) {
  Write("password_reset.txt", "Subject: a\nShort: {{tiem}} b\n\nbody {{role}}\nand {{time\n");
  Write("password_changed.txt", "Hello\n");
  Write("profile_changed.txt", "Subject: a\nShort: " + std::string(400, 'x') + "\n\nbody\x01\n");
  Write("account_unlocked.txt", "Subject: \xff\nShort: b\n\nbody\n");
  Write("sessions_revokd.txt", "Subject: a\nShort: b\n\nbody\n");
  Write("words.txt", "LOCAL_ADMIN: Local Administrator\nAUDITOR\n");
  std::filesystem::remove(directory_ / "en" / "role_granted.txt");
  const auto templates = LoadEnglish();
  ASSERT_TRUE(absl::IsInvalidArgument(templates.status()));
  const std::string faults(templates.status().message());
  for (const char* fault :
       {"password_reset.txt:2:8: unknown placeholder 'tiem'; there are: display_name, time",
        "password_reset.txt:4:6: unknown placeholder 'role'",
        "password_reset.txt:5:5: this {{ is never closed", "password_changed.txt:1:1: must begin",
        "profile_changed.txt:2:8: is longer than 320",
        "profile_changed.txt:4:1: holds control characters",
        "account_unlocked.txt:1:1: is not UTF-8", "sessions_revokd.txt: there is no such kind",
        "words.txt:2:1: must be WORD", "words.txt: OPERATOR is missing",
        "role_granted.txt: cannot be read"}) {
    EXPECT_THAT(faults, HasSubstr(fault));
  }
}

TEST_F(OwnTemplatesTest, WhatIsToldAddsNoLineAndTurnsNoTextAndIsNeverATemplate) {
  Write("password_reset.txt",
        "Subject: {{display_name}}\nShort: {{display_name}}\n\n{{display_name}}\n");
  outbox::v1::Message message = SampleMessage();
  message.set_kind("PASSWORD_RESET");
  const auto text_for = [&](const std::string& name) {
    message.set_display_name(name);
    return *LoadEnglish()->Compose(message);
  };
  EXPECT_EQ(text_for("Asha\r\nBcc: x").subject(), "Asha  Bcc: x");
  EXPECT_EQ(text_for("a\xE2\x80\xA8z").subject(), "a z") << "a line separator";
  EXPECT_EQ(text_for("a\xE2\x80\xAEz").subject(), "a z") << "a right-to-left override";
  EXPECT_EQ(text_for("a\xffz").subject(), "a z");
  EXPECT_EQ(text_for("{{time}}").subject(), "{{time}}");
  EXPECT_EQ(text_for("Zoë ŵ").body(), "Zoë ŵ\n");
  EXPECT_EQ(text_for(std::string(1000, 'a')).subject().size(), 128u);
}

TEST_F(OwnTemplatesTest, AKindWithoutWordsIsRefusedForGood) {
  outbox::v1::Message message = SampleMessage();
  message.set_kind("SOMETHING_ELSE");
  EXPECT_TRUE(absl::IsInvalidArgument(LoadEnglish()->Compose(message).status()));
}

TEST(MessageTemplatesTest, ALanguageThatIsNotThereIsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Load(kShipped, "fr").status()));
}

}  // namespace
}  // namespace gatehouse::server

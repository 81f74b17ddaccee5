#include "server/delivery/mail.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/delivery/sample_message.h"

namespace gatehouse::server {
namespace {

using testing::HasSubstr;

constexpr char kSender[] = "no-reply@portal.example";

TEST(MailTest, IsWholeAndTheSameEachTime) {
  const auto mail = MakeMail(SampleMessage(), kSender);
  ASSERT_TRUE(mail.ok()) << mail.status();
  EXPECT_EQ(*mail,
            "Date: Sat, 21 Nov 2026 14:02:11 +0000\r\n"
            "From: <no-reply@portal.example>\r\n"
            "To: <asha.patel@example.org>\r\n"
            "Subject: Your account has been secured\r\n"
            "Message-ID: <7Qm2@portal.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Language: en\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "RGVhciBBc2hhIFBhdGVsLA0KDQouDQpGcm9tIGxpbmUgdG8gbGluZS4NCg==\r\n");
}

TEST(MailTest, NothingThatIsToldCanBecomeAHeader) {
  outbox::v1::Message message = SampleMessage();
  message.mutable_text()->set_subject("Hello\r\nBcc: everybody@example.org");
  message.mutable_text()->set_body("\r\n.\r\nMAIL FROM:<x>\r\n");
  const auto mail = MakeMail(message, kSender);
  ASSERT_TRUE(mail.ok());
  for (const absl::string_view line : absl::StrSplit(*mail, "\r\n")) {
    EXPECT_FALSE(absl::StartsWith(line, "Bcc") || line == ".") << line;
    EXPECT_EQ(line.find_first_of("\r\n"), absl::string_view::npos);
    EXPECT_LE(line.size(), 78u);
  }
}

TEST(MailTest, ASubjectInWelshIsEncodedInWordsThatSplitNoCharacter) {
  outbox::v1::Message message = SampleMessage();
  std::string subject;
  for (int i = 0; i < 40; ++i) subject += "ŵ’";
  message.mutable_text()->set_subject(subject);
  const auto mail = MakeMail(message, kSender);
  ASSERT_TRUE(mail.ok());
  const size_t begin = mail->find("Subject: ") + 9;
  const std::string header = mail->substr(begin, mail->find("\r\nMessage-ID") - begin);
  std::string decoded;
  for (const absl::string_view word : absl::StrSplit(header, "\r\n ")) {
    ASSERT_TRUE(absl::StartsWith(word, "=?UTF-8?B?") && absl::EndsWith(word, "?=")) << word;
    EXPECT_LE(word.size(), 75u);
    std::string part;
    ASSERT_TRUE(absl::Base64Unescape(word.substr(10, word.size() - 12), &part));
    EXPECT_NE(static_cast<unsigned char>(part[0]) & 0xC0, 0x80) << "begins within a character";
    decoded += part;
  }
  EXPECT_EQ(decoded, subject);
}

TEST(MailTest, OnlyAPlainAddressIsWrittenTo) {
  for (const char* address : {"a@b", "asha.o'neil+x@mail.example.org"}) {
    EXPECT_TRUE(IsMailAddress(address)) << address;
  }
  for (const std::string& address :
       {std::string(), std::string("asha"), std::string("a@b@c"),
        std::string("a@b\r\nRCPT TO:<c@d>"), std::string("<a@b>"), std::string("a b@c"),
        std::string("\"a\"@b"), std::string("a..b@c"), std::string("@relay:a@b"),
        std::string("a@b\0c", 5), std::string(250, 'a') + "@b.cd", std::string("ŵ@b")}) {
    EXPECT_FALSE(IsMailAddress(address)) << address;
    outbox::v1::Message message = SampleMessage();
    message.mutable_to()->set_email(address);
    EXPECT_TRUE(absl::IsInvalidArgument(MakeMail(message, kSender).status()));
  }
}

TEST(MailTest, WithoutWordsThereIsNoMail) {
  outbox::v1::Message message = SampleMessage();
  message.clear_text();
  EXPECT_TRUE(absl::IsInvalidArgument(MakeMail(message, kSender).status()));
}

}  // namespace
}  // namespace gatehouse::server

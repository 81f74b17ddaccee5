#include "server/delivery/mail.h"

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "re2/re2.h"

#include "server/secrets/secret_string.h"

namespace gatehouse::server {
namespace {

constexpr size_t kLongestAddress = 254;
constexpr size_t kBodyLine = 76;         // characters of base64
constexpr size_t kEncodedWord = 45;      // bytes that fit into one, which is 75 characters at most
constexpr size_t kLongestSubject = 998;  // where a line that need not be encoded must end

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool IsPrintableAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

// RFC 2047, where it is not ASCII already: words of base64, none of which splits a character.
std::string EncodeHeader(absl::string_view text) {
  if (IsPrintableAscii(text) && text.size() < kLongestSubject / 2) return std::string(text);
  std::string encoded;
  while (!text.empty()) {
    size_t end = std::min(kEncodedWord, text.size());
    while (end < text.size() && end > 1 && IsContinuation(text[end])) --end;
    absl::StrAppend(&encoded, encoded.empty() ? "" : "\r\n ", "=?UTF-8?B?",
                    absl::Base64Escape(text.substr(0, end)), "?=");
    text.remove_prefix(end);
  }
  return encoded;
}

std::string EncodeBody(absl::string_view body) {
  std::string text = absl::StrReplaceAll(body, {{"\n", "\r\n"}});
  std::string encoded = absl::Base64Escape(text);
  std::string lines;
  lines.reserve(encoded.size() + 2 * (encoded.size() / kBodyLine + 1));
  for (size_t at = 0; at < encoded.size(); at += kBodyLine) {
    absl::StrAppend(&lines, absl::string_view(encoded).substr(at, kBodyLine), "\r\n");
  }
  WipeString(text);
  WipeString(encoded);
  return lines;
}

bool IsWord(absl::string_view text) {
  static const RE2 word("[A-Za-z0-9_-]{1,128}");
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), word);
}

}  // namespace

bool IsMailAddress(absl::string_view address) {
  static const RE2 form(
      R"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)");
  return address.size() <= kLongestAddress &&
         RE2::FullMatch(re2::StringPiece(address.data(), address.size()), form);
}

absl::StatusOr<std::string> MakeMail(const outbox::v1::Message& message, absl::string_view sender) {
  if (!IsMailAddress(message.to().email())) {
    return absl::InvalidArgumentError("the contact has no e-mail address that can be written to");
  }
  if (!message.has_text() || !IsWord(message.text().language()) || !IsWord(message.message_id())) {
    return absl::InvalidArgumentError("the message has no words");
  }
  const absl::Time time = absl::FromUnixSeconds(message.time().seconds());
  std::string body = EncodeBody(message.text().body());
  const absl::Cleanup wipe = [&body] { WipeString(body); };
  return absl::StrCat(
      "Date: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone()),
      "\r\nFrom: <", sender, ">\r\nTo: <", message.to().email(),
      ">\r\nSubject: ", EncodeHeader(message.text().subject()), "\r\nMessage-ID: <",
      message.message_id(), sender.substr(sender.find('@')),
      ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Language: ",
      message.text().language(),
      "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      body);
}

}  // namespace gatehouse::server

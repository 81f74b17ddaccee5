#include "server/delivery/smtp_gateway.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "server/delivery/mail.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {
namespace {

// The relay's word on the recipient, or on the mail itself; all else is between it and us.
bool IsAboutTheMail(const CurlTransfer::Outcome& outcome) {
  constexpr long kAuthenticate = 530, kNotAuthenticated = 535, kNoService = 554;
  for (const long about_us : {kAuthenticate, kNotAuthenticated, kNoService}) {
    if (outcome.response == about_us) return false;
  }
  return (outcome.code == CURLE_WEIRD_SERVER_REPLY && outcome.uploaded) ||
         (outcome.code == CURLE_SEND_ERROR && absl::StartsWith(outcome.error, "RCPT failed"));
}

absl::Status ToStatus(const CurlTransfer::Outcome& outcome) {
  if (outcome.code == CURLE_OK) return absl::OkStatus();
  const std::string text =
      absl::StrCat("the mail relay: ", outcome.error, " (", outcome.response, ")");
  if (!IsAboutTheMail(outcome)) return absl::UnavailableError(text);
  if (outcome.response / 100 == 5) return absl::InvalidArgumentError(text);
  return outcome.response / 100 == 4 ? absl::AbortedError(text) : absl::UnavailableError(text);
}

}  // namespace

absl::Status SmtpGateway::Deliver(const outbox::v1::Message& message) {
  GATEHOUSE_ASSIGN_OR_RETURN(std::string mail, MakeMail(message, sender_));
  const absl::Cleanup wipe = [&mail] { WipeString(mail); };  // it may tell a code
  CurlList recipients;
  Append(recipients, message.to().email());
  CurlTransfer transfer(peer_, stopped_);
  transfer.Set(CURLOPT_UPLOAD, 1L);
  transfer.Set(CURLOPT_MAIL_FROM, sender_.c_str());
  transfer.Set(CURLOPT_MAIL_RCPT, recipients.get());
  if (!credentials_.secret.empty()) {
    transfer.Set(CURLOPT_USERNAME, credentials_.username.c_str());
    std::string password(credentials_.secret.Reveal());
    transfer.Set(CURLOPT_PASSWORD, password.c_str());
    WipeString(password);
  }
  // libcurl would take two minutes for a good-bye on a connection that it has kept.
  transfer.Set(CURLOPT_FORBID_REUSE, 1L);
  transfer.Set(
      CURLOPT_SERVER_RESPONSE_TIMEOUT,
      static_cast<long>(absl::ToInt64Seconds(absl::Ceil(peer_.timeout, absl::Seconds(1)))));
  return ToStatus(transfer.Perform(mail));
}

}  // namespace gatehouse::server

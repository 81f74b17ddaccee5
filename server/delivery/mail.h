// A message to a person as a mail: RFC 5322 with everything in it made harmless, since a header's
// end is a mere line break away. Pure functions.
#ifndef GATEHOUSE_SERVER_DELIVERY_MAIL_H_
#define GATEHOUSE_SERVER_DELIVERY_MAIL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "gatehouse/outbox/v1/message.pb.h"

namespace gatehouse::server {

// A mailbox in ASCII as nearly everybody has it: no quotes, comments, routes or line breaks.
bool IsMailAddress(absl::string_view address);

// The whole mail, lines ended by CRLF, its body in base64. `sender` is a mail address. The same
// message makes the same mail, its Message-ID included. INVALID_ARGUMENT: the message has no words,
// or its contact no mail address.
absl::StatusOr<std::string> MakeMail(const outbox::v1::Message& message, absl::string_view sender);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_MAIL_H_

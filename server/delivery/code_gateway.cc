#include "server/delivery/code_gateway.h"

#include <string>

#include "server/secrets/codes.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

absl::Status CodeGateway::Deliver(const outbox::v1::Message& message) {
  auto code = keys_.Open(
      KeyPurpose::kSecondFactor,
      {.key_id = message.sealed_code().key_id(), .bytes = message.sealed_code().ciphertext()},
      PlaceOfCodeOnItsWay(message.message_id()));
  if (!code.ok()) return absl::InvalidArgumentError("the code in the message cannot be opened");
  const SecretString digits(*std::move(code));
  outbox::v1::Message opened = message;
  opened.clear_sealed_code();
  std::string& told = (*opened.mutable_details())["code"];
  told = std::string(digits.Reveal());
  const absl::Status status = next_.Deliver(opened);
  WipeString(told);
  return status;
}

}  // namespace gatehouse::server

// A message to a person that has its words, for tests of the wires.
#ifndef GATEHOUSE_TESTS_DELIVERY_SAMPLE_MESSAGE_H_
#define GATEHOUSE_TESTS_DELIVERY_SAMPLE_MESSAGE_H_

#include <string>

#include "gatehouse/outbox/v1/message.pb.h"

namespace gatehouse::server {

inline outbox::v1::Message SampleMessage(const std::string& id = "7Qm2") {
  outbox::v1::Message message;
  message.set_message_id(id);
  message.set_account_id("account");
  message.set_kind("ACCOUNT_RESECURED");
  message.mutable_to()->set_email("asha.patel@example.org");
  message.mutable_to()->set_phone_number("+441134960000");
  message.set_display_name("Asha Patel");
  message.mutable_time()->set_seconds(1795269731);  // 21 November 2026, 14:02:11 UTC
  message.mutable_text()->set_language("en");
  message.mutable_text()->set_subject("Your account has been secured");
  message.mutable_text()->set_body("Dear Asha Patel,\n\n.\nFrom line to line.\n");
  message.mutable_text()->set_short_("Your account was secured.");
  return message;
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_DELIVERY_SAMPLE_MESSAGE_H_

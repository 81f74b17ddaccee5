// What tests of second factors share: people with authenticator apps and telephones, and what was
// sent to them. Codes that were sent leave as they do in the server, through the outbox, sealed
// until the last moment.
#ifndef GATEHOUSE_TESTS_OPERATIONS_METHOD_WORLD_H_
#define GATEHOUSE_TESTS_OPERATIONS_METHOD_WORLD_H_

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/delivery/code_gateway.h"
#include "server/operations/account_operations.h"
#include "server/operations/session_operations.h"
#include "tests/harness/authenticator.h"
#include "tests/operations/mailbox.h"
#include "tests/operations/world.h"

namespace gatehouse::server {

class MethodWorldTest : public testing::Test {
 protected:
  using Authenticator = harness::Authenticator;

  static constexpr char kNumber[] = "+447700900123";

  struct App {
    std::string method_id;
    Authenticator authenticator;
    std::vector<std::string> printed_codes;
  };

  // A code that differs from `code`.
  static std::string Wrong(std::string code) {
    code.back() = code.back() == '0' ? '1' : '0';
    return code;
  }

  absl::StatusOr<v1::RegisterAuthenticationMethodResponse> Register(
      const std::string& token, v1::AuthenticationMethodKind kind, const std::string& label = "",
      const std::string& password = kPassword) {
    v1::RegisterAuthenticationMethodRequest request;
    request.set_password(password);
    request.set_kind(kind);
    request.set_label(label);
    if (kind != v1::AUTHENTICATION_METHOD_KIND_TOTP) request.set_phone_number(kNumber);
    return world_.Call(token, RegisterAuthenticationMethod, request);
  }

  absl::StatusOr<v1::ConfirmAuthenticationMethodResponse> Confirm(const std::string& token,
                                                                  const std::string& method_id,
                                                                  const std::string& code) {
    v1::ConfirmAuthenticationMethodRequest request;
    request.set_method_id(method_id);
    request.set_code(code);
    return world_.Call(token, ConfirmAuthenticationMethod, request);
  }

  // Registered and confirmed; a step later, so that the next code is good again.
  App AddApp(const storage::AccountId& id, const std::string& label = "") {
    const std::string token = world_.Enter(id);
    const auto registered = Register(token, v1::AUTHENTICATION_METHOD_KIND_TOTP, label);
    EXPECT_TRUE(registered.ok()) << registered.status();
    const Authenticator authenticator(registered->otpauth_uri());
    world_.Advance(absl::Seconds(1));
    const auto confirmed = Confirm(token, registered->method().method_id(),
                                   authenticator.CodeAt(world_.clock().Now()));
    EXPECT_TRUE(confirmed.ok()) << confirmed.status();
    world_.Advance(absl::Seconds(30));
    return {
        .method_id = registered->method().method_id(),
        .authenticator = authenticator,
        .printed_codes = {confirmed->recovery_codes().begin(), confirmed->recovery_codes().end()}};
  }

  std::string AddTelephone(const storage::AccountId& id) {
    const std::string token = world_.Enter(id);
    const auto registered = Register(token, v1::AUTHENTICATION_METHOD_KIND_SMS);
    EXPECT_TRUE(registered.ok()) << registered.status();
    const auto confirmed = Confirm(token, registered->method().method_id(), CodeSent());
    EXPECT_TRUE(confirmed.ok()) << confirmed.status();
    return registered->method().method_id();
  }

  // All messages with codes that have left since the world began.
  const std::vector<outbox::v1::Message>& Messages() {
    CodeGateway gateway(world_.dependencies().keys, codes_);
    DeliverAll(world_, storage::OutboxChannel::kCodes, gateway);
    return codes_.messages;
  }

  // The kinds of all others to people.
  std::vector<std::string> Told() {
    DeliverAll(world_, storage::OutboxChannel::kPeople, notifications_);
    std::vector<std::string> kinds;
    for (const auto& message : notifications_.messages) kinds.push_back(message.kind());
    return kinds;
  }

  // The latest.
  std::string CodeSent() {
    const auto& messages = Messages();
    return messages.empty() ? "" : messages.back().details().at("code");
  }

  absl::StatusOr<v1::CreateSessionResponse> SignIn(const std::string& username,
                                                   const std::string& password = kPassword) {
    v1::CreateSessionRequest request;
    request.set_username(username);
    request.set_password(password);
    request.mutable_client()->set_ip_address("192.0.2.7");
    request.mutable_client()->set_device_label("laptop");
    return world_.Call("", CreateSession, request);
  }

  bool Lives(const std::string& token) {
    return Outcome(world_.Call(token, ListAuthenticationMethods, {})) !=
           "UNAUTHENTICATED / SESSION_INVALID";
  }

  World world_;
  Mailbox codes_;
  Mailbox notifications_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_METHOD_WORLD_H_

// What a hostile or careless caller may send, over the wire to the real server: each gets a clear
// refusal with reason and fields, nothing is changed, and the server goes on.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"

#include "tests/e2e/raw_connection.h"
#include "tests/e2e/staffed_server.h"

namespace gatehouse::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Accounts = v1::AccountService::Stub;
using Audit = v1::AuditService::Stub;
using Sessions = v1::SessionService::Stub;

std::vector<std::string> Fields(const cli::Refusal& refusal) {
  std::vector<std::string> fields;
  for (const auto& fault : refusal.fields.field_violations()) fields.push_back(fault.field());
  return fields;
}

class HostileInputTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    service_ = new StaffedServer({.hashing = Hashing::kCheap});
    person_ = new Person(service_->CreatePerson("asha.patel"));
  }
  static void TearDownTestSuite() {
    delete std::exchange(person_, nullptr);
    delete std::exchange(service_, nullptr);
  }

  void SetUp() override { before_ = Everything(); }
  void TearDown() override {
    EXPECT_EQ(Everything(), before_) << "a refused request changed something";
    EXPECT_TRUE(service_->server().Serving());
  }

  Actor& administrator() { return service_->administrator(); }

  // Every account with its etag.
  std::string Everything() {
    v1::ListAccountsRequest request;
    request.set_organisation_id(service_->organisation_id());
    const auto all = administrator().Call(&Accounts::ListAccounts, request);
    EXPECT_TRUE(all.ok()) << all;
    return all.response.SerializeAsString();
  }

  v1::ListAccountsRequest TheFirstPage() {
    v1::ListAccountsRequest request;
    request.set_organisation_id(service_->organisation_id());
    request.set_page_size(1);
    return request;
  }

  static StaffedServer* service_;
  static Person* person_;
  std::string before_;
};

StaffedServer* HostileInputTest::service_ = nullptr;
Person* HostileInputTest::person_ = nullptr;

// --- Fields ---

TEST_F(HostileInputTest, EachFieldThatCannotBeTakenIsNamed) {
  const auto create = [&](const std::function<void(v1::CreateAccountRequest&)>& spoil) {
    v1::CreateAccountRequest request = service_->NewAccount("kim.okafor");
    spoil(request);
    return administrator().Call(&Accounts::CreateAccount, request).refusal;
  };
  const auto resecure = [&](const std::function<void(v1::ResecureAccountRequest&)>& spoil) {
    auto request = Attested<v1::ResecureAccountRequest>(person_->account_id, "hostile");
    spoil(request);
    return administrator().Call(&Accounts::ResecureAccount, request).refusal;
  };
  const auto list = [&](const std::function<void(v1::ListAccountsRequest&)>& spoil) {
    v1::ListAccountsRequest request = TheFirstPage();
    spoil(request);
    return administrator().Call(&Accounts::ListAccounts, request).refusal;
  };
  const auto sign_in = [&](const std::function<void(v1::CreateSessionRequest&)>& spoil) {
    v1::CreateSessionRequest request;
    request.set_username(person_->username);
    request.set_password("whatever-it-is");
    spoil(request);
    return administrator().Call(&Sessions::CreateSession, request).refusal;
  };
  const auto grant = [&](int role) {
    v1::GrantRoleRequest request;
    request.set_account_id(person_->account_id);
    request.set_organisation_id(service_->organisation_id());
    request.set_role(static_cast<v1::Role>(role));
    return administrator().Call(&Accounts::GrantRole, request).refusal;
  };
  const auto ask = [&](int action) {
    v1::CheckEligibilityRequest request;
    request.set_account_id(person_->account_id);
    request.add_actions(static_cast<v1::Action>(action));
    return administrator().Call(&Accounts::CheckEligibility, request).refusal;
  };

  const struct {
    const char* what;
    cli::Refusal refusal;
    const char* field;
  } cases[] = {
      {"an unknown role", grant(4711), "role"},
      {"no role", grant(0), "role"},
      {"an unknown action", ask(4711), "actions[0]"},
      {"an unknown state",
       list([](auto& request) { request.set_state(static_cast<v1::AccountState>(99)); }), "state"},
      {"an unknown attestation", resecure([](auto& request) {
         request.mutable_identity_check()->mutable_attestation()->set_kind(
             static_cast<v1::AttestationKind>(77));
       }),
       "identity_check.attestation.kind"},
      {"a name of 129 characters", create([](auto& request) {
         request.mutable_profile()->set_given_name(std::string(129, 'a'));
       }),
       "profile.given_name"},
      {"a reason of 513 characters",
       resecure([](auto& request) { request.set_reason(std::string(513, 'r')); }), "reason"},
      {"a user agent of 513 characters", sign_in([](auto& request) {
         request.mutable_client()->set_user_agent(std::string(513, 'u'));
       }),
       "client.user_agent"},
      {"a password of 100,000 characters",
       sign_in([](auto& request) { request.set_password(std::string(100'000, 'p')); }), "password"},
      {"a bell in a name",
       create([](auto& request) { request.mutable_profile()->set_family_name("Pa\ateel"); }),
       "profile.family_name"},
      {"an escape sequence in a reason",
       resecure([](auto& request) { request.set_reason("\x1b[2J nothing to see"); }), "reason"},
      {"a zero byte in a username",
       sign_in([](auto& request) { request.set_username(std::string("asha.patel\0x", 12)); }),
       "username"},
      {"a C1 control character in a device's label",
       sign_in([](auto& request) { request.mutable_client()->set_device_label("ward\u0085 7"); }),
       "client.device_label"},
      {"an address that is none",
       sign_in([](auto& request) { request.mutable_client()->set_ip_address("1.2.3.4.5"); }),
       "client.ip_address"},
      {"a request_id that is no UUID",
       create([](auto& request) { request.set_request_id("the same as ever"); }), "request_id"},
      {"an account_id that is none",
       resecure([](auto& request) { request.set_account_id("../../etc/passwd"); }), "account_id"},
      {"a negative page size", list([](auto& request) { request.set_page_size(-1); }), "page_size"},
      {"a page of 1,001", list([](auto& request) { request.set_page_size(1001); }), "page_size"},
      {"a temporary password given and deferred", resecure([](auto& request) {
         request.set_temporary_password(FreshPassword());
         request.set_defer_temporary_password(true);
       }),
       "temporary_password"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(c.refusal.code, grpc::StatusCode::INVALID_ARGUMENT) << c.refusal.message;
    EXPECT_EQ(c.refusal.reason, "FIELDS_INVALID");
    EXPECT_THAT(Fields(c.refusal), ElementsAre(c.field));
  }
}

TEST_F(HostileInputTest, AllFaultsOfARequestAreToldAtOnce) {
  v1::CreateAccountRequest request;
  request.set_organisation_id("nowhere");
  request.set_username("a..b");
  request.mutable_profile()->set_given_name("\x01");
  request.mutable_profile()->set_contact_email("no address");
  request.mutable_profile()->set_phone_number("0113 496");
  request.set_request_id("not a UUID");
  const auto refused = administrator().Call(&Accounts::CreateAccount, request);
  EXPECT_THAT(
      Fields(refused.refusal),
      testing::IsSupersetOf({"organisation_id", "username", "profile.given_name",
                             "profile.contact_email", "profile.phone_number", "request_id"}));
}

TEST_F(HostileInputTest, LookAlikeUsernamesAreTheSameNameOrNone) {
  const struct {
    const char* username;
    const char* reason;
  } cases[] = {
      {"asha.patel", "USERNAME_TAKEN"},
      {"Asha.PATEL", "USERNAME_TAKEN"},
      {"ａｓｈａ.ｐａｔｅｌ", "USERNAME_TAKEN"},  // fullwidth, which NFKC folds
      {"asha．patel", "USERNAME_TAKEN"},          // fullwidth dot
      {"аsha.patel", "FIELDS_INVALID"},           // a Cyrillic letter
      {"asha.patel\u200b", "USERNAME_TAKEN"},     // a zero-width space, which folding drops
      {"asha\u202e.patel", "USERNAME_TAKEN"},     // a right-to-left override, dropped likewise
      {"asha.patel.", "FIELDS_INVALID"},
      {".asha.patel", "FIELDS_INVALID"},
      {"asha..patel", "FIELDS_INVALID"},
      {"asha․․patel", "FIELDS_INVALID"},  // one-dot leaders, which NFKC makes dots
      {"as ha.patel", "FIELDS_INVALID"},
      {"ab", "FIELDS_INVALID"},
  };
  for (const auto& c : cases) {
    const auto refused =
        administrator().Call(&Accounts::CreateAccount, service_->NewAccount(c.username));
    EXPECT_EQ(refused.reason(), c.reason) << c.username << ": " << refused;
  }
  const auto too_long =
      administrator().Call(&Accounts::CreateAccount, service_->NewAccount(std::string(65, 'a')));
  EXPECT_THAT(Fields(too_long.refusal), ElementsAre("username"));
}

TEST_F(HostileInputTest, OneNameHowEverItIsTypedIsOneAccount) {
  for (const char* typed : {"ASHA.PATEL", "ａｓｈａ.ｐａｔｅｌ", "asha.patel"}) {
    EXPECT_TRUE(service_->NewActor().SignIn(typed, person_->password).ok()) << typed;
  }
  before_ = Everything();  // the first use of a day is on record, and midnight may be near
}

// --- What belongs to somebody or something else ---

TEST_F(HostileInputTest, APageTokenServesOnlyWhomAndWhatItWasMadeFor) {
  const auto page = administrator().Call(&Accounts::ListAccounts, TheFirstPage());
  ASSERT_TRUE(page.ok()) << page;
  const std::string token = page->next_page_token();
  ASSERT_FALSE(token.empty());

  v1::ListAccountsRequest next = TheFirstPage();
  next.set_page_token(token);
  EXPECT_TRUE(administrator().Call(&Accounts::ListAccounts, next).ok());
  EXPECT_EQ(service_->national_operator().Call(&Accounts::ListAccounts, next).reason(),
            "PAGE_TOKEN_INVALID")
      << "another caller";
  v1::ListAccountsRequest other_filter = next;
  other_filter.set_name_prefix("a");
  EXPECT_EQ(administrator().Call(&Accounts::ListAccounts, other_filter).reason(),
            "PAGE_TOKEN_INVALID");
  v1::ListAuditEventsRequest other_list;
  other_list.set_page_token(service_->national_operator()
                                .Call(&Accounts::ListAccounts, TheFirstPage())
                                ->next_page_token());
  ASSERT_FALSE(other_list.page_token().empty());
  EXPECT_EQ(service_->national_operator().Call(&Audit::ListAuditEvents, other_list).reason(),
            "PAGE_TOKEN_INVALID");
  for (size_t i = 0; i + 1 < token.size(); ++i) {  // the last character has bits to spare
    v1::ListAccountsRequest forged = next;
    (*forged.mutable_page_token())[i] = token[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(administrator().Call(&Accounts::ListAccounts, forged).reason(), "PAGE_TOKEN_INVALID")
        << "character " << i;
  }
}

TEST_F(HostileInputTest, ARequestIdStandsForOnePayload) {
  v1::UpdateProfileRequest request;
  request.set_account_id(person_->account_id);
  request.mutable_profile()->set_phone_number("+441134960001");
  request.mutable_update_mask()->add_paths("phone_number");
  request.set_request_id(cli::NewRequestId());
  ASSERT_TRUE(administrator().Call(&Accounts::UpdateProfile, request).ok());
  before_ = Everything();

  EXPECT_TRUE(administrator().Call(&Accounts::UpdateProfile, request)->replayed());
  request.mutable_profile()->set_phone_number("+441134960002");
  const auto refused = administrator().Call(&Accounts::UpdateProfile, request);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused.reason(), "REQUEST_ID_REUSED");
}

TEST_F(HostileInputTest, AStaleEtagIsRefused) {
  v1::GetAccountRequest read;
  read.set_account_id(person_->account_id);
  const std::string stale = administrator().Call(&Accounts::GetAccount, read)->account().etag();
  v1::UpdateProfileRequest change;
  change.set_account_id(person_->account_id);
  change.mutable_profile()->set_phone_number("+441134960003");
  change.mutable_update_mask()->add_paths("phone_number");
  change.set_etag(stale);
  ASSERT_TRUE(administrator().Call(&Accounts::UpdateProfile, change).ok());
  before_ = Everything();

  auto resecure = Attested<v1::ResecureAccountRequest>(person_->account_id, "on an old page");
  for (const std::string& etag : {stale, std::string("never was one"), std::string(4096, 'e')}) {
    resecure.set_etag(etag);
    const auto refused = administrator().Call(&Accounts::ResecureAccount, resecure);
    EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::ABORTED) << refused;
    EXPECT_EQ(refused.reason(), "ETAG_STALE");
  }
}

TEST_F(HostileInputTest, WhatIsNoTokenIsNoSession) {
  Actor signed_in = service_->NewActor();
  ASSERT_TRUE(signed_in.SignIn(person_->username, person_->password).ok());
  before_ = Everything();  // as above
  const std::string good = signed_in.token();
  std::string one_bit_out = good;
  one_bit_out[good.size() / 2] = one_bit_out[good.size() / 2] == 'A' ? 'B' : 'A';
  const std::string malformed[] = {"gh1_",          "gh1_!!!!",  "gh2_" + good.substr(4),
                                   good.substr(4),  good + "A",  good.substr(0, good.size() - 1),
                                   " " + good,      one_bit_out, std::string(8000, 'A'),
                                   "Bearer " + good};
  for (const std::string& token : malformed) {
    Actor actor = service_->NewActor();
    actor.set_token(token);
    EXPECT_EQ(actor.Validate().reason(), "SESSION_INVALID") << token.substr(0, 80);
    const auto own = actor.Own();
    EXPECT_EQ(own.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << token.substr(0, 80);
    EXPECT_EQ(own.reason(), "SESSION_INVALID") << token.substr(0, 80);
  }
  EXPECT_TRUE(signed_in.Validate().ok());
}

// --- Bytes that are no request at all ---

grpc::Status SendRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& bytes) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice slice(bytes);
  const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

TEST_F(HostileInputTest, UndecodableBytesAndOversizedMessagesAreRefusedByGrpcItself) {
  const auto channel = service_->server().NewChannel();
  const std::string validate = "/gatehouse.v1.SessionService/ValidateSession";
  // What gRPC's callback services say to what they cannot decode; later releases say INTERNAL.
  const auto undecodable =
      testing::AnyOf(grpc::StatusCode::UNIMPLEMENTED, grpc::StatusCode::INTERNAL);
  const struct {
    const char* what;
    std::string method;
    std::string bytes;
    testing::Matcher<grpc::StatusCode> code;
  } cases[] = {
      {"a length beyond the end", validate, "\x0a\xff\xff\xff\x7f", undecodable},
      {"an endless varint", validate, std::string(64, '\xff'), undecodable},
      {"a text that is not UTF-8", validate, "\x0a\x02\xc3\x28", undecodable},
      {"2 MiB", validate, "\x0a" + std::string(2 << 20, 'x'), grpc::StatusCode::RESOURCE_EXHAUSTED},
      {"an unknown method", "/gatehouse.v1.SessionService/Backdoor", "",
       grpc::StatusCode::UNIMPLEMENTED},
  };
  for (const auto& c : cases) {
    const grpc::Status status = SendRaw(channel, c.method, c.bytes);
    EXPECT_THAT(status.error_code(), c.code) << c.what << ": " << status.error_message();
    EXPECT_THAT(cli::DecodeRefusal(status).reason, IsEmpty()) << c.what;
  }
}

TEST_F(HostileInputTest, BytesThatAreNoHttp2AreCutOff) {
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), std::string(100'000, '\xff'),
        preface + std::string(10'000, '\xff'), preface + std::string(9, '\0'),
        std::string("\x16\x03\x01\x02\x00\x01", 6)}) {
    Exchange(service_->server().address(), bytes);
  }
}

}  // namespace
}  // namespace gatehouse::e2e

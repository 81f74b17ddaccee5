// What tests of ImportAccounts share: an operator, an organisation, items that are sound, and the
// whole of a stream in steps.
#ifndef GATEHOUSE_TESTS_OPERATIONS_IMPORT_WORLD_H_
#define GATEHOUSE_TESTS_OPERATIONS_IMPORT_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

#include "server/operations/errors.h"
#include "server/operations/import/account_import.h"
#include "tests/operations/world.h"

namespace gatehouse::server {

class ImportWorldTest : public testing::Test {
 public:
  using Request = v1::ImportAccountsRequest;
  using Response = v1::ImportAccountsResponse;

  // A stream's answers, and how it ended.
  struct Stream {
    absl::Status status;
    std::vector<Response> results;
  };

 protected:
  // Of the password "correct horse", cheaply.
  static constexpr char kBcrypt[] = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

  Request Start(bool validate_only = false) {
    Request request;
    request.mutable_start()->set_organisation_id(riverside_.value());
    request.mutable_start()->set_request_id("0f8fad5b-d9cb-469f-a165-70867728950e");
    request.mutable_start()->set_validate_only(validate_only);
    return request;
  }

  Request Item(int64_t place, absl::string_view username) {
    Request request;
    v1::ImportedAccount& account = *request.mutable_account();
    account.set_item(place);
    account.set_username(std::string(username));
    account.mutable_profile()->set_given_name("Sam");
    account.mutable_profile()->set_family_name("Osei");
    account.mutable_profile()->set_display_name("Sam Osei");
    account.set_password_hash(kBcrypt);
    return request;
  }

  std::vector<Request> Items(int count) {
    std::vector<Request> requests = {Start()};
    for (int i = 1; i <= count; ++i) requests.push_back(Item(i, absl::StrCat("person.", i)));
    return requests;
  }

  // The whole stream, in steps that each find all of what is left.
  Stream Import(const std::string& token, const std::vector<Request>& requests) {
    AccountImport import(world_.dependencies());
    std::vector<const Request*> left;
    for (const Request& request : requests) left.push_back(&request);
    Stream run;
    while (!left.empty()) {
      const CallContext call = world_.ContextOf(token, Request());
      std::vector<Response> answers;
      const absl::StatusOr<size_t> taken = import.Step(call, left, answers);
      run.status = taken.status();
      if (!run.status.ok()) break;
      EXPECT_GT(*taken, 0U);
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(*taken));
      run.results.insert(run.results.end(), answers.begin(), answers.end());
    }
    return run;
  }
  Stream Import(const std::vector<Request>& requests) {
    return Import(world_.Enter(operator_), requests);
  }

  static std::vector<std::string> ReasonsOf(const Response& result) {
    std::vector<std::string> reasons;
    for (const int reason : result.reasons()) {
      reasons.push_back(ReasonName(static_cast<v1::ErrorReason>(reason)));
    }
    return reasons;
  }

  storage::AccountRecord Find(const Response& result) {
    return world_.Find(storage::AccountId(result.account_id()));
  }

  storage::PasswordAttempts Attempts(const storage::AccountId& id) {
    storage::PasswordAttempts attempts;
    EXPECT_EQ(world_.accounts().Read([&](storage::Transaction& transaction) {
      attempts =
          transaction.FindPasswordAttempts(absl::StrCat(storage::kAccountSubject, id.value()))
              .value();
      return absl::OkStatus();
    }),
              absl::OkStatus());
    return attempts;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId operator_ = world_.AddOperator();
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_IMPORT_WORLD_H_

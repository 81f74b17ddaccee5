// Organisations and the acceptable use policy, operation by operation.

#include "server/operations/organisation_operations.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::OrganisationId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr char kNotPermitted[] = "PERMISSION_DENIED / NOT_PERMITTED";

v1::CreateOrganisationRequest Riverside() {
  v1::CreateOrganisationRequest request;
  request.set_display_name("Riverside Trust");
  request.set_nas_managed(true);
  request.set_password_scope(v1::PASSWORD_SCOPE_SEAMLESS);
  return request;
}

v1::PublishAcceptableUsePolicyRequest Aup(const std::string& version) {
  v1::PublishAcceptableUsePolicyRequest request;
  request.set_version(version);
  request.set_document_uri("https://example.org/aup");
  request.set_document_sha256(std::string(64, 'c'));
  return request;
}

class OrganisationOperationsTest : public testing::Test {
 protected:
  // One of each role, in an organisation of their own.
  std::string EnterAs(v1::Role role) {
    return world_.Enter(world_.AddPerson(hilltop_, v1::Role_Name(role), role));
  }

  v1::UpdateOrganisationRequest Renaming(const OrganisationId& id, const std::string& name) {
    v1::UpdateOrganisationRequest request;
    request.set_organisation_id(id.value());
    request.set_display_name(name);
    request.mutable_update_mask()->add_paths("display_name");
    return request;
  }

  std::vector<std::string> Names(const std::string& token, const std::string& prefix,
                                 int page_size) {
    std::vector<std::string> names;
    v1::ListOrganisationsRequest request;
    request.set_name_prefix(prefix);
    request.set_page_size(page_size);
    do {
      const auto page = world_.Call(token, ListOrganisations, request);
      EXPECT_EQ(Outcome(page), "OK");
      if (!page.ok()) break;
      EXPECT_LE(page->organisations_size(), page_size);
      for (const auto& organisation : page->organisations()) {
        names.push_back(organisation.display_name());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  World world_;
  const OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const std::string operator_ = world_.Enter(world_.AddOperator());
  const OrganisationId system_;
};

TEST_F(OrganisationOperationsTest, AnOperatorCreatesAnOrganisationAsDescribed) {
  const auto created = world_.Call(operator_, CreateOrganisation, Riverside());
  ASSERT_EQ(Outcome(created), "OK");
  v1::GetOrganisationRequest get;
  get.set_organisation_id(created->organisation().organisation_id());
  const auto read = world_.Call(operator_, GetOrganisation, get);
  ASSERT_EQ(Outcome(read), "OK");
  EXPECT_EQ(read->organisation().SerializeAsString(), created->organisation().SerializeAsString());
  EXPECT_EQ(read->organisation().display_name(), "Riverside Trust");
  EXPECT_TRUE(read->organisation().nas_managed());
  EXPECT_EQ(read->organisation().password_scope(), v1::PASSWORD_SCOPE_SEAMLESS);
  EXPECT_FALSE(read->organisation().etag().empty());
}

TEST_F(OrganisationOperationsTest, NobodyButAnOperatorCreatesChangesOrStops) {
  for (const auto role : {v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN, v1::ROLE_AUDITOR,
                          v1::ROLE_PRIMARY_LOCAL_ADMIN, v1::ROLE_NATIONAL_ADMIN}) {
    SCOPED_TRACE(v1::Role_Name(role));
    const std::string token = EnterAs(role);
    const std::string before = world_.Everything();
    EXPECT_EQ(Outcome(world_.Call(token, CreateOrganisation, Riverside())), kNotPermitted);
    EXPECT_EQ(Outcome(world_.Call(token, UpdateOrganisation, Renaming(hilltop_, "Mine"))),
              kNotPermitted);
    EXPECT_EQ(world_.Everything(), before);
  }
}

TEST_F(OrganisationOperationsTest, ARefusalLeavesOneEventAndNothingElse) {
  const AccountId admin = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  const std::string token = world_.Enter(admin);
  const std::string before = world_.Everything();
  const size_t events = world_.Audit(hilltop_).size();
  EXPECT_EQ(Outcome(world_.Call(token, UpdateOrganisation, Renaming(hilltop_, "Mine"))),
            kNotPermitted);
  EXPECT_EQ(world_.Everything(), before);
  const auto log = world_.Audit(hilltop_);
  ASSERT_EQ(log.size(), events + 1);
  EXPECT_EQ(log[0].action, "UPDATE_ORGANISATION");
  EXPECT_EQ(log[0].outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_THAT(log[0].reasons, ElementsAre("NOT_PERMITTED"));
  EXPECT_EQ(log[0].actor_id, admin);
}

TEST_F(OrganisationOperationsTest, ANameIsTakenWhateverItsCase) {
  ASSERT_EQ(Outcome(world_.Call(operator_, CreateOrganisation, Riverside())), "OK");
  auto again = Riverside();
  again.set_display_name("RIVERSIDE trust");
  EXPECT_EQ(Outcome(world_.Call(operator_, CreateOrganisation, again)),
            "ALREADY_EXISTS / ORGANISATION_NAME_TAKEN");
  EXPECT_EQ(
      Outcome(world_.Call(operator_, UpdateOrganisation, Renaming(hilltop_, "riverside TRUST"))),
      "ALREADY_EXISTS / ORGANISATION_NAME_TAKEN");
  EXPECT_THAT(world_.Audit(system_)[0].reasons, ElementsAre("ORGANISATION_NAME_TAKEN"));
}

TEST_F(OrganisationOperationsTest, ARepeatedRequestHasOneEffectAndTheSameAnswer) {
  auto request = Riverside();
  request.set_request_id(world_.NewRequestId());
  const auto first = world_.Call(operator_, CreateOrganisation, request);
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_FALSE(first->replayed());
  const auto second = world_.Call(operator_, CreateOrganisation, request);
  ASSERT_EQ(Outcome(second), "OK");
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->organisation().organisation_id(), first->organisation().organisation_id());
  EXPECT_THAT(Names(operator_, "riverside", 10), SizeIs(1));
  EXPECT_THAT(world_.Audit(system_), SizeIs(1));

  request.set_nas_managed(false);
  EXPECT_EQ(Outcome(world_.Call(operator_, CreateOrganisation, request)),
            "INVALID_ARGUMENT / REQUEST_ID_REUSED");
}

TEST_F(OrganisationOperationsTest, AnotherCallersRequestIdIsNotMine) {
  auto request = Riverside();
  request.set_request_id(world_.NewRequestId());
  ASSERT_EQ(Outcome(world_.Call(operator_, CreateOrganisation, request)), "OK");
  const std::string other = world_.Enter(world_.AddOperator("oscar.operator"));
  EXPECT_EQ(Outcome(world_.Call(other, CreateOrganisation, request)),
            "ALREADY_EXISTS / ORGANISATION_NAME_TAKEN");
}

TEST_F(OrganisationOperationsTest, ValidateOnlyChecksAllAndChangesNothing) {
  const std::string before = world_.Everything();
  auto create = Riverside();
  create.set_validate_only(true);
  const auto created = world_.Call(operator_, CreateOrganisation, create);
  ASSERT_EQ(Outcome(created), "OK");
  EXPECT_EQ(created->organisation().display_name(), "Riverside Trust");
  EXPECT_THAT(created->organisation().organisation_id(), IsEmpty());
  EXPECT_THAT(created->organisation().etag(), IsEmpty());

  auto rename = Renaming(hilltop_, "Hilltop Practice");
  rename.set_validate_only(true);
  EXPECT_EQ(Outcome(world_.Call(operator_, UpdateOrganisation, rename)), "OK");
  auto publish = Aup("2026-11");
  publish.set_validate_only(true);
  EXPECT_EQ(Outcome(world_.Call(operator_, PublishAcceptableUsePolicy, publish)), "OK");
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_THAT(world_.Audit(system_), IsEmpty());

  create.set_display_name("hilltop surgery");
  EXPECT_EQ(Outcome(world_.Call(operator_, CreateOrganisation, create)),
            "ALREADY_EXISTS / ORGANISATION_NAME_TAKEN");
}

TEST_F(OrganisationOperationsTest, AllFaultsOfARequestAreToldAtOnce) {
  v1::CreateOrganisationRequest create;
  create.set_display_name("bell\a");
  create.set_password_scope(static_cast<v1::PasswordScope>(77));
  create.set_request_id("not a uuid");
  EXPECT_THAT(FaultyFields(world_.Call(operator_, CreateOrganisation, create).status()),
              ElementsAre("display_name", "password_scope", "request_id"));

  v1::UpdateOrganisationRequest update;
  update.set_organisation_id("short");
  update.set_display_name(std::string(129, 'x'));
  for (const char* path : {"display_name", "etag", "no_such_field"}) {
    update.mutable_update_mask()->add_paths(path);
  }
  EXPECT_THAT(
      FaultyFields(world_.Call(operator_, UpdateOrganisation, update).status()),
      UnorderedElementsAre("organisation_id", "update_mask", "update_mask", "display_name"));

  v1::PublishAcceptableUsePolicyRequest publish;
  publish.set_version(std::string(65, 'v'));
  publish.set_document_uri("http://example.org/aup");
  publish.set_document_sha256(std::string(64, 'C'));
  EXPECT_THAT(FaultyFields(world_.Call(operator_, PublishAcceptableUsePolicy, publish).status()),
              ElementsAre("version", "document_uri", "document_sha256"));
}

TEST_F(OrganisationOperationsTest, OnlyTheFieldsInTheMaskChange) {
  v1::UpdateOrganisationRequest request;
  request.set_organisation_id(hilltop_.value());
  request.set_display_name("is not in the mask");
  request.set_nas_managed(true);
  request.mutable_update_mask()->add_paths("nas_managed");
  const auto updated = world_.Call(operator_, UpdateOrganisation, request);
  ASSERT_EQ(Outcome(updated), "OK");
  EXPECT_EQ(updated->organisation().display_name(), "Hilltop Surgery");
  EXPECT_TRUE(updated->organisation().nas_managed());
  EXPECT_EQ(updated->organisation().password_scope(), v1::PASSWORD_SCOPE_SEPARATE);
  EXPECT_THAT(world_.Audit(hilltop_)[0].details, ElementsAre(testing::Pair("nas_managed", "true")));
}

TEST_F(OrganisationOperationsTest, AStaleEtagChangesNothing) {
  auto rename = Renaming(hilltop_, "Hilltop Practice");
  const auto seen = world_.Call(operator_, GetOrganisation, [&] {
    v1::GetOrganisationRequest request;
    request.set_organisation_id(hilltop_.value());
    return request;
  }());
  rename.set_etag(seen->organisation().etag());
  const auto renamed = world_.Call(operator_, UpdateOrganisation, rename);
  ASSERT_EQ(Outcome(renamed), "OK");
  EXPECT_NE(renamed->organisation().etag(), rename.etag());

  const std::string before = world_.Everything();
  rename.set_display_name("Hilltop Clinic");
  EXPECT_EQ(Outcome(world_.Call(operator_, UpdateOrganisation, rename)), "ABORTED / ETAG_STALE");
  EXPECT_EQ(world_.Everything(), before);
  rename.set_etag(renamed->organisation().etag());
  EXPECT_EQ(Outcome(world_.Call(operator_, UpdateOrganisation, rename)), "OK");
}

TEST_F(OrganisationOperationsTest, PeopleReadTheirOwnOrganisationAndNoOther) {
  const std::string token = world_.Enter(world_.AddPerson(hilltop_, "asha.patel"));
  const auto own = world_.Call(token, GetOrganisation, {});
  ASSERT_EQ(Outcome(own), "OK");
  EXPECT_EQ(own->organisation().organisation_id(), hilltop_.value());

  v1::GetOrganisationRequest foreign;
  foreign.set_organisation_id(world_.AddOrganisation("Riverside Trust").value());
  v1::GetOrganisationRequest unknown;
  unknown.set_organisation_id(std::string(22, 'A'));
  const auto refused_foreign = world_.Call(token, GetOrganisation, foreign);
  const auto refused_unknown = world_.Call(token, GetOrganisation, unknown);
  EXPECT_EQ(Outcome(refused_foreign), kNotPermitted);
  EXPECT_EQ(refused_unknown.status(), refused_foreign.status());
  EXPECT_EQ(Outcome(world_.Call(operator_, GetOrganisation, foreign)), "OK");
  EXPECT_EQ(Outcome(world_.Call(operator_, GetOrganisation, unknown)), kNotPermitted);
}

TEST_F(OrganisationOperationsTest, OrganisationsAreListedByNamePageByPage) {
  for (const char* name : {"beech", "Alder", "Ash", "aspen", "Birch"}) {
    world_.AddOrganisation(name);
  }
  EXPECT_THAT(Names(operator_, "a", 2), ElementsAre("Alder", "Ash", "aspen"));
  EXPECT_THAT(Names(operator_, "", 1), ElementsAre("Alder", "Ash", "aspen", "beech", "Birch",
                                                   "Hilltop Surgery", "National Service"));
  EXPECT_THAT(Names(EnterAs(v1::ROLE_NATIONAL_ADMIN), "B", 2), ElementsAre("beech", "Birch"));
  EXPECT_EQ(Outcome(world_.Call(EnterAs(v1::ROLE_PRIMARY_LOCAL_ADMIN), ListOrganisations, {})),
            kNotPermitted);
}

TEST_F(OrganisationOperationsTest, APageTokenIsForItsOwnerAndItsListAlone) {
  for (const char* name : {"Alder", "Ash", "Aspen"}) world_.AddOrganisation(name);
  v1::ListOrganisationsRequest request;
  request.set_page_size(1);
  request.set_name_prefix("a");
  const auto page = world_.Call(operator_, ListOrganisations, request);
  ASSERT_EQ(Outcome(page), "OK");
  request.set_page_token(page->next_page_token());
  constexpr char kInvalid[] = "INVALID_ARGUMENT / PAGE_TOKEN_INVALID";

  const std::string other = world_.Enter(world_.AddOperator("oscar.operator"));
  EXPECT_EQ(Outcome(world_.Call(other, ListOrganisations, request)), kInvalid);
  auto other_list = request;
  other_list.set_name_prefix("as");
  EXPECT_EQ(Outcome(world_.Call(operator_, ListOrganisations, other_list)), kInvalid);
  auto altered = request;
  altered.mutable_page_token()->back() ^= 1;
  EXPECT_EQ(Outcome(world_.Call(operator_, ListOrganisations, altered)), kInvalid);
  auto other_size = request;
  other_size.set_page_size(2);
  EXPECT_EQ(Outcome(world_.Call(operator_, ListOrganisations, other_size)), "OK");

  request.set_page_size(-1);
  EXPECT_THAT(FaultyFields(world_.Call(operator_, ListOrganisations, request).status()),
              ElementsAre("page_size"));
}

TEST_F(OrganisationOperationsTest, TheLatestPublishedPolicyIsTheCurrentOne) {
  const std::string reader = world_.Enter(world_.AddPerson(hilltop_, "asha.patel"));
  ASSERT_EQ(Outcome(world_.Call(operator_, PublishAcceptableUsePolicy, Aup("2026-11"))), "OK");
  ASSERT_EQ(Outcome(world_.Call(EnterAs(v1::ROLE_NATIONAL_ADMIN), PublishAcceptableUsePolicy,
                                Aup("2026-10"))),
            "OK");

  const auto current = world_.Call(reader, GetAcceptableUsePolicy, {});
  ASSERT_EQ(Outcome(current), "OK");
  EXPECT_EQ(current->acceptable_use_policy().version(), "2026-10");
  EXPECT_EQ(current->acceptable_use_policy().document_sha256(), std::string(64, 'c'));
  EXPECT_TRUE(current->current());
  v1::GetAcceptableUsePolicyRequest older;
  older.set_version("2026-11");
  const auto found = world_.Call(reader, GetAcceptableUsePolicy, older);
  ASSERT_EQ(Outcome(found), "OK");
  EXPECT_FALSE(found->current());
  older.set_version("never");
  EXPECT_EQ(Outcome(world_.Call(reader, GetAcceptableUsePolicy, older)),
            "FAILED_PRECONDITION / AUP_NOT_PUBLISHED");
}

TEST_F(OrganisationOperationsTest, APolicyVersionIsPublishedOnceAndNotByAnybody) {
  ASSERT_EQ(Outcome(world_.Call(operator_, PublishAcceptableUsePolicy, Aup("2026-11"))), "OK");
  const std::string local = EnterAs(v1::ROLE_PRIMARY_LOCAL_ADMIN);
  const std::string before = world_.Everything();
  EXPECT_EQ(Outcome(world_.Call(operator_, PublishAcceptableUsePolicy, Aup("2026-11"))),
            "ALREADY_EXISTS / AUP_VERSION_EXISTS");
  EXPECT_EQ(Outcome(world_.Call(local, PublishAcceptableUsePolicy, Aup("2026-12"))), kNotPermitted);
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_THAT(world_.Audit(system_), SizeIs(3));
  EXPECT_EQ(world_.Audit(system_)[0].outcome, v1::AUDIT_OUTCOME_DENIED);
}

TEST_F(OrganisationOperationsTest, PublishingChangesNoAccountAndEndsNoSession) {
  const AccountId asha = world_.AddPerson(hilltop_, "asha.patel");
  const std::string token = world_.Enter(asha);
  const int64_t row_version = world_.Find(asha).row_version;
  ASSERT_EQ(Outcome(world_.Call(operator_, PublishAcceptableUsePolicy, Aup("2026-11"))), "OK");
  EXPECT_EQ(world_.Find(asha).row_version, row_version);
  EXPECT_EQ(Outcome(world_.Call(token, GetOrganisation, {})), "OK");
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha), GetOrganisation, {})),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
}

TEST(FirstAcceptableUsePolicyTest, ItMayBePublishedWhileRestrictedAndNoLaterOne) {
  World world(World::Aup::kNone);
  const AccountId newcomer = world.AddOperator();
  const std::string restricted = world.Enter(newcomer);  // nothing to accept yet
  world.Change(newcomer,
               [](storage::AccountRecord& account) { account.password.must_change = true; });
  const std::string too_early = world.Enter(newcomer);

  EXPECT_EQ(Outcome(world.Call(restricted, GetAcceptableUsePolicy, {})),
            "FAILED_PRECONDITION / AUP_NOT_PUBLISHED");
  EXPECT_EQ(Outcome(world.Call(too_early, PublishAcceptableUsePolicy, Aup("2026-11"))),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
  EXPECT_EQ(Outcome(world.Call(restricted, PublishAcceptableUsePolicy, Aup("2026-11"))), "OK");
  EXPECT_EQ(Outcome(world.Call(restricted, PublishAcceptableUsePolicy, Aup("2026-12"))),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
}

}  // namespace
}  // namespace gatehouse::server

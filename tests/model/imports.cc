// People who come from elsewhere in bulk: with a hash of their password or without, with questions
// of the old kind or without, long since joined or just now; and imports that are sent again.

#include <utility>

#include "absl/strings/strip.h"

#include "tests/model/driver.h"

namespace gatehouse::model {
namespace {

// Of kPassword.
constexpr char kBcrypt[] = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
constexpr char kPassword[] = "correct horse";
// Long enough ago for the hold to be over.
constexpr absl::Duration kLongSince = absl::Hours(30);

v1::ImportedAccount ImportedPerson(const std::string& username) {
  v1::ImportedAccount account;
  account.set_username(username);
  account.mutable_profile()->set_given_name("Robin");
  account.mutable_profile()->set_family_name("Example");
  account.mutable_profile()->set_display_name("Robin Example");
  return account;
}

Reasons ReasonsOf(const v1::ImportAccountsResponse& result) {
  Reasons reasons;
  for (const int reason : result.reasons()) {
    reasons.emplace(absl::StripPrefix(v1::ErrorReason_Name(static_cast<v1::ErrorReason>(reason)),
                                      "ERROR_REASON_"));
  }
  return reasons;
}

}  // namespace

Driver::Import Driver::DrawImport(OrganisationIndex organisation, Draw& draw) {
  Import import(2 + draw.Below(3));
  v1::ImportAccountsRequest::Start& start = *import[0].mutable_start();
  start.set_organisation_id(reference_.organisations[organisation].id);
  start.set_request_id(NewRequestId());
  for (size_t i = 1; i < import.size(); ++i) {
    // The operator's name is taken for good.
    const bool is_taken = draw.OneIn(5);
    v1::ImportedAccount& account = *import[i].mutable_account();
    account = ImportedPerson(is_taken ? reference_.people[0].username
                                      : absl::StrCat("person.", ++names_));
    account.set_item(static_cast<int64_t>(i));
    if (draw.OneIn(2)) account.set_password_hash(kBcrypt);
    for (int question = 1; question <= 3 && i == 1; ++question) {
      v1::SecurityQuestion& asked = *account.add_security_questions();
      asked.set_question(absl::StrCat("question ", question));
      asked.set_answer(absl::StrCat("answer ", question));
    }
    if (draw.OneIn(2)) {
      account.mutable_joined_time()->set_seconds(absl::ToUnixSeconds(reference_.now - kLongSince));
    }
  }
  return import;
}

std::map<int64_t, v1::ImportAccountsResponse> Driver::Results(SessionIndex index,
                                                              const Import& import) {
  ReadClock();
  Session& session = reference_.sessions[index];
  const Reasons expected = reference_.JudgeOperation(session);
  reference_.Touch(session);
  std::vector<v1::ImportAccountsResponse> results;
  ++calls_;
  const Reasons actual = model::ReasonsOf(system_.Import(session.token, import, results));
  Tell(absl::StrCat("an import of ", import.size() - 1, " -> ", TextOf(actual)));
  std::map<int64_t, v1::ImportAccountsResponse> by_place;
  if (!Agree("ImportAccounts", expected, actual) || !actual.empty()) return by_place;
  for (v1::ImportAccountsResponse& result : results) by_place[result.item()] = std::move(result);
  Compare("how many items are answered", import.size() - 1, by_place.size());
  ++done_by_request_["ImportAccountsRequest"];
  return by_place;
}

void Driver::SendImport(SessionIndex session, const Import& import,
                        OrganisationIndex organisation) {
  for (auto& [place, result] : Results(session, import)) {
    const v1::ImportedAccount& account = import[static_cast<size_t>(place)].account();
    const bool is_taken = account.username() == reference_.people[0].username;
    const Reasons expected = is_taken ? Reasons{"USERNAME_TAKEN"} : Reasons();
    if (!Agree("an item of an import", expected, ReasonsOf(result)) || is_taken) continue;
    const bool has_hash = !account.password_hash().empty();
    Compare("whether a password is told", !has_hash, !result.temporary_password().empty());
    Person person{.id = result.account_id(),
                  .username = account.username(),
                  .organisation = organisation,
                  .password = has_hash ? kPassword : result.temporary_password(),
                  .temporary = !has_hash,
                  .must_change = !has_hash};
    for (const v1::SecurityQuestion& question : account.security_questions()) {
      person.questions[question.question()] = question.answer();
    }
    reference_.Import(std::move(person),
                      account.has_joined_time()
                          ? absl::FromUnixSeconds(account.joined_time().seconds())
                          : reference_.now);
    newcomers_.push_back(reference_.people.size() - 1);
  }
}

// What was made is not made again, and what is another account by now is refused.
void Driver::SendAgain(SessionIndex session, Import import, Draw& draw) {
  const size_t changed = draw.OneIn(2) ? 1 + draw.Below(import.size() - 1) : import.size();
  if (changed < import.size()) {
    import[changed].mutable_account()->mutable_profile()->set_given_name("Alex");
  }
  for (const auto& [place, result] : Results(session, import)) {
    const size_t item = static_cast<size_t>(place);
    const bool is_taken = import[item].account().username() == reference_.people[0].username;
    Reasons expected;
    if (item == changed) expected = {"REQUEST_ID_REUSED"};
    if (is_taken) expected = {"USERNAME_TAKEN"};
    Agree("an item that is sent again", expected, ReasonsOf(result));
    Compare("whether an item was made before", expected.empty(), result.replayed());
    Compare("whether its password is told again", false, !result.temporary_password().empty());
  }
}

void Driver::ImportPeople(Draw& draw) {
  const PersonIndex actor = draw.OneIn(4) ? Somebody(draw) : 0;
  if (failed()) return;
  const auto session = actor == 0 ? EnterAsOperator() : Enter(actor, draw);
  if (!session.has_value() || failed()) return;
  const OrganisationIndex organisation = homes_[draw.Below(homes_.size())];
  const size_t before = reference_.people.size();
  const Import import = DrawImport(organisation, draw);
  SendImport(*session, import, organisation);
  if (!failed() && draw.OneIn(2)) SendAgain(*session, import, draw);
  if (reference_.people.size() > before) CheckAccount(reference_.people.size() - 1);
}

}  // namespace gatehouse::model

// What the steps consist of: call, compare, tell the reference.

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "tests/model/driver.h"

namespace gatehouse::model {
namespace {

std::string Text(const google::protobuf::RepeatedField<int>& actions) {
  return absl::StrJoin(actions, ", ", [](std::string* out, int action) {
    absl::StrAppend(out, v1::RequiredAction_Name(static_cast<v1::RequiredAction>(action)));
  });
}

std::string Text(const Actions& actions) {
  return absl::StrJoin(actions, ", ", [](std::string* out, v1::RequiredAction action) {
    absl::StrAppend(out, v1::RequiredAction_Name(action));
  });
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

v1::Profile ProfileOfEverybody() {
  v1::Profile profile;
  profile.set_given_name("Robin");
  profile.set_family_name("Example");
  profile.set_display_name("Robin Example");
  profile.set_contact_email("robin@example.org");
  return profile;
}

template <typename Request>
void Attest(Request& request, v1::AttestationKind kind = v1::ATTESTATION_KIND_KNOWN_IN_PERSON) {
  request.mutable_identity_check()->mutable_attestation()->set_kind(kind);
}

// The rules of a role held or granted, as the contract writes it.
std::string Text(const std::set<RoleHeld>& roles, const std::vector<Organisation>& organisations) {
  return absl::StrJoin(roles, ", ", [&](std::string* out, const RoleHeld& held) {
    absl::StrAppend(out, v1::Role_Name(held.first), "@",
                    held.second == kEverywhere ? "" : organisations[held.second].id);
  });
}

template <typename Grants>
std::string Text(const Grants& grants) {
  std::vector<std::pair<v1::Role, std::string>> sorted;
  for (const v1::RoleGrant& grant : grants) {
    sorted.emplace_back(grant.role(), grant.organisation_id());
  }
  std::sort(sorted.begin(), sorted.end());
  return absl::StrJoin(sorted, ", ", [](std::string* out, const auto& grant) {
    absl::StrAppend(out, v1::Role_Name(grant.first), "@", grant.second);
  });
}

}  // namespace

// --- Signing in and the person's own affairs -----------------------------------------------------

Driver::Entry Driver::TypePassword(PersonIndex index, const std::string& password) {
  ReadClock();
  Person& person = reference_.people[index];
  const bool proven = reference_.Proves(person, password);
  const Reasons expected = proven ? reference_.JudgeEntry(person) : Reasons{"INVALID_CREDENTIALS"};
  v1::CreateSessionRequest request;
  request.set_username(person.username);
  request.set_password(password);
  const auto answer = Call<v1::CreateSessionResponse>("", request);
  if (!Agree("CreateSession", expected, answer.reasons) || !answer.ok()) return {};
  const bool is_asked = Reference::MethodsOf(person) > 0;
  Compare("whether a second factor is asked for", is_asked, answer->has_second_factor());
  if (failed()) return {};
  if (is_asked) return {.challenge = Challenged(index, answer->second_factor())};
  return {.session = Opened(index, answer->session_token(), answer->session(),
                            reference_.PendingOf(person).empty())};
}

std::optional<SessionIndex> Driver::SignIn(PersonIndex index, const std::string& password) {
  const Entry entry = TypePassword(index, password);
  if (failed() || !entry.challenge.has_value()) return entry.session;
  const auto typed = RightCode(*entry.challenge);
  if (!typed.has_value()) return std::nullopt;
  return AnswerChallenge(*entry.challenge, typed->method_id, typed->code);
}

SessionIndex Driver::Opened(PersonIndex person, const std::string& token, const v1::Session& told,
                            bool full) {
  const SessionIndex index = reference_.Open(
      person,
      {.token = token, .id = told.session_id(), .full = full, .ends = TimeOf(told.expire_time())});
  Compare("the session's level", full ? v1::SESSION_LEVEL_FULL : v1::SESSION_LEVEL_RESTRICTED,
          told.level());
  Compare("whose session it is", reference_.people[person].id, told.account_id());
  Compare("the required actions", Text(reference_.sessions[index].asked),
          Text(told.required_actions()));
  const absl::Duration short_by =
      reference_.LatestEnd(reference_.people[person], full) - reference_.sessions[index].ends;
  if (system_.clock() == ClockKind::kStandsStill) {
    Compare("how much sooner the session ends than it may", std::string("0"),
            absl::FormatDuration(short_by));
  }
  Compare("whether the session ends in time", true, short_by >= -absl::Minutes(1));
  return index;
}

std::optional<SessionIndex> Driver::ChangePassword(SessionIndex index, const std::string& current,
                                                   const std::string& fresh) {
  ReadClock();
  Session& session = reference_.sessions[index];
  Person& person = reference_.people[session.person];
  Reasons expected;
  if (reference_.LifeOf(session) == Life::kOver) {
    expected = {"SESSION_INVALID"};
  } else {
    expected = reference_.Proves(person, current) ? Reference::JudgePassword(person, fresh)
                                                  : Reasons{"PASSWORD_WRONG"};
    if (!session.full && !Contains(session.asked, v1::REQUIRED_ACTION_CHANGE_PASSWORD)) {
      expected = {"SESSION_RESTRICTED"};
    }
  }
  reference_.Touch(session);
  v1::ChangePasswordRequest request;
  request.set_current_password(current);
  request.set_new_password(fresh);
  const auto answer = Call<v1::ChangePasswordResponse>(session.token, request);
  if (!Agree("ChangePassword", expected, answer.reasons) || !answer.ok()) return std::nullopt;
  reference_.ChangePassword(person, fresh);
  reference_.EndSessions(person);
  return Opened(session.person, answer->session_token(), answer->session(),
                session.full || reference_.PendingOf(person).empty());
}

std::optional<SessionIndex> Driver::Complete(SessionIndex index, const Completion& completion) {
  ReadClock();
  Session& session = reference_.sessions[index];
  Person& person = reference_.people[session.person];
  const Reasons expected = reference_.JudgeCompletion(session, completion);
  reference_.Touch(session);
  v1::CompleteRequiredActionsRequest request;
  if (completion.aup.has_value()) request.mutable_accept_aup()->set_version(*completion.aup);
  if (completion.profile) *request.mutable_profile() = ProfileOfEverybody();
  if (completion.secret.has_value()) request.set_account_secret(*completion.secret);
  const auto answer = Call<v1::CompleteRequiredActionsResponse>(session.token, request);
  if (!Agree("CompleteRequiredActions", expected, answer.reasons) || !answer.ok()) {
    return std::nullopt;
  }
  reference_.Complete(person, completion);
  session.over = true;
  return Opened(session.person, answer->session_token(), answer->session(),
                reference_.PendingOf(person).empty());
}

std::optional<SessionIndex> Driver::Finish(SessionIndex index, Draw& draw) {
  const Person& person = reference_.people[reference_.sessions[index].person];
  std::optional<SessionIndex> session = index;
  if (Contains(reference_.PendingOf(reference_.sessions[index]),
               v1::REQUIRED_ACTION_CHANGE_PASSWORD)) {
    session = ChangePassword(index, person.password, draw.FreshPassword());
  }
  if (!session.has_value() || failed() || reference_.sessions[*session].full) return session;
  const Actions pending = reference_.PendingOf(reference_.sessions[*session]);
  // Another session has done it all meanwhile; this one stays what it is.
  if (pending.empty()) return session;
  if (pending.front() != v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD) {
    Completion completion;
    if (Contains(pending, v1::REQUIRED_ACTION_ACCEPT_AUP)) {
      if (reference_.current_aup.empty()) PublishAup(draw);
      completion.aup = reference_.current_aup;
    }
    completion.profile = Contains(pending, v1::REQUIRED_ACTION_UPDATE_PROFILE);
    if (Contains(pending, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET)) {
      completion.secret = draw.Letters(12);
    }
    session = Complete(*session, completion);
  }
  if (!session.has_value() || failed() || reference_.sessions[*session].full) return session;
  return AddMethod(*session, NewMethod(reference_.sessions[*session].person, draw));
}

void Driver::SetSecret(SessionIndex index, const std::string& password, const std::string& secret) {
  ReadClock();
  Session& session = reference_.sessions[index];
  Person& person = reference_.people[session.person];
  Reasons expected;
  if (reference_.LifeOf(session) == Life::kOver) {
    expected = {"SESSION_INVALID"};
  } else {
    expected = reference_.Proves(person, password) ? reference_.JudgeSecret(person, secret)
                                                   : Reasons{"PASSWORD_WRONG"};
    if (!session.full) expected = {"SESSION_RESTRICTED"};
  }
  reference_.Touch(session);
  v1::SetAccountSecretRequest request;
  request.set_password(password);
  request.set_account_secret(secret);
  const auto answer = Call<v1::SetAccountSecretResponse>(session.token, request);
  if (Agree("SetAccountSecret", expected, answer.reasons) && answer.ok()) {
    reference_.SetSecret(person, secret);
  }
}

// --- Looking -------------------------------------------------------------------------------------

void Driver::Validate(SessionIndex index) {
  ReadClock();
  Session& session = reference_.sessions[index];
  const Life life = reference_.LifeOf(session);
  if (life == Life::kUnsure) return;
  const Person& person = reference_.people[session.person];
  // That it is a day's first use is written down later, and over the wire nobody can tell when.
  if (system_.clock() == ClockKind::kRuns && reference_.IsFirstUseOfDay(person)) return;
  v1::ValidateSessionRequest request;
  request.set_session_token(session.token);
  const auto answer = Call<v1::ValidateSessionResponse>("", request);
  const Reasons expected = life == Life::kLive ? Reasons() : Reasons{"SESSION_INVALID"};
  if (!Agree("ValidateSession", expected, answer.reasons) || !answer.ok()) return;
  reference_.Validate(session);
  Compare("a valid session's level",
          session.full ? v1::SESSION_LEVEL_FULL : v1::SESSION_LEVEL_RESTRICTED,
          answer->session().level());
  Compare("a valid session's roles", Text(person.roles, reference_.organisations),
          Text(answer->roles()));
  if (person.organisation != 0) {
    Compare("a valid session's organisation", reference_.organisations[person.organisation].id,
            answer->organisation_id());
  }
}

void Driver::ListSessions(SessionIndex index, PersonIndex target) {
  v1::ListSessionsRequest request;
  request.set_account_id(reference_.people[target].id);
  request.set_page_size(1000);
  const auto listed = Do<v1::ListSessionsRequest, v1::ListSessionsResponse>(
      index, Act::kListSessions, target, request);
  if (!listed.has_value()) return;
  std::set<std::string> told;
  for (const v1::Session& session : listed->sessions()) told.insert(session.session_id());
  for (const Session& session : reference_.sessions) {
    const Life life = reference_.LifeOf(session);
    if (session.person != target || life == Life::kUnsure) continue;
    Compare("whether a session is listed", life == Life::kLive, told.count(session.id) > 0);
  }
}

void Driver::CheckEligibility(SessionIndex index, PersonIndex target) {
  static const std::vector<std::pair<model::Act, v1::Action>> kActs = {
      {Act::kResecure, v1::ACTION_RESECURE_ACCOUNT},
      {Act::kResetPassword, v1::ACTION_RESET_PASSWORD},
      {Act::kUnlock, v1::ACTION_UNLOCK_ACCOUNT},
      {Act::kDisable, v1::ACTION_DISABLE_ACCOUNT},
      {Act::kEnable, v1::ACTION_ENABLE_ACCOUNT},
      {Act::kDelete, v1::ACTION_DELETE_ACCOUNT},
      {Act::kRestore, v1::ACTION_RESTORE_ACCOUNT},
      {Act::kMarkLeaver, v1::ACTION_MARK_LEAVER},
      {Act::kRevokeSessions, v1::ACTION_REVOKE_ALL_SESSIONS},
      {Act::kResetMethods, v1::ACTION_RESET_AUTHENTICATION_METHODS},
      {Act::kRecognise, v1::ACTION_START_IDENTITY_VERIFICATION},
  };
  v1::CheckEligibilityRequest request;
  request.set_account_id(reference_.people[target].id);
  for (const auto& [act, action] : kActs) request.add_actions(action);
  const auto checked = Do<v1::CheckEligibilityRequest, v1::CheckEligibilityResponse>(
      index, Act::kCheckEligibility, target, request);
  if (!checked.has_value()) return;
  for (size_t i = 0; i < kActs.size() && !failed(); ++i) {
    const v1::Decision& decision = checked->results(static_cast<int>(i)).decision();
    Reasons told;
    for (const v1::Violation& violation : decision.violations()) {
      told.emplace(absl::StripPrefix(v1::ErrorReason_Name(violation.reason()), "ERROR_REASON_"));
    }
    Agree(absl::StrCat("eligibility for ", v1::Action_Name(kActs[i].second)),
          reference_.Judge(reference_.sessions[index], kActs[i].first, target), told);
    Compare("whether the decision allows", told.empty(), decision.allowed());
  }
}

void Driver::CheckAccount(PersonIndex index) {
  if (failed()) return;
  const auto session = EnterAsOperator();
  if (!session.has_value() || failed()) return;
  const Person& person = reference_.people[index];
  v1::GetAccountRequest request;
  request.set_account_id(person.id);
  const auto read =
      Do<v1::GetAccountRequest, v1::GetAccountResponse>(*session, Act::kRead, index, request);
  if (!read.has_value()) return;
  const v1::Account& account = read->account();
  const v1::AccountStatus status = reference_.StandingOf(person).status;
  Compare("the status", v1::AccountStatus_Name(status), v1::AccountStatus_Name(account.status()));
  if (status == v1::ACCOUNT_STATUS_PURGED) return;
  Compare("whether it is locked", person.locked, account.locked());
  Compare("whether it is a leaver's", person.left.has_value(), account.leaver());
  Compare("the roles", Text(person.roles, reference_.organisations), Text(account.roles()));
  if (person.organisation != 0) {
    Compare("the organisation", reference_.organisations[person.organisation].id,
            account.organisation_id());
  }
  // Of a sign-in that would be refused nothing is known to come.
  if (person.locked || !reference_.JudgeEntry(person).empty()) return;
  Compare("what the next sign-in demands", Text(reference_.PendingOf(person)),
          Text(account.required_actions()));
}

// --- What people do to others --------------------------------------------------------------------

// With an identity check that will not do now and then, and for a trial now and then. Whether it
// was done.
template <typename Request, typename Response>
bool Driver::Try(SessionIndex session, model::Act act, PersonIndex target, Draw& draw) {
  Request request;
  Reasons further;
  request.set_account_id(reference_.people[target].id);
  if constexpr (requires { request.set_reason(""); }) request.set_reason("the desk was called");
  if constexpr (requires { request.mutable_identity_check(); }) {
    if (draw.OneIn(12)) {
      further = {"IDENTITY_CHECK_REQUIRED"};
    } else if (draw.OneIn(12)) {
      Attest(request, v1::ATTESTATION_KIND_ORGANISATION_PROCEDURE);
      further = {"IDENTITY_CHECK_INSUFFICIENT"};
    } else {
      Attest(request);
    }
  }
  const bool trial = draw.OneIn(10);
  request.set_validate_only(trial);
  return Do<Request, Response>(session, act, target, request, {}, further).has_value() && !trial;
}

void Driver::Act(SessionIndex session, model::Act act, PersonIndex target, Draw& draw) {
  Person& person = reference_.people[target];
  switch (act) {
    case Act::kRead: {
      v1::GetAccountRequest request;
      request.set_account_id(person.id);
      Do<v1::GetAccountRequest, v1::GetAccountResponse>(session, act, target, request);
      return;
    }
    case Act::kListSessions:
      return ListSessions(session, target);
    case Act::kUpdateProfile: {
      v1::UpdateProfileRequest request;
      request.set_account_id(person.id);
      *request.mutable_profile() = ProfileOfEverybody();
      Do<v1::UpdateProfileRequest, v1::UpdateProfileResponse>(session, act, target, request);
      return;
    }
    case Act::kReadTimeline:
      return ReadTimeline(session, target);
    case Act::kListMethods:
      return ListMethods(session, target);
    case Act::kResecure:
      return Resecure(session, target, draw);
    case Act::kResetPassword:
      return ResetPassword(session, target, draw);
    default:
      break;
  }
  const auto plain = std::ranges::find(PlainActs(), act, &PlainAct::act);
  if ((this->*plain->attempt)(session, act, target, draw)) (reference_.*plain->effect)(person);
}

const std::vector<Driver::PlainAct>& Driver::PlainActs() {
  static const std::vector<PlainAct> kActs = {
      {Act::kRevokeSessions,
       &Driver::Try<v1::RevokeAllSessionsRequest, v1::RevokeAllSessionsResponse>,
       &Reference::SignOut},
      {Act::kUnlock, &Driver::Try<v1::UnlockAccountRequest, v1::UnlockAccountResponse>,
       &Reference::Unlock},
      {Act::kDisable, &Driver::Try<v1::DisableAccountRequest, v1::DisableAccountResponse>,
       &Reference::Disable},
      {Act::kEnable, &Driver::Try<v1::EnableAccountRequest, v1::EnableAccountResponse>,
       &Reference::Enable},
      {Act::kDelete, &Driver::Try<v1::DeleteAccountRequest, v1::DeleteAccountResponse>,
       &Reference::Delete},
      {Act::kRestore, &Driver::Try<v1::RestoreAccountRequest, v1::RestoreAccountResponse>,
       &Reference::Restore},
      {Act::kMarkLeaver, &Driver::Try<v1::MarkLeaverRequest, v1::MarkLeaverResponse>,
       &Reference::MarkLeaver},
      {Act::kResetMethods,
       &Driver::Try<v1::ResetAuthenticationMethodsRequest, v1::ResetAuthenticationMethodsResponse>,
       &Reference::ResetMethods},
  };
  return kActs;
}

void Driver::ReadTimeline(SessionIndex session, PersonIndex target) {
  const Person& person = reference_.people[target];
  v1::GetAccountTimelineRequest request;
  request.set_account_id(person.id);
  const auto read = Do<v1::GetAccountTimelineRequest, v1::GetAccountTimelineResponse>(
      session, Act::kReadTimeline, target, request);
  if (!read.has_value()) return;
  Compare("what stands against a sign-in", TextOf(reference_.JudgeSignIn(person)),
          TextOf(ReasonsOf(read->sign_in())));
}

std::string Driver::TemporaryPassword(const Person& person, Draw& draw) const {
  return draw.OneIn(2) ? draw.FreshPassword() : FormerPassword(person, draw);
}

// What a person's passwords were is told to nobody who may not give them one.
Reasons Driver::JudgeTemporaryPassword(SessionIndex session, model::Act act, PersonIndex target,
                                       const std::string& password) const {
  if (!reference_.Judge(reference_.sessions[session], act, target).empty()) return {};
  return Reference::JudgeGivenPassword(reference_.people[target], password);
}

void Driver::Resecure(SessionIndex session, PersonIndex target, Draw& draw) {
  Person& person = reference_.people[target];
  v1::ResecureAccountRequest request;
  request.set_account_id(person.id);
  request.set_reason("the secret is forgotten");
  Attest(request);
  Reasons further;
  if (draw.OneIn(3)) {
    request.set_temporary_password(TemporaryPassword(person, draw));
    further = JudgeTemporaryPassword(session, Act::kResecure, target, request.temporary_password());
  } else if (draw.OneIn(4)) {
    request.set_defer_temporary_password(true);
  }
  const bool must_change = !draw.OneIn(4);
  if (!must_change || draw.OneIn(2)) request.set_require_password_change(must_change);
  const bool with_methods = draw.OneIn(3);
  request.set_reset_authentication_methods(with_methods);
  const auto answer = Do<v1::ResecureAccountRequest, v1::ResecureAccountResponse>(
      session, Act::kResecure, target, request, {}, further);
  if (!answer.has_value()) return;
  const bool given = !request.temporary_password().empty();
  reference_.Resecure(person, given ? request.temporary_password() : answer->temporary_password(),
                      must_change);
  if (with_methods) reference_.ResetMethods(person);
  Compare("how many effects the receipt tells", with_methods ? 5 : 4,
          answer->receipt().steps_size());
  Compare("how many methods survive", Reference::OfferedTo(person).size(),
          static_cast<size_t>(answer->receipt().surviving_authentication_methods_size()));
}

void Driver::ResetPassword(SessionIndex session, PersonIndex target, Draw& draw) {
  Person& person = reference_.people[target];
  v1::ResetPasswordRequest request;
  request.set_account_id(person.id);
  request.set_reason("the password is forgotten");
  Attest(request);
  Reasons further;
  if (draw.OneIn(3)) {
    request.set_temporary_password(TemporaryPassword(person, draw));
    further =
        JudgeTemporaryPassword(session, Act::kResetPassword, target, request.temporary_password());
  }
  const bool must_change = !draw.OneIn(4);
  if (!must_change || draw.OneIn(2)) request.set_require_password_change(must_change);
  request.set_unlock(draw.OneIn(3));
  const auto answer = Do<v1::ResetPasswordRequest, v1::ResetPasswordResponse>(
      session, Act::kResetPassword, target, request, {}, further);
  if (!answer.has_value()) return;
  const bool given = !request.temporary_password().empty();
  reference_.ResetPassword(person,
                           given ? request.temporary_password() : answer->temporary_password(),
                           must_change, request.unlock());
}

void Driver::Join(SessionIndex session, PersonIndex target, OrganisationIndex organisation) {
  Person& person = reference_.people[target];
  v1::JoinOrganisationRequest request;
  request.set_account_id(person.id);
  request.set_reason("a new post");
  request.set_organisation_id(reference_.organisations[organisation].id);
  Attest(request);
  if (Do<v1::JoinOrganisationRequest, v1::JoinOrganisationResponse>(
          session, Act::kJoin, target, request, {.organisation = organisation})) {
    reference_.Join(person, organisation);
  }
}

void Driver::EndOwnSessions(SessionIndex session, bool keep_current) {
  v1::RevokeAllSessionsRequest request;
  request.set_keep_current(keep_current);
  const PersonIndex owner = reference_.sessions[session].person;
  if (Do<v1::RevokeAllSessionsRequest, v1::RevokeAllSessionsResponse>(session, Act::kRevokeSessions,
                                                                      owner, request)) {
    reference_.EndSessions(reference_.people[owner],
                           keep_current ? &reference_.sessions[session] : nullptr);
  }
}

void Driver::ChangeRole(SessionIndex session, model::Act act, PersonIndex target,
                        const Object& object) {
  Person& person = reference_.people[target];
  const auto describe = [&](auto request) {
    request.set_account_id(person.id);
    request.set_role(object.role);
    if (object.organisation != kEverywhere) {
      request.set_organisation_id(reference_.organisations[object.organisation].id);
    }
    return request;
  };
  const RoleHeld role = {object.role, object.organisation};
  if (act == Act::kGrant) {
    if (Do<v1::GrantRoleRequest, v1::GrantRoleResponse>(session, act, target,
                                                        describe(v1::GrantRoleRequest()), object)) {
      reference_.GiveRole(person, role);
    }
  } else if (Do<v1::WithdrawRoleRequest, v1::WithdrawRoleResponse>(
                 session, act, target, describe(v1::WithdrawRoleRequest()), object)) {
    reference_.Withdraw(person, role);
  }
}

std::optional<PersonIndex> Driver::Create(SessionIndex index, OrganisationIndex organisation) {
  ReadClock();
  Session& session = reference_.sessions[index];
  const Reasons expected = reference_.JudgeCreation(session, organisation);
  reference_.Touch(session);
  v1::CreateAccountRequest request;
  request.set_organisation_id(reference_.organisations[organisation].id);
  request.set_username(absl::StrCat("person.", ++names_));
  *request.mutable_profile() = ProfileOfEverybody();
  const auto answer = Call<v1::CreateAccountResponse>(session.token, request);
  if (!Agree("CreateAccount", expected, answer.reasons) || !answer.ok()) return std::nullopt;
  reference_.Create({.id = answer->account().account_id(),
                     .username = request.username(),
                     .organisation = organisation,
                     .password = answer->temporary_password()});
  return reference_.people.size() - 1;
}

}  // namespace gatehouse::model

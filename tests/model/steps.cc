// The steps: who does what to whom, by the chances drawn.

#include <algorithm>

#include "gatehouse/v1/organisation_service.pb.h"
#include "tests/model/driver.h"

namespace gatehouse::model {

const std::vector<Driver::Kind>& Driver::Kinds() {
  static const std::vector<Kind> kKinds = {
      {"sign in", 10, &Driver::SignInSomehow},
      {"guess many times", 2, &Driver::GuessManyTimes},
      {"change the password", 5, &Driver::ChangePasswordSomehow},
      {"complete what is required", 6, &Driver::CompleteSomehow},
      {"set a secret", 4, &Driver::SetSecretSomehow},
      {"validate", 8, &Driver::ValidateAny},
      {"list one's sessions", 3, &Driver::ListOwnSessions},
      {"end one's sessions", 2, &Driver::RevokeOwnSessions},
      {"end a session", 3, &Driver::RevokeOneSession},
      {"end everything", 1, &Driver::RevokeEverything},
      {"act on somebody", 40, &Driver::ActOnSomebody},
      {"join somebody", 4, &Driver::JoinSomebody},
      {"transfer somebody", 3, &Driver::TransferSomebody},
      {"change a role", 7, &Driver::ChangeSomebodysRole},
      {"recognise somebody", 8, &Driver::RecogniseSomebody},
      {"use a grant", 3, &Driver::UseSomeGrant},
      {"manage one's methods", 6, &Driver::ManageMethods},
      {"answer a challenge", 4, &Driver::AnswerSomeChallenge},
      {"reset by oneself", 6, &Driver::RecoverSomehow},
      {"check eligibility", 8, &Driver::CheckSomebodysEligibility},
      {"create somebody", 3, &Driver::CreateSomebody},
      {"import people", 3, &Driver::ImportPeople},
      {"publish the policy", 2, &Driver::PublishAup},
      {"change who manages", 2, &Driver::ToggleNationalManagement},
      {"send it again", 4, &Driver::Retry},
      {"let time pass", 12, &Driver::LetTimePass},
  };
  return kKinds;
}

void Driver::SignInSomehow(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const Person& person = reference_.people[index];
  if (reference_.StandingOf(person).status == v1::ACCOUNT_STATUS_PURGED) return;
  const bool right = !person.password.empty() && !draw.OneIn(3);
  const auto session = SignIn(index, right ? person.password : FormerPassword(person, draw));
  if (session.has_value() && !failed() && draw.OneIn(2) && !reference_.sessions[*session].full) {
    Finish(*session, draw);
  }
  CheckAccount(index);
}

// Around the thirteenth.
void Driver::GuessManyTimes(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const Person& person = reference_.people[index];
  if (reference_.StandingOf(person).status == v1::ACCOUNT_STATUS_PURGED) return;
  for (size_t left = 11 + draw.Below(4); left > 0 && !failed(); --left) {
    SignIn(index, "a guess that is wrong");
  }
  if (!failed() && !person.password.empty() && draw.OneIn(2)) SignIn(index, person.password);
  CheckAccount(index);
}

void Driver::ChangePasswordSomehow(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(index, draw);
  if (!session.has_value() || failed()) return;
  const Person& person = reference_.people[index];
  const std::string fresh = draw.FreshPassword();
  switch (draw.Below(6)) {
    case 0:
      ChangePassword(*session, "not the right one", fresh);
      break;
    case 1:
      ChangePassword(*session, person.password, draw.Letters(9));
      break;
    case 2:
      ChangePassword(*session, person.password, absl::StrCat(person.username, "-", fresh));
      break;
    case 3:
      return ReturnToFormerPassword(*session, draw);
    default:
      ChangePassword(*session, person.password, fresh);
  }
  CheckAccount(index);
}

// After some others, of which the last ones may not return.
void Driver::ReturnToFormerPassword(SessionIndex index, Draw& draw) {
  std::optional<SessionIndex> session = index;
  const PersonIndex owner = reference_.sessions[index].person;
  for (size_t left = draw.Below(5); left > 0 && session.has_value() && !failed(); --left) {
    session = ChangePassword(*session, reference_.people[owner].password, draw.FreshPassword());
  }
  if (!session.has_value() || failed()) return;
  const Person& person = reference_.people[owner];
  ChangePassword(*session, person.password, FormerPassword(person, draw));
}

void Driver::CompleteSomehow(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(index, draw);
  if (!session.has_value() || failed()) return;
  const Actions pending = reference_.PendingOf(reference_.sessions[*session]);
  // What is pending, more or less.
  const auto given = [&](v1::RequiredAction action) {
    return Contains(pending, action) != draw.OneIn(6);
  };
  Completion completion;
  if (given(v1::REQUIRED_ACTION_ACCEPT_AUP)) {
    completion.aup = draw.OneIn(6) && !reference_.published_aups.empty()
                         ? *reference_.published_aups.begin()
                         : reference_.current_aup;
  }
  completion.profile = given(v1::REQUIRED_ACTION_UPDATE_PROFILE);
  if (given(v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET)) completion.secret = draw.Letters(12);
  Complete(*session, completion);
  CheckAccount(index);
}

void Driver::SetSecretSomehow(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(index, draw);
  if (!session.has_value() || failed()) return;
  const Person& person = reference_.people[index];
  const std::vector<std::string> secrets = {
      draw.Letters(9),
      draw.Letters(16),
      draw.Letters(8),
      draw.Letters(65),
      "Robin Example 7",
      "RobinExample",
      "Riverside Trust",
      "hilltopsurgery",
      absl::StrCat(draw.Letters(9), "3"),
      person.secrets_ever.empty() ? draw.Letters(64) : person.secrets_ever.back()};
  SetSecret(*session, draw.OneIn(8) ? "not the right one" : person.password, draw.Of(secrets));
  CheckAccount(index);
}

void Driver::ValidateAny(Draw& draw) {
  for (size_t left = std::min<size_t>(4, reference_.sessions.size()); left > 0; --left) {
    Validate(reference_.sessions.size() - 1 -
             draw.Below(std::min<size_t>(12, reference_.sessions.size())));
    if (failed()) return;
  }
}

void Driver::ListOwnSessions(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(index, draw);
  if (session.has_value() && !failed()) ListSessions(*session, index);
}

void Driver::RevokeOwnSessions(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(index, draw);
  if (!session.has_value() || failed()) return;
  EndOwnSessions(*session, /*keep_current=*/draw.OneIn(2));
  if (!failed()) ValidateAny(draw);
}

// Whoever has a token may end its session.
void Driver::RevokeOneSession(Draw& draw) {
  if (reference_.sessions.empty()) return;
  ReadClock();
  Session& session =
      reference_.sessions[reference_.sessions.size() - 1 -
                          draw.Below(std::min<size_t>(12, reference_.sessions.size()))];
  const Life life = reference_.LifeOf(session);
  if (life == Life::kUnsure) return;
  v1::RevokeSessionRequest request;
  request.set_session_token(session.token);
  const auto answer = Call<v1::RevokeSessionResponse>("", request);
  const Reasons expected = life == Life::kLive ? Reasons() : Reasons{"SESSION_INVALID"};
  if (!Agree("RevokeSession", expected, answer.reasons)) return;
  session.over = true;
  ValidateAny(draw);
}

void Driver::RevokeEverything(Draw& draw) {
  const PersonIndex index = draw.OneIn(3) ? 0 : Somebody(draw);
  if (failed()) return;
  const auto session = index == 0 ? EnterAsOperator() : Enter(index, draw);
  if (!session.has_value() || failed()) return;
  ReadClock();
  v1::RevokeEverythingRequest request;
  request.set_reason("a drill");
  const Reasons expected = reference_.JudgeOperation(reference_.sessions[*session]);
  const auto answer =
      Call<v1::RevokeEverythingResponse>(reference_.sessions[*session].token, request);
  if (!Agree("RevokeEverything", expected, answer.reasons) || !answer.ok()) return;
  reference_.EndEverySession();
  ValidateAny(draw);
}

void Driver::ActOnSomebody(Draw& draw) {
  static const std::vector<model::Act> kActs = {
      Act::kResecure,    Act::kResecure,      Act::kResecure,       Act::kResetPassword,
      Act::kUnlock,      Act::kDisable,       Act::kEnable,         Act::kDelete,
      Act::kRestore,     Act::kMarkLeaver,    Act::kRevokeSessions, Act::kListSessions,
      Act::kRead,        Act::kUpdateProfile, Act::kReadTimeline,   Act::kListMethods,
      Act::kResetMethods};
  const PersonIndex actor = Somebody(draw);
  const PersonIndex target = failed() ? 0 : Anybody(draw);
  if (failed()) return;
  const auto session = Enter(actor, draw);
  if (!session.has_value() || failed()) return;
  // Nothing is told of the purged; that they are gone is seen below.
  if (reference_.StandingOf(reference_.people[target]).status != v1::ACCOUNT_STATUS_PURGED) {
    Act(*session, draw.Of(kActs), target, draw);
  }
  CheckAccount(target);
  if (!failed()) ValidateAny(draw);
}

void Driver::JoinSomebody(Draw& draw) {
  const PersonIndex actor = Somebody(draw);
  const PersonIndex target = failed() ? 0 : Anybody(draw);
  if (failed()) return;
  const auto session = Enter(actor, draw);
  if (!session.has_value() || failed() ||
      reference_.StandingOf(reference_.people[target]).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  const OrganisationIndex organisation = homes_[draw.Below(homes_.size())];
  Join(*session, target, organisation);
  CheckAccount(target);
}

// From the first organisation to the second, whose hold begins then.
void Driver::TransferSomebody(Draw& draw) {
  const PersonIndex target = SomeCaller(draw);
  const PersonIndex before = failed() ? 0 : SomeAgent(draw);
  const PersonIndex after = failed() ? 0 : Member(kSecondAdminSlot);
  if (failed()) return;
  if (system_.clock() != ClockKind::kOnlyRuns && draw.OneIn(2)) {
    system_.Advance(kHold);
    KeepAwayFromBoundaries();
  }
  const auto leaving = Enter(before, draw);
  if (!leaving.has_value() || failed() ||
      reference_.StandingOf(reference_.people[target]).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  Act(*leaving, Act::kMarkLeaver, target, draw);
  const auto joining = failed() ? std::nullopt : Enter(after, draw);
  if (!joining.has_value() || failed()) return;
  Join(*joining, target, homes_[1]);
  CheckAccount(target);
  if (!failed() && draw.OneIn(2)) Recover(target, draw);
}

void Driver::ChangeSomebodysRole(Draw& draw) {
  const PersonIndex actor = draw.OneIn(3) ? 0 : Somebody(draw);
  const PersonIndex target = failed() ? 0 : Anybody(draw);
  if (failed()) return;
  const auto session = actor == 0 ? EnterAsOperator() : Enter(actor, draw);
  const Person& person = reference_.people[target];
  if (!session.has_value() || failed() ||
      reference_.StandingOf(person).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  Object object{.organisation = kEverywhere,
                .role = draw.Of(std::vector<v1::Role>{v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN,
                                                      v1::ROLE_PRIMARY_LOCAL_ADMIN,
                                                      v1::ROLE_AUDITOR, v1::ROLE_NATIONAL_ADMIN})};
  if (object.role != v1::ROLE_NATIONAL_ADMIN) object.organisation = homes_[draw.OneIn(6) ? 1 : 0];
  ChangeRole(*session, draw.OneIn(2) ? Act::kGrant : Act::kWithdraw, target, object);
  CheckAccount(target);
}

void Driver::CheckSomebodysEligibility(Draw& draw) {
  const PersonIndex actor = Somebody(draw);
  const PersonIndex target = failed() ? 0 : Anybody(draw);
  if (failed()) return;
  const auto session = Enter(actor, draw);
  if (!session.has_value() || failed() ||
      reference_.StandingOf(reference_.people[target]).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  CheckEligibility(*session, target);
}

void Driver::CreateSomebody(Draw& draw) {
  const PersonIndex actor = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(actor, draw);
  if (!session.has_value() || failed()) return;
  const auto created = Create(*session, homes_[draw.Below(homes_.size())]);
  if (created.has_value()) newcomers_.push_back(*created);
}

void Driver::PublishAup(Draw& draw) {
  const bool first = reference_.current_aup.empty();
  const PersonIndex actor = first || draw.OneIn(2) ? 0 : Somebody(draw);
  if (failed()) return;
  const auto session = first ? LiveSession(0, false) : Enter(actor, draw);
  if (!session.has_value() || failed()) return;
  ReadClock();
  v1::PublishAcceptableUsePolicyRequest request;
  request.set_version(absl::StrCat("version ", ++names_));
  request.set_document_uri("https://example.org/aup");
  request.set_document_sha256(std::string(64, 'a'));
  const Reasons expected = reference_.JudgePublishing(reference_.sessions[*session]);
  const auto answer =
      Call<v1::PublishAcceptableUsePolicyResponse>(reference_.sessions[*session].token, request);
  if (!Agree("PublishAcceptableUsePolicy", expected, answer.reasons) || !answer.ok()) return;
  reference_.current_aup = request.version();
  reference_.published_aups.insert(request.version());
}

void Driver::ToggleNationalManagement(Draw& draw) {
  const PersonIndex actor = draw.OneIn(3) ? Somebody(draw) : 0;
  if (failed()) return;
  const auto session = actor == 0 ? EnterAsOperator() : Enter(actor, draw);
  if (!session.has_value() || failed()) return;
  ReadClock();
  Organisation& organisation = reference_.organisations[homes_[draw.Below(homes_.size())]];
  v1::UpdateOrganisationRequest request;
  request.set_organisation_id(organisation.id);
  request.set_nas_managed(!organisation.nas_managed);
  request.mutable_update_mask()->add_paths("nas_managed");
  const Reasons expected = reference_.JudgeOperation(reference_.sessions[*session]);
  const auto answer =
      Call<v1::UpdateOrganisationResponse>(reference_.sessions[*session].token, request);
  if (Agree("UpdateOrganisation", expected, answer.reasons) && answer.ok()) {
    organisation.nas_managed = request.nas_managed();
  }
}

// "Same caller, method, id and payload = one effect and the same answer for 24 h", even where the
// call ended its own token.
void Driver::Retry(Draw& draw) {
  ReadClock();
  if (!done_.has_value() || reference_.now - done_->at > absl::Hours(23)) return;
  const auto* reason = done_->request->GetDescriptor()->FindFieldByName("reason");
  Reasons expected;
  std::unique_ptr<google::protobuf::Message> request(done_->request->New());
  request->CopyFrom(*done_->request);
  if (reason != nullptr && draw.OneIn(3)) {
    request->GetReflection()->SetString(request.get(), reason, "another payload");
    expected = {"REQUEST_ID_REUSED"};
  }
  ++calls_;
  const Reasons actual = ReasonsOf(system_.Call(done_->token, *request, *done_->response));
  Tell(absl::StrCat(request->GetDescriptor()->name(), " again -> ", TextOf(actual)));
  if (!Agree("a retry", expected, actual) || !actual.empty()) return;
  const auto* replayed = done_->response->GetDescriptor()->FindFieldByName("replayed");
  Compare("whether it was replayed", true,
          done_->response->GetReflection()->GetBool(*done_->response, replayed));
}

void Driver::LetTimePass(Draw& draw) {
  if (system_.clock() == ClockKind::kOnlyRuns) return;
  ReadClock();
  const bool still = system_.clock() == ClockKind::kStandsStill;
  const std::vector<Boundary> boundaries = reference_.Boundaries();
  std::optional<PersonIndex> concerned;
  if (!boundaries.empty() && draw.OneIn(2)) {
    // To where something changes by itself, or as little before it as can be told apart.
    const absl::Duration before = still ? absl::Microseconds(1) : kAhead + absl::Seconds(1);
    const absl::Duration after = still ? absl::ZeroDuration() : kBehind + absl::Seconds(1);
    const Boundary& boundary = draw.Of(boundaries);
    const absl::Time at = boundary.at + (draw.OneIn(2) ? after : -before);
    concerned = boundary.person;
    if (at > reference_.now) system_.Advance(at - reference_.now);
    ++boundaries_;
  } else {
    static const std::vector<absl::Duration> kSteps = {absl::Minutes(61), absl::Hours(13),
                                                       absl::Hours(13),   absl::Hours(25),
                                                       absl::Hours(73),   absl::Hours(24) * 31};
    system_.Advance(still && draw.OneIn(2) ? absl::Minutes(25) : draw.Of(kSteps));
  }
  ReadClock();
  Tell("time has passed");
  if (concerned.has_value()) SeeHowItIs(*concerned);
  if (!failed() && draw.OneIn(2)) ValidateAny(draw);
}

void Driver::SeeHowItIs(PersonIndex index) {
  const Person& person = reference_.people[index];
  const bool gone = reference_.StandingOf(person).status == v1::ACCOUNT_STATUS_PURGED;
  if (!gone && !person.password.empty() && !person.locked) TypePassword(index, person.password);
  CheckAccount(index);
}

}  // namespace gatehouse::model

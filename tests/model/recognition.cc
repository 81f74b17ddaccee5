// Recognising a caller, and acting on the strength of it (product/domain.md, section 5): a
// challenge is answered in the step that began it; what becomes of those that nobody answers is for
// tests of their own.

#include <algorithm>

#include "absl/strings/str_join.h"

#include "tests/model/driver.h"

namespace gatehouse::model {

// The same places are asked for until a success or a new secret, whoever asks.
void Driver::CheckPositions(Person& person, const std::vector<int>& positions) {
  Compare("how many letters are asked for", size_t{3}, positions.size());
  Compare("whether they are distinct, ascending and among the first nine", true,
          std::is_sorted(positions.begin(), positions.end(), std::less_equal<>()) &&
              positions.front() >= 1 && positions.back() <= 9);
  if (!person.asked.empty()) {
    Compare("the places asked for", absl::StrJoin(person.asked, ", "),
            absl::StrJoin(positions, ", "));
  }
  person.asked = positions;
}

void Driver::CheckQuestion(Person& person, const std::string& question) {
  Compare("whether it is one of the person's questions", true,
          person.questions.count(question) > 0);
  if (!person.asked_question.empty()) {
    Compare("the question asked", person.asked_question, question);
  }
  person.asked_question = question;
}

std::optional<size_t> Driver::Recognise(SessionIndex session, PersonIndex target, bool right) {
  v1::StartIdentityVerificationRequest start;
  start.set_account_id(reference_.people[target].id);
  const auto started =
      Do<v1::StartIdentityVerificationRequest, v1::StartIdentityVerificationResponse>(
          session, Act::kRecognise, target, start);
  if (!started.has_value()) return std::nullopt;
  Person& person = reference_.people[target];
  v1::AnswerIdentityVerificationRequest answer;
  answer.set_verification_id(started->verification_id());
  Compare("whether a question is asked", person.secret.empty(), !started->question().empty());
  if (person.secret.empty()) {
    CheckQuestion(person, started->question());
    answer.set_answer(right ? person.questions[started->question()] : "no idea");
  } else {
    CheckPositions(person, {started->positions().begin(), started->positions().end()});
  }
  if (failed()) return std::nullopt;
  for (const int position : person.asked) {
    const char letter = person.secret[static_cast<size_t>(position) - 1];
    answer.add_letters(std::string(1, right ? letter : letter == 'z' ? 'a' : 'z'));
  }
  reference_.Recognised(person, right);
  const auto answered =
      Call<v1::AnswerIdentityVerificationResponse>(reference_.sessions[session].token, answer);
  if (!Agree("AnswerIdentityVerification", {}, answered.reasons)) return std::nullopt;
  Compare("whether the caller was recognised",
          right ? v1::VERIFICATION_OUTCOME_SUCCESS : v1::VERIFICATION_OUTCOME_FAILED,
          answered->outcome());
  if (!right) return std::nullopt;
  reference_.grants.push_back({.id = started->verification_id(),
                               .agent = reference_.sessions[session].person,
                               .person = target,
                               .organisation = person.organisation,
                               .secrets = person.secrets_ever.size(),
                               .epoch = person.epoch,
                               .ends = reference_.now + kGrantLifetime});
  return reference_.grants.size() - 1;
}

// Once, and for what it is enough for; a refusal does not use it up.
void Driver::UseGrant(SessionIndex session, PersonIndex target, size_t index, Draw& draw) {
  Grant& grant = reference_.grants[index];
  Person& person = reference_.people[target];
  const auto with_grant = [&](auto request) {
    request.set_account_id(person.id);
    request.set_reason("the caller was recognised");
    request.mutable_identity_check()->set_verification_id(grant.id);
    return request;
  };
  const auto unless_good = [&](model::Act act, const Object& object = {}) {
    ReadClock();
    const Session& agent = reference_.sessions[session];
    if (!reference_.Judge(agent, act, target, object).empty()) return Reasons();
    return reference_.JudgeGrant(grant, agent.person, target);
  };
  // Of all that a grant is good for, unlocking alone leaves open whether it is good for more.
  switch (person.locked && draw.OneIn(2) ? 3 : draw.Below(6)) {
    case 0:
      Do<v1::ResecureAccountRequest, v1::ResecureAccountResponse>(
          session, Act::kResecure, target, with_grant(v1::ResecureAccountRequest()), {},
          {"IDENTITY_CHECK_INSUFFICIENT"});
      return;
    case 1: {
      const Object object{.organisation = homes_[draw.Below(homes_.size())]};
      auto request = with_grant(v1::JoinOrganisationRequest());
      request.set_organisation_id(reference_.organisations[object.organisation].id);
      if (!Do<v1::JoinOrganisationRequest, v1::JoinOrganisationResponse>(
              session, Act::kJoin, target, request, object, unless_good(Act::kJoin, object))) {
        return;
      }
      reference_.Join(person, object.organisation);
      break;
    }
    case 2:
      if (!Do<v1::ResetAuthenticationMethodsRequest, v1::ResetAuthenticationMethodsResponse>(
              session, Act::kResetMethods, target,
              with_grant(v1::ResetAuthenticationMethodsRequest()), {},
              unless_good(Act::kResetMethods))) {
        return;
      }
      reference_.ResetMethods(person);
      break;
    case 3:
    case 4:
      if (!Do<v1::UnlockAccountRequest, v1::UnlockAccountResponse>(
              session, Act::kUnlock, target, with_grant(v1::UnlockAccountRequest()), {},
              unless_good(Act::kUnlock))) {
        return;
      }
      reference_.Unlock(person);
      break;
    default: {
      const auto reset = Do<v1::ResetPasswordRequest, v1::ResetPasswordResponse>(
          session, Act::kResetPassword, target, with_grant(v1::ResetPasswordRequest()), {},
          unless_good(Act::kResetPassword));
      if (!reset.has_value()) return;
      reference_.ResetPassword(person, reset->temporary_password(), /*must_change=*/true,
                               /*unlock=*/false);
    }
  }
  grant.used = true;
}

// Wrongly, and again as soon as that is possible, until it is closed for good.
void Driver::TryUntilClosed(PersonIndex agent, PersonIndex target, Draw& draw) {
  for (int tries = 0; tries <= kFailuresThatCloseForGood && !failed(); ++tries) {
    const auto session = Enter(agent, draw);
    if (!session.has_value() || failed()) return;
    Recognise(*session, target, /*right=*/false);
    if (tries % kFailuresThatClose != kFailuresThatClose - 1) continue;
    if (system_.clock() == ClockKind::kOnlyRuns) return;
    system_.Advance(kClosure);
    KeepAwayFromBoundaries();
  }
  CheckAccount(target);
}

void Driver::RecogniseSomebody(Draw& draw) {
  const bool is_theirs = !draw.OneIn(3);
  const PersonIndex agent = is_theirs ? SomeAgent(draw) : Somebody(draw);
  if (failed()) return;
  const PersonIndex target = is_theirs ? SomeCaller(draw) : Anybody(draw);
  if (failed()) return;
  const auto session = Enter(agent, draw);
  if (!session.has_value() || failed() ||
      reference_.StandingOf(reference_.people[target]).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  // Many call because they are locked out; not the operator, whom nobody could unlock.
  for (int left = target != 0 && draw.OneIn(3) ? kLockAfter : 0; left > 0 && !failed(); --left) {
    TypePassword(target, "a guess that is wrong");
  }
  if (draw.OneIn(5)) return TryUntilClosed(agent, target, draw);
  std::optional<size_t> grant;
  // Always rightly, always wrongly, or as it comes.
  const size_t manner = draw.Below(3);
  for (size_t left = 1 + draw.Below(5); left > 0 && !failed(); --left) {
    grant = Recognise(*session, target, manner == 0 || (manner == 1 && draw.OneIn(2)));
  }
  for (size_t uses = draw.Below(4); grant.has_value() && uses > 0 && !failed(); --uses) {
    UseGrant(*session, target, *grant, draw);
  }
  CheckAccount(target);
}

// One from before, mostly by the agent who has it for whom it is about.
void Driver::UseSomeGrant(Draw& draw) {
  if (reference_.grants.empty()) return;
  const size_t latest = std::min<size_t>(4, reference_.grants.size());
  const size_t index = reference_.grants.size() - 1 - draw.Below(latest);
  const Grant& grant = reference_.grants[index];
  const PersonIndex agent = draw.OneIn(4) ? Somebody(draw) : grant.agent;
  const PersonIndex target = failed() ? 0 : draw.OneIn(4) ? Anybody(draw) : grant.person;
  if (failed()) return;
  const auto session = agent == 0 ? EnterAsOperator() : Enter(agent, draw);
  if (!session.has_value() || failed() ||
      reference_.StandingOf(reference_.people[target]).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  UseGrant(*session, target, index, draw);
  CheckAccount(target);
}

}  // namespace gatehouse::model

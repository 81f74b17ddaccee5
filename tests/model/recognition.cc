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

std::optional<std::string> Driver::Recognise(SessionIndex session, PersonIndex target, bool right) {
  v1::StartIdentityVerificationRequest start;
  start.set_account_id(reference_.people[target].id);
  const auto started =
      Do<v1::StartIdentityVerificationRequest, v1::StartIdentityVerificationResponse>(
          session, Act::kRecognise, target, start);
  if (!started.has_value()) return std::nullopt;
  Person& person = reference_.people[target];
  CheckPositions(person, {started->positions().begin(), started->positions().end()});
  if (failed()) return std::nullopt;

  v1::AnswerIdentityVerificationRequest answer;
  answer.set_verification_id(started->verification_id());
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
  return started->verification_id();
}

// Once, and for what it is enough for; a refusal does not use it up.
void Driver::UseGrant(SessionIndex session, PersonIndex target, const std::string& grant,
                      Draw& draw) {
  const auto with_grant = [&](auto request) {
    request.set_account_id(reference_.people[target].id);
    request.set_reason("the caller was recognised");
    request.mutable_identity_check()->set_verification_id(grant);
    return request;
  };
  if (draw.OneIn(4)) {
    Do<v1::ResecureAccountRequest, v1::ResecureAccountResponse>(
        session, Act::kResecure, target, with_grant(v1::ResecureAccountRequest()), {},
        {"IDENTITY_CHECK_INSUFFICIENT"});
  }
  Reasons further;
  for (int uses = 0; uses < 2 && !failed(); ++uses) {
    const auto reset = Do<v1::ResetPasswordRequest, v1::ResetPasswordResponse>(
        session, Act::kResetPassword, target, with_grant(v1::ResetPasswordRequest()), {}, further);
    if (!reset.has_value()) continue;
    reference_.ResetPassword(reference_.people[target], reset->temporary_password(),
                             /*must_change=*/true, /*unlock=*/false);
    further = {"VERIFICATION_INVALID"};
  }
}

void Driver::RecogniseSomebody(Draw& draw) {
  const PersonIndex agent = Somebody(draw);
  const PersonIndex target = failed() ? 0 : Anybody(draw);
  if (failed()) return;
  const auto session = Enter(agent, draw);
  if (!session.has_value() || failed() ||
      reference_.StandingOf(reference_.people[target]).status == v1::ACCOUNT_STATUS_PURGED) {
    return;
  }
  std::optional<std::string> grant;
  // Always rightly, always wrongly, or as it comes.
  const size_t manner = draw.Below(3);
  for (size_t left = 1 + draw.Below(5); left > 0 && !failed(); --left) {
    grant = Recognise(*session, target, manner == 0 || (manner == 1 && draw.OneIn(2)));
  }
  if (grant.has_value() && !failed() && draw.OneIn(2)) UseGrant(*session, target, *grant, draw);
  CheckAccount(target);
}

}  // namespace gatehouse::model

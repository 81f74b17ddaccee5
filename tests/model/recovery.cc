// Self-service reset, by people who can and people who cannot: every step at any time, with codes
// of every kind.

#include <optional>
#include <string>

#include "gatehouse/v1/recovery_service.pb.h"
#include "tests/model/driver.h"

namespace gatehouse::model {

// What is answered to somebody without a method looks the same.
std::optional<size_t> Driver::StartReset(PersonIndex index) {
  ReadClock();
  const Person& person = reference_.people[index];
  v1::StartPasswordResetRequest request;
  request.set_username(person.username);
  const auto answer = Call<v1::StartPasswordResetResponse>("", request);
  if (!Agree("StartPasswordReset", {}, answer.reasons)) return std::nullopt;
  Methods offered;
  for (const v1::AuthenticationMethod& method : answer->methods()) {
    offered[method.method_id()] = method.kind();
  }
  const Methods expected = Reference::OfferedTo(person, Purpose::kReset);
  Compare("whether a reset offers all methods, and no other", true,
          expected.empty() ? !offered.empty() : offered == expected);
  return reference_.Begin(expected.empty() ? Purpose::kDecoyReset : Purpose::kReset, index,
                          answer->reset_id(), std::move(offered));
}

void Driver::ProveReset(size_t reset, const std::string& method_id, const std::string& code) {
  ReadClock();
  Proof& proof = reference_.proofs[reset];
  const Person& person = reference_.people[proof.person];
  Reasons expected = reference_.Try(proof, method_id, Read(proof.person, method_id, code));
  if (expected.empty()) expected = reference_.JudgeReset(person);
  v1::VerifyPasswordResetCodeRequest request;
  request.set_reset_id(proof.id);
  request.set_method_id(method_id);
  request.set_code(code);
  const auto answer = Call<v1::VerifyPasswordResetCodeResponse>("", request);
  if (!Agree("VerifyPasswordResetCode", expected, answer.reasons) || !answer.ok()) return;
  const size_t needed = Reference::MethodsNeeded(person);
  const size_t proven = proof.proven.size();
  Compare("how many methods are still to be proven", proven < needed ? needed - proven : 0,
          static_cast<size_t>(answer->methods_remaining()));
}

// The code that was sent last, at the instant at which it is over, or as little before it as can be
// told apart.
void Driver::ProveResetAtTheEnd(size_t reset, Draw& draw) {
  const std::optional<Proof::Sent> sent = reference_.proofs[reset].sent;
  if (system_.clock() != ClockKind::kStandsStill || !sent.has_value()) return;
  if (sent->text.empty()) return;  // to nobody
  const absl::Time at = draw.OneIn(2) ? sent->ends : sent->ends - absl::Microseconds(1);
  if (at <= reference_.now) return;
  system_.Advance(at - reference_.now);
  ProveReset(reset, sent->method_id, sent->text);
}

void Driver::CompleteReset(size_t reset, const std::string& password) {
  ReadClock();
  Proof& proof = reference_.proofs[reset];
  const Person& person = reference_.people[proof.person];
  const Reasons expected = reference_.JudgeResetCompletion(proof, password);
  v1::CompletePasswordResetRequest request;
  request.set_reset_id(proof.id);
  request.set_new_password(password);
  const auto answer = Call<v1::CompletePasswordResetResponse>("", request);
  if (!Agree("CompletePasswordReset", expected, answer.reasons) || !answer.ok()) return;
  // Every organisation of the model has one password for the portal and the workstation.
  Compare("how many effects a reset tells", person.locked ? 3 : 2, answer->effects_size());
  reference_.CompleteReset(proof, password);
}

void Driver::RecoverSomehow(Draw& draw) {
  const PersonIndex index = draw.OneIn(2) ? SomeCaller(draw) : Somebody(draw);
  if (!failed()) Recover(index, draw);
}

std::optional<size_t> Driver::FormerReset(PersonIndex person, Draw& draw) const {
  for (size_t i = reference_.proofs.size(); i-- > 0;) {
    const Proof& proof = reference_.proofs[i];
    const bool is_reset = proof.purpose == Purpose::kReset || proof.purpose == Purpose::kDecoyReset;
    if (is_reset && proof.person == person && draw.OneIn(3)) return i;
  }
  return std::nullopt;
}

void Driver::Recover(PersonIndex index, Draw& draw) {
  if (!EnsureMethods(index, Reference::MethodsNeeded(reference_.people[index]), draw)) return;
  // Most people of a sequence have joined a moment ago.
  const absl::Duration hold_left = reference_.people[index].joined + kHold - reference_.now;
  const bool can_wait = system_.clock() != ClockKind::kOnlyRuns;
  if (can_wait && hold_left > absl::ZeroDuration() && !draw.OneIn(3)) {
    system_.Advance(hold_left);
    KeepAwayFromBoundaries();
  }

  if (draw.OneIn(5)) Interfere(index, draw);
  if (failed()) return;
  auto reset = FormerReset(index, draw);
  if (!reset.has_value()) reset = StartReset(index);
  if (!reset.has_value()) return;
  AskForCodes(*reset, draw);
  if (!failed() && draw.OneIn(3)) ProveResetAtTheEnd(*reset, draw);
  for (size_t tries = draw.Below(4); tries > 0 && !failed(); --tries) {
    const Typed typed = AnyCode(reference_.proofs[*reset], draw);
    if (!typed.method_id.empty()) ProveReset(*reset, typed.method_id, typed.code);
  }
  for (const auto& [id, kind] : Methods(reference_.proofs[*reset].offered)) {
    if (failed() || draw.OneIn(4)) break;
    const auto typed = RightCode(*reset, id);
    if (typed.has_value()) ProveReset(*reset, id, typed->code);
  }
  if (!failed() && draw.OneIn(5)) Interfere(index, draw);
  for (int times = draw.OneIn(3) ? 2 : 1; times > 0 && !failed(); --times) {
    const Person& person = reference_.people[index];
    CompleteReset(*reset, draw.OneIn(4) ? FormerPassword(person, draw) : draw.FreshPassword());
  }
  CheckAccount(index);
  if (!failed()) ValidateAny(draw);
}

}  // namespace gatehouse::model

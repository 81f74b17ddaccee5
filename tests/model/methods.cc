// Authentication methods and second factors, as people use and misuse them: apps, whose codes are
// made as an app makes them (tests/harness/authenticator.h), and the codes that are printed with
// the first one. Telephones are left to tests that read what is sent.

#include <algorithm>
#include <utility>

#include "tests/harness/authenticator.h"
#include "tests/harness/wait.h"
#include "tests/model/driver.h"

namespace gatehouse::model {
namespace {

// An id that was never given out.
constexpr char kNoId[] = "AAAAAAAAAAAAAAAAAAAAAA";
// Farther from now than any clock may be wrong, in steps of an app.
constexpr int64_t kFarAway = 20;

int64_t StepAt(absl::Time time) { return (time - absl::UnixEpoch()) / kStepOfApp; }

}  // namespace

// --- Codes ---------------------------------------------------------------------------------------

Code Driver::CodeOf(const Method& method, int64_t steps) const {
  const harness::Authenticator app(method.uri);
  Code code{.text = app.CodeAt(reference_.now + steps * kStepOfApp), .method_id = method.id};
  for (int64_t near = -2; near <= 2; ++near) {
    const absl::Time then = reference_.now + near * kStepOfApp;
    if (app.CodeAt(then) == code.text) code.steps.insert(StepAt(then));
  }
  return code;
}

std::optional<Driver::Typed> Driver::CodeOf(const Method& method) const {
  for (const int64_t steps : {0, 1}) {
    if (!method.is_app() || StepAt(reference_.now) + steps <= method.last_step) continue;
    return Typed{.method_id = method.id, .code = CodeOf(method, steps)};
  }
  for (const std::string& printed : method.printed) {
    if (method.crossed_out.count(printed) > 0) continue;
    return Typed{.method_id = method.id, .code = {.text = printed}};
  }
  return std::nullopt;
}

std::optional<Driver::Typed> Driver::RightCode(PersonIndex person,
                                               const std::set<std::string>& offered) {
  Draw draw(static_cast<uint64_t>(++names_));
  for (int tries = 0; tries < 2; ++tries) {
    ReadClock();
    std::vector<Typed> codes;
    for (const Method& method : reference_.people[person].methods) {
      auto code = offered.count(method.id) > 0 ? CodeOf(method) : std::nullopt;
      if (code.has_value()) codes.push_back(*std::move(code));
    }
    if (!codes.empty()) return draw.Of(codes);
    // Half a minute is long where it has to be waited for: without the operator nothing goes on.
    if (system_.clock() == ClockKind::kOnlyRuns && person != 0) return std::nullopt;
    LetAStepPass();
  }
  return std::nullopt;
}

void Driver::LetAStepPass() {
  if (system_.clock() != ClockKind::kOnlyRuns) {
    system_.Advance(kStepOfApp);
    return KeepAwayFromBoundaries();
  }
  const int64_t now = StepAt(system_.Now());
  harness::WaitUntil([&] { return StepAt(system_.Now()) > now; });
}

Driver::Typed Driver::AnyCode(const Proof& proof, Draw& draw) {
  ReadClock();
  const Person& person = reference_.people[draw.OneIn(8) ? 0 : proof.person];
  if (person.methods.empty() || draw.OneIn(10))
    return {.method_id = kNoId, .code = {.text = "123456"}};
  const Method& method = draw.Of(person.methods);
  if (!method.is_app()) {
    const bool again = !method.crossed_out.empty() && draw.OneIn(2);
    return {.method_id = method.id,
            .code = {.text = again ? *method.crossed_out.begin() : draw.Of(method.printed)}};
  }
  // While the clock runs on, the step before may be out of reach when the code arrives.
  const bool still = system_.clock() == ClockKind::kStandsStill;
  static const std::vector<int64_t> kSteps = {0, 0, 0, 1, 1, -1, -2, 2};
  static const std::vector<int64_t> kSureSteps = {0, 0, 1, -kFarAway, kFarAway};
  return {.method_id = method.id, .code = CodeOf(method, draw.Of(still ? kSteps : kSureSteps))};
}

// --- Registering and removing --------------------------------------------------------------------

std::optional<std::string> Driver::Register(SessionIndex index, const std::string& label,
                                            const std::string& password) {
  ReadClock();
  Session& session = reference_.sessions[index];
  const Life life = reference_.LifeOf(session);
  if (life == Life::kUnsure) return std::nullopt;
  const bool proven =
      life == Life::kLive && reference_.Proves(reference_.people[session.person], password);
  const Reasons expected = reference_.JudgeRegistration(session, label, proven);
  reference_.Touch(session);
  v1::RegisterAuthenticationMethodRequest request;
  request.set_kind(v1::AUTHENTICATION_METHOD_KIND_TOTP);
  request.set_label(label);
  request.set_password(password);
  const auto answer = Call<v1::RegisterAuthenticationMethodResponse>(session.token, request);
  if (!Agree("RegisterAuthenticationMethod", expected, answer.reasons) || !answer.ok()) {
    return std::nullopt;
  }
  const std::string& id = answer->method().method_id();
  reference_.Register(session.person, {.id = id, .uri = answer->otpauth_uri(), .label = label});
  return id;
}

std::optional<SessionIndex> Driver::Confirm(SessionIndex index, const std::string& method_id,
                                            const Code& code) {
  ReadClock();
  Session& session = reference_.sessions[index];
  if (reference_.LifeOf(session) == Life::kUnsure) return std::nullopt;
  // Whether a wrong code or a closed account is told of first is nobody's business.
  if (!session.full && !reference_.JudgeSignIn(reference_.people[session.person]).empty()) {
    return std::nullopt;
  }
  const Reasons expected = reference_.TryConfirmation(session, method_id, code);
  reference_.Touch(session);
  v1::ConfirmAuthenticationMethodRequest request;
  request.set_method_id(method_id);
  request.set_code(code.text);
  const auto answer = Call<v1::ConfirmAuthenticationMethodResponse>(session.token, request);
  if (!Agree("ConfirmAuthenticationMethod", expected, answer.reasons) || !answer.ok()) {
    return std::nullopt;
  }
  const PersonIndex owner = session.person;
  Person& person = reference_.people[owner];
  const bool full = session.full;
  reference_.Confirm(person, method_id);
  const bool had_printed =
      std::ranges::any_of(person.methods, [](const Method& method) { return !method.is_app(); });
  Compare("whether codes are printed", !had_printed, answer->recovery_codes_size() > 0);
  if (!had_printed) {
    person.methods.push_back(
        {.confirmed = true,
         .printed = {answer->recovery_codes().begin(), answer->recovery_codes().end()}});
  }
  reference_.EndSessions(person, full ? &session : nullptr);
  if (full) return index;
  return Opened(owner, answer->session_token(), answer->session(),
                reference_.PendingOf(person).empty());
}

std::optional<SessionIndex> Driver::AddMethod(SessionIndex session, const std::string& label) {
  const PersonIndex owner = reference_.sessions[session].person;
  const auto id = Register(session, label, reference_.people[owner].password);
  if (!id.has_value() || failed()) return std::nullopt;
  const auto typed = RightCode(owner, {*id});
  return typed.has_value() ? Confirm(session, *id, typed->code) : std::nullopt;
}

void Driver::RemoveMethod(SessionIndex index, const std::string& method_id,
                          const std::string& password) {
  ReadClock();
  Session& session = reference_.sessions[index];
  Person& person = reference_.people[session.person];
  const Life life = reference_.LifeOf(session);
  if (life == Life::kUnsure) return;
  const bool proven = life == Life::kLive && reference_.Proves(person, password);
  const Reasons expected = reference_.JudgeRemoval(session, method_id, proven);
  reference_.Touch(session);
  v1::RemoveAuthenticationMethodRequest request;
  request.set_method_id(method_id);
  request.set_password(password);
  const auto answer = Call<v1::RemoveAuthenticationMethodResponse>(session.token, request);
  if (!Agree("RemoveAuthenticationMethod", expected, answer.reasons) || !answer.ok()) return;
  reference_.RemoveMethod(person, method_id);
  reference_.EndSessions(person, &session);
}

void Driver::ManageMethods(Draw& draw) {
  const PersonIndex index = Somebody(draw);
  if (failed()) return;
  const auto session = Enter(index, draw);
  if (!session.has_value() || failed()) return;
  const Person& person = reference_.people[index];
  const std::string password = draw.OneIn(6) ? "not the right one" : person.password;
  const std::string label = draw.OneIn(3) ? "the other app" : "app";
  const std::vector<Method>& methods = person.methods;
  std::string id = methods.empty() || draw.OneIn(6) ? kNoId : draw.Of(methods).id;
  if (id.empty()) id = kNoId;  // printed codes that were not offered yet
  switch (draw.Below(6)) {
    case 0:
      RemoveMethod(*session, id, password);
      break;
    case 1:
    case 2: {
      const auto begun = Register(*session, label, password);
      const std::string& of = begun.has_value() ? *begun : id;
      for (size_t tries = draw.Below(7); tries > 0 && !failed(); --tries) {
        Confirm(*session, of, AnyCode({.person = index}, draw).code);
      }
      break;
    }
    default:
      AddMethod(*session, label);
  }
  CheckAccount(index);
  if (!failed()) ValidateAny(draw);
}

// --- Second factors ------------------------------------------------------------------------------

size_t Driver::Challenged(PersonIndex index, const v1::SecondFactorChallenge& told) {
  Person& person = reference_.people[index];
  std::set<std::string> offered;
  for (const v1::AuthenticationMethod& method : told.methods()) {
    offered.insert(method.method_id());
    if (method.kind() != v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE) continue;
    std::ranges::find_if(person.methods, [](const Method& known) { return !known.is_app(); })->id =
        method.method_id();
  }
  const std::vector<std::string> expected = Reference::OfferedTo(person);
  Compare("whether all methods are offered, and no other", true,
          offered == std::set<std::string>(expected.begin(), expected.end()));
  return reference_.Begin(Purpose::kSecondFactor, index, told.challenge_id(), std::move(offered));
}

std::optional<SessionIndex> Driver::AnswerChallenge(size_t challenge, const std::string& method_id,
                                                    const Code& code) {
  ReadClock();
  Proof& proof = reference_.proofs[challenge];
  const Person& person = reference_.people[proof.person];
  Reasons expected = reference_.Try(proof, method_id, code);
  if (expected.empty()) expected = reference_.JudgeSignIn(person);
  v1::AnswerSecondFactorRequest request;
  request.set_challenge_id(proof.id);
  request.set_method_id(method_id);
  request.set_code(code.text);
  const auto answer = Call<v1::AnswerSecondFactorResponse>("", request);
  if (!Agree("AnswerSecondFactor", expected, answer.reasons) || !answer.ok()) return std::nullopt;
  proof.used = true;
  return Opened(proof.person, answer->session_token(), answer->session(),
                reference_.PendingOf(person).empty());
}

// One from before: it may be over, or dead.
std::optional<size_t> Driver::FormerChallenge(Draw& draw) const {
  for (size_t i = reference_.proofs.size(); i-- > 0;) {
    if (reference_.proofs[i].purpose == Purpose::kSecondFactor && draw.OneIn(2)) return i;
  }
  return std::nullopt;
}

std::optional<size_t> Driver::NewChallenge(Draw& draw) {
  const PersonIndex index = draw.OneIn(2) ? SomeCaller(draw) : Somebody(draw);
  if (failed()) return std::nullopt;
  if (!EnsureMethods(index, 1, draw)) return std::nullopt;
  const Person& person = reference_.people[index];
  return person.password.empty() ? std::nullopt : TypePassword(index, person.password).challenge;
}

// Whether the person is there and has as many, if that could be had.
bool Driver::EnsureMethods(PersonIndex index, size_t count, Draw& draw) {
  const Person& person = reference_.people[index];
  if (Reference::MethodsOf(person) < count && !draw.OneIn(3)) {
    const auto session = Enter(index, draw);
    if (!session.has_value() || failed()) return false;
    AddMethod(*session, Reference::MethodsOf(person) == 0 ? "app" : "the other app");
  }
  return !failed() && reference_.StandingOf(person).status != v1::ACCOUNT_STATUS_PURGED;
}

void Driver::Interfere(PersonIndex person, Draw& draw) {
  static const std::vector<model::Act> kActs = {Act::kRevokeSessions, Act::kResetPassword,
                                                Act::kResecure, Act::kResetMethods, Act::kDisable};
  const PersonIndex agent = SomeAgent(draw);
  const auto session = failed() ? std::nullopt : Enter(agent, draw);
  if (session.has_value() && !failed()) Act(*session, draw.Of(kActs), person, draw);
}

void Driver::AnswerSomeChallenge(Draw& draw) {
  const auto former = FormerChallenge(draw);
  const auto challenge = former.has_value() && draw.OneIn(2) ? former : NewChallenge(draw);
  if (failed() || !challenge.has_value()) return;
  const PersonIndex owner = reference_.proofs[*challenge].person;
  if (reference_.StandingOf(reference_.people[owner]).status == v1::ACCOUNT_STATUS_PURGED) return;
  if (draw.OneIn(3)) Interfere(owner, draw);
  for (size_t tries = draw.Below(8); tries > 0 && !failed(); --tries) {
    const Typed typed = AnyCode(reference_.proofs[*challenge], draw);
    if (!typed.method_id.empty()) AnswerChallenge(*challenge, typed.method_id, typed.code);
  }
  const auto right =
      failed() ? std::nullopt : RightCode(owner, reference_.proofs[*challenge].offered);
  if (right.has_value()) AnswerChallenge(*challenge, right->method_id, right->code);
  CheckAccount(owner);
}

}  // namespace gatehouse::model

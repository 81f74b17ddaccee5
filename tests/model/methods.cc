// Authentication methods and second factors, as people use and misuse them: apps, whose codes are
// made as an app makes them (tests/harness/authenticator.h), telephones, whose codes are read where
// the server's messages end, and the codes that are printed with the first of these.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"

#include "gatehouse/v1/recovery_service.pb.h"
#include "tests/harness/authenticator.h"
#include "tests/harness/wait.h"
#include "tests/model/driver.h"

namespace gatehouse::model {
namespace {

// An id that was never given out.
constexpr char kNoId[] = "AAAAAAAAAAAAAAAAAAAAAA";
constexpr char kNoCode[] = "no code";
// Farther from now than any clock may be wrong, in steps of an app.
constexpr int64_t kFarAway = 20;

int64_t StepAt(absl::Time time) { return (time - absl::UnixEpoch()) / kStepOfApp; }

}  // namespace

// --- Codes ---------------------------------------------------------------------------------------

std::string Driver::Shown(const Method& method, int64_t steps) const {
  return harness::Authenticator(method.uri).CodeAt(reference_.now + steps * kStepOfApp);
}

Code Driver::Read(PersonIndex person, const std::string& method_id, const std::string& text) const {
  Code code{.text = text};
  const std::vector<Method>& methods = reference_.people[person].methods;
  const auto method = std::ranges::find(methods, method_id, &Method::id);
  if (method == methods.end() || !method->is_app()) return code;
  for (int64_t near = -2; near <= 2; ++near) {
    if (Shown(*method, near) == text) code.steps.insert(StepAt(reference_.now) + near);
  }
  return code;
}

template <typename Response, typename Request>
void Driver::Send(Proof& proof, const Reasons& expected, Request request) {
  const auto answer = Call<Response>("", request);
  if (!Agree(request.GetDescriptor()->name(), expected, answer.reasons) || !answer.ok()) return;
  if (system_.clock() == ClockKind::kStandsStill) {
    Compare("until when a code is good", absl::ToUnixSeconds(proof.sent->ends),
            int64_t{answer->expire_time().seconds()});
  }
  TakeCode(proof);
}

void Driver::SendCode(size_t index, const std::string& method_id) {
  ReadClock();
  Proof& proof = reference_.proofs[index];
  const Reasons expected = reference_.Send(proof, method_id);
  if (proof.purpose == Purpose::kSecondFactor) {
    v1::SendSecondFactorCodeRequest request;
    request.set_challenge_id(proof.id);
    request.set_method_id(method_id);
    return Send<v1::SendSecondFactorCodeResponse>(proof, expected, request);
  }
  v1::SendPasswordResetCodeRequest request;
  request.set_reset_id(proof.id);
  request.set_method_id(method_id);
  Send<v1::SendPasswordResetCodeResponse>(proof, expected, request);
}

// Decoys have no telephone.
void Driver::TakeCode(Proof& proof) {
  const size_t expected = proof.purpose == Purpose::kDecoyReset ? 0 : 1;
  const std::vector<SentCode> codes = system_.TakeCodes(expected);
  Compare("how many codes leave", expected, codes.size());
  if (failed() || expected == 0) return;
  Method& method = *std::ranges::find(reference_.people[proof.person].methods,
                                      proof.sent->method_id, &Method::id);
  Compare("whose telephone it is", method.number, codes[0].number);
  Compare("whether it is called", method.kind == v1::AUTHENTICATION_METHOD_KIND_VOICE,
          codes[0].by == "VOICE");
  proof.sent->text = codes[0].text;
  method.codes.push_back(codes[0].text);
}

void Driver::AskForCodes(size_t proof, Draw& draw) {
  std::vector<std::string> ids = {kNoId};
  for (const auto& [id, kind] : reference_.proofs[proof].offered) ids.insert(ids.end(), 4, id);
  // Now and then around the twentieth.
  const size_t times = draw.OneIn(10) ? 19 + draw.Below(4) : draw.Below(3);
  const std::string always = times > 3 ? draw.Of(ids) : "";
  for (size_t left = times; left > 0 && !failed(); --left) {
    SendCode(proof, always.empty() ? draw.Of(ids) : always);
  }
}

std::optional<std::string> Driver::CodeOf(size_t index, const Method& method) {
  if (method.is_telephone()) {
    const auto has_code = [&] {
      const Proof& proof = reference_.proofs[index];
      return proof.sent.has_value() && proof.sent->method_id == method.id &&
             reference_.now < proof.sent->ends;
    };
    if (!has_code() && reference_.proofs[index].purpose != Purpose::kRegistration) {
      SendCode(index, method.id);
    }
    return has_code() && !failed() ? std::optional(reference_.proofs[index].sent->text)
                                   : std::nullopt;
  }
  for (const int64_t steps : {0, 1}) {
    if (!method.is_app() || StepAt(reference_.now) + steps <= method.last_step) continue;
    return Shown(method, steps);
  }
  for (const std::string& printed : method.printed) {
    if (method.crossed_out.count(printed) == 0) return printed;
  }
  return std::nullopt;
}

std::optional<Driver::Typed> Driver::RightCode(size_t index, const std::string& method_id) {
  Draw draw(static_cast<uint64_t>(++names_));
  const PersonIndex owner = reference_.proofs[index].person;
  for (int tries = 0; tries < 2; ++tries) {
    ReadClock();
    const std::vector<Method>& methods = reference_.people[owner].methods;
    const size_t first = methods.empty() ? 0 : draw.Below(methods.size());
    for (size_t i = 0; i < methods.size() && !failed(); ++i) {
      const Method& method = methods[(first + i) % methods.size()];
      const bool is_offered = reference_.proofs[index].offered.count(method.id) > 0;
      if (!is_offered || (!method_id.empty() && method.id != method_id)) continue;
      if (const auto code = CodeOf(index, method)) {
        return Typed{.method_id = method.id, .code = *code};
      }
    }
    // Half a minute is long where it has to be waited for: without the operator nothing goes on.
    if (failed() || (system_.clock() == ClockKind::kOnlyRuns && owner != 0)) return std::nullopt;
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
  if (person.methods.empty() || draw.OneIn(10)) return {.method_id = kNoId, .code = kNoCode};
  const Method& method = draw.Of(person.methods);
  if (method.is_telephone()) {
    if (method.codes.empty()) return {.method_id = method.id, .code = kNoCode};
    return {.method_id = method.id,
            .code = draw.OneIn(2) ? method.codes.back() : draw.Of(method.codes)};
  }
  if (method.is_printed()) {
    const bool again = !method.crossed_out.empty() && draw.OneIn(2);
    return {.method_id = method.id,
            .code = again ? *method.crossed_out.begin() : draw.Of(method.printed)};
  }
  // While the clock runs on, the step before may be out of reach when the code arrives.
  const bool still = system_.clock() == ClockKind::kStandsStill;
  static const std::vector<int64_t> kSteps = {0, 0, 0, 1, 1, -1, -2, 2};
  static const std::vector<int64_t> kSureSteps = {0, 0, 1, -kFarAway, kFarAway};
  return {.method_id = method.id, .code = Shown(method, draw.Of(still ? kSteps : kSureSteps))};
}

// --- Registering and removing --------------------------------------------------------------------

Method Driver::AnyMethod(PersonIndex person, Draw& draw) const {
  // The operator is needed more often than codes may be sent.
  if (person == 0 || draw.OneIn(2)) {
    return {.kind = v1::AUTHENTICATION_METHOD_KIND_TOTP,
            .label = draw.OneIn(3) ? "the other app" : "app"};
  }
  return {.kind = draw.OneIn(3) ? v1::AUTHENTICATION_METHOD_KIND_VOICE
                                : v1::AUTHENTICATION_METHOD_KIND_SMS,
          .number = absl::StrFormat("+4477009%05d", 2 * person + draw.Below(2))};
}

Method Driver::NewMethod(PersonIndex person, Draw& draw) const {
  Method method = AnyMethod(person, draw);
  while (Reference::HasMethod(reference_.people[person], method)) method = AnyMethod(person, draw);
  return method;
}

std::optional<size_t> Driver::Register(SessionIndex index, Method method,
                                       const std::string& password) {
  ReadClock();
  Session& session = reference_.sessions[index];
  const Life life = reference_.LifeOf(session);
  if (life == Life::kUnsure) return std::nullopt;
  const bool proven =
      life == Life::kLive && reference_.Proves(reference_.people[session.person], password);
  const Reasons expected = reference_.JudgeRegistration(session, method, proven);
  reference_.Touch(session);
  v1::RegisterAuthenticationMethodRequest request;
  request.set_kind(method.kind);
  request.set_label(method.label);
  request.set_phone_number(method.number);
  request.set_password(password);
  const auto answer = Call<v1::RegisterAuthenticationMethodResponse>(session.token, request);
  if (!Agree("RegisterAuthenticationMethod", expected, answer.reasons) || !answer.ok()) {
    return std::nullopt;
  }
  method.id = answer->method().method_id();
  method.uri = answer->otpauth_uri();
  const size_t proof = reference_.Register(session.person, method);
  if (method.is_telephone()) TakeCode(reference_.proofs[proof]);
  return proof;
}

std::optional<SessionIndex> Driver::Confirm(SessionIndex index, const std::string& method_id,
                                            const std::string& code) {
  ReadClock();
  Session& session = reference_.sessions[index];
  if (reference_.LifeOf(session) == Life::kUnsure) return std::nullopt;
  // Whether a wrong code or a closed account is told of first is nobody's business.
  if (!session.full && !reference_.JudgeSignIn(reference_.people[session.person]).empty()) {
    return std::nullopt;
  }
  const Reasons expected =
      reference_.TryConfirmation(session, method_id, Read(session.person, method_id, code));
  reference_.Touch(session);
  v1::ConfirmAuthenticationMethodRequest request;
  request.set_method_id(method_id);
  request.set_code(code);
  const auto answer = Call<v1::ConfirmAuthenticationMethodResponse>(session.token, request);
  if (!Agree("ConfirmAuthenticationMethod", expected, answer.reasons) || !answer.ok()) {
    return std::nullopt;
  }
  const PersonIndex owner = session.person;
  Person& person = reference_.people[owner];
  const bool full = session.full;
  reference_.Confirm(person, method_id);
  const bool had_printed =
      std::ranges::any_of(person.methods, [](const Method& method) { return method.is_printed(); });
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

std::optional<SessionIndex> Driver::AddMethod(SessionIndex session, const Method& method) {
  const PersonIndex owner = reference_.sessions[session].person;
  const auto proof = Register(session, method, reference_.people[owner].password);
  if (!proof.has_value() || failed()) return std::nullopt;
  const auto typed = RightCode(*proof);
  return typed.has_value() ? Confirm(session, typed->method_id, typed->code) : std::nullopt;
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
  const std::vector<Method>& methods = person.methods;
  std::string id = methods.empty() || draw.OneIn(6) ? kNoId : draw.Of(methods).id;
  if (id.empty()) id = kNoId;  // printed codes that were not offered yet
  switch (draw.Below(6)) {
    case 0:
      RemoveMethod(*session, id, password);
      break;
    case 1:
    case 2: {
      const auto begun = Register(*session, AnyMethod(index, draw), password);
      const std::string of = begun.has_value() ? reference_.proofs[*begun].id : id;
      for (size_t tries = draw.Below(7); tries > 0 && !failed(); --tries) {
        Confirm(*session, of, AnyCode({.person = index}, draw).code);
      }
      break;
    }
    default:
      AddMethod(*session, AnyMethod(index, draw));
  }
  CheckAccount(index);
  if (!failed()) ValidateAny(draw);
}

void Driver::ListMethods(SessionIndex session, PersonIndex target) {
  const Person& person = reference_.people[target];
  v1::ListAuthenticationMethodsRequest request;
  request.set_account_id(person.id);
  const auto listed =
      Do<v1::ListAuthenticationMethodsRequest, v1::ListAuthenticationMethodsResponse>(
          session, Act::kListMethods, target, request);
  if (!listed.has_value()) return;
  std::multiset<std::pair<v1::AuthenticationMethodKind, bool>> expected;
  std::multiset<std::pair<v1::AuthenticationMethodKind, bool>> told;
  for (const Method& method : person.methods) expected.emplace(method.kind, method.confirmed);
  for (const auto& method : listed->methods()) told.emplace(method.kind(), method.confirmed());
  Compare("whether all methods are listed, and no other", true, expected == told);
}

// --- Second factors ------------------------------------------------------------------------------

size_t Driver::Challenged(PersonIndex index, const v1::SecondFactorChallenge& told) {
  Person& person = reference_.people[index];
  Methods offered;
  for (const v1::AuthenticationMethod& method : told.methods()) {
    offered[method.method_id()] = method.kind();
    for (Method& known : person.methods) {
      if (known.is_printed() && known.kind == method.kind()) known.id = method.method_id();
    }
  }
  Compare("whether all methods are offered, and no other", true,
          offered == Reference::OfferedTo(person));
  return reference_.Begin(Purpose::kSecondFactor, index, told.challenge_id(), std::move(offered));
}

std::optional<SessionIndex> Driver::AnswerChallenge(size_t challenge, const std::string& method_id,
                                                    const std::string& code) {
  ReadClock();
  Proof& proof = reference_.proofs[challenge];
  const Person& person = reference_.people[proof.person];
  Reasons expected = reference_.Try(proof, method_id, Read(proof.person, method_id, code));
  if (expected.empty()) expected = reference_.JudgeSignIn(person);
  v1::AnswerSecondFactorRequest request;
  request.set_challenge_id(proof.id);
  request.set_method_id(method_id);
  request.set_code(code);
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
    AddMethod(*session, NewMethod(index, draw));
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
  if (!failed()) AskForCodes(*challenge, draw);
  for (size_t tries = draw.Below(8); tries > 0 && !failed(); --tries) {
    const Typed typed = AnyCode(reference_.proofs[*challenge], draw);
    if (!typed.method_id.empty()) AnswerChallenge(*challenge, typed.method_id, typed.code);
  }
  const auto right = failed() ? std::nullopt : RightCode(*challenge);
  if (right.has_value()) AnswerChallenge(*challenge, right->method_id, right->code);
  CheckAccount(owner);
}

}  // namespace gatehouse::model

// Plays random sequences of all operations, by people of all roles, against a System, and compares
// every answer with the Reference: refusals with all their reasons, states, roles, required actions
// and their order, which sessions are valid and at what level, and what CheckEligibility says of an
// act with what the act then answers.
//
// A sequence is a list of steps that draw all their chances from seeds of their own, so that one
// without some of its steps is a sequence too: this is how a failing one is made short. Its people
// come into being when they are first needed, each known by a slot: "the helpdesk of the first
// organisation". Belongs to one thread.
#ifndef GATEHOUSE_TESTS_MODEL_DRIVER_H_
#define GATEHOUSE_TESTS_MODEL_DRIVER_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/session_service.pb.h"
#include "tests/model/reference.h"
#include "tests/model/system.h"

namespace gatehouse::model {

struct Step {
  size_t kind = 0;  // a place in the table of steps
  uint64_t seed = 0;
};
using Sequence = std::vector<Step>;

// Over a clock that runs, instants at which something changes are kept this far behind or ahead of
// what the reference has read.
inline constexpr absl::Duration kBehind = absl::Seconds(10);
inline constexpr absl::Duration kAhead = absl::Minutes(2);

Sequence RandomSequence(uint64_t seed);

// All reasons that a refusal tells; empty when it is none.
Reasons ReasonsOf(const grpc::Status& status);
Reasons ReasonsOf(const v1::Decision& decision);
std::string TextOf(const Reasons& reasons);

// What one step draws.
class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  size_t Below(size_t bound) { return static_cast<size_t>(random_() % bound); }
  bool OneIn(size_t chances) { return Below(chances) == 0; }
  template <typename T>
  const T& Of(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }
  std::string Letters(size_t count);
  // One that no rule refuses.
  std::string FreshPassword();

 private:
  std::mt19937_64 random_;
};

class Driver {
 public:
  explicit Driver(System& system);

  // Plays a sequence to its end or to the first disagreement, which it returns, with the story.
  std::optional<std::string> Play(const Sequence& sequence);

  // What was called since the driver was made.
  int64_t calls() const { return calls_; }
  int64_t steps() const { return steps_; }
  // How often the clock was put beside an instant at which something changes by itself.
  int64_t boundaries() const { return boundaries_; }
  // By request, how often it was done; and every reason that something was refused for.
  const std::map<std::string, int64_t>& done() const { return done_by_request_; }
  const Reasons& refusals() const { return refusals_; }

 private:
  template <typename Response>
  struct Answer {
    Reasons reasons;  // empty: it was done
    Response response;

    bool ok() const { return reasons.empty(); }
    const Response* operator->() const { return &response; }
  };

  struct Kind {
    const char* name;
    size_t weight;
    void (Driver::*play)(Draw&);
  };
  static const std::vector<Kind>& Kinds();
  friend Sequence RandomSequence(uint64_t seed);

  // --- The steps ---
  void SignInSomehow(Draw& draw);
  void GuessManyTimes(Draw& draw);
  void ChangePasswordSomehow(Draw& draw);
  void ReturnToFormerPassword(SessionIndex session, Draw& draw);
  void CompleteSomehow(Draw& draw);
  void SetSecretSomehow(Draw& draw);
  void ValidateAny(Draw& draw);
  void ListOwnSessions(Draw& draw);
  void RevokeOwnSessions(Draw& draw);
  void RevokeOneSession(Draw& draw);
  void RevokeEverything(Draw& draw);
  void ActOnSomebody(Draw& draw);
  void JoinSomebody(Draw& draw);
  void ChangeSomebodysRole(Draw& draw);
  void CheckSomebodysEligibility(Draw& draw);
  void RecogniseSomebody(Draw& draw);
  void UseSomeGrant(Draw& draw);
  void ManageMethods(Draw& draw);
  void AnswerSomeChallenge(Draw& draw);
  void RecoverSomehow(Draw& draw);
  void TransferSomebody(Draw& draw);
  void CreateSomebody(Draw& draw);
  void ImportPeople(Draw& draw);
  void PublishAup(Draw& draw);
  void ToggleNationalManagement(Draw& draw);
  void Retry(Draw& draw);
  void LetTimePass(Draw& draw);
  // By signing in, and by reading the account.
  void SeeHowItIs(PersonIndex person);

  // --- What steps consist of; each calls, compares, and tells the reference ---
  struct Entry {
    std::optional<SessionIndex> session;
    std::optional<size_t> challenge;  // a place in Reference::proofs
  };
  Entry TypePassword(PersonIndex person, const std::string& password);
  size_t Challenged(PersonIndex person, const v1::SecondFactorChallenge& told);
  // Answers the challenge too, if there is one.
  std::optional<SessionIndex> SignIn(PersonIndex person, const std::string& password);
  std::optional<SessionIndex> AnswerChallenge(size_t challenge, const std::string& method_id,
                                              const std::string& code);
  std::optional<SessionIndex> ChangePassword(SessionIndex session, const std::string& current,
                                             const std::string& fresh);
  std::optional<SessionIndex> Complete(SessionIndex session, const Completion& completion);
  // Does all that is pending; the FULL session.
  std::optional<SessionIndex> Finish(SessionIndex session, Draw& draw);
  void SetSecret(SessionIndex session, const std::string& password, const std::string& secret);
  void Validate(SessionIndex session);
  void ListSessions(SessionIndex session, PersonIndex target);
  void CheckEligibility(SessionIndex session, PersonIndex target);
  void CheckAccount(PersonIndex person);
  // An act whose request names no more than whom, why, and how they were recognised.
  void Act(SessionIndex session, model::Act act, PersonIndex target, Draw& draw);
  void Resecure(SessionIndex session, PersonIndex target, Draw& draw);
  std::string TemporaryPassword(const Person& person, Draw& draw) const;
  Reasons JudgeTemporaryPassword(SessionIndex session, model::Act act, PersonIndex target,
                                 const std::string& password) const;
  void ResetPassword(SessionIndex session, PersonIndex target, Draw& draw);
  void ChangeRole(SessionIndex session, model::Act act, PersonIndex target, const Object& object);
  // The grant's place in Reference::grants, when the caller was recognised.
  std::optional<size_t> Recognise(SessionIndex session, PersonIndex target, bool right);
  void TryUntilClosed(PersonIndex agent, PersonIndex target, Draw& draw);
  void CheckPositions(Person& person, const std::vector<int>& positions);
  void CheckQuestion(Person& person, const std::string& question);
  void UseGrant(SessionIndex session, PersonIndex target, size_t grant, Draw& draw);
  void Join(SessionIndex session, PersonIndex target, OrganisationIndex organisation);
  void ReadTimeline(SessionIndex session, PersonIndex target);
  void ListMethods(SessionIndex session, PersonIndex target);

  // --- Methods, second factors, self-service ---
  // An app or a telephone; and one that the person has not confirmed yet.
  Method AnyMethod(PersonIndex person, Draw& draw) const;
  Method NewMethod(PersonIndex person, Draw& draw) const;
  // The proof that waits for the first code.
  std::optional<size_t> Register(SessionIndex session, Method method, const std::string& password);
  // The session in which the person goes on.
  std::optional<SessionIndex> Confirm(SessionIndex session, const std::string& method_id,
                                      const std::string& code);
  std::optional<SessionIndex> AddMethod(SessionIndex session, const Method& method);
  void RemoveMethod(SessionIndex session, const std::string& method_id,
                    const std::string& password);
  void Recover(PersonIndex person, Draw& draw);
  bool EnsureMethods(PersonIndex person, size_t count, Draw& draw);
  // An agent does something that ends what the person has begun.
  void Interfere(PersonIndex person, Draw& draw);
  std::optional<size_t> FormerChallenge(Draw& draw) const;
  std::optional<size_t> NewChallenge(Draw& draw);
  std::optional<size_t> FormerReset(PersonIndex person, Draw& draw) const;
  std::optional<size_t> StartReset(PersonIndex person);
  void ProveReset(size_t reset, const std::string& method_id, const std::string& code);
  void ProveResetAtTheEnd(size_t reset, Draw& draw);
  void CompleteReset(size_t reset, const std::string& password);
  struct Typed {
    std::string method_id;
    std::string code;
  };
  // What an app shows so many steps of its clock from now, and what it stands for when typed.
  std::string Shown(const Method& method, int64_t steps) const;
  Code Read(PersonIndex person, const std::string& method_id, const std::string& text) const;
  // Asks for a code; and again and again, by any method, or none that is offered.
  void SendCode(size_t proof, const std::string& method_id);
  void AskForCodes(size_t proof, Draw& draw);
  // What has come to the person's telephone.
  void TakeCode(Proof& proof);
  // One that does now; of a method that is offered, or of this one, for which time may have to
  // pass.
  std::optional<std::string> CodeOf(size_t proof, const Method& method);
  std::optional<Typed> RightCode(size_t proof, const std::string& method_id = "");
  // Of a method that is offered, or of none; right, wrong, too early, too late, or used before.
  Typed AnyCode(const Proof& proof, Draw& draw);
  void LetAStepPass();
  void EndOwnSessions(SessionIndex session, bool keep_current);
  template <typename Request, typename Response>
  std::optional<Response> Do(SessionIndex session, model::Act act, PersonIndex target,
                             Request request, const Object& object = {}, Reasons further = {});
  template <typename Request, typename Response>
  bool Try(SessionIndex session, model::Act act, PersonIndex target, Draw& draw);
  // What takes no more than `Try` to do.
  struct PlainAct {
    model::Act act;
    bool (Driver::*attempt)(SessionIndex session, model::Act act, PersonIndex target, Draw& draw);
    void (Reference::*effect)(Person& person);
  };
  static const std::vector<PlainAct>& PlainActs();
  std::optional<PersonIndex> Create(SessionIndex session, OrganisationIndex organisation);
  // The messages of an import, the beginning first.
  using Import = std::vector<v1::ImportAccountsRequest>;
  Import DrawImport(OrganisationIndex organisation, Draw& draw);
  void SendImport(SessionIndex session, const Import& import, OrganisationIndex organisation);
  void SendAgain(SessionIndex session, Import import, Draw& draw);
  // What became of its items, by their places; none when it was refused as a whole.
  std::map<int64_t, v1::ImportAccountsResponse> Results(SessionIndex session, const Import& import);

  // --- Who plays ---
  void SetTheScene();
  PersonIndex Member(size_t slot);
  PersonIndex Anybody(Draw& draw);
  // Who can be asked to sign in and act; not the operator, whom nobody could unlock.
  PersonIndex Somebody(Draw& draw);
  // One who helps the people of the first organisation, and one of those without a role.
  PersonIndex SomeAgent(Draw& draw) { return Member(2 + draw.Below(4)); }
  PersonIndex SomeCaller(Draw& draw) { return Member(kFirstPersonSlot + draw.Below(3)); }
  // A live session of the person's: mostly a FULL one, which the person signs in for if need be.
  std::optional<SessionIndex> Enter(PersonIndex person, Draw& draw);
  std::optional<SessionIndex> EnterAsOperator();
  std::optional<SessionIndex> LiveSession(PersonIndex person, bool full) const;
  std::string FormerPassword(const Person& person, Draw& draw) const;

  // --- Calling and comparing ---
  template <typename Response, typename Request>
  Answer<Response> Call(const std::string& token, Request request);
  // Asks for the code of a proof that the request names.
  template <typename Response, typename Request>
  void Send(Proof& proof, const Reasons& expected, Request request);
  void Tell(absl::string_view line);
  bool Agree(absl::string_view what, const Reasons& expected, const Reasons& actual);
  void Fail(absl::string_view what, absl::string_view expected, absl::string_view actual);
  template <typename T>
  void Compare(absl::string_view what, const T& expected, const T& actual) {
    if (expected == actual) return;
    Fail(what, absl::StrCat(expected), absl::StrCat(actual));
  }
  SessionIndex Opened(PersonIndex person, const std::string& token, const v1::Session& told,
                      bool full);
  bool failed() const { return !disagreement_.empty(); }
  void ReadClock();
  void KeepAwayFromBoundaries();
  std::string NewRequestId();

  System& system_;
  Reference reference_;
  std::vector<std::string> story_;
  std::string disagreement_;
  int64_t calls_ = 0;
  int64_t steps_ = 0;
  int64_t boundaries_ = 0;
  int64_t names_ = 0;
  std::map<std::string, int64_t> done_by_request_;
  Reasons refusals_;

  // Of the sequence at hand.
  static constexpr size_t kSlots = 13;
  static constexpr size_t kSecondAdminSlot = 7;
  static constexpr size_t kFirstPersonSlot = 9;
  std::array<std::optional<PersonIndex>, kSlots> cast_;
  std::vector<PersonIndex> newcomers_;
  std::array<OrganisationIndex, 2> homes_ = {};

  // The last mutation that was done, to be sent again.
  struct Done {
    std::string token;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
    absl::Time at;
  };
  std::optional<Done> done_;
};

template <typename Response, typename Request>
Driver::Answer<Response> Driver::Call(const std::string& token, Request request) {
  constexpr bool kMutates = requires { request.set_request_id(""); };
  if constexpr (kMutates) request.set_request_id(NewRequestId());
  ++calls_;
  Answer<Response> answer;
  const grpc::Status status = system_.Call(token, request, answer.response);
  answer.reasons = ReasonsOf(status);
  refusals_.insert(answer.reasons.begin(), answer.reasons.end());
  if (answer.ok()) ++done_by_request_[request.GetDescriptor()->name()];
  Tell(absl::StrCat(request.GetDescriptor()->name(), " { ", request.ShortDebugString(), " } -> ",
                    TextOf(answer.reasons)));
  bool trial = false;
  if constexpr (requires { request.validate_only(); }) trial = request.validate_only();
  if constexpr (kMutates) {
    if (answer.ok() && !trial) {
      done_ = {.token = token,
               .request = std::make_unique<Request>(request),
               .response = std::make_unique<Response>(),
               .at = reference_.now};
    }
  }
  return answer;
}

template <typename Request, typename Response>
std::optional<Response> Driver::Do(SessionIndex index, model::Act act, PersonIndex target,
                                   Request request, const Object& object, Reasons further) {
  ReadClock();
  Session& session = reference_.sessions[index];
  Reasons expected = reference_.Judge(session, act, target, object);
  if (reference_.Permits(session, act, target, object)) expected.merge(further);
  reference_.Touch(session);
  auto answer = Call<Response>(session.token, request);
  const bool agreed = Agree(request.GetDescriptor()->name(), expected, answer.reasons);
  if (!agreed || !answer.ok()) return std::nullopt;
  return std::move(answer.response);
}

}  // namespace gatehouse::model

#endif  // GATEHOUSE_TESTS_MODEL_DRIVER_H_

#include "tests/model/driver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "clients/cli/views/refusal.h"
#include "gatehouse/v1/organisation_service.pb.h"
#include "tests/harness/fatal.h"
#include "tests/harness/shipped_policy.h"

namespace gatehouse::model {
namespace {

constexpr size_t kOperatorSlot = 0;
// How much of the story is worth reading.
constexpr size_t kStoryLines = 60;
// Who a slot is: where, and with which role; the last ones have none.
struct Part {
  size_t home;
  v1::Role role;
};
constexpr Part kParts[] = {
    {0, v1::ROLE_OPERATOR},    {0, v1::ROLE_NATIONAL_ADMIN}, {0, v1::ROLE_PRIMARY_LOCAL_ADMIN},
    {0, v1::ROLE_LOCAL_ADMIN}, {0, v1::ROLE_LOCAL_ADMIN},    {0, v1::ROLE_LOCAL_HELPDESK},
    {0, v1::ROLE_AUDITOR},     {1, v1::ROLE_LOCAL_ADMIN},    {1, v1::ROLE_PRIMARY_LOCAL_ADMIN},
    {0, v1::ROLE_UNSPECIFIED}, {0, v1::ROLE_UNSPECIFIED},    {0, v1::ROLE_UNSPECIFIED},
    {1, v1::ROLE_UNSPECIFIED},
};

}  // namespace

Reasons ReasonsOf(const grpc::Status& status) {
  if (status.ok()) return {};
  const cli::Refusal refusal = cli::DecodeRefusal(status);
  if (!refusal.decision.has_value()) {
    return {refusal.reason.empty() ? absl::StrCat("gRPC: ", status.error_message())
                                   : refusal.reason};
  }
  return ReasonsOf(*refusal.decision);
}

Reasons ReasonsOf(const v1::Decision& decision) {
  Reasons reasons;
  for (const v1::Violation& violation : decision.violations()) {
    reasons.emplace(absl::StripPrefix(v1::ErrorReason_Name(violation.reason()), "ERROR_REASON_"));
  }
  return reasons;
}

std::string TextOf(const Reasons& reasons) {
  return reasons.empty() ? "OK" : absl::StrJoin(reasons, " + ");
}

std::string Draw::Letters(size_t count) {
  std::string letters;
  while (count-- > 0) letters.push_back(static_cast<char>('a' + Below(26)));
  return letters;
}

std::string Draw::FreshPassword() { return absl::StrCat("walrus-lantern-", Letters(12)); }

// Many short ones, for the beginnings of lives, and some long ones, for what comes of them.
Sequence RandomSequence(uint64_t seed) {
  std::mt19937_64 random(seed);
  size_t weights = 0;
  for (const auto& kind : Driver::Kinds()) weights += kind.weight;
  Sequence sequence(size_t{5} << random() % 4);
  for (Step& step : sequence) {
    size_t chance = random() % weights;
    while (chance >= Driver::Kinds()[step.kind].weight) {
      chance -= Driver::Kinds()[step.kind++].weight;
    }
    step.seed = random();
  }
  return sequence;
}

Driver::Driver(System& system) : system_(system) {
  const FirstOperator& first = system_.first_operator();
  // The one number of the shipped rules that both values of are promised.
  reference_.admins_need_method =
      absl::StrContains(harness::PolicyWithCheapHashing(), R"("admins_need_method" value: "true")");
  ReadClock();
  reference_.organisations.push_back({.id = "", .name = "National Service"});
  reference_.Create({.id = first.account_id,
                     .username = first.username,
                     .password = first.password,
                     .roles = {{v1::ROLE_OPERATOR, kEverywhere}}});
  if (!first.settled) return;
  Person& person = reference_.people[0];
  person.status = v1::ACCOUNT_STATUS_ACTIVE;
  person.temporary = person.must_change = false;
  person.aup = reference_.current_aup = first.aup;
  reference_.published_aups = {first.aup};
  person.profile_confirmed = true;
  person.secret = "unknown to the model";
}

std::optional<std::string> Driver::Play(const Sequence& sequence) {
  story_.clear();
  SetTheScene();
  for (const Step& step : sequence) {
    if (failed()) break;
    const Kind& kind = Kinds()[step.kind];
    Tell(absl::StrCat("--- ", kind.name));
    KeepAwayFromBoundaries();
    Draw draw(step.seed);
    (this->*kind.play)(draw);
    ++steps_;
  }
  if (!failed()) return std::nullopt;
  const size_t first = story_.size() > kStoryLines ? story_.size() - kStoryLines : 0;
  return absl::StrCat(
      absl::StrJoin(story_.begin() + static_cast<std::ptrdiff_t>(first), story_.end(), "\n"), "\n",
      disagreement_);
}

// --- Who plays -----------------------------------------------------------------------------------

void Driver::SetTheScene() {
  cast_ = {};
  cast_[kOperatorSlot] = 0;
  newcomers_.clear();
  done_.reset();
  for (size_t home = 0; home < homes_.size() && !failed(); ++home) {
    const auto session = EnterAsOperator();
    if (!session.has_value()) return;
    Organisation organisation{
        .name = absl::StrCat(home == 0 ? "Riverside Trust " : "Hilltop Surgery ", ++names_),
        .nas_managed = home == 1};
    v1::CreateOrganisationRequest request;
    request.set_display_name(organisation.name);
    request.set_nas_managed(organisation.nas_managed);
    request.set_password_scope(v1::PASSWORD_SCOPE_SEAMLESS);
    const auto answer =
        Call<v1::CreateOrganisationResponse>(reference_.sessions[*session].token, request);
    if (!Agree("CreateOrganisation", {}, answer.reasons)) return;
    organisation.id = answer->organisation().organisation_id();
    homes_[home] = reference_.organisations.size();
    reference_.organisations.push_back(std::move(organisation));
  }
}

PersonIndex Driver::Member(size_t slot) {
  if (cast_[slot].has_value()) return *cast_[slot];
  const Part& part = kParts[slot];
  Draw draw(slot);
  const auto session = EnterAsOperator();
  const auto created =
      session.has_value() ? Create(*session, homes_[part.home]) : std::optional<PersonIndex>();
  if (!created.has_value()) return 0;
  cast_[slot] = *created;
  if (part.role != v1::ROLE_UNSPECIFIED) {
    const bool local = part.role != v1::ROLE_NATIONAL_ADMIN;
    ChangeRole(*session, Act::kGrant, *created,
               {.organisation = local ? homes_[part.home] : kEverywhere, .role = part.role});
  }
  // One of those without a role is left as created.
  if (slot != kFirstPersonSlot && !failed()) Enter(*created, draw);
  return *created;
}

PersonIndex Driver::Anybody(Draw& draw) {
  const size_t chance = draw.Below(kSlots + newcomers_.size());
  return chance < kSlots ? Member(chance) : newcomers_[chance - kSlots];
}

PersonIndex Driver::Somebody(Draw& draw) {
  const size_t chance = 1 + draw.Below(kSlots - 1 + newcomers_.size());
  return chance < kSlots ? Member(chance) : newcomers_[chance - kSlots];
}

std::optional<SessionIndex> Driver::LiveSession(PersonIndex person, bool full) const {
  for (SessionIndex i = reference_.sessions.size(); i-- > 0;) {
    const Session& session = reference_.sessions[i];
    if (session.person == person && session.full == full &&
        reference_.LifeOf(session) == Life::kLive) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<SessionIndex> Driver::Enter(PersonIndex person, Draw& draw) {
  ReadClock();
  if (const auto full = LiveSession(person, true)) return full;
  auto restricted = LiveSession(person, false);
  if (!restricted.has_value()) {
    const Person& entering = reference_.people[person];
    if (entering.password.empty() || entering.locked ||
        reference_.StandingOf(entering).status == v1::ACCOUNT_STATUS_PURGED) {
      return std::nullopt;
    }
    restricted = SignIn(person, entering.password);
  }
  if (!restricted.has_value() || failed() || reference_.sessions[*restricted].full) {
    return restricted;
  }
  return draw.OneIn(6) ? restricted : Finish(*restricted, draw);
}

std::optional<SessionIndex> Driver::EnterAsOperator() {
  Draw draw(static_cast<uint64_t>(++names_));
  ReadClock();
  auto session = LiveSession(0, true);
  if (!session.has_value()) session = SignIn(0, reference_.people[0].password);
  if (!session.has_value() || failed() || reference_.sessions[*session].full) return session;
  return Finish(*session, draw);
}

std::string Driver::FormerPassword(const Person& person, Draw& draw) const {
  return person.passwords_ever.empty() ? draw.FreshPassword() : draw.Of(person.passwords_ever);
}

// --- Calling and comparing -----------------------------------------------------------------------

void Driver::Tell(absl::string_view line) {
  story_.push_back(absl::StrCat(
      absl::FormatTime("%Y-%m-%d %H:%M:%E6S", reference_.now, absl::UTCTimeZone()), "  ", line));
}

void Driver::Fail(absl::string_view what, absl::string_view expected, absl::string_view actual) {
  if (failed()) return;
  disagreement_ = absl::StrCat("disagreement: ", what, ": the reference says ", expected,
                               ", the server says ", actual);
}

bool Driver::Agree(absl::string_view what, const Reasons& expected, const Reasons& actual) {
  if (expected == actual) return true;
  Fail(what, TextOf(expected), TextOf(actual));
  return false;
}

void Driver::ReadClock() { reference_.now = system_.Now(); }

// What the reference reads a moment before the server must not make a difference.
void Driver::KeepAwayFromBoundaries() {
  if (system_.clock() != ClockKind::kRuns) return;
  const auto is_near = [this] {
    reference_.now = system_.Now() - kBehind;
    const std::vector<Boundary> boundaries = reference_.Boundaries();
    return std::any_of(boundaries.begin(), boundaries.end(), [this](const Boundary& boundary) {
      return boundary.at < reference_.now + kBehind + kAhead;
    });
  };
  while (is_near()) system_.Advance(2 * kAhead);
  ReadClock();
}

std::string Driver::NewRequestId() {
  return absl::StrFormat("0f8fad5b-d9cb-469f-a165-%012x", ++names_);
}

}  // namespace gatehouse::model

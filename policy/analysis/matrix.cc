#include "policy/analysis/matrix.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/analysis/action_cases.h"
#include "policy/analysis/case_finder.h"
#include "policy/recording.h"
#include "policy/rule_set.h"

namespace gatehouse::policy::analysis {
namespace {

constexpr uint64_t kStepsPerAction = 10'000'000;
// More conditions than these are said by the rule itself.
constexpr size_t kMostConditions = 2;
constexpr char kHome[] = "home";

// Some facts as they are taken to be, unknown ones among them.
struct Assumption {
  Facts facts;
  std::vector<Fact> given;

  template <typename T>
  void Give(Fact fact, const T& value) {
    facts.Set(fact, value);
    given.push_back(fact);
  }
  void GiveUnknown(Fact fact) { given.push_back(fact); }
  bool Gives(Fact fact) const { return std::find(given.begin(), given.end(), fact) != given.end(); }
  Assumption Copy() const { return {policy::Copy(facts), given}; }
};

// Everybody asks about an account in its own organisation.
Assumption Everybody() {
  Assumption all;
  for (const Fact fact : {Fact::kAccountKnown, Fact::kOrganisationKnown}) all.Give(fact, true);
  for (const Fact fact :
       {Fact::kAccountOrganisationId, Fact::kOrganisationId, Fact::kRequestOrganisationId}) {
    all.Give(fact, kHome);
  }
  all.Give(Fact::kRequestHypothetical, false);
  return all;
}

Assumption Nobody() {
  Assumption nobody = Everybody();
  nobody.Give(Fact::kActorKnown, false);
  nobody.Give(Fact::kSelf, false);
  for (const Fact fact :
       {Fact::kActorAccountId, Fact::kActorOrganisationId, Fact::kActorRoles, Fact::kActorRank,
        Fact::kActorSessionLevel, Fact::kActorRequiredActions}) {
    nobody.GiveUnknown(fact);
  }
  return nobody;
}

Assumption SignedIn(bool self, absl::Span<const RoleGrantFact> roles) {
  Assumption actor = Everybody();
  actor.Give(Fact::kActorKnown, true);
  actor.Give(Fact::kSelf, self);
  actor.Give(Fact::kActorOrganisationId, kHome);
  actor.Give(Fact::kActorSessionLevel, SessionLevel::FULL);
  actor.Give(Fact::kActorRoles, roles);
  actor.given.push_back(Fact::kActorRank);
  return actor;
}

struct SeatAt {
  Seat seat;
  Assumption assumption;
};

std::vector<SeatAt> Seats() {
  std::vector<SeatAt> seats;
  seats.push_back({{"NOBODY", "nobody is signed in"}, Nobody()});
  seats.push_back({{"SELF", "the person, on their own account"}, SignedIn(true, {})});
  for (const int role : {Role::AUDITOR, Role::LOCAL_HELPDESK, Role::LOCAL_ADMIN,
                         Role::PRIMARY_LOCAL_ADMIN, Role::NATIONAL_ADMIN, Role::OPERATOR}) {
    const bool is_local = role != Role::NATIONAL_ADMIN && role != Role::OPERATOR;
    const RoleGrantFact grant = {role, is_local ? kHome : ""};
    seats.push_back({{std::string(WordFor(Vocabulary::kRole, role)),
                      is_local ? "in the account's organisation" : "for all organisations"},
                     SignedIn(false, absl::MakeConstSpan(&grant, 1))});
  }
  return seats;
}

struct StateOf {
  AccountState state;
  AccountStatus::Value status;
  bool locked = false;
  bool leaver = false;
  bool resecured = false;
};

const std::vector<StateOf>& States() {
  static const auto* const states = new std::vector<StateOf>{
      {{"ACTIVE", "nothing is the matter"}, AccountStatus::ACTIVE},
      {{"LOCKED", "active, and locked after wrong passwords"}, AccountStatus::ACTIVE, true},
      {{"LEAVER", "active, and marked as leaving"}, AccountStatus::ACTIVE, false, true},
      {{"RESECURED", "resecured, and the required actions are not done"},
       AccountStatus::ACTIVE,
       false,
       false,
       true},
      {{"PENDING", "created, and never used"}, AccountStatus::PENDING},
      {{"INACTIVE", "not used for long"}, AccountStatus::INACTIVE},
      {{"DISABLED", "switched off"}, AccountStatus::DISABLED},
      {{"DELETED", "deleted, and could be restored"}, AccountStatus::DELETED},
  };
  return *states;
}

Assumption In(const StateOf& state, const Assumption& seat) {
  Assumption both = seat.Copy();
  both.Give(Fact::kAccountStatus, state.status);
  both.Give(Fact::kAccountLocked, state.locked);
  both.Give(Fact::kAccountLeaver, state.leaver);
  both.Give(Fact::kAccountResecurePending, state.resecured);
  return both;
}

class RowMaker {
 public:
  RowMaker(const Policy& policy, Action::Value action)
      : rules_(*policy.rules().RulesFor(action)),
        diagrams_(kStepsPerAction),
        finder_(atoms_, diagrams_) {
    row_.action = action;
    ExpressionReader reader(atoms_, diagrams_);
    ReadAction(&rules_, reader, diagrams_);
    atoms_.Freeze(diagrams_);
    cases_ = ReadAction(&rules_, reader, diagrams_);
    for (const Diagram verdict : cases_.requires_) {
      violated_.push_back(
          diagrams_.Or(diagrams_.Is(verdict, kFalse), diagrams_.Is(verdict, kFailed)));
    }
  }

  MatrixRow Make(absl::Span<const SeatAt> seats) {
    MakeHurdles();
    for (const SeatAt& seat : seats) row_.cells.push_back(MakeCell(seat.assumption));
    row_.undecided = diagrams_.exhausted();
    return std::move(row_);
  }

 private:
  bool CanBe(Diagram diagram) { return finder_.Find(diagram).has_value(); }

  // The atoms' values that agree with the assumption; what is not given is known.
  Diagram Assume(const Assumption& assumption) {
    Diagram all = kTrue;
    for (Variable variable = static_cast<Variable>(atoms_.size()); variable-- > 0;) {
      all = diagrams_.And(diagrams_.Has(variable, ValuesUnder(assumption, variable)), all);
    }
    return all;
  }

  std::vector<uint32_t> ValuesUnder(const Assumption& assumption, Variable variable) const {
    const Atom& atom = atoms_.atom(variable);
    const std::vector<Fact> asked = FactsOf(atom);
    if (std::all_of(asked.begin(), asked.end(),
                    [&](Fact fact) { return assumption.Gives(fact); })) {
      return {atoms_.ValueFor(variable, assumption.facts.slots())};
    }
    std::vector<uint32_t> known;
    for (uint32_t value = 0; value < atoms_.ValuesOf(variable); ++value) {
      if (!IsUnknown(atom, variable, value)) known.push_back(value);
    }
    return known;
  }

  bool IsUnknown(const Atom& atom, Variable variable, uint32_t value) const {
    switch (atom.kind) {
      case Atom::Kind::kFlag:
      case Atom::Kind::kWord:
      case Atom::Kind::kText:
        return value == atoms_.ValuesOf(variable) - 1;
      case Atom::Kind::kPresence:
        return value == 1;
      case Atom::Kind::kOpaque:
        return value == kUnknown || value == kFailed;
      default:
        return false;
    }
  }

  void MakeHurdles() {
    const Diagram known = Assume({});
    for (size_t i = 0; i < violated_.size(); ++i) {
      const RequireRule& rule = *rules_.requires_[i];
      Hurdle hurdle{rule.id, rule.reason, ConditionText(rule, violated_[i], known), {}, false};
      for (const MendRule& mend : rule.mends) {
        hurdle.mends.push_back(
            absl::StrCat(WordFor(Vocabulary::kMendBy, mend.by), ": ", mend.operation));
      }
      for (const ConditionPtr* condition : {&rule.when, &rule.that}) {
        hurdle.waiting_helps =
            hurdle.waiting_helps || (*condition != nullptr && !(*condition)->time.empty());
      }
      row_.hurdles.push_back(std::move(hurdle));
    }
  }

  std::string ConditionText(const RequireRule& rule, Diagram diagram, Diagram among) {
    std::vector<Cube> cubes;
    const bool all =
        diagrams_.Cover(diagrams_.And(diagram, among), diagrams_.Or(diagram, diagrams_.Not(among)),
                        kMostConditions, cubes);
    std::vector<std::string> texts;
    for (const Cube& cube : cubes) {
      texts.push_back(cube.empty() ? "always" : atoms_.ToText(cube));
    }
    if (!all) return AsWritten(rule);
    return absl::StrJoin(texts, " or ");
  }

  static std::string AsWritten(const RequireRule& rule) {
    const auto text = [](const ConditionPtr& condition) {
      const cel::Ast& ast = condition->program.expression().ast();
      return ast.Text(ast.root());
    };
    const std::string when = rule.when == nullptr ? "" : absl::StrCat(text(rule.when), " && ");
    return rule.that == nullptr ? when : absl::StrCat(when, "!(", text(rule.that), ")");
  }

  Access AccessUnder(Diagram assumed) {
    if (!CanBe(diagrams_.And(cases_.allowed, assumed))) return Access::kNever;
    return CanBe(diagrams_.Without(assumed, cases_.allowed)) ? Access::kDepends : Access::kAlways;
  }

  Cell MakeCell(const Assumption& seat) {
    const Diagram assumed = Assume(seat);
    Cell cell;
    cell.access = AccessUnder(assumed);
    for (size_t i = 0; i < cases_.permits.size(); ++i) {
      const Diagram holds = diagrams_.Is(cases_.permits[i], kTrue);
      if (CanBe(diagrams_.And(holds, assumed))) cell.permits.push_back(rules_.permits[i]->id);
    }
    const Diagram permitted = diagrams_.And(cases_.permitted, assumed);
    for (uint32_t i = 0; i < violated_.size(); ++i) {
      if (CanBe(diagrams_.And(violated_[i], permitted))) cell.hurdles.push_back(i);
    }
    for (const StateOf& state : States()) cell.by_state.push_back(MakeStateAccess(state, seat));
    return cell;
  }

  StateAccess MakeStateAccess(const StateOf& state, const Assumption& seat) {
    const Diagram assumed = Assume(In(state, seat));
    StateAccess in_state;
    in_state.access = AccessUnder(assumed);
    const Diagram permitted = diagrams_.And(cases_.permitted, assumed);
    if (in_state.access != Access::kNever || !CanBe(permitted)) return in_state;
    for (size_t i = 0; i < violated_.size(); ++i) {
      if (!CanBe(diagrams_.Without(permitted, violated_[i]))) {
        in_state.against.push_back(rules_.requires_[i]->reason);
      }
    }
    return in_state;
  }

  const ActionRules& rules_;
  AtomTable atoms_;
  DiagramStore diagrams_;
  CaseFinder finder_;
  ActionCases cases_;
  std::vector<Diagram> violated_;
  MatrixRow row_;
};

}  // namespace

Matrix MakeMatrix(const Policy& policy) {
  Matrix matrix;
  const std::vector<SeatAt> seats = Seats();
  for (const SeatAt& seat : seats) matrix.seats.push_back(seat.seat);
  for (const StateOf& state : States()) matrix.states.push_back(state.state);
  for (const int64_t number : WordsOf(Vocabulary::kAction)) {
    const auto action = static_cast<Action::Value>(number);
    if (policy.rules().RulesFor(action) == nullptr) continue;
    matrix.rows.push_back(RowMaker(policy, action).Make(seats));
  }
  return matrix;
}

absl::string_view NameOf(Access access) {
  return access == Access::kAlways ? "yes" : access == Access::kDepends ? "if" : "no";
}

}  // namespace gatehouse::policy::analysis

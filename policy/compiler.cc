#include "policy/compiler.h"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <bitset>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/expression_compiler.h"
#include "policy/given_facts.h"
#include "policy/near_name.h"
#include "policy/parameter_bounds.h"

namespace gatehouse::policy {
namespace {

using RepeatedWords = google::protobuf::RepeatedField<int>;

const cel::Program* ProgramOf(const ConditionPtr& condition) {
  return condition == nullptr ? nullptr : &condition->program;
}

template <typename Rule>
RuleIndex IndexOf(const std::vector<const Rule*>& rules) {
  std::vector<std::vector<Equality>> equalities;
  for (const Rule* rule : rules) equalities.push_back(EqualitiesOf(ProgramOf(rule->when)));
  return RuleIndex(equalities);
}

using FactSet = std::bitset<kFactCount>;

void AddFacts(const ConditionPtr& condition, FactSet& facts) {
  if (condition == nullptr) return;
  for (const cel::SlotId slot : condition->program.expression().Slots()) facts.set(slot);
}

void AddFacts(const RequireRule& rule, FactSet& facts) {
  AddFacts(rule.when, facts);
  AddFacts(rule.that, facts);
  for (const MendRule& mend : rule.mends) AddFacts(mend.when, facts);
  for (const MessagePiece& piece : rule.message) {
    const auto* told = std::get_if<MessageValue>(&piece);
    if (told == nullptr) continue;
    if (const auto* fact = std::get_if<Fact>(&told->value)) facts.set(static_cast<size_t>(*fact));
  }
}

FactSet FactsOf(const ActionRules& rules) {
  FactSet facts;
  for (const PermitRule* rule : rules.permits) AddFacts(rule->when, facts);
  for (const RequireRule* rule : rules.requires_) AddFacts(*rule, facts);
  for (const ObligeRule* rule : rules.obliges) AddFacts(rule->when, facts);
  return facts;
}

// Of each kind. Deciding would get slow, and testing more so.
constexpr int kMostRules = 20'000;

class Compiler {
 public:
  explicit Compiler(PolicySource& source)
      : source_(source), policy_(source.proto()), expressions_(source) {}

  std::unique_ptr<const RuleSet> Compile();

 private:
  // All rules of a kind.
  void CompileEach(int rules, void (Compiler::*compile)(int position));
  void CompilePermit(int position);
  void CompileRequire(int position);
  void CompileOblige(int position);
  void CheckParameters();
  void PrepareActions();
  void WarnAboutActions();

  // The rule's id, reported if it is missing or used before.
  std::string TakeId(const MessagePlaces& places, absl::string_view id);
  // The actions of a rule, reported if there are none.
  std::vector<Action::Value> ActionsOf(const MessagePlaces& places, const RepeatedWords& on);
  std::vector<Action::Value> ActionsOf(const MessagePlaces& places, const v1::Require& rule);
  ActionRules& RulesFor(Action::Value action) {
    return rules_->actions[static_cast<size_t>(action)];
  }
  // Null if the field is empty, constantly true, or wrong, which is reported.
  ConditionPtr CompileCondition(const MessagePlaces& places, absl::string_view field);
  void WarnIfConstant(const MessagePlaces& places, absl::string_view field,
                      const cel::Program& program);
  std::vector<MendRule> CompileMends(const MessagePlaces& refusal, const v1::Refusal& proto);
  void CheckMend(const MessagePlaces& places, const v1::Mend& mend,
                 absl::Span<const std::string> operations);
  std::vector<MessagePiece> CompileMessage(const LocatedText& message);
  std::optional<MessagePiece> CompilePlaceholder(const LocatedText& message, size_t begin,
                                                 size_t end);
  // A rule told before permission may speak of the actor alone.
  void CheckTellsNothing(const MessagePlaces& places, const RequireRule& rule);

  PolicySource& source_;
  const v1::Policy& policy_;
  ExpressionCompiler expressions_;
  absl::flat_hash_set<std::string> ids_;
  std::unique_ptr<RuleSet> rules_ = std::make_unique<RuleSet>();
};

std::unique_ptr<const RuleSet> Compiler::Compile() {
  rules_->name = policy_.name();
  rules_->text = std::string(source_.text());
  crypto_hash_sha256(rules_->revision.digest.data(),
                     reinterpret_cast<const unsigned char*>(rules_->text.data()),
                     rules_->text.size());
  if (policy_.name().empty() && !source_.places().IsSpoiled("name")) {
    source_.Error({}, "the policy has no name", "name: \"nhsmail\"");
  }
  expressions_.ReadParametersAndDefinitions();
  CheckParameters();
  CompileEach(policy_.permit_size(), &Compiler::CompilePermit);
  CompileEach(policy_.require_size(), &Compiler::CompileRequire);
  CompileEach(policy_.oblige_size(), &Compiler::CompileOblige);
  CompileTests(source_, expressions_, *rules_);
  if (source_.has_errors()) return nullptr;
  PrepareActions();
  WarnAboutActions();
  return std::move(rules_);
}

void Compiler::CompileEach(int rules, void (Compiler::*compile)(int position)) {
  if (rules > kMostRules) {
    source_.Error({}, absl::StrCat("more than ", kMostRules, " rules of a kind"));
  }
  for (int i = 0; i < std::min(rules, kMostRules) && !source_.has_enough(); ++i) {
    (this->*compile)(i);
  }
}

std::string Compiler::TakeId(const MessagePlaces& places, absl::string_view id) {
  if (id.empty()) {
    if (!places.IsSpoiled("id")) source_.Error(places.own(), "the rule has no id");
  } else if (!ids_.insert(std::string(id)).second) {
    source_.Error(places.Field("id"), absl::StrCat("another rule is called '", id, "'"));
  }
  return std::string(id);
}

std::vector<Action::Value> Compiler::ActionsOf(const MessagePlaces& places,
                                               const RepeatedWords& on) {
  std::vector<Action::Value> actions;
  for (int i = 0; i < on.size(); ++i) {
    const auto action = static_cast<Action::Value>(on[i]);
    if (action == Action::UNSPECIFIED) {
      source_.Error(places.Value("on", i), "UNSPECIFIED is no action");
    } else if (std::find(actions.begin(), actions.end(), action) != actions.end()) {
      source_.Warning(places.Value("on", i),
                      absl::StrCat(Action::Value_Name(action), " is named twice"));
    } else {
      actions.push_back(action);
    }
  }
  if (on.empty() && !places.IsSpoiled("on")) {
    source_.Error(places.own(), "the rule is about no action", "say on: ...");
  }
  return actions;
}

std::vector<Action::Value> Compiler::ActionsOf(const MessagePlaces& places,
                                               const v1::Require& rule) {
  if (!rule.on_every_action()) {
    if (!rule.except().empty()) {
      source_.Error(places.Field("except"), "'except' goes with on_every_action: true only");
    }
    return ActionsOf(places, rule.on());
  }
  if (!rule.on().empty()) source_.Error(places.Field("on"), "'on' beside on_every_action: true");
  std::vector<Action::Value> actions;
  for (int number = 1; number < Action::Value_ARRAYSIZE; ++number) {
    const bool excepted =
        std::find(rule.except().begin(), rule.except().end(), number) != rule.except().end();
    if (Action::Value_IsValid(number) && !excepted) {
      actions.push_back(static_cast<Action::Value>(number));
    }
  }
  return actions;
}

ConditionPtr Compiler::CompileCondition(const MessagePlaces& places, absl::string_view field) {
  const LocatedText text = places.Text(field);
  if (text.text.empty()) return nullptr;
  std::optional<cel::Program> program = expressions_.CompileRule(text, cel::Type::Bool());
  if (!program.has_value()) return nullptr;
  WarnIfConstant(places, field, *program);
  if (program->constant() != nullptr && program->constant()->holds()) return nullptr;
  auto condition = std::make_unique<const Condition>(*std::move(program));
  const std::optional<cel::NodeId> opaque = condition->time.opaque_use();
  if (opaque.has_value()) {
    source_.Warning(text.field, "the instant from which this changes cannot be foreseen",
                    "compare sums and differences of `now` with instants or durations");
  }
  return condition;
}

void Compiler::WarnIfConstant(const MessagePlaces& places, absl::string_view field,
                              const cel::Program& program) {
  if (program.constant() == nullptr || places.Text(field).text == "true") return;
  source_.Warning(places.Field(field), program.constant()->holds()
                                           ? absl::StrCat("'", field, "' always holds")
                                           : absl::StrCat("'", field, "' can never hold"));
}

void Compiler::CompilePermit(int position) {
  const v1::Permit& proto = policy_.permit(position);
  const MessagePlaces places = source_.places().Nested("permit", position);
  auto rule = std::make_unique<PermitRule>();
  rule->id = TakeId(places, proto.id());
  rule->line = source_.LineOf(places.own());
  rule->when = CompileCondition(places, "when");
  for (const Action::Value action : ActionsOf(places, proto.on())) {
    RulesFor(action).permits.push_back(rule.get());
  }
  rules_->permits.push_back(std::move(rule));
}

void Compiler::CompileRequire(int position) {
  const v1::Require& proto = policy_.require(position);
  const MessagePlaces places = source_.places().Nested("require", position);
  const MessagePlaces refusal = places.Nested("else");
  auto rule = std::make_unique<RequireRule>();
  rule->id = TakeId(places, proto.id());
  rule->line = source_.LineOf(places.own());
  rule->when = CompileCondition(places, "when");
  if (proto.that().empty() && !places.IsSpoiled("that")) {
    source_.Error(places.own(), "the rule requires nothing", "say that: ...");
  }
  rule->that = CompileCondition(places, "that");
  rule->reason = proto.else_().reason();
  if (rule->reason == Reason::UNSPECIFIED && !refusal.IsSpoiled("reason") &&
      !places.IsSpoiled("else")) {
    source_.Error(refusal.own(), "the rule gives no reason", "say else { reason: ... }");
  }
  rule->message = CompileMessage(refusal.Text("message"));
  rule->mends = CompileMends(refusal, proto.else_());
  rule->before_permission = proto.before_permission();
  if (rule->before_permission) CheckTellsNothing(places, *rule);
  for (const Action::Value action : ActionsOf(places, proto)) {
    RulesFor(action).requires_.push_back(rule.get());
  }
  rules_->requires_.push_back(std::move(rule));
}

void Compiler::CompileOblige(int position) {
  const v1::Oblige& proto = policy_.oblige(position);
  const MessagePlaces places = source_.places().Nested("oblige", position);
  auto rule = std::make_unique<ObligeRule>();
  rule->id = TakeId(places, proto.id());
  rule->line = source_.LineOf(places.own());
  rule->when = CompileCondition(places, "when");
  rule->action = proto.action();
  if (rule->action == RequiredAction::UNSPECIFIED && !places.IsSpoiled("action")) {
    source_.Error(places.own(), "the rule obliges to nothing", "say action: ...");
  }
  for (const Action::Value action : ActionsOf(places, proto.on())) {
    RulesFor(action).obliges.push_back(rule.get());
  }
  rules_->obliges.push_back(std::move(rule));
}

std::vector<MendRule> Compiler::CompileMends(const MessagePlaces& refusal,
                                             const v1::Refusal& proto) {
  std::vector<std::string> operations;
  for (int number = 1; number < Action::Value_ARRAYSIZE; ++number) {
    if (Action::Value_IsValid(number)) {
      operations.push_back(RpcNameFor(static_cast<Action::Value>(number)));
    }
  }
  std::vector<MendRule> mends;
  for (int i = 0; i < proto.mend_size() && !source_.has_enough(); ++i) {
    const MessagePlaces places = refusal.Nested("mend", i);
    const v1::Mend& mend = proto.mend(i);
    CheckMend(places, mend, operations);
    mends.push_back({mend.by(), mend.operation(), CompileCondition(places, "when")});
  }
  return mends;
}

void Compiler::CheckMend(const MessagePlaces& places, const v1::Mend& mend,
                         absl::Span<const std::string> operations) {
  if (mend.by() == MendBy::TIME) {
    return source_.Error(places.Field("by"), "TIME is told by itself, where waiting helps");
  }
  if (mend.by() == MendBy::UNSPECIFIED && !places.IsSpoiled("by")) {
    source_.Error(places.own(), "nobody can mend it", "say by: SELF, LOCAL_ADMIN, ...");
  }
  if (std::find(operations.begin(), operations.end(), mend.operation()) == operations.end() &&
      !places.IsSpoiled("operation")) {
    source_.Error(places.Field("operation"),
                  absl::StrCat("unknown operation '", mend.operation(), "'"),
                  SuggestName(mend.operation(), operations));
  }
}

std::vector<MessagePiece> Compiler::CompileMessage(const LocatedText& message) {
  std::vector<MessagePiece> pieces;
  size_t at = 0;
  while (at < message.text.size() && !source_.has_enough()) {
    const size_t open = std::min(message.text.find('{', at), message.text.size());
    if (open > at) pieces.emplace_back(message.text.substr(at, open - at));
    if (open == message.text.size()) break;
    const size_t close = message.text.find('}', open);
    if (close == std::string::npos) {
      source_.Error(message.PlaceOf(static_cast<uint32_t>(open), static_cast<uint32_t>(open + 1)),
                    "'{' without '}'");
      break;
    }
    std::optional<MessagePiece> piece = CompilePlaceholder(message, open + 1, close);
    if (piece.has_value()) pieces.push_back(*std::move(piece));
    at = close + 1;
  }
  return pieces;
}

std::optional<MessagePiece> Compiler::CompilePlaceholder(const LocatedText& message, size_t begin,
                                                         size_t end) {
  const std::string name = message.text.substr(begin, end - begin);
  if (const std::optional<Fact> fact = FindFact(name)) {
    if (Describe(*fact).recording != Recording::kWithheld) {
      return MessageValue{TypeOf(Describe(*fact)), *fact};
    }
    source_.Error(message.PlaceOf(static_cast<uint32_t>(begin), static_cast<uint32_t>(end)),
                  absl::StrCat("'", name, "' would tell something about a secret"));
    return std::nullopt;
  }
  if (const cel::Environment::Constant* parameter = expressions_.FindParameter(name)) {
    return MessageValue{parameter->type, parameter->value};
  }
  std::vector<std::string> names;
  for (const FactInfo& fact : AllFacts()) names.emplace_back(fact.name);
  source_.Error(message.PlaceOf(static_cast<uint32_t>(begin), static_cast<uint32_t>(end)),
                absl::StrCat("'", name, "' is neither a fact nor a parameter"),
                SuggestName(name, names));
  return std::nullopt;
}

void Compiler::CheckTellsNothing(const MessagePlaces& places, const RequireRule& rule) {
  const auto tells = [](const ConditionPtr& condition) {
    if (condition == nullptr) return false;
    const std::vector<cel::SlotId> slots = condition->program.expression().Slots();
    return std::any_of(slots.begin(), slots.end(), [](cel::SlotId slot) {
      const auto fact = static_cast<Fact>(slot);
      // What is the actor's own, the actor knows.
      const bool is_own = fact == Fact::kSelf || fact == Fact::kRequestOwnSession;
      const absl::string_view name = Describe(fact).name;
      return fact != Fact::kNow && !is_own && !absl::StartsWith(name, "actor.") &&
             !absl::StartsWith(name, "caller.");
    });
  };
  if (tells(rule.when) || tells(rule.that)) {
    source_.Error(places.Field("before_permission"),
                  "it would tell about more than the actor to somebody who is not permitted",
                  "speak of actor.*, caller.*, now, self and request.own_session only");
  }
}

void Compiler::CheckParameters() {
  std::vector<std::string> missing;
  for (const ParameterInfo& info : AllParameters()) {
    const bool is_duration = info.type == ParameterType::kDuration;
    const cel::Environment::Constant* constant = expressions_.FindParameter(info.name);
    if (constant == nullptr) {
      if (!expressions_.MayDefine(info.name)) missing.emplace_back(info.name);
      continue;
    }
    if (!constant->value.is(is_duration ? cel::ValueKind::kDuration : cel::ValueKind::kInt)) {
      source_.Error({}, absl::StrCat("parameter '", info.name, "' must be ",
                                     is_duration ? "a duration" : "a whole number"));
      continue;
    }
    const int64_t number =
        is_duration ? constant->value.duration_nanoseconds() : constant->value.int_value();
    if (const int64_t least = LeastValue(info.parameter); number < least) {
      source_.Error({}, absl::StrCat("parameter '", info.name, "' must be at least ", least));
    }
    rules_->parameters[static_cast<size_t>(info.parameter)] = number;
  }
  if (missing.empty()) return;
  source_.Error({}, absl::StrCat("parameters are missing: ", absl::StrJoin(missing, ", ")),
                "operations read them: each must have a value");
}

void Compiler::PrepareActions() {
  for (ActionRules& action : rules_->actions) {
    action.permit_index = IndexOf(action.permits);
    action.require_index = IndexOf(action.requires_);
    std::vector<const cel::Program*> permits;
    for (const uint32_t position : action.permit_index.always()) {
      permits.push_back(ProgramOf(action.permits[position]->when));
    }
    action.permitted = Predicate::AnyHolds(permits);
    std::vector<Predicate::Clause> clauses;
    for (const uint32_t position : action.require_index.always()) {
      const RequireRule& rule = *action.requires_[position];
      clauses.push_back({.when = ProgramOf(rule.when), .that = ProgramOf(rule.that)});
    }
    action.fulfilled = Predicate::AllHold(clauses);
    action.facts = FactsOf(action);
  }
}

void Compiler::WarnAboutActions() {
  std::vector<absl::string_view> closed;
  for (int number = 1; number < Action::Value_ARRAYSIZE; ++number) {
    if (Action::Value_IsValid(number) &&
        rules_->actions[static_cast<size_t>(number)].permits.empty()) {
      closed.push_back(WordFor(Vocabulary::kAction, number));
    }
  }
  if (closed.empty()) return;
  source_.Warning({}, absl::StrCat("nobody is permitted: ", absl::StrJoin(closed, ", ")));
}

}  // namespace

std::unique_ptr<const RuleSet> CompileRules(PolicySource& source) {
  return Compiler(source).Compile();
}

}  // namespace gatehouse::policy

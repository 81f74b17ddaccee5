#include "policy/given_facts.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "policy/near_name.h"

namespace gatehouse::policy {
namespace {

// Each for some actions, and each against all rules about one.
constexpr int kMostTests = 20'000;

class TestCompiler {
 public:
  TestCompiler(PolicySource& source, ExpressionCompiler& expressions, RuleSet& rules)
      : source_(source), expressions_(expressions), rules_(rules) {}

  void Compile() {
    const v1::Policy& policy = source_.proto();
    if (std::max(policy.fixtures_size(), policy.tests_size()) > kMostTests) {
      source_.Error({}, absl::StrCat("more than ", kMostTests, " fixtures or tests"));
    }
    CompileEach(policy.fixtures_size(), &TestCompiler::CompileFixture);
    CompileEach(policy.tests_size(), &TestCompiler::CompileTest);
  }

 private:
  using GivenList = std::vector<const GivenFact*>;

  void CompileEach(int count, void (TestCompiler::*compile)(int position)) {
    for (int i = 0; i < std::min(count, kMostTests) && !source_.has_enough(); ++i) {
      (this->*compile)(i);
    }
  }
  void CompileFixture(int position);
  void CompileTest(int position);
  void CheckExpectation(const MessagePlaces& places, const v1::Expectation& expect);
  // The facts of the fixture named in `from`, then those in `given`.
  GivenList CompileGivens(const MessagePlaces& places, absl::string_view from, int count);
  std::unique_ptr<const GivenFact> CompileGiven(const LocatedText& text);

  PolicySource& source_;
  ExpressionCompiler& expressions_;
  RuleSet& rules_;
  absl::flat_hash_map<std::string, GivenList> fixtures_;
  bool some_unread_ = source_.places().IsSpoiled("fixtures");  // which may have any name
};

void TestCompiler::CompileFixture(int position) {
  const v1::Fixture& proto = source_.proto().fixtures(position);
  const MessagePlaces places = source_.places().Nested("fixtures", position);
  GivenList givens = CompileGivens(places, proto.from(), proto.given_size());
  if (proto.name().empty()) {
    if (places.IsSpoiled("name")) {
      some_unread_ = true;
    } else {
      source_.Error(places.own(), "the fixture has no name");
    }
  } else if (!fixtures_.emplace(proto.name(), std::move(givens)).second) {
    source_.Error(places.Field("name"),
                  absl::StrCat("another fixture is called '", proto.name(), "'"));
  }
}

void TestCompiler::CompileTest(int position) {
  const v1::Test& proto = source_.proto().tests(position);
  const MessagePlaces places = source_.places().Nested("tests", position);
  PolicyTest test;
  test.name = proto.name();
  test.line = source_.LineOf(places.own());
  test.given = CompileGivens(places, proto.from(), proto.given_size());
  test.expect = proto.expect();
  for (const int action : proto.on()) test.on.push_back(static_cast<Action::Value>(action));
  if (test.name.empty() && !places.IsSpoiled("name")) {
    source_.Error(places.own(), "the test has no name");
  }
  if (test.on.empty() && !places.IsSpoiled("on")) {
    source_.Error(places.own(), "the test asks for no action", "say on: ...");
  }
  if (!places.IsSpoiled("expect")) CheckExpectation(places.Nested("expect"), test.expect);
  rules_.tests.push_back(std::move(test));
}

void TestCompiler::CheckExpectation(const MessagePlaces& places, const v1::Expectation& expect) {
  const int outcomes = (expect.allowed() ? 1 : 0) + (expect.not_permitted() ? 1 : 0) +
                       (expect.refused().empty() ? 0 : 1);
  const bool unread = places.IsSpoiled("allowed") || places.IsSpoiled("not_permitted") ||
                      places.IsSpoiled("refused");
  if (outcomes != 1 && !unread) {
    source_.Error(places.own(), "the test must expect one of allowed, not_permitted and refused");
  }
  absl::Time instant;
  if (!expect.eligible_at().empty() && expect.eligible_at() != "never" &&
      !absl::ParseTime(absl::RFC3339_full, expect.eligible_at(), &instant, nullptr)) {
    source_.Error(places.Field("eligible_at"), "neither an instant nor \"never\"",
                  "2026-11-21T08:00:00Z");
  }
}

TestCompiler::GivenList TestCompiler::CompileGivens(const MessagePlaces& places,
                                                    absl::string_view from, int count) {
  GivenList givens;
  if (!from.empty()) {
    const auto fixture = fixtures_.find(from);
    if (fixture == fixtures_.end() && !some_unread_) {
      source_.Error(places.Field("from"), absl::StrCat("no fixture above is called '", from, "'"));
    } else if (fixture != fixtures_.end()) {
      givens = fixture->second;
    }
  }
  for (int i = 0; i < count && !source_.has_enough(); ++i) {
    std::unique_ptr<const GivenFact> given = CompileGiven(places.Text("given", i));
    if (given == nullptr) continue;
    // The latest counts. So however long a row of fixtures is, none gives more than there are
    // facts.
    const auto earlier = std::find_if(givens.begin(), givens.end(), [&](const GivenFact* one) {
      return one->fact == given->fact;
    });
    if (earlier != givens.end()) givens.erase(earlier);
    givens.push_back(given.get());
    rules_.given.push_back(std::move(given));
  }
  return givens;
}

std::unique_ptr<const GivenFact> TestCompiler::CompileGiven(const LocatedText& text) {
  const size_t sign = text.text.find('=');
  if (sign == std::string::npos) {
    source_.Error(text.field, "no '=' between a fact and its value",
                  "say \"account.locked = true\"");
    return nullptr;
  }
  const absl::string_view name =
      absl::StripAsciiWhitespace(absl::string_view(text.text).substr(0, sign));
  const std::optional<Fact> fact = FindFact(name);
  if (!fact.has_value()) {
    std::vector<std::string> names;
    for (const FactInfo& info : AllFacts()) names.emplace_back(info.name);
    source_.Error(text.PlaceOf(0, static_cast<uint32_t>(name.size())),
                  absl::StrCat("unknown fact '", name, "'"), SuggestName(name, names));
    return nullptr;
  }
  LocatedText value;
  value.text = text.text.substr(sign + 1);
  value.origins.assign(text.origins.begin() + static_cast<std::ptrdiff_t>(sign) + 1,
                       text.origins.end());
  value.field = text.field;

  auto given = std::make_unique<GivenFact>();
  given->fact = *fact;
  const absl::string_view word = absl::StripAsciiWhitespace(value.text);
  if (word == "unknown") {
    given->as = GivenFact::As::kUnknown;
    return given;
  }
  if (word == "null" && Describe(*fact).type == FactType::kOptional) {
    given->as = GivenFact::As::kAbsent;
    return given;
  }
  std::optional<cel::Program> program =
      expressions_.CompileGiven(value, GivenTypeOf(Describe(*fact)));
  if (!program.has_value()) return nullptr;
  given->value = std::make_unique<const cel::Program>(*std::move(program));
  return given;
}

void Give(const GivenFact& given, const cel::Value& now, cel::Arena& arena, Facts& facts) {
  if (given.as == GivenFact::As::kUnknown) return facts.SetUnknown(given.fact);
  if (given.as == GivenFact::As::kAbsent) {
    return facts.Set(given.fact, std::optional<absl::Time>());
  }
  const cel::Value value = given.value->Evaluate(absl::MakeConstSpan(&now, 1), arena);
  if (value.failed()) return facts.SetUnknown(given.fact);
  if (Describe(given.fact).type != FactType::kRoles) return facts.SetValue(given.fact, value);
  std::vector<std::string> texts;
  for (const cel::Value& text : value.list_value()) texts.emplace_back(text.string_value());
  if (!SetRoles(given.fact, texts, facts).ok()) facts.SetUnknown(given.fact);
}

}  // namespace

void CompileTests(PolicySource& source, ExpressionCompiler& expressions, RuleSet& rules) {
  TestCompiler(source, expressions, rules).Compile();
}

Facts FactsOf(const PolicyTest& test) {
  Facts facts;
  cel::Arena arena;
  // Others may be given by it.
  for (const GivenFact* given : test.given) {
    if (given->fact == Fact::kNow) Give(*given, cel::Value(), arena, facts);
  }
  const cel::Value now = facts.Get(Fact::kNow);
  for (const GivenFact* given : test.given) {
    if (given->fact != Fact::kNow) Give(*given, now, arena, facts);
  }
  return facts;
}

cel::Type GivenTypeOf(const FactInfo& fact) {
  return fact.type == FactType::kRoles ? cel::Type::List(cel::Type::String()) : TypeOf(fact);
}

absl::Status SetRoles(Fact fact, const std::vector<std::string>& texts, Facts& facts) {
  std::vector<RoleGrantFact> grants;
  for (const std::string& text : texts) {
    const size_t sign = std::min(text.find('@'), text.size());
    Role::Value role = Role::UNSPECIFIED;
    if (!Role::Value_Parse(text.substr(0, sign), &role) || role == Role::UNSPECIFIED) {
      return absl::InvalidArgumentError(absl::StrCat("unknown role '", text, "'"));
    }
    const absl::string_view organisation = absl::string_view(text).substr(sign);
    grants.push_back({role, organisation.empty() ? organisation : organisation.substr(1)});
  }
  facts.Set(fact, grants);
  return absl::OkStatus();
}

}  // namespace gatehouse::policy

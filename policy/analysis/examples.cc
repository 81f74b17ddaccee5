#include "policy/analysis/examples.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "policy/recording.h"

namespace gatehouse::policy::analysis {
namespace {

constexpr int kHoursOfWeek = 7 * 24;

// What an opaque expression speaks of.
struct Subject {
  std::vector<Fact> facts;
  std::vector<cel::Value> constants;
};

Subject SubjectOf(const Atom& opaque) {
  const cel::CheckedExpression& expression = opaque.program->expression();
  Subject subject;
  for (const cel::NodeId part : expression.Reachable(opaque.node)) {
    if (const std::optional<cel::SlotId> slot = expression.slot(part)) {
      subject.facts.push_back(static_cast<Fact>(*slot));
    }
    if (const cel::Value* constant = opaque.program->constant(part)) {
      subject.constants.push_back(*constant);
    }
  }
  return subject;
}

// All instants later by as much, so that they keep their distances.
Facts Later(const Facts& facts, absl::Duration by) {
  Facts later = Copy(facts);
  for (const FactInfo& info : AllFacts()) {
    const cel::Value& value = facts.Get(info.fact);
    if (value.is(cel::ValueKind::kTimestamp)) later.Set(info.fact, value.timestamp_value() + by);
  }
  return later;
}

std::vector<std::string> TextsNear(absl::string_view text) {
  return {std::string(text), absl::StrCat(text, "x"), absl::StrCat("x", text),
          absl::StrCat("x", text, "x")};
}

class VariantFinder {
 public:
  VariantFinder(const Facts& facts, absl::FunctionRef<bool(const Facts&)> fit)
      : facts_(facts), fit_(fit) {}

  std::optional<Facts> AmongTimes() {
    for (int hour = 1; hour < kHoursOfWeek; ++hour) {
      Facts later = Later(facts_, absl::Hours(hour));
      if (fit_(later)) return later;
    }
    return std::nullopt;
  }

  std::optional<Facts> AmongValues(Fact fact, const cel::Value& constant) {
    const FactInfo& info = Describe(fact);
    if (info.type == FactType::kText && constant.is(cel::ValueKind::kString)) {
      for (const std::string& text : TextsNear(constant.string_value())) {
        if (std::optional<Facts> found = With(fact, cel::Value::String(text))) return found;
      }
    }
    if (info.type == FactType::kInt && constant.is(cel::ValueKind::kInt)) {
      for (const int64_t step : {0, -1, 1}) {
        const int64_t number = constant.int_value() + step;
        if (std::optional<Facts> found = With(fact, cel::Value::Int(number))) return found;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Facts> With(Fact fact, const cel::Value& value) {
    Facts facts = Copy(facts_);
    facts.SetValue(fact, value);
    return fit_(facts) ? std::optional(std::move(facts)) : std::nullopt;
  }

  const Facts& facts_;
  absl::FunctionRef<bool(const Facts&)> fit_;
};

}  // namespace

std::optional<Facts> FindVariant(const AtomTable& atoms, const Answers& answers, const Facts& facts,
                                 absl::FunctionRef<bool(const Facts&)> fit) {
  if (fit(facts)) return Copy(facts);
  VariantFinder finder(facts, fit);
  for (const auto& [variable, value] : answers) {
    const Atom& atom = atoms.atom(variable);
    if (atom.kind != Atom::Kind::kOpaque) continue;
    const Subject subject = SubjectOf(atom);
    if (std::optional<Facts> found = finder.AmongTimes()) return found;
    for (const Fact fact : subject.facts) {
      for (const cel::Value& constant : subject.constants) {
        if (std::optional<Facts> found = finder.AmongValues(fact, constant)) return found;
      }
    }
  }
  return std::nullopt;
}

}  // namespace gatehouse::policy::analysis

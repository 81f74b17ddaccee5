#include <algorithm>
#include <fstream>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "policy/analysis/diff.h"
#include "policy/json/facts_json.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::ordered_json;
using analysis::Difference;
using analysis::Effect;
using analysis::PolicyDiff;

Tone ToneOf(Effect effect) {
  if (effect == Effect::kWidens || effect == Effect::kChanges) return Tone::kBad;
  return effect == Effect::kNarrows ? Tone::kGood : Tone::kPlain;
}

// "account.joined_at = 2026-11-20T12:00:00Z, now = ...": what the condition speaks of.
std::string ExampleText(const Difference& difference) {
  std::vector<std::string> parts;
  for (const FactInfo& info : AllFacts()) {
    const bool asked = std::find(difference.asked.begin(), difference.asked.end(), info.fact) !=
                       difference.asked.end();
    if (!asked) continue;
    const cel::Value& value = difference.example.Get(info.fact);
    const bool is_known = difference.example.IsKnown(info.fact);
    const Json json = FactToJson(info, value);
    parts.push_back(absl::StrCat(info.name, " = ",
                                 !is_known          ? "unknown"
                                 : value.absent()   ? "none"
                                 : json.is_string() ? json.get<std::string>()
                                                    : json.dump()));
  }
  return absl::StrJoin(parts, ", ");
}

void Print(const Difference& difference) {
  std::cout << "    " << difference.before << " -> " << difference.after << "\n      when "
            << absl::StrJoin(absl::StrSplit(difference.condition, ", and "), "\n      and ")
            << "\n";
  const std::string example = ExampleText(difference);
  if (difference.possible) {
    std::cout << "      " << Paint(Tone::kQuiet, "possible: no facts were found that show it")
              << "\n";
  } else if (!example.empty()) {
    std::cout << "      " << Paint(Tone::kQuiet, absl::StrCat("for example: ", example)) << "\n";
  }
}

// Of what one action's cases are, those that are only told otherwise by one of them, unless `all`
// are wanted.
void Print(absl::Span<const Difference> of_action, bool all) {
  size_t told_otherwise = 0;
  for (const Difference& difference : of_action) {
    if (difference.same_reasons) ++told_otherwise;
    if (all || !difference.same_reasons || told_otherwise == 1) Print(difference);
  }
  if (!all && told_otherwise > 1) {
    std::cout << "    "
              << Paint(Tone::kQuiet, absl::StrCat("and ", told_otherwise - 1,
                                                  " more that are told otherwise: --all"))
              << "\n";
  }
}

void Print(const PolicyDiff& diff, bool all) {
  for (const analysis::ParameterChange& parameter : diff.parameters) {
    std::cout << parameter.name << ": " << parameter.before << " -> " << parameter.after
              << (parameter.loosens ? Paint(Tone::kBad, "   may loosen what no rule decides") : "")
              << "\n";
  }
  size_t changed = 0;
  absl::Span<const Difference> rest = diff.differences;
  while (!rest.empty()) {
    const Action::Value action = rest.front().action;
    const auto end = std::ranges::find_if(
        rest, [action](const Difference& difference) { return difference.action != action; });
    const auto of_action = rest.first(static_cast<size_t>(end - rest.begin()));
    const Effect effect = analysis::EffectOf(of_action);
    std::cout << "  " << WordFor(Vocabulary::kAction, action) << "   "
              << Paint(ToneOf(effect), analysis::NameOf(effect)) << "\n";
    Print(of_action, all);
    rest.remove_prefix(of_action.size());
    ++changed;
  }
  for (const std::string& text : diff.undecided) {
    std::cout << "  " << Paint(Tone::kBad, "undecided") << "  " << text << "\n";
  }
  if (changed == 0 && diff.undecided.empty()) {
    std::cout << Paint(Tone::kGood, "SAME") << ": all " << diff.actions.size()
              << " actions are decided alike, whatever the facts are.\n";
  } else {
    std::cout << changed << " of " << diff.actions.size() << " actions change"
              << (changed == 1 ? "s. " : ". ")
              << (diff.MayWiden() ? Paint(Tone::kBad, "Something is widened, or may be.")
                                  : "Nothing is widened.")
              << "\n";
  }
  std::cout << Paint(Tone::kQuiet, absl::StrCat("digest ", diff.Digest())) << "\n";
}

Json ToJson(const Difference& difference) {
  return {{"action", WordFor(Vocabulary::kAction, difference.action)},
          {"change", analysis::NameOf(difference.change)},
          {"loosens", difference.loosens},
          {"condition", difference.condition},
          {"before", difference.before},
          {"after", difference.after},
          {"possible", difference.possible},
          {"example", FactsToJson(difference.example)}};
}

Json ToJson(const PolicyDiff& diff) {
  Json actions = Json::object();
  for (const analysis::ActionEffect& action : diff.actions) {
    actions[std::string(WordFor(Vocabulary::kAction, action.action))] =
        analysis::NameOf(action.effect);
  }
  Json parameters = Json::array();
  for (const analysis::ParameterChange& parameter : diff.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"before", parameter.before},
                          {"after", parameter.after},
                          {"loosens", parameter.loosens}});
  }
  Json differences = Json::array();
  for (const Difference& difference : diff.differences) differences.push_back(ToJson(difference));
  return {{"before", diff.before.ToString()},
          {"after", diff.after.ToString()},
          {"effect", analysis::NameOf(diff.effect())},
          {"may_widen", diff.MayWiden()},
          {"parameters", std::move(parameters)},
          {"actions", std::move(actions)},
          {"differences", std::move(differences)},
          {"undecided", diff.undecided},
          {"digest", diff.Digest()}};
}

// False, with a complaint, if a file cannot be written.
bool WriteExamples(const PolicyDiff& diff, const std::string& folder) {
  for (size_t i = 0; i < diff.differences.size(); ++i) {
    const Difference& difference = diff.differences[i];
    const std::string path = absl::StrCat(
        folder, "/", i + 1, "-",
        absl::AsciiStrToLower(WordFor(Vocabulary::kAction, difference.action)), ".json");
    std::ofstream file(path);
    file << FactsToJson(difference.example).dump(2) << "\n";
    if (!file.flush()) {
      std::cerr << "cannot write " << path << "\n";
      return false;
    }
  }
  return true;
}

}  // namespace

int RunDiff(const DiffOptions& options) {
  int exit_code = kOk;
  const std::shared_ptr<const Policy> before = LoadPolicy(options.before, exit_code);
  const std::shared_ptr<const Policy> after = LoadPolicy(options.after, exit_code);
  if (before == nullptr || after == nullptr) return exit_code;
  const PolicyDiff diff = analysis::Diff(*before, *after);
  if (!options.examples.empty() && !WriteExamples(diff, options.examples)) return kUsage;
  if (options.json) {
    std::cout << ToJson(diff).dump(2) << "\n";
  } else {
    Print(diff, options.all);
  }
  if (diff.MayWiden()) return kWidens;
  return diff.effect() == Effect::kSame ? kOk : kDiffers;
}

}  // namespace gatehouse::policy::tool

#include "policy/json/recorded_json.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "policy/json/facts_json.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy {
namespace {

using Json = nlohmann::json;

// Null where there is none.
const Json& Member(const Json& json, const char* name) {
  static const Json* const none = new Json();
  const auto found = json.find(name);
  return found == json.end() ? *none : *found;
}

// The words of a vocabulary in a list of them, or of objects that hold one each.
template <typename Word, typename Parse>
std::vector<Word> ReadWords(const Json& list, const char* member, const Parse& parse,
                            absl::string_view name, std::vector<std::string>& faults) {
  std::vector<Word> words;
  if (list.is_null()) return words;
  if (!list.is_array()) {
    faults.push_back(absl::StrCat(name, ": expected a list"));
    return words;
  }
  for (const Json& element : list) {
    const Json& text = element.is_object() ? Member(element, member) : element;
    Word word{};
    if (text.is_string() && parse(text.get<std::string>(), &word)) {
      words.push_back(word);
    } else {
      faults.push_back(absl::StrCat(name, ": no such word as ", text.dump()));
    }
  }
  return words;
}

Decision ReadDecision(const Json& json, std::vector<std::string>& faults) {
  Decision decision;
  if (!json.is_object() || !Member(json, "allowed").is_boolean()) {
    faults.push_back("decision.allowed: expected true or false");
    return decision;
  }
  decision.allowed = json["allowed"].get<bool>();
  const Json& permitted = Member(json, "permitted");
  decision.permitted = permitted.is_boolean() ? permitted.get<bool>() : decision.allowed;
  for (const RequiredAction::Value action : ReadWords<RequiredAction::Value>(
           Member(json, "obligations"), "", RequiredAction::Value_Parse, "decision.obligations",
           faults)) {
    decision.obligations.push_back(action);
  }
  for (const Reason::Value reason :
       ReadWords<Reason::Value>(Member(json, "violations"), "reason", Reason::Value_Parse,
                                "decision.violations", faults)) {
    decision.violations.emplace_back().reason = reason;
  }
  return decision;
}

}  // namespace

Recorded ReadRecorded(absl::string_view line, std::vector<std::string>& faults) {
  Recorded recorded;
  const Json json = Json::parse(line.begin(), line.end(), nullptr, false);
  if (!json.is_object()) {
    faults.push_back("not a JSON object");
    return recorded;
  }
  const Json& action = Member(json, "action");
  if (!action.is_string() || !Action::Value_Parse(action.get<std::string>(), &recorded.action)) {
    faults.push_back(absl::StrCat("action: no such action as ", action.dump()));
  }
  recorded.facts = FactsFromJson(Member(json, "facts"), faults);
  recorded.decision = ReadDecision(Member(json, "decision"), faults);
  return recorded;
}

std::string WriteRecorded(Action::Value action, const Facts& facts, const Decision& decision) {
  using OrderedJson = nlohmann::ordered_json;
  OrderedJson violations = OrderedJson::array();
  for (const Violation& violation : decision.violations) {
    violations.push_back(
        {{"rule_id", violation.rule_id}, {"reason", Reason::Value_Name(violation.reason)}});
  }
  OrderedJson obligations = OrderedJson::array();
  for (const RequiredAction::Value obligation : decision.obligations) {
    obligations.push_back(RequiredAction::Value_Name(obligation));
  }
  const OrderedJson line = {{"action", Action::Value_Name(action)},
                            {"facts", FactsToJson(facts)},
                            {"decision",
                             {{"allowed", decision.allowed},
                              {"permitted", decision.permitted},
                              {"violations", std::move(violations)},
                              {"obligations", std::move(obligations)},
                              {"policy_revision", decision.policy_revision.ToString()}}}};
  return absl::StrCat(line.dump(-1, ' ', false, Json::error_handler_t::replace), "\n");
}

}  // namespace gatehouse::policy

#include "policy/json/facts_json.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "policy/explain.h"
#include "policy/given_facts.h"
#include "policy/near_name.h"

namespace gatehouse::policy {
namespace {

using Json = nlohmann::json;

// Whether names of facts begin with it. Others are not followed, however deep they nest.
bool IsGroup(absl::string_view name) {
  const absl::Span<const FactInfo> facts = AllFacts();
  return std::any_of(facts.begin(), facts.end(), [&](const FactInfo& fact) {
    return absl::StartsWith(fact.name, absl::StrCat(name, "."));
  });
}

bool IsInt64(const Json& json) {
  return json.is_number_integer() &&
         (!json.is_number_unsigned() ||
          json.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
}

class Reader {
 public:
  explicit Reader(std::vector<std::string>& faults) : faults_(faults) {}

  void ReadGroup(const Json& json, const std::string& prefix) {
    for (const auto& [name, value] : json.items()) {
      const std::string full_name = absl::StrCat(prefix, name);
      if (value.is_object() && IsGroup(full_name)) {
        ReadGroup(value, full_name + ".");
      } else if (const std::optional<Fact> fact = FindFact(full_name)) {
        ReadFact(*fact, value);
      } else {
        Fault(full_name, "no such fact", full_name);
      }
    }
  }

  Facts Take() { return std::move(facts_); }

 private:
  void Fault(absl::string_view name, absl::string_view what, absl::string_view unknown = "") {
    std::vector<std::string> names;
    for (const FactInfo& info : AllFacts()) names.emplace_back(info.name);
    const std::string suggestion = SuggestName(unknown, names);
    faults_.push_back(absl::StrCat(name, ": ", what, suggestion.empty() ? "" : "; ", suggestion));
  }

  void ReadFact(Fact fact, const Json& json) {
    const FactInfo& info = Describe(fact);
    switch (info.type) {
      case FactType::kBool:
        if (!json.is_boolean()) return Fault(info.name, "expected true or false");
        return facts_.Set(fact, json.get<bool>());
      case FactType::kInt: {
        const std::optional<int64_t> number = Number(info, json);
        if (number.has_value()) facts_.Set(fact, *number);
        return;
      }
      case FactType::kDouble:
        if (!json.is_number()) return Fault(info.name, "expected a number");
        return facts_.Set(fact, json.get<double>());
      case FactType::kText:
        if (!json.is_string()) return Fault(info.name, "expected a text");
        return facts_.Set(fact, json.get<std::string>());
      case FactType::kInstant:
      case FactType::kOptional:
        return ReadInstant(info, json);
      case FactType::kInts:
        return ReadWords(info, json);
      case FactType::kRoles:
        return ReadRoles(info, json);
    }
  }

  std::optional<int64_t> Number(const FactInfo& info, const Json& json) {
    const auto* words = Describe(info.vocabulary);
    if (words == nullptr && IsInt64(json)) return json.get<int64_t>();
    if (words == nullptr || !json.is_string()) {
      Fault(info.name, words == nullptr ? "expected a whole number" : "expected a word");
      return std::nullopt;
    }
    const auto* word = words->FindValueByName(json.get<std::string>());
    if (word != nullptr) return word->number();
    Fault(info.name, absl::StrCat("no such word as ", json.get<std::string>()));
    return std::nullopt;
  }

  void ReadInstant(const FactInfo& info, const Json& json) {
    if (json.is_null() && info.type == FactType::kOptional) {
      return facts_.Set(info.fact, std::optional<absl::Time>());
    }
    absl::Time instant;
    if (!json.is_string() ||
        !absl::ParseTime(absl::RFC3339_full, json.get<std::string>(), &instant, nullptr)) {
      return Fault(info.name, "expected an instant such as \"2026-11-21T12:00:00Z\"");
    }
    facts_.Set(info.fact, instant);
  }

  void ReadWords(const FactInfo& info, const Json& json) {
    if (!json.is_array()) return Fault(info.name, "expected a list");
    std::vector<int> words;
    for (const Json& element : json) {
      const std::optional<int64_t> number = Number(info, element);
      if (!number.has_value()) return;
      words.push_back(static_cast<int>(*number));
    }
    facts_.Set(info.fact, words);
  }

  void ReadRoles(const FactInfo& info, const Json& json) {
    if (!json.is_array()) return Fault(info.name, "expected a list");
    std::vector<std::string> texts;
    for (const Json& element : json) {
      if (!element.is_string()) return Fault(info.name, "expected texts: \"LOCAL_ADMIN@trust\"");
      texts.push_back(element.get<std::string>());
    }
    const absl::Status set = SetRoles(info.fact, texts, facts_);
    if (!set.ok()) Fault(info.name, std::string(set.message()));
  }

  std::vector<std::string>& faults_;
  Facts facts_;
};

// "LOCAL_ADMIN@riverside"; without the @ where the role is of no organisation.
std::string RoleText(const cel::Value& grant) {
  const absl::Span<const cel::Value> fields = grant.record_value();
  const absl::string_view organisation = fields[1].string_value();
  return absl::StrCat(WordFor(Vocabulary::kRole, static_cast<int>(fields[0].int_value())),
                      organisation.empty() ? "" : "@", organisation);
}

}  // namespace

Facts FactsFromJson(const nlohmann::json& json, std::vector<std::string>& faults) {
  Reader reader(faults);
  if (json.is_object()) {
    reader.ReadGroup(json, "");
  } else {
    faults.push_back("facts are an object of names and values");
  }
  return reader.Take();
}

nlohmann::ordered_json FactToJson(const FactInfo& info, const cel::Value& value) {
  using OrderedJson = nlohmann::ordered_json;
  if (!value.ok()) return nullptr;
  const auto number = [&](const cel::Value& one) -> OrderedJson {
    const absl::string_view word = WordFor(info.vocabulary, static_cast<int>(one.int_value()));
    if (word.empty()) return one.int_value();
    return std::string(word);
  };
  switch (info.type) {
    case FactType::kBool:
      return value.bool_value();
    case FactType::kInt:
      return number(value);
    case FactType::kDouble:
      return value.double_value();
    case FactType::kText:
      return std::string(value.string_value());
    case FactType::kInstant:
    case FactType::kOptional:
      return PlainText(value, cel::Type::Timestamp());
    case FactType::kInts:
    case FactType::kRoles:
      break;
  }
  OrderedJson list = OrderedJson::array();
  for (const cel::Value& element : value.list_value()) {
    list.push_back(info.type == FactType::kInts ? number(element) : OrderedJson(RoleText(element)));
  }
  return list;
}

nlohmann::ordered_json FactsToJson(const Facts& facts) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const FactInfo& info : AllFacts()) {
    // Ranks come with the roles.
    if (info.fact == Fact::kActorRank || info.fact == Fact::kAccountRank) continue;
    if (facts.IsKnown(info.fact)) {
      json[std::string(info.name)] = FactToJson(info, facts.Get(info.fact));
    }
  }
  return json;
}

}  // namespace gatehouse::policy

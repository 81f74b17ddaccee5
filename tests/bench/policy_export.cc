// What the comparison in tests/bench/compare measures others with, as JSON on standard output: the
// shipped rules, the numbers behind their words, and the requests of P7 with their answers.
//
//   build/release/bin/policy_export > FILE

#include <iostream>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"

#include "gatehouse/policy/v1/policy.pb.h"
#include "nlohmann/json.hpp"
#include "policy/cel/value.h"
#include "policy/facts.h"
#include "policy/policy.h"
#include "policy/vocabulary.h"
#include "tests/bench/policy_requests.h"
#include "tests/harness/fatal.h"

namespace gatehouse::bench {
namespace {

using nlohmann::json;
using policy::cel::Value;
using policy::cel::ValueKind;

json RulesAsJson() {
  policy::v1::Policy rules;
  std::string text;
  if (!google::protobuf::TextFormat::ParseFromString(ShippedText(), &rules) ||
      !google::protobuf::util::MessageToJsonString(rules, &text).ok()) {
    harness::Fatal("the shipped rules are no policy");
  }
  return json::parse(text);
}

// Every word that facts take values from, by name.
json WordsAsJson() {
  json words;
  for (const policy::FactInfo& info : policy::AllFacts()) {
    const auto* vocabulary = policy::Describe(info.vocabulary);
    if (vocabulary == nullptr) continue;
    for (int i = 0; i < vocabulary->value_count(); ++i) {
      const int number = vocabulary->value(i)->number();
      words[std::string(policy::WordFor(info.vocabulary, number))] = number;
    }
  }
  return words;
}

// Instants are seconds: not everybody compared knows instants. Null is an absent or unknown fact.
json ValueAsJson(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kBool:
      return value.bool_value();
    case ValueKind::kInt:
      return value.int_value();
    case ValueKind::kDouble:
      return value.double_value();
    case ValueKind::kString:
      return std::string(value.string_value());
    case ValueKind::kTimestamp:
      return value.timestamp_seconds();
    case ValueKind::kList: {
      json list = json::array();
      for (const Value& element : value.list_value()) list.push_back(ValueAsJson(element));
      return list;
    }
    case ValueKind::kRecord:
      return {{"role", ValueAsJson(value.record_value()[0])},
              {"organisation_id", ValueAsJson(value.record_value()[1])}};
    default:
      return nullptr;
  }
}

json RequestAsJson(const policy::Policy& rules, const PolicyRequest& request) {
  json facts;
  for (const policy::FactInfo& info : policy::AllFacts()) {
    const json value = ValueAsJson(request.facts.Get(info.fact));
    if (!value.is_null()) facts[std::string(info.name)] = value;
  }
  return {{"action", policy::Action::Value_Name(request.action)},
          {"facts", facts},
          {"allowed", rules.Allows(request.action, request.facts)}};
}

void Run() {
  const auto rules = CompileOrDie(ShippedText());
  json requests = json::array();
  for (const PolicyRequest& request : Requests()) {
    requests.push_back(RequestAsJson(*rules, request));
  }
  std::cout << json{{"rules", RulesAsJson()}, {"words", WordsAsJson()}, {"requests", requests}};
}

}  // namespace
}  // namespace gatehouse::bench

int main() {
  gatehouse::bench::Run();
  return 0;
}

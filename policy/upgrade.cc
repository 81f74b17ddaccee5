#include "policy/upgrade.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "policy/policy_source.h"

namespace gatehouse::policy {
namespace {

// The fields of a policy that are told by a name of their own.
struct Kind {
  const char* field;
  const char* name;
  bool is_rule;
};
// Expressions call parameters and definitions alike: they share their names, as rules share theirs.
constexpr Kind kKinds[] = {{"parameters", "name", false},
                           {"define", "name", false},
                           {"permit", "id", true},
                           {"require", "id", true},
                           {"oblige", "id", true}};

struct Entry {
  const Kind& kind;
  std::string name;
  Place place;  // of the value
};

std::vector<Entry> EntriesOf(const PolicySource& source) {
  const v1::Policy& policy = source.proto();
  std::vector<Entry> entries;
  for (const Kind& kind : kKinds) {
    const int count = policy.GetReflection()->FieldSize(
        policy, policy.GetDescriptor()->FindFieldByName(kind.field));
    for (int i = 0; i < count; ++i) {
      entries.push_back({kind, source.places().Nested(kind.field, i).Text(kind.name).text,
                         source.places().Value(kind.field, i)});
    }
  }
  return entries;
}

// As it is written, with what is remarked behind it.
std::string Written(absl::string_view text, const Entry& entry) {
  const absl::string_view value =
      text.substr(entry.place.begin, entry.place.end - entry.place.begin);
  absl::string_view rest = text.substr(entry.place.end);
  rest = rest.substr(0, rest.find('\n'));
  const bool is_remark = absl::StartsWith(absl::StripLeadingAsciiWhitespace(rest), "#");
  return absl::StrCat(entry.kind.field, " ", value, is_remark ? rest : "", "\n");
}

}  // namespace

Upgrade UpgradeText(absl::string_view text, absl::string_view newer, absl::string_view newer_name,
                    NewRules new_rules) {
  PolicySource present(text, "");
  PolicySource shipped(newer, newer_name);
  present.Read();
  shipped.Read();
  absl::flat_hash_set<std::string> names;
  absl::flat_hash_set<std::string> rules;
  for (const Entry& entry : EntriesOf(present)) {
    (entry.kind.is_rule ? rules : names).insert(entry.name);
  }
  Upgrade upgrade;
  std::string additions;
  for (const Entry& entry : EntriesOf(shipped)) {
    if ((entry.kind.is_rule ? rules : names).contains(entry.name)) continue;
    const bool adds = !entry.kind.is_rule || new_rules == NewRules::kAdd;
    (adds ? upgrade.added : upgrade.left_out)
        .push_back(absl::StrCat(entry.kind.field, " ", entry.name));
    if (adds) additions += Written(newer, entry);
  }
  upgrade.text = std::string(text);
  if (additions.empty()) return upgrade;
  if (!upgrade.text.empty() && !absl::EndsWith(upgrade.text, "\n")) upgrade.text += '\n';
  absl::StrAppend(&upgrade.text, "\n# Added from ", newer_name, "\n", additions);
  return upgrade;
}

}  // namespace gatehouse::policy

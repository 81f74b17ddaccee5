#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

#include "policy/analysis/matrix.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include "policy/tool/matrix_page.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::ordered_json;
using analysis::Access;
using analysis::Matrix;

Tone ToneOf(Access access) {
  return access == Access::kAlways  ? Tone::kGood
         : access == Access::kNever ? Tone::kQuiet
                                    : Tone::kPlain;
}

Json ToJson(const analysis::Cell& cell) {
  Json states = Json::array();
  for (const analysis::StateAccess& state : cell.by_state) {
    Json against = Json::array();
    for (const Reason::Value reason : state.against) {
      against.push_back(std::string(WordFor(Vocabulary::kReason, reason)));
    }
    states.push_back({{"access", analysis::NameOf(state.access)}, {"against", std::move(against)}});
  }
  return {{"access", analysis::NameOf(cell.access)},
          {"permits", cell.permits},
          {"hurdles", cell.hurdles},
          {"by_state", std::move(states)}};
}

Json ToJson(const analysis::MatrixRow& row) {
  Json hurdles = Json::array();
  for (const analysis::Hurdle& hurdle : row.hurdles) {
    hurdles.push_back({{"rule_id", hurdle.rule_id},
                       {"reason", WordFor(Vocabulary::kReason, hurdle.reason)},
                       {"stands_while", hurdle.stands_while},
                       {"mends", hurdle.mends},
                       {"waiting_helps", hurdle.waiting_helps}});
  }
  Json cells = Json::array();
  for (const analysis::Cell& cell : row.cells) cells.push_back(ToJson(cell));
  return {{"action", WordFor(Vocabulary::kAction, row.action)},
          {"number", static_cast<int>(row.action)},
          {"undecided", row.undecided},
          {"hurdles", std::move(hurdles)},
          {"cells", std::move(cells)}};
}

Json ToJson(const Policy& policy, const Matrix& matrix) {
  Json json = {{"name", policy.name()}, {"policy_revision", policy.revision().ToString()}};
  for (const analysis::Seat& seat : matrix.seats) {
    json["seats"].push_back({{"name", seat.name}, {"remark", seat.remark}});
  }
  for (const analysis::AccountState& state : matrix.states) {
    json["states"].push_back({{"name", state.name}, {"remark", state.remark}});
  }
  json["rows"] = Json::array();
  for (const analysis::MatrixRow& row : matrix.rows) json["rows"].push_back(ToJson(row));
  return json;
}

// The first letters of a seat's words, so that columns stay narrow: "PLA".
std::string Initials(absl::string_view name) {
  std::string initials;
  char before = '_';
  for (const char letter : name) {
    if (before == '_') initials.push_back(letter);
    before = letter;
  }
  return initials.size() > 1 ? initials : std::string(name.substr(0, 4));
}

// `state` is the place of the account's state; nothing: any.
void Print(const Matrix& matrix, const std::optional<size_t>& state) {
  std::cout << absl::StrFormat("%-32s", "");
  for (const analysis::Seat& seat : matrix.seats) {
    std::cout << absl::StrFormat(" %5s", Initials(seat.name));
  }
  std::cout << "\n";
  for (const analysis::MatrixRow& row : matrix.rows) {
    std::cout << absl::StrFormat("%-32s", WordFor(Vocabulary::kAction, row.action));
    for (const analysis::Cell& cell : row.cells) {
      const Access access = state.has_value() ? cell.by_state[*state].access : cell.access;
      const absl::string_view text = row.undecided ? "?" : analysis::NameOf(access);
      std::cout << Paint(ToneOf(access), absl::StrFormat(" %5s", text));
    }
    std::cout << "\n";
  }
  std::cout << "\n";
  for (const analysis::Seat& seat : matrix.seats) {
    std::cout << absl::StrFormat("%5s  %s, %s\n", Initials(seat.name), seat.name, seat.remark);
  }
  std::cout << "\nyes and no hold whatever else is so; if: it depends. --html tells why.\n";
}

}  // namespace

int RunMatrix(const MatrixOptions& options) {
  int exit_code = kOk;
  const std::shared_ptr<const Policy> policy = LoadPolicy(options.file, exit_code);
  if (policy == nullptr) return exit_code;
  const Matrix matrix = analysis::MakeMatrix(*policy);
  if (options.html) {
    std::cout << MatrixPage(ToJson(*policy, matrix));
    return kOk;
  }
  if (options.json) {
    std::cout << ToJson(*policy, matrix).dump(2) << "\n";
    return kOk;
  }
  std::optional<size_t> state;
  std::vector<std::string> names;
  for (const analysis::AccountState& one : matrix.states) names.push_back(one.name);
  if (!options.state.empty()) {
    const std::string sought = absl::AsciiStrToUpper(options.state);
    const auto found = std::find(names.begin(), names.end(), sought);
    if (found == names.end()) {
      std::cerr << "no state is called " << sought << ": " << absl::StrJoin(names, ", ") << "\n";
      return kUsage;
    }
    state = static_cast<size_t>(found - names.begin());
  }
  Print(matrix, state);
  return kOk;
}

}  // namespace gatehouse::policy::tool

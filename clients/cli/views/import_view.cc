#include "clients/cli/views/import_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "clients/cli/views/words.h"
#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

std::vector<std::string> ReasonsOf(const v1::ImportAccountsResponse& answer) {
  std::vector<std::string> reasons;
  for (const int reason : answer.reasons()) {
    reasons.push_back(Constant(static_cast<v1::ErrorReason>(reason)));
  }
  return reasons;
}

std::string RenderRefusals(const ImportOutcome& outcome, const Look& look) {
  std::string text;
  for (const ImportResult& refusal : outcome.tally.refusals) {
    absl::StrAppend(&text, "  line ", refusal.answer.item(), "  ",
                    look.Paint(Tone::kTitle, Printable(refusal.username)), "  ",
                    look.Paint(Tone::kBad, Printable(refusal.answer.message())), "\n");
  }
  const int64_t untold =
      outcome.tally.refused - static_cast<int64_t>(outcome.tally.refusals.size());
  if (untold > 0) {
    absl::StrAppend(&text, "  and ", untold, " more, in ", outcome.results_file, "\n");
  }
  return text;
}

}  // namespace

void ImportTally::Add(const ImportResult& result) {
  if (!result.answer.reasons().empty()) {
    ++refused;
    if (refusals.size() < kMostRefusalsTold) refusals.push_back(result);
  } else if (result.answer.replayed()) {
    ++replayed;
    untold_passwords += result.came_with_hash ? 0 : 1;
  } else {
    ++made;
  }
}

std::string ResultLine(const ImportResult& result, const std::string& request_id) {
  nlohmann::ordered_json json;
  json["request_id"] = request_id;
  json["line"] = result.answer.item();
  json["username"] = result.username;
  if (result.answer.reasons().empty()) {
    json["account_id"] = result.answer.account_id();
    json["replayed"] = result.answer.replayed();
    if (!result.answer.temporary_password().empty()) {
      json["temporary_password"] = result.answer.temporary_password();
    }
  } else {
    json["reasons"] = ReasonsOf(result.answer);
    json["message"] = result.answer.message();
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string RenderProgress(const ImportTally& tally, int64_t accounts, double seconds) {
  const double pace = seconds > 0 ? static_cast<double>(tally.all()) / seconds : 0;
  return absl::StrFormat("%d of %d   %d refused   %.0f/s", tally.all(), accounts, tally.refused,
                         pace);
}

std::string RenderImport(const ImportOutcome& outcome, const Look& look) {
  const ImportTally& tally = outcome.tally;
  std::string text =
      absl::StrCat(outcome.dry_run ? "Would be imported, nothing was changed: " : "Imported ",
                   Count(tally.made, "account"), outcome.dry_run ? " for " : " into ",
                   Printable(outcome.organisation), ".");
  if (tally.replayed > 0) absl::StrAppend(&text, " ", tally.replayed, " were in already.");
  if (tally.refused > 0) absl::StrAppend(&text, " ", tally.refused, " refused:");
  absl::StrAppend(&text, "\n", RenderRefusals(outcome, look));
  if (tally.refused > 0 && !outcome.dry_run) {
    absl::StrAppend(&text, "Mend these lines where they are; what is in stays in:\n", "  ",
                    outcome.command_again, "\n");
  }
  if (tally.untold_passwords > 0) {
    absl::StrAppend(&text, "The temporary passwords of ", Count(tally.untold_passwords, "account"),
                    " were told to an earlier run: see ", outcome.results_file,
                    ", or reset them.\n");
  }
  if (!outcome.dry_run) {
    absl::StrAppend(&text, "Every result, with temporary passwords: ", outcome.results_file, "\n");
  }
  return text;
}

std::string ImportToJson(const ImportOutcome& outcome) {
  nlohmann::ordered_json json;
  json["request_id"] = outcome.request_id;
  json["made"] = outcome.tally.made;
  json["replayed"] = outcome.tally.replayed;
  json["refused"] = outcome.tally.refused;
  json["results_file"] = outcome.results_file;
  return json.dump(2) + "\n";
}

}  // namespace gatehouse::cli

#include "clients/cli/views/policy_view.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

std::string NameOf(const v1::PolicyRevision& revision, const Usernames& names) {
  if (revision.actor_account_id().empty()) return "the server's own file";
  const auto name = names.find(revision.actor_account_id());
  return name == names.end() ? Short(revision.actor_account_id()) : name->second;
}

Tone ToneOf(v1::PolicyChange change) {
  switch (change) {
    case v1::POLICY_CHANGE_WIDENS:
      return Tone::kBad;
    case v1::POLICY_CHANGE_NARROWS:
      return Tone::kWarning;
    default:
      return Tone::kPlain;
  }
}

// "allowed", or "refused (ORGANISATION_HOLD)".
std::string InShort(const v1::Decision& decision) {
  if (decision.allowed()) {
    std::vector<std::string> obligations;
    for (const int action : decision.obligations()) {
      obligations.push_back(Constant(static_cast<v1::RequiredAction>(action)));
    }
    return obligations.empty()
               ? "allowed"
               : absl::StrCat("allowed (first ", absl::StrJoin(obligations, ", "), ")");
  }
  std::vector<std::string> reasons;
  for (const v1::Violation& violation : decision.violations()) {
    reasons.push_back(Constant(violation.reason()));
  }
  return absl::StrCat("refused (", absl::StrJoin(reasons, ", "), ")");
}

void AddServer(const v1::PolicyServerStatus& server, const v1::PolicyRevision& policy,
               const Look& look, Table& table) {
  if (policy.active()) {
    const bool follows = server.revision() == policy.revision();
    table.AddRow(
        {"this server",
         follows ? Cell("decides by it")
                 : Cell(absl::StrCat("still decides by ", server.revision()), Tone::kWarning)});
  }
  if (server.has_shadow()) {
    const v1::PolicyShadow& shadow = server.shadow();
    table.AddRow(
        {"in shadow", absl::StrCat(shadow.revision(), " since ", look.Moment(shadow.start_time()),
                                   ": ", Count(shadow.decisions(), "decision"),
                                   ", of which it widens ", shadow.widens(), ", narrows ",
                                   shadow.narrows(), ", alters ", shadow.alters())});
  }
  const v1::PolicyDecisionLog& log = server.decision_log();
  table.AddRow({"decision log", absl::StrCat(log.recorded(), " recorded, ", log.kept(), " kept, ",
                                             log.dropped(), " dropped")});
  if (server.has_last_reload()) {
    const v1::PolicyReload& reload = server.last_reload();
    table.AddRow(
        {"last reload", reload.succeeded()
                            ? Cell(absl::StrCat(look.Moment(reload.time()), ", good"), Tone::kGood)
                            : Cell(absl::StrCat(look.Moment(reload.time()),
                                                ", failed and changed nothing: ", reload.message()),
                                   Tone::kBad)});
  }
}

// Of the example, what the condition speaks of.
std::vector<v1::SupposedFact> ExampleToRead(const v1::PolicyDifference& difference) {
  std::vector<v1::SupposedFact> example;
  for (const v1::SupposedFact& fact : difference.example()) {
    if (absl::StrContains(difference.condition(), fact.name())) example.push_back(fact);
  }
  return example;
}

void AppendDifference(const v1::PolicyDifference& difference, const Look& look, std::string& text) {
  absl::StrAppend(&text, "  ", Constant(difference.action()), "   ",
                  look.Paint(ToneOf(difference.change()), Constant(difference.change())),
                  difference.possible() ? " (possible)" : "",
                  difference.loosens() ? " (with less to do)" : "", "\n    ",
                  Printable(difference.before()), " -> ", Printable(difference.after()), "\n");
  if (!difference.condition().empty()) {
    absl::StrAppend(&text, "      when ",
                    absl::StrJoin(absl::StrSplit(difference.condition(), '\n'), "\n       ",
                                  [](std::string* out, absl::string_view line) {
                                    absl::StrAppend(out, Printable(line));
                                  }),
                    "\n");
  }
  const std::vector<v1::SupposedFact> example = ExampleToRead(difference);
  if (example.empty()) return;
  absl::StrAppend(&text, "    for example: ",
                  absl::StrJoin(example, ", ",
                                [](std::string* out, const v1::SupposedFact& fact) {
                                  absl::StrAppend(out, Printable(fact.name()), " = ",
                                                  Printable(fact.value()));
                                }),
                  "\n");
}

bool MayWiden(const v1::DiffPoliciesResponse& response) {
  return !response.undecided().empty() ||
         std::ranges::any_of(response.differences(), [](const v1::PolicyDifference& difference) {
           return difference.change() == v1::POLICY_CHANGE_WIDENS || difference.loosens();
         });
}

}  // namespace

std::string RenderPolicy(const v1::GetPolicyResponse& response, const Usernames& names,
                         const Look& look) {
  const v1::PolicyRevision& policy = response.policy();
  Table table({}, "  ");
  table.AddRow({policy.active() ? "in force since" : "last in force from",
                policy.has_activate_time() ? look.Moment(policy.activate_time()) : "never"});
  if (policy.has_activate_time()) {
    table.AddRow({"by", NameOf(policy, names)});
    table.AddRow({"because", policy.reason()});
  }
  AddServer(response.server(), policy, look, table);
  return absl::StrCat("Policy ", policy.revision(), "\n", table.Render(look));
}

std::string RenderPolicyRevisions(const v1::ListPolicyRevisionsResponse& list,
                                  const Usernames& names, const Look& look) {
  Table table({"REVISION", "IN FORCE", "BY", "BECAUSE"});
  for (const v1::PolicyRevision& revision : list.revisions()) {
    table.AddRow(
        {revision.revision(),
         revision.active()
             ? Cell(absl::StrCat("since ", look.Moment(revision.activate_time())), Tone::kGood)
             : Cell(absl::StrCat("from ", look.Moment(revision.activate_time()))),
         NameOf(revision, names), revision.reason()});
  }
  return table.Render(look);
}

bool CanTakeEffect(const v1::ValidatePolicyResponse& response) {
  return !response.revision().empty() &&
         std::ranges::all_of(response.test_results(), &v1::PolicyTestResult::passed);
}

std::string RenderValidation(const v1::ValidatePolicyResponse& response, const std::string& file,
                             const Look& look) {
  std::string text;
  for (const v1::PolicyDiagnostic& diagnostic : response.diagnostics()) {
    const bool is_error = diagnostic.severity() == v1::DIAGNOSTIC_SEVERITY_ERROR;
    absl::StrAppend(
        &text, Printable(file), ":", diagnostic.line(), ":", diagnostic.column(), ": ",
        look.Paint(is_error ? Tone::kBad : Tone::kWarning, is_error ? "error" : "warning"), ": ",
        Printable(diagnostic.message()), "\n");
    if (!diagnostic.excerpt().empty()) {
      absl::StrAppend(&text, "    ", Printable(diagnostic.excerpt()), "\n");
    }
  }
  int failed = 0;
  for (const v1::PolicyTestResult& result : response.test_results()) {
    if (result.passed()) continue;
    ++failed;
    absl::StrAppend(&text, look.Paint(Tone::kBad, "failed"), ": ", Printable(result.name()), ": ",
                    Printable(result.message()), "\n");
  }
  if (response.revision().empty()) return absl::StrCat(text, "It cannot take effect.\n");
  absl::StrAppend(&text, "Revision ", response.revision(), ": ",
                  Count(response.test_results_size(), "test"), ", ",
                  failed == 0 ? look.Paint(Tone::kGood, "all pass")
                              : look.Paint(Tone::kBad, absl::StrCat(failed, " failed")),
                  ".\n");
  return text;
}

std::string RenderDifferences(const v1::DiffPoliciesResponse& response, const Look& look) {
  std::string text;
  for (const v1::PolicyParameterChange& parameter : response.parameters()) {
    absl::StrAppend(&text, Printable(parameter.name()), ": ", Printable(parameter.before()), " -> ",
                    Printable(parameter.after()), "\n");
  }
  for (const v1::PolicyDifference& difference : response.differences()) {
    AppendDifference(difference, look, text);
  }
  for (const std::string& undecided : response.undecided()) {
    absl::StrAppend(&text, "  ", look.Paint(Tone::kBad, "UNDECIDED"), "   ", Printable(undecided),
                    "\n");
  }
  if (text.empty()) return "Every case is decided as before.\n";
  absl::StrAppend(
      &text, Count(response.differences_size(), "difference"), ". ",
      MayWiden(response)
          ? look.Paint(Tone::kBad, "It may widen what is allowed: activate with the diff's digest.")
          : look.Paint(Tone::kGood, "Nothing is widened."),
      "\ndiff digest ", response.diff_digest(), "\n");
  return text;
}

std::string RenderReplay(const v1::ReplayDecisionsResponse& response, const Look& look) {
  std::string text;
  if (response.changed_size() > 0) {
    Table table({"TIME", "ACTION", "CHANGE", "WAS", "WOULD BE"});
    for (const v1::ReplayedDecision& changed : response.changed()) {
      table.AddRow({look.Moment(changed.time()), Constant(changed.action()),
                    Cell(Constant(changed.change()), ToneOf(changed.change())),
                    InShort(changed.recorded()), InShort(changed.replayed())});
    }
    text = table.Render(look);
  }
  absl::StrAppend(&text, Count(response.decisions_replayed(), "decision"), " replayed, ",
                  response.changed_size(), " would have been different");
  if (response.decisions_undecided() > 0) {
    absl::StrAppend(&text, ", ", response.decisions_undecided(),
                    " rest on facts that are not kept");
  }
  return absl::StrCat(text, ".\n");
}

}  // namespace gatehouse::cli

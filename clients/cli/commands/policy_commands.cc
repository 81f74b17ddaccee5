// policy show, revisions, validate, diff, activate, rollback, end-shadow, explain, replay.

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/usernames.h"
#include "clients/cli/views/policy_view.h"
#include "gatehouse/v1/policy_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Policies = v1::PolicyService::Stub;

constexpr char kPolicyHelp[] = "A file, or id:REVISION";

// A file's text. Nothing after a failure that was told.
std::optional<std::string> ReadPolicy(const std::string& path, Invocation& invocation) {
  std::ifstream file(path, std::ios::binary);
  if (file) return std::string(std::istreambuf_iterator<char>(file), {});
  invocation.Fail(ExitCode::kUsage, absl::StrCat("cannot read ", path));
  return std::nullopt;
}

// False after a failure that was told.
bool Fill(absl::string_view named, v1::PolicySource& source, Invocation& invocation) {
  if (absl::ConsumePrefix(&named, "id:")) {
    source.set_revision(std::string(named));
    return true;
  }
  std::optional<std::string> text = ReadPolicy(std::string(named), invocation);
  if (text.has_value()) source.set_text(*std::move(text));
  return source.has_text();
}

// Names of those who put the revisions in force, as far as the reader may see them.
Usernames NamesIn(const std::vector<v1::PolicyRevision>& revisions, Invocation& invocation) {
  std::set<std::string> ids;
  for (const v1::PolicyRevision& revision : revisions) ids.insert(revision.actor_account_id());
  return FindUsernames(ids, invocation);
}

struct ShowOptions {
  std::string revision;
  bool text = false;
};

void Show(const ShowOptions& options, Invocation& invocation) {
  v1::GetPolicyRequest request;
  request.set_revision(std::string(absl::StripPrefix(options.revision, "id:")));
  const auto response = invocation.Call(&Policies::GetPolicy, request);
  if (!response.has_value()) return;
  if (options.text) return invocation.Write(response->text());
  invocation.Print(*response, RenderPolicy(*response, NamesIn({response->policy()}, invocation),
                                           invocation.look()));
}

void ListRevisions(const PageOptions& page, Invocation& invocation) {
  v1::ListPolicyRevisionsRequest request;
  page.Fill(request);
  const auto response = invocation.Call(&Policies::ListPolicyRevisions, request);
  if (!response.has_value()) return;
  const Usernames names =
      NamesIn({response->revisions().begin(), response->revisions().end()}, invocation);
  invocation.Print(
      *response, RenderPolicyRevisions(*response, names, invocation.look()) + page.Next(*response));
}

void Validate(const std::string& file, Invocation& invocation) {
  std::optional<std::string> text = ReadPolicy(file, invocation);
  if (!text.has_value()) return;
  v1::ValidatePolicyRequest request;
  request.set_text(*std::move(text));
  const auto response = invocation.Call(&Policies::ValidatePolicy, request);
  if (!response.has_value()) return;
  invocation.Print(*response, RenderValidation(*response, file, invocation.look()));
  if (!CanTakeEffect(*response)) invocation.set_exit_code(ExitCode::kRefused);
}

struct DiffOptions {
  std::string base;
  std::string candidate;
};

void Diff(const DiffOptions& options, Invocation& invocation) {
  v1::DiffPoliciesRequest request;
  if (!Fill(options.candidate, *request.mutable_candidate(), invocation)) return;
  if (!options.base.empty() && !Fill(options.base, *request.mutable_base(), invocation)) return;
  const auto response = invocation.Call(&Policies::DiffPolicies, request);
  if (!response.has_value()) return;
  invocation.Print(*response, RenderDifferences(*response, invocation.look()));
}

struct ActivateOptions {
  std::string policy;
  std::string diff_digest;
  std::string expected;
  std::string reason;
  bool shadow = false;
  bool dry_run = false;

  void AddTo(CLI::App& command) {
    command.add_option("--diff-digest", diff_digest,
                       "What `policy diff` said, for a policy that widens");
    command.add_option("--reason", reason, "Why, for the audit log")->required();
    AddDryRun(command, dry_run);
  }
};

void Activate(const ActivateOptions& options, Invocation& invocation) {
  v1::ActivatePolicyRequest request;
  if (!options.policy.empty() && !Fill(options.policy, *request.mutable_policy(), invocation)) {
    return;
  }
  request.set_diff_digest(options.diff_digest);
  request.set_expected_active_revision(std::string(absl::StripPrefix(options.expected, "id:")));
  request.set_reason(options.reason);
  request.set_shadow(options.shadow);
  request.set_validate_only(options.dry_run);
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Policies::ActivatePolicy, request);
  if (!response.has_value()) return;
  const std::string& revision = response->policy().revision();
  const std::string what = !options.shadow    ? absl::StrCat("In force: ", revision)
                           : revision.empty() ? "The trial in shadow has ended"
                                              : absl::StrCat("In shadow: ", revision);
  const std::string confirmed =
      options.dry_run
          ? ""
          : absl::StrCat(", confirmed by ", Count(response->confirmed_servers(), "server"));
  invocation.Print(*response,
                   absl::StrCat(options.dry_run ? Outcome("", true, invocation.look()) + " " : "",
                                what, confirmed, ".\n"));
}

// To the policy that was in force before, unless another is named.
void RollBack(ActivateOptions options, Invocation& invocation) {
  v1::ListPolicyRevisionsRequest request;
  request.set_page_size(2);
  const auto latest = invocation.Call(&Policies::ListPolicyRevisions, request);
  if (!latest.has_value()) return;
  if (latest->revisions_size() < 2 && options.policy.empty()) {
    return invocation.Fail(ExitCode::kUsage, "there is no earlier policy to go back to");
  }
  if (options.policy.empty()) {
    options.policy = absl::StrCat("id:", latest->revisions(1).revision());
  }
  options.expected = latest->revisions(0).revision();
  Activate(options, invocation);
}

struct ExplainOptions {
  std::string action;
  std::string account;
  std::string actor;
  std::vector<std::string> facts;
  std::string at;
  std::string policy;
};

// False after a failure that was told.
bool Fill(const ExplainOptions& options, v1::ExplainDecisionRequest& request,
          Invocation& invocation) {
  request.set_action(ValueOf<v1::Action>(options.action));
  if (!options.account.empty()) {
    const auto account = invocation.FindAccount(options.account);
    if (!account.has_value()) return false;
    request.set_account_id(account->account_id());
  }
  if (!options.actor.empty()) {
    const auto actor = invocation.FindAccount(options.actor);
    if (!actor.has_value()) return false;
    request.set_actor_account_id(actor->account_id());
  }
  for (const std::string& fact : options.facts) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(fact, absl::MaxSplits('=', 1));
    v1::SupposedFact& supposed = *request.add_facts();
    supposed.set_name(parts.first);
    supposed.set_value(parts.second);
  }
  if (!options.at.empty()) {
    absl::Time at;
    if (!absl::ParseTime(absl::RFC3339_full, options.at, &at, nullptr)) {
      invocation.Fail(ExitCode::kUsage, "--at takes an instant such as 2026-11-21T12:00:00Z");
      return false;
    }
    *request.mutable_as_of_time() = ToTimestamp(at);
  }
  return options.policy.empty() || Fill(options.policy, *request.mutable_policy(), invocation);
}

void Explain(const ExplainOptions& options, Invocation& invocation) {
  v1::ExplainDecisionRequest request;
  if (!Fill(options, request, invocation)) return;
  const auto response = invocation.Call(&Policies::ExplainDecision, request);
  if (!response.has_value()) return;
  invocation.Print(*response, absl::StrCat(response->explanation(), "(policy ",
                                           response->decision().policy_revision(), ")\n"));
  if (!response->decision().allowed()) invocation.set_exit_code(ExitCode::kRefused);
}

struct ReplayOptions {
  std::string policy;
  std::string since;
  PageOptions page;
};

void Replay(const ReplayOptions& options, Invocation& invocation) {
  v1::ReplayDecisionsRequest request;
  if (!Fill(options.policy, *request.mutable_policy(), invocation)) return;
  absl::Duration since;
  if (!options.since.empty() && !absl::ParseDuration(options.since, &since)) {
    return invocation.Fail(ExitCode::kUsage, "--since takes a span such as 90m or 24h");
  }
  if (!options.since.empty()) {
    *request.mutable_start_time() = ToTimestamp(invocation.look().now - since);
  }
  options.page.Fill(request);
  const auto response = invocation.Call(&Policies::ReplayDecisions, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   RenderReplay(*response, invocation.look()) + options.page.Next(*response));
}

void AddReadingCommands(CLI::App& policy, Invocation& invocation) {
  auto shown = std::make_shared<ShowOptions>();
  CLI::App* show = policy.add_subcommand("show", "Show the policy in force and how it does");
  show->add_option("revision", shown->revision, "Another one, id:REVISION");
  show->add_flag("--text", shown->text, "Its text and nothing else");
  show->callback([shown, &invocation] { Show(*shown, invocation); });

  auto page = std::make_shared<PageOptions>();
  CLI::App* revisions =
      policy.add_subcommand("revisions", "List the policies that ever were in force");
  page->AddTo(*revisions);
  revisions->callback([page, &invocation] { ListRevisions(*page, invocation); });

  auto file = std::make_shared<std::string>();
  CLI::App* validate =
      policy.add_subcommand("validate", "Check a policy's text, and run its tests");
  validate->add_option("file", *file, "A file")->required();
  validate->callback([file, &invocation] { Validate(*file, invocation); });

  auto compared = std::make_shared<DiffOptions>();
  CLI::App* diff = policy.add_subcommand("diff", "Say which cases a policy decides otherwise");
  diff->add_option("policy", compared->candidate, kPolicyHelp)->required();
  diff->add_option("--base", compared->base, "Otherwise than this one, not the one in force");
  diff->callback([compared, &invocation] { Diff(*compared, invocation); });
}

void AddChangingCommands(CLI::App& policy, Invocation& invocation) {
  auto activated = std::make_shared<ActivateOptions>();
  CLI::App* activate = policy.add_subcommand("activate", "Put a policy in force on all servers");
  activate->add_option("policy", activated->policy, kPolicyHelp)->required();
  activate->add_option("--expect", activated->expected, "Only if this revision is in force now");
  activate->add_flag("--shadow", activated->shadow,
                     "Only try it beside the one in force, and count how they differ");
  activated->AddTo(*activate);
  activate->callback([activated, &invocation] { Activate(*activated, invocation); });

  auto earlier = std::make_shared<ActivateOptions>();
  CLI::App* rollback =
      policy.add_subcommand("rollback", "Go back to the policy that was in force before");
  rollback->add_option("policy", earlier->policy, "To this one, id:REVISION");
  earlier->AddTo(*rollback);
  rollback->callback([earlier, &invocation] { RollBack(*earlier, invocation); });

  auto ended = std::make_shared<ActivateOptions>();
  ended->shadow = true;
  CLI::App* end = policy.add_subcommand("end-shadow", "End the trial of a policy in shadow");
  end->add_option("--reason", ended->reason, "Why, for the audit log")->required();
  end->callback([ended, &invocation] { Activate(*ended, invocation); });
}

void AddDecisionCommands(CLI::App& policy, Invocation& invocation) {
  auto explained = std::make_shared<ExplainOptions>();
  CLI::App* explain = policy.add_subcommand("explain", "Decide an action, and say why");
  AddWord<v1::Action>(*explain, "--action", explained->action, "The action")->required();
  explain->add_option("--account", explained->account, "On this account, with its facts");
  explain->add_option("--actor", explained->actor, "By this account");
  explain->add_option("--fact", explained->facts,
                      "A fact, such as account.locked=true; can be repeated");
  explain->add_option("--at", explained->at, "At this instant, such as 2026-11-21T12:00:00Z");
  explain->add_option("--policy", explained->policy, "By this policy: a file, or id:REVISION");
  explain->callback([explained, &invocation] { Explain(*explained, invocation); });

  auto replayed = std::make_shared<ReplayOptions>();
  CLI::App* replay = policy.add_subcommand(
      "replay", "Say which of the server's latest decisions a policy would have made otherwise");
  replay->add_option("policy", replayed->policy, kPolicyHelp)->required();
  replay->add_option("--since", replayed->since, "Only the last so much time, such as 24h");
  replayed->page.AddTo(*replay);
  replay->callback([replayed, &invocation] { Replay(*replayed, invocation); });
}

}  // namespace

void AddPolicyCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* policy = app.add_subcommand("policy", "The rules: reading, checking, changing them");
  policy->require_subcommand(1);
  AddReadingCommands(*policy, invocation);
  AddChangingCommands(*policy, invocation);
  AddDecisionCommands(*policy, invocation);
}

}  // namespace gatehouse::cli

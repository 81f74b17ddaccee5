// gatehouse-policy: checks, tests, explains and compares policies. Reads files, writes to the
// terminal, and touches nothing else.

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include <CLI/CLI.hpp>

namespace gatehouse::policy::tool {
namespace {

// What the command line said.
struct Options {
  std::string file;
  std::string action;
  std::string facts;
  std::string at;
  std::string expression;
  std::string decisions;
  std::vector<std::string> bindings;
  bool coverage = false;
  bool json = false;
  DiffOptions diff;
  MatrixOptions matrix;
  UpgradeOptions upgrade;
};

void AddJson(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "answer as JSON");
}

// About one policy, or none.
void AddLookingCommands(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* check = app.add_subcommand("check", "errors and warnings of a policy's text");
  check->add_option("FILE", options.file, "the policy")->required();
  AddJson(*check, options);
  check->callback([&] { exit_code = RunCheck(options.file, options.json); });

  CLI::App* test = app.add_subcommand("test", "the tests that stand in a policy's text");
  test->add_option("FILE", options.file, "the policy")->required();
  test->add_flag("--coverage", options.coverage, "show the rules that no test decides both ways");
  AddJson(*test, options);
  test->callback([&] { exit_code = RunTest(options.file, options.coverage, options.json); });

  CLI::App* explain = app.add_subcommand("explain", "one decision, and why it is so");
  explain->add_option("FILE", options.file, "the policy")->required();
  explain->add_option("--action", options.action, "such as RESECURE_ACCOUNT")->required();
  explain->add_option("--facts", options.facts, "a JSON file of facts")->required();
  explain->add_option("--at", options.at, "the instant (RFC 3339), instead of the facts' own");
  AddJson(*explain, options);
  explain->callback([&] {
    exit_code = RunExplain(options.file, options.action, options.facts, options.at, options.json);
  });

  CLI::App* matrix = app.add_subcommand("matrix", "who may do what: actions and roles as a table");
  matrix->add_option("FILE", options.matrix.file, "the policy")->required();
  matrix->add_option("--state", options.matrix.state, "of the account, such as LOCKED");
  matrix->add_flag("--html", options.matrix.html, "one page that tells why, to look at");
  matrix->add_flag("--json", options.matrix.json, "answer as JSON");
  matrix->callback([&] { exit_code = RunMatrix(options.matrix); });

  CLI::App* eval = app.add_subcommand("eval", "one expression's value as JSON");
  eval->add_option("EXPR", options.expression, "the expression")->required();
  eval->add_option("--bind", options.bindings, "NAME=JSON; may be repeated")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  AddJson(*eval, options);
  eval->callback([&] { exit_code = RunEval(options.expression, options.bindings); });
}

// About a policy and something to hold it against.
void AddComparingCommands(CLI::App& app, Options& options, int& exit_code) {
  CLI::App* diff =
      app.add_subcommand("diff", "exactly which cases two policies decide differently");
  diff->add_option("OLD", options.diff.before, "the policy as it is")->required();
  diff->add_option("NEW", options.diff.after, "the policy as it would be")->required();
  diff->add_option("--examples", options.diff.examples,
                   "a folder: write each example's facts there, for explain");
  diff->add_flag("--all", options.diff.all,
                 "tell each case that is refused alike, in other words or with other ways out");
  diff->add_flag("--json", options.diff.json, "answer as JSON");
  diff->callback([&] { exit_code = RunDiff(options.diff); });

  CLI::App* replay = app.add_subcommand("replay", "recorded decisions under another policy");
  replay->add_option("FILE", options.file, "the policy")->required();
  replay->add_option("DECISIONS", options.decisions, "JSON lines: action, facts, decision")
      ->required();
  AddJson(*replay, options);
  replay->callback([&] { exit_code = RunReplay(options.file, options.decisions, options.json); });

  CLI::App* upgrade = app.add_subcommand(
      "upgrade", "the policy completed with what a newer one declares beside it");
  upgrade->add_option("FILE", options.upgrade.file, "the policy, such as the one in force")
      ->required();
  upgrade->add_option("--from", options.upgrade.newer, "the rules that came with a newer server")
      ->required();
  upgrade->add_flag("--rules", options.upgrade.rules, "add the rules that the file lacks, too");
  upgrade->add_flag("--json", options.upgrade.json, "answer as JSON");
  upgrade->callback([&] { exit_code = RunUpgrade(options.upgrade); });
}

}  // namespace
}  // namespace gatehouse::policy::tool

int main(int argc, char** argv) {
  using gatehouse::policy::tool::ExitCode;
  CLI::App app("Checks, tests, explains and compares Gatehouse policies.", "gatehouse-policy");
  app.require_subcommand(1);
  gatehouse::policy::tool::Options options;
  int exit_code = ExitCode::kOk;
  gatehouse::policy::tool::AddLookingCommands(app, options, exit_code);
  gatehouse::policy::tool::AddComparingCommands(app, options, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  } catch (const std::exception& error) {
    std::cerr << "gatehouse-policy: " << error.what() << "\n";
    return ExitCode::kUsage;
  }
  return exit_code;
}

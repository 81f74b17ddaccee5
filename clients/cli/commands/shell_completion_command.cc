// completion bash|zsh: a script for the reader's shell, made from the command line's own
// definition, so that it cannot lag behind.

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "clients/cli/commands/commands.h"

namespace gatehouse::cli {
namespace {

// One branch a command: what can follow it. `path` begins with a blank unless it is the program
// itself.
void AppendBranches(const CLI::App& command, const std::string& path, std::string& branches) {
  std::vector<std::string> words;
  for (const CLI::App* sub : command.get_subcommands(nullptr)) words.push_back(sub->get_name());
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back(absl::StrCat("--", name));
  }
  absl::StrAppend(&branches, "    '", path, "') words='", absl::StrJoin(words, " "), "' ;;\n");
  for (const CLI::App* sub : command.get_subcommands(nullptr)) {
    AppendBranches(*sub, absl::StrCat(path, " ", sub->get_name()), branches);
  }
}

// Every command's path, one a line, to tell a subcommand from an argument.
void AppendPaths(const CLI::App& command, const std::string& path,
                 std::vector<std::string>& paths) {
  for (const CLI::App* sub : command.get_subcommands(nullptr)) {
    paths.push_back(absl::StrCat("'", path, " ", sub->get_name(), "'"));
    AppendPaths(*sub, absl::StrCat(path, " ", sub->get_name()), paths);
  }
}

// The part that both shells read alike: $1... are the words before the one being completed.
std::string WordsFunction(const CLI::App& app) {
  std::string branches;
  AppendBranches(app, "", branches);
  std::vector<std::string> paths;
  AppendPaths(app, "", paths);
  return absl::StrCat(
      "_gatehousectl_words() {\n"
      "  local command='' word words=''\n"
      "  for word in \"$@\"; do\n"
      "    case \"$command $word\" in\n      ",
      absl::StrJoin(paths, " | \\\n      "),
      ") command=\"$command $word\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$command\" in\n",
      branches,
      "  esac\n"
      "  echo \"$words\"\n"
      "}\n");
}

constexpr char kBash[] =
    "_gatehousectl() {\n"
    "  local words\n"
    "  words=$(_gatehousectl_words \"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
    "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
    "}\n"
    "complete -o default -F _gatehousectl gatehousectl\n";

constexpr char kZsh[] =
    "_gatehousectl() {\n"
    "  compadd -- ${=$(_gatehousectl_words ${words[2,CURRENT-1]})}\n"
    "}\n"
    "compdef _gatehousectl gatehousectl\n";

}  // namespace

void AddShellCompletionCommand(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand(
      "completion", "A completion script: source <(gatehousectl completion bash)");
  completion->add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([shell, &app] {
    if (*shell == "zsh") std::cout << "#compdef gatehousectl\n";
    std::cout << WordsFunction(app) << (*shell == "zsh" ? kZsh : kBash);
  });
}

}  // namespace gatehouse::cli

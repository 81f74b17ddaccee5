// import FILE, export.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/import_file.h"
#include "clients/cli/commands/import_stream.h"
#include "clients/cli/request_id.h"
#include "clients/cli/terminal.h"
#include "clients/cli/views/import_view.h"
#include "clients/cli/views/json.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

struct ImportOptions {
  std::string file;
  std::string organisation;
  std::string results;
  bool dry_run = false;
};

// The file that keeps every result, since temporary passwords are told only once: for its owner
// alone, and added to, so that a run that goes on keeps what was told to the one before.
class ResultsFile {
 public:
  explicit ResultsFile(std::string request_id) : request_id_(std::move(request_id)) {}
  ~ResultsFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  ResultsFile(const ResultsFile&) = delete;
  ResultsFile& operator=(const ResultsFile&) = delete;

  // Not through a link, nor into what is no file of this user's.
  bool Open(const std::string& path) {
    const int descriptor =
        open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return false;
    file_ = fdopen(descriptor, "a+");
    if (file_ == nullptr) {
      close(descriptor);
      return false;
    }
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
        fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) {
      return false;
    }
    return NoteWhatIsThere();
  }

  // On disk, as far as this process goes, before the next answer is read.
  bool Add(const ImportResult& result) {
    if (result.answer.replayed() && made_.contains(result.answer.item())) return true;
    return Write(ResultLine(result, request_id_) + "\n");
  }

 private:
  bool Write(const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), file_) == text.size() &&
           std::fflush(file_) == 0;
  }

  // What an earlier run of this import told of an account need not be told again.
  bool NoteWhatIsThere() {
    bool is_cut_off = false;  // the last line was not written to its end
    char* line = nullptr;
    size_t capacity = 0;
    for (ssize_t size = getline(&line, &capacity, file_); size > 0;
         size = getline(&line, &capacity, file_)) {
      is_cut_off = line[size - 1] != '\n';
      NoteLine(absl::string_view(line, static_cast<size_t>(size)));
    }
    std::free(line);
    return std::ferror(file_) == 0 && std::fseek(file_, 0, SEEK_END) == 0 &&
           (!is_cut_off || Write("\n"));
  }

  void NoteLine(absl::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("account_id")) return;
    const auto line = json.find("line");
    const auto import = json.find("request_id");
    if (line != json.end() && line->is_number_integer() && import != json.end() &&
        *import == request_id_) {
      made_.insert(line->get<int64_t>());
    }
  }

  const std::string request_id_;
  std::FILE* file_ = nullptr;
  std::set<int64_t> made_;  // by line
};

// Redrawn in place, a few times a second, where somebody looks.
class ProgressLine {
 public:
  ProgressLine(Invocation& invocation, int64_t accounts)
      : invocation_(invocation), accounts_(accounts), shown_(isatty(STDERR_FILENO) == 1) {}

  void Show(const ImportTally& tally) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    const double seconds = std::chrono::duration<double>(now - began_).count();
    invocation_.Say(absl::StrCat("\r\x1b[K", RenderProgress(tally, accounts_, seconds)));
  }
  void Clear() {
    if (shown_) invocation_.Say("\r\x1b[K");
  }

 private:
  Invocation& invocation_;
  const int64_t accounts_;
  const bool shown_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = began_;
};

// The same for the same file, organisation and kind of run: so that an import that broke off goes
// on when its command is given again.
std::string RequestIdOf(const ImportFile& file, const ImportOutcome& outcome,
                        const std::string& organisation_id) {
  return NamedRequestId(
      absl::StrCat(file.digest(), "\n", organisation_id, outcome.dry_run ? "\ndry run" : ""));
}

// As a shell takes it for one word.
std::string ShellWord(const std::string& word) {
  const auto is_plain = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_./:@%+,-", c);
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// The command that goes on with this import, wherever it is pasted: what was left out may mean
// something else there.
std::string CommandAgain(const std::string& file, const ImportOutcome& outcome,
                         const std::string& organisation_id, const Settings& settings) {
  std::string command = "gatehousectl";
  const auto add = [&command](const char* option, const std::string& value) {
    if (!value.empty()) absl::StrAppend(&command, " ", option, " ", ShellWord(value));
  };
  add("--server", settings.server);
  add("--tls-ca", settings.tls_ca);
  add("--tls-certificate", settings.tls_certificate);
  add("--tls-key", settings.tls_key);
  add("--credentials", settings.credentials);
  add("import", file);
  add("--organisation", absl::StrCat("id:", organisation_id));
  add("--results", outcome.results_file);
  add("--request-id", outcome.request_id);
  return command;
}

void Import(const ImportOptions& options, Invocation& invocation) {
  auto file = ImportFile::Open(options.file);
  if (!invocation.Accept(file)) return;
  const auto organisation = invocation.FindOrganisation(options.organisation);
  if (!organisation.has_value()) return;
  ImportOutcome outcome{
      .results_file = options.results.empty() ? options.file + ".results.jsonl" : options.results,
      .organisation = organisation->display_name(),
      .request_id = invocation.settings().request_id,
      .command_again = {},
      .dry_run = options.dry_run,
      .tally = {}};
  if (outcome.request_id.empty()) {
    outcome.request_id = RequestIdOf(*file, outcome, organisation->organisation_id());
  }
  outcome.command_again =
      CommandAgain(options.file, outcome, organisation->organisation_id(), invocation.settings());
  ResultsFile results(outcome.request_id);
  if (!options.dry_run && !results.Open(outcome.results_file)) {
    invocation.Fail(ExitCode::kUsage, absl::StrCat("cannot keep results in ", outcome.results_file,
                                                   "; it must be a file of yours, and no link"));
    return;
  }
  v1::ImportAccountsRequest::Start start;
  start.set_organisation_id(organisation->organisation_id());
  start.set_request_id(outcome.request_id);
  start.set_validate_only(options.dry_run);
  ProgressLine progress(invocation, file->accounts());
  bool kept = true;
  ImportStream stream(*invocation.Connect(), *file, start, [&](const ImportResult& result) {
    outcome.tally.Add(result);
    progress.Show(outcome.tally);
    kept = kept && (options.dry_run || results.Add(result));
    return kept;
  });
  const grpc::Status status = stream.Run();
  progress.Clear();
  if (outcome.tally.refused > 0) invocation.set_exit_code(ExitCode::kRefused);
  invocation.Write(invocation.settings().json ? ImportToJson(outcome)
                                              : RenderImport(outcome, invocation.look()));
  if (!kept) {
    invocation.Fail(ExitCode::kFault, absl::StrCat("cannot write to ", outcome.results_file));
  } else if (!status.ok()) {
    invocation.Refuse(status);
  } else {
    return;
  }
  invocation.Say(absl::StrCat(outcome.tally.all(), " of ", file->accounts(),
                              " are answered; the same command goes on from there.\n"));
}

struct ExportOptions {
  std::string organisation;
  bool ended = false;  // disabled and deleted accounts, too
};

// Pages of as many as a server gives, until there are no more.
void Export(const ExportOptions& options, Invocation& invocation) {
  constexpr int kPage = 1000;
  const auto organisation = invocation.FindOrganisation(options.organisation);
  if (!organisation.has_value()) return;
  v1::ListAccountsRequest request;
  request.set_organisation_id(organisation->organisation_id());
  request.set_page_size(kPage);
  int64_t left_out = 0;
  do {
    const auto page = invocation.Call(&v1::AccountService::Stub::ListAccounts, request);
    if (!page.has_value()) return;
    for (const v1::Account& account : page->accounts()) {
      if (IsEnded(account.status()) && !options.ended) {
        ++left_out;
      } else if (!invocation.PrintJson(account, JsonForm::kLine)) {
        return;
      }
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (!invocation.Flush()) return;
  if (left_out > 0) {
    invocation.Say(absl::StrCat(left_out, " disabled or deleted left out; see --ended\n"));
  }
}

}  // namespace

void AddImportCommands(CLI::App& app, Invocation& invocation) {
  auto import = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand(
      "import",
      "Bring accounts in from elsewhere; given again, or under the same --request-id with lines "
      "mended, goes on where it broke off");
  command->add_option("file", import->file, "A JSON object a line: username, profile, ...")
      ->required();
  command->add_option("--organisation", import->organisation, kOrganisationHelp);
  command->add_option("--results", import->results,
                      "Keep every result here; FILE.results.jsonl if left out");
  AddDryRun(*command, import->dry_run);
  command->callback([import, &invocation] { Import(*import, invocation); });

  auto exported = std::make_shared<ExportOptions>();
  CLI::App* exporting = app.add_subcommand(
      "export", "Write an organisation's accounts, without secrets, a JSON object a line");
  exporting->add_option("--organisation", exported->organisation, kOrganisationHelp);
  exporting->add_flag("--ended", exported->ended,
                      "Disabled and deleted accounts, too; import takes none of these");
  exporting->callback([exported, &invocation] { Export(*exported, invocation); });
}

}  // namespace gatehouse::cli

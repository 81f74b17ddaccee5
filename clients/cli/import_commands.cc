// import FILE, export.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "clients/cli/command_options.h"
#include "clients/cli/commands.h"
#include "clients/cli/import_file.h"
#include "clients/cli/import_stream.h"
#include "clients/cli/import_view.h"
#include "clients/cli/json.h"
#include "clients/cli/request_id.h"
#include "clients/cli/terminal.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

struct ImportOptions {
  std::string file;
  std::string organisation;
  std::string results;
  std::string request_id;
  bool dry_run = false;
};

// The file that keeps every result, since temporary passwords are told only once: for its owner
// alone, and added to, so that a run that goes on keeps what was told to the one before.
class ResultsFile {
 public:
  ~ResultsFile() {
    if (file_ != nullptr) std::fclose(file_);
  }

  bool Open(const std::string& path) {
    NoteWhatIsThere(path);
    const int descriptor =
        open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor >= 0) file_ = fdopen(descriptor, "a");
    return file_ != nullptr && (!ends_in_a_line_ || Write("\n"));
  }

  // On disk, as far as this process goes, before the next answer is read.
  bool Add(const ImportResult& result) {
    if (result.answer.replayed() && made_.contains(result.answer.item())) return true;
    return Write(ResultLine(result) + "\n");
  }

 private:
  bool Write(const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), file_) == text.size() &&
           std::fflush(file_) == 0;
  }

  // An earlier run's results that name an account need not be told again.
  void NoteWhatIsThere(const std::string& path) {
    std::ifstream earlier(path);
    for (std::string line; std::getline(earlier, line);) {
      ends_in_a_line_ = earlier.eof();
      const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (json.is_object() && json.contains("account_id")) made_.insert(json.value("line", 0));
    }
  }

  std::FILE* file_ = nullptr;
  bool ends_in_a_line_ = false;  // that was not written to its end
  std::set<int64_t> made_;       // by line
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

void Import(const ImportOptions& options, Invocation& invocation) {
  auto file = ImportFile::Open(options.file);
  if (!invocation.Accept(file)) return;
  const auto organisation = invocation.FindOrganisation(options.organisation);
  if (!organisation.has_value()) return;
  ImportOutcome outcome{
      .file = options.file,
      .results_file = options.results.empty() ? options.file + ".results.jsonl" : options.results,
      .organisation = organisation->display_name(),
      .request_id = options.request_id,
      .dry_run = options.dry_run,
      .tally = {}};
  if (outcome.request_id.empty()) {
    outcome.request_id = RequestIdOf(*file, outcome, organisation->organisation_id());
  }
  ResultsFile results;
  if (!options.dry_run && !results.Open(outcome.results_file)) {
    invocation.Fail(ExitCode::kUsage, absl::StrCat("cannot write ", outcome.results_file));
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
    kept = options.dry_run || results.Add(result);
    return kept;
  });
  const grpc::Status status = stream.Run();
  progress.Clear();
  if (outcome.tally.refused > 0) invocation.set_exit_code(ExitCode::kRefused);
  invocation.Write(invocation.settings().json ? ImportToJson(outcome)
                                              : RenderImport(outcome, invocation.look()));
  if (status.ok()) return;
  if (kept) {
    invocation.Refuse(status);
  } else {
    invocation.Fail(ExitCode::kFault, absl::StrCat("cannot write to ", outcome.results_file));
  }
  invocation.Say(absl::StrCat(outcome.tally.all(), " of ", file->accounts(),
                              " are answered; the same command goes on from there.\n"));
}

struct ExportOptions {
  std::string organisation;
};

// Pages of as many as a server gives, until there are no more.
void Export(const ExportOptions& options, Invocation& invocation) {
  constexpr int kPage = 1000;
  const auto organisation = invocation.FindOrganisation(options.organisation);
  if (!organisation.has_value()) return;
  v1::ListAccountsRequest request;
  request.set_organisation_id(organisation->organisation_id());
  request.set_page_size(kPage);
  do {
    const auto page = invocation.Call(&v1::AccountService::Stub::ListAccounts, request);
    if (!page.has_value()) return;
    for (const v1::Account& account : page->accounts()) {
      invocation.Write(ToJsonLine(account));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
}

}  // namespace

void AddImportCommands(CLI::App& app, Invocation& invocation) {
  auto import = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand(
      "import", "Bring accounts in from elsewhere; given again, goes on where it broke off");
  command->add_option("file", import->file, "A JSON object a line: username, profile, ...")
      ->required();
  command->add_option("--organisation", import->organisation, kOrganisationHelp);
  command->add_option("--results", import->results,
                      "Keep every result here; FILE.results.jsonl if left out");
  command->add_option("--request-id", import->request_id,
                      "Go on with the import of this UUID, whatever was mended in the file since");
  AddDryRun(*command, import->dry_run);
  command->callback([import, &invocation] { Import(*import, invocation); });

  auto exported = std::make_shared<ExportOptions>();
  CLI::App* exporting = app.add_subcommand(
      "export", "Write an organisation's accounts, without secrets, a JSON object a line");
  exporting->add_option("--organisation", exported->organisation, kOrganisationHelp);
  exporting->callback([exported, &invocation] { Export(*exported, invocation); });
}

}  // namespace gatehouse::cli

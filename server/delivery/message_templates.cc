#include "server/delivery/message_templates.h"

#include <unicode/locid.h>
#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"
#include "server/runtime/outbox/notification_kind.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kWordsFile = "words.txt";
constexpr char kTimePattern[] = "d MMMM y, HH:mm";
constexpr std::uintmax_t kLargestFile = 65536;

using Faults = std::vector<std::string>;

std::string FileOf(NotificationKind kind) {
  return absl::StrCat(absl::AsciiStrToLower(WordOf(kind)), ".txt");
}

std::optional<std::string> ReadFile(const std::filesystem::path& path, Faults& faults) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    faults.push_back(absl::StrCat(path.string(), ": cannot be read"));
  } else if (size > kLargestFile) {
    faults.push_back(absl::StrCat(path.string(), ": larger than ", kLargestFile, " bytes"));
  } else {
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  return std::nullopt;
}

// A template that nobody will ever use is a name misspelt.
void CheckNamesBelow(const std::filesystem::path& directory, Faults& faults) {
  std::set<std::string> expected = {std::string(kWordsFile)};
  for (const NotificationKind kind : kNotificationKinds) expected.insert(FileOf(kind));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (expected.contains(entry.path().filename().string())) continue;
    faults.push_back(absl::StrCat(entry.path().string(), ": there is no such kind of message"));
  }
}

std::vector<std::string> RoleWords() {
  std::vector<std::string> words;
  for (int role = v1::Role_MIN + 1; role <= v1::Role_MAX; ++role) {
    if (!v1::Role_IsValid(role)) continue;
    words.emplace_back(absl::StripPrefix(v1::Role_Name(static_cast<v1::Role>(role)), "ROLE_"));
  }
  return words;
}

std::map<std::string, std::string, std::less<>> ParseWords(absl::string_view file,
                                                           absl::string_view text, Faults& faults) {
  std::map<std::string, std::string, std::less<>> words;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const std::pair<std::string, std::string> word = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (word.second.empty()) {
      faults.push_back(absl::StrCat(file, ":", number, ":1: must be WORD: what people call it"));
    }
    words.insert(word);
  }
  for (const std::string& role : RoleWords()) {
    if (!words.contains(role)) faults.push_back(absl::StrCat(file, ": ", role, " is missing"));
  }
  return words;
}

std::vector<absl::string_view> PlaceholdersOf(NotificationKind kind) {
  std::vector<absl::string_view> placeholders = {"display_name", "time"};
  if (!DetailOf(kind).empty()) placeholders.push_back(DetailOf(kind));
  return placeholders;
}

}  // namespace

absl::StatusOr<MessageTemplates> MessageTemplates::Load(const Options& options) {
  MessageTemplates templates(options);
  Faults faults;
  const std::filesystem::path directory =
      std::filesystem::path(options.directory) / options.language;
  CheckNamesBelow(directory, faults);
  for (const NotificationKind kind : kNotificationKinds) {
    const std::filesystem::path path = directory / FileOf(kind);
    const std::optional<std::string> text = ReadFile(path, faults);
    if (!text.has_value()) continue;
    templates.templates_.emplace(
        WordOf(kind), MessageTemplate::Parse(path.string(), *text, PlaceholdersOf(kind), faults));
  }
  const std::filesystem::path words = directory / std::string(kWordsFile);
  if (const std::optional<std::string> text = ReadFile(words, faults); text.has_value()) {
    templates.words_ = ParseWords(words.string(), *text, faults);
  }
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return templates;
}

absl::StatusOr<outbox::v1::Text> MessageTemplates::Compose(
    const outbox::v1::Message& message) const {
  const auto found = templates_.find(message.kind());
  if (found == templates_.end()) {
    return absl::InvalidArgumentError("there are no words for this kind of message");
  }
  TemplateValues values = {{"display_name", message.display_name()}, {"time", TimeText(message)}};
  for (const auto& [name, word] : message.details()) {
    const auto known = words_.find(word);
    values.insert_or_assign(name, known == words_.end() ? word : known->second);
  }
  outbox::v1::Text text = found->second.Fill(values);
  text.set_language(options_.language);
  return text;
}

std::string MessageTemplates::TimeText(const outbox::v1::Message& message) const {
  UErrorCode error = U_ZERO_ERROR;
  icu::SimpleDateFormat format(icu::UnicodeString(kTimePattern),
                               icu::Locale(options_.language.c_str()), error);
  if (U_FAILURE(error)) std::abort();  // ICU's data is not installed
  format.adoptTimeZone(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(options_.time_zone)));
  icu::UnicodeString formatted;
  format.format(static_cast<UDate>(message.time().seconds()) * 1000, formatted);
  std::string text;
  formatted.toUTF8String(text);
  return text;
}

}  // namespace gatehouse::server

#include "clients/cli/commands/import_file.h"

#include <openssl/sha.h>

#include <array>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

// What a server takes as one message, with room for what goes around an account.
constexpr size_t kLargestAccount = (size_t{1} << 20) - 64;

// The status that export told, if it did.
v1::AccountStatus StatusOf(const nlohmann::json& account) {
  v1::AccountStatus status = v1::ACCOUNT_STATUS_UNSPECIFIED;
  const auto told = account.find("status");
  if (told != account.end() && told->is_string()) {
    v1::AccountStatus_Parse(told->get<std::string>(), &status);
  }
  return status;
}

bool IsEmpty(absl::string_view line) { return absl::StripAsciiWhitespace(line).empty(); }

// What export tells of an account, and no import takes.
void LeaveOutWhatOnlyAccountsHave(nlohmann::json& account) {
  const auto* taken = v1::ImportedAccount::descriptor();
  const auto* told = v1::Account::descriptor();
  for (int i = 0; i < told->field_count(); ++i) {
    const std::string& name = told->field(i)->name();
    if (taken->FindFieldByName(name) == nullptr) account.erase(name);
  }
}

}  // namespace

bool IsEnded(v1::AccountStatus status) {
  return status == v1::ACCOUNT_STATUS_DISABLED || status == v1::ACCOUNT_STATUS_DELETED ||
         status == v1::ACCOUNT_STATUS_PURGED;
}

absl::StatusOr<v1::ImportedAccount> ParseImportedAccount(absl::string_view line, int64_t number) {
  nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("is no JSON object");
  if (IsEnded(StatusOf(json))) {
    return absl::InvalidArgumentError("is an account that was disabled or deleted where it was");
  }
  LeaveOutWhatOnlyAccountsHave(json);
  for (const auto& [name, value] : json.items()) {
    if (v1::ImportedAccount::descriptor()->FindFieldByName(name) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("has no field of the name '", name, "'"));
    }
  }
  v1::ImportedAccount account;
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json.dump(-1, ' ', false, kReplace), &account);
  // What protobuf says of a fault holds the value, which may be a secret.
  if (!parsed.ok()) {
    return absl::InvalidArgumentError("has a field of another form than an imported account's");
  }
  account.set_item(number);
  if (account.ByteSizeLong() > kLargestAccount) {
    return absl::InvalidArgumentError("is larger than a server takes, which is 1 MiB");
  }
  return account;
}

absl::StatusOr<ImportFile> ImportFile::Open(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, " is no file that can be read twice"));
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  ImportFile file(std::move(stream));
  file.Survey();
  return file;
}

void ImportFile::Survey() {
  std::string line;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> line_digest{};
  // A chain of digests, so that no more than a line is held.
  while (std::getline(stream_, line)) {
    if (!IsEmpty(line)) ++accounts_;
    line.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    SHA256(reinterpret_cast<const unsigned char*>(line.data()), line.size(), line_digest.data());
    digest = line_digest;
  }
  digest_ = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
  GoOnAfter(0);
}

std::optional<ImportFile::Line> ImportFile::Next() {
  std::string line;
  while (std::getline(stream_, line)) {
    ++number_;
    if (!IsEmpty(line)) return Line{number_, ParseImportedAccount(line, number_)};
  }
  return std::nullopt;
}

void ImportFile::GoOnAfter(int64_t number) {
  stream_.clear();
  stream_.seekg(0);
  number_ = 0;
  for (std::string line; number_ < number && std::getline(stream_, line);) ++number_;
}

}  // namespace gatehouse::cli

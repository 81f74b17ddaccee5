#include "server/config.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

#include "server/delivery/gateway_url.h"
#include "server/delivery/mail.h"
#include "server/rpc/listening.h"
#include "storage/redis/redis_target.h"

namespace gatehouse::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

constexpr absl::Duration kShortestLease = absl::Milliseconds(200);
constexpr absl::Duration kLongestLease = absl::Minutes(1);
constexpr absl::Duration kLongestGrace = absl::Minutes(10);
constexpr absl::Duration kShortestGatewayTimeout = absl::Seconds(1);
constexpr absl::Duration kLongestGatewayTimeout = absl::Minutes(1);
constexpr size_t kLongestIssuer = 64;
constexpr uint32_t kLargestDecisionLogMib = 1 << 20;
constexpr absl::Duration kShortestTidyInterval = absl::Seconds(1);
constexpr absl::Duration kLongestTidyInterval = absl::Hours(24);
constexpr absl::Duration kShortestStreamIdleTimeout = absl::Seconds(1);
constexpr absl::Duration kLongestStreamIdleTimeout = absl::Hours(1);

const std::map<absl::string_view, LogLevel>& LogLevels() {
  static const auto* levels =
      new std::map<absl::string_view, LogLevel>{{"debug", LogLevel::kDebug},
                                                {"info", LogLevel::kInfo},
                                                {"warning", LogLevel::kWarning},
                                                {"error", LogLevel::kError}};
  return *levels;
}

// Everything that is wrong, in the order in which it was found.
class Mistakes {
 public:
  void Add(absl::string_view setting, absl::string_view fault) {
    lines_.push_back(absl::StrCat("--", setting, ": ", fault));
  }
  void AddLine(absl::string_view line) { lines_.emplace_back(line); }
  void AddUnlessOk(const absl::Status& status) {
    if (!status.ok()) AddLine(status.message());
  }
  absl::Status ToStatus() const {
    if (lines_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
  }

 private:
  std::vector<std::string> lines_;
};

class FileErrors final : public google::protobuf::io::ErrorCollector {
 public:
  FileErrors(absl::string_view file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

  // Counted from 0 by the parser.
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    mistakes_.AddLine(absl::StrCat(file_, ":", line + 1, ":", column + 1, ": ", message));
  }

 private:
  const absl::string_view file_;
  Mistakes& mistakes_;
};

void SetDuration(absl::Duration from, google::protobuf::Duration& to) {
  const timespec parts = absl::ToTimespec(from);
  to.set_seconds(parts.tv_sec);
  to.set_nanos(static_cast<int32_t>(parts.tv_nsec));
}

absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

ServerConfig Defaults() {
  ServerConfig config;
  config.set_listen("127.0.0.1:50051");
  config.set_spool("run/spool");
  config.set_log_level("info");
  config.set_otpauth_issuer("Gatehouse");
  config.set_decision_log_mib(64);
  config.set_language("en");
  config.set_time_zone("Europe/London");
  SetDuration(absl::Seconds(1), *config.mutable_lease());
  SetDuration(absl::Seconds(15), *config.mutable_shutdown_grace());
  SetDuration(absl::Seconds(10), *config.mutable_gateway_timeout());
  SetDuration(absl::Minutes(1), *config.mutable_tidy_interval());
  SetDuration(absl::Minutes(1), *config.mutable_stream_idle_timeout());
  return config;
}

void ReadFile(absl::string_view path, ServerConfig& config, Mistakes& mistakes) {
  std::ifstream file{std::string(path)};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    mistakes.Add("config", absl::StrCat("cannot read ", path));
    return;
  }
  FileErrors errors(path, mistakes);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  ServerConfig written;
  if (parser.ParseFromString(text.str(), &written)) config.MergeFrom(written);
}

void SetField(const std::string& name, const std::string& value, ServerConfig& config,
              Mistakes& mistakes) {
  const FieldDescriptor* field = ServerConfig::descriptor()->FindFieldByName(name);
  const Reflection* reflection = config.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection->SetString(&config, field, value);
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    reflection->SetBool(&config, field, value == "true");
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    uint32_t number = 0;
    if (!absl::SimpleAtoi(value, &number)) {
      mistakes.Add(name, absl::StrCat(value, " is no whole number"));
      return;
    }
    reflection->SetUInt32(&config, field, number);
  } else {
    absl::Duration duration;
    if (!absl::ParseDuration(value, &duration)) {
      mistakes.Add(name, absl::StrCat(value, " is no duration, such as 1s or 500ms"));
      return;
    }
    SetDuration(duration, static_cast<google::protobuf::Duration&>(
                              *reflection->MutableMessage(&config, field)));
  }
}

// postgresql://USER:PASSWORD@HOST or ?password=...
bool HoldsPassword(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == absl::string_view::npos) return false;
  const absl::string_view rest = url.substr(scheme + 3);
  const absl::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const size_t at = authority.rfind('@');
  const bool in_user_part =
      at != absl::string_view::npos && absl::StrContains(authority.substr(0, at), ':');
  return in_user_part || absl::StrContains(rest, "password=");
}

void CheckUrls(const ServerConfig& config, Mistakes& mistakes) {
  const std::string& database = config.database();
  if (HoldsPassword(database)) {
    mistakes.Add("database", "a password does not belong into a URL; PGPASSFILE names a file");
  } else if (!database.empty() && !absl::StartsWith(database, "sqlite:") &&
             !absl::StartsWith(database, "postgresql://")) {
    mistakes.Add("database", "must be sqlite:PATH or postgresql://...");
  }
  if (HoldsPassword(config.redis())) {
    mistakes.Add("redis",
                 "a password does not belong into a URL; --redis_password_file names a file");
  } else if (!config.redis().empty()) {
    const auto target = storage::ParseRedisTarget(config.redis());
    if (!target.ok()) mistakes.Add("redis", target.status().message());
  }
}

void CheckListening(const ServerConfig& config, Mistakes& mistakes) {
  mistakes.AddUnlessOk(CheckListenAddress(config.listen(), TransportOf(config)));
  const bool any_tls = !config.tls_certificate().empty() || !config.tls_key().empty() ||
                       !config.tls_client_ca().empty();
  if (config.insecure_loopback()) {
    if (any_tls) mistakes.Add("insecure_loopback", "excludes the --tls_ settings");
    return;
  }
  const std::pair<absl::string_view, const std::string&> files[] = {
      {"tls_certificate", config.tls_certificate()},
      {"tls_key", config.tls_key()},
      {"tls_client_ca", config.tls_client_ca()}};
  bool complete = true;
  for (const auto& [name, path] : files) {
    if (!path.empty()) continue;
    complete = false;
    mistakes.Add(name, "must be given, unless --insecure_loopback is");
  }
  if (complete) {
    mistakes.AddUnlessOk(
        MakeCredentials(Transport::kMutualTls,
                        {config.tls_certificate(), config.tls_key(), config.tls_client_ca()})
            .status());
  }
}

void CheckBounds(const ServerConfig& config, Mistakes& mistakes) {
  if (LeaseOf(config) < kShortestLease || LeaseOf(config) > kLongestLease) {
    mistakes.Add("lease", absl::StrCat("must be from ", absl::FormatDuration(kShortestLease),
                                       " to ", absl::FormatDuration(kLongestLease)));
  }
  if (ShutdownGraceOf(config) < absl::ZeroDuration() || ShutdownGraceOf(config) > kLongestGrace) {
    mistakes.Add("shutdown_grace",
                 absl::StrCat("must be from 0 to ", absl::FormatDuration(kLongestGrace)));
  }
  if (TidyIntervalOf(config) < kShortestTidyInterval ||
      TidyIntervalOf(config) > kLongestTidyInterval) {
    mistakes.Add("tidy_interval",
                 absl::StrCat("must be from ", absl::FormatDuration(kShortestTidyInterval), " to ",
                              absl::FormatDuration(kLongestTidyInterval)));
  }
  if (StreamIdleTimeoutOf(config) < kShortestStreamIdleTimeout ||
      StreamIdleTimeoutOf(config) > kLongestStreamIdleTimeout) {
    mistakes.Add("stream_idle_timeout",
                 absl::StrCat("must be from ", absl::FormatDuration(kShortestStreamIdleTimeout),
                              " to ", absl::FormatDuration(kLongestStreamIdleTimeout)));
  }
  if (config.decision_log_mib() < 1 || config.decision_log_mib() > kLargestDecisionLogMib) {
    mistakes.Add("decision_log_mib", absl::StrCat("must be from 1 to ", kLargestDecisionLogMib));
  }
  if (!LogLevels().contains(config.log_level())) {
    mistakes.Add("log_level", "must be debug, info, warning or error");
  }
}

// Whether mail goes there.
bool CheckGateway(absl::string_view setting, const std::string& url, Mistakes& mistakes) {
  if (url.empty()) return false;
  const auto parsed = ParseGatewayUrl(url);
  if (!parsed.ok()) mistakes.Add(setting, parsed.status().message());
  return parsed.ok() && parsed->protocol == GatewayProtocol::kSmtp;
}

void CheckMessages(const ServerConfig& config, Mistakes& mistakes) {
  const bool is_mail =
      CheckGateway("notification_gateway", config.notification_gateway(), mistakes);
  if (is_mail && !IsMailAddress(config.notification_sender())) {
    mistakes.Add("notification_sender", "must be a mail address, as mail is sent");
  }
  if (is_mail && config.templates().empty()) {
    mistakes.Add("templates", "must be given, as mail is sent");
  }
  if (CheckGateway("directory_gateway", config.directory_gateway(), mistakes)) {
    mistakes.Add("directory_gateway", "must be https://...: directories read no mail");
  }
  if (config.notification_gateway().empty() && !config.notification_credentials_file().empty()) {
    mistakes.Add("notification_credentials_file", "is given without --notification_gateway");
  }
  if (config.directory_gateway().empty() && !config.directory_credentials_file().empty()) {
    mistakes.Add("directory_credentials_file", "is given without --directory_gateway");
  }
  if (GatewayTimeoutOf(config) < kShortestGatewayTimeout ||
      GatewayTimeoutOf(config) > kLongestGatewayTimeout) {
    mistakes.Add("gateway_timeout",
                 absl::StrCat("must be from ", absl::FormatDuration(kShortestGatewayTimeout),
                              " to ", absl::FormatDuration(kLongestGatewayTimeout)));
  }
  if (config.language().empty() || absl::StrContains(config.language(), '/')) {
    mistakes.Add("language", "must be the name of a directory in --templates, such as en or cy");
  }
  if (absl::TimeZone zone; !absl::LoadTimeZone(config.time_zone(), &zone)) {
    mistakes.Add("time_zone", "must be a time zone's name, such as Europe/London");
  }
}

void CheckIssuer(const std::string& issuer, Mistakes& mistakes) {
  const bool is_plain = std::all_of(issuer.begin(), issuer.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("-._", c);
  });
  if (issuer.empty() || issuer.size() > kLongestIssuer || !is_plain) {
    mistakes.Add("otpauth_issuer", absl::StrCat("must be 1 to ", kLongestIssuer,
                                                " letters, digits, '-', '.' and '_'"));
  }
}

void RequireGiven(const ServerConfig& config, std::initializer_list<const char*> settings,
                  Mistakes& mistakes) {
  for (const char* name : settings) {
    const FieldDescriptor* field = ServerConfig::descriptor()->FindFieldByName(name);
    if (config.GetReflection()->GetString(config, field).empty()) {
      mistakes.Add(name, "must be given");
    }
  }
}

void Check(const ServerConfig& config, Command command, Mistakes& mistakes) {
  switch (command) {
    case Command::kCreateKeys:
    case Command::kChangeKeys:
      RequireGiven(config, {"keyring"}, mistakes);
      return;
    case Command::kIndexPasswords:
      return;
    case Command::kRetireKey:
      RequireGiven(config, {"database", "keyring"}, mistakes);
      break;
    case Command::kAfterRestore:
    case Command::kOutbox:
    case Command::kShowPolicy:
      RequireGiven(config, {"database"}, mistakes);
      break;
    case Command::kRemoveOperator:
    case Command::kActivatePolicy:
      RequireGiven(config, {"database", "policy"}, mistakes);
      break;
    case Command::kBootstrap:
      RequireGiven(config, {"database", "keyring", "policy"}, mistakes);
      break;
    case Command::kServe:
      RequireGiven(config, {"database", "redis", "keyring", "policy", "spool"}, mistakes);
      CheckListening(config, mistakes);
      CheckMessages(config, mistakes);
      CheckIssuer(config.otpauth_issuer(), mistakes);
      break;
  }
  CheckUrls(config, mistakes);
  CheckBounds(config, mistakes);
}

}  // namespace

absl::StatusOr<ServerConfig> ReadConfig(absl::string_view config_file, const GivenSettings& given,
                                        Command command) {
  Mistakes mistakes;
  ServerConfig config = Defaults();
  if (!config_file.empty()) ReadFile(config_file, config, mistakes);
  for (const auto& [name, value] : given) SetField(name, value, config, mistakes);
  Check(config, command, mistakes);
  if (absl::Status status = mistakes.ToStatus(); !status.ok()) return status;
  return config;
}

Transport TransportOf(const ServerConfig& config) {
  return config.insecure_loopback() ? Transport::kInsecureLoopback : Transport::kMutualTls;
}

LogLevel LogLevelOf(const ServerConfig& config) {
  const auto found = LogLevels().find(config.log_level());
  return found == LogLevels().end() ? LogLevel::kInfo : found->second;
}

absl::Duration LeaseOf(const ServerConfig& config) { return ToAbsl(config.lease()); }

absl::Duration ShutdownGraceOf(const ServerConfig& config) {
  return ToAbsl(config.shutdown_grace());
}

absl::Duration GatewayTimeoutOf(const ServerConfig& config) {
  return ToAbsl(config.gateway_timeout());
}
absl::Duration TidyIntervalOf(const ServerConfig& config) { return ToAbsl(config.tidy_interval()); }

absl::Duration StreamIdleTimeoutOf(const ServerConfig& config) {
  return ToAbsl(config.stream_idle_timeout());
}

}  // namespace gatehouse::server

// gatehouse-server: serves, and the few things that are done while it does not.

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"

#include "server/assembly.h"
#include "server/config.h"
#include "server/offline/after_restore.h"
#include "server/offline/dead_messages.h"
#include "server/offline/key_change.h"
#include "server/offline/operators.h"
#include "server/offline/password_index.h"
#include "server/offline/policy_in_force.h"
#include "server/runtime/clock.h"
#include "server/runtime/cores.h"
#include "server/runtime/entropy.h"
#include "server/runtime/log.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/key_ring_file.h"
#include "server/secrets/secure_process.h"

using OptionalText = absl::optional<std::string>;

ABSL_FLAG(OptionalText, listen, absl::nullopt,
          "HOST:PORT or unix:PATH to serve at; 127.0.0.1:50051 unless given");
ABSL_FLAG(OptionalText, database, absl::nullopt, "sqlite:PATH or postgresql://...");
ABSL_FLAG(OptionalText, redis, absl::nullopt, "unix:PATH or redis://HOST:PORT");
ABSL_FLAG(OptionalText, redis_password_file, absl::nullopt, "file with the password for Redis");
ABSL_FLAG(OptionalText, policy, absl::nullopt, "file with the rules");
ABSL_FLAG(OptionalText, keyring, absl::nullopt, "file with the keys; see keys create");
ABSL_FLAG(OptionalText, metrics, absl::nullopt, "HOST:PORT to serve Prometheus metrics at");
ABSL_FLAG(OptionalText, tls_certificate, absl::nullopt, "PEM file: the server's certificate");
ABSL_FLAG(OptionalText, tls_key, absl::nullopt, "PEM file: the server's key");
ABSL_FLAG(OptionalText, tls_client_ca, absl::nullopt, "PEM file: who issues clients' certificates");
ABSL_FLAG(OptionalText, spool, absl::nullopt,
          "directory that messages are put into; run/spool unless given");
ABSL_FLAG(OptionalText, notification_gateway, absl::nullopt,
          "smtp://, smtps:// or https:// of who takes notifications; unless given, the spool");
ABSL_FLAG(OptionalText, notification_credentials_file, absl::nullopt,
          "file with a username and a password, a line each, for SMTP; or with a bearer token");
ABSL_FLAG(OptionalText, notification_sender, absl::nullopt, "mail address that SMTP sends from");
ABSL_FLAG(OptionalText, directory_gateway, absl::nullopt,
          "https:// of who takes what directories must know; unless given, the spool");
ABSL_FLAG(OptionalText, directory_credentials_file, absl::nullopt, "file with a bearer token");
ABSL_FLAG(OptionalText, gateway_ca, absl::nullopt,
          "PEM file: who issues the gateways' certificates; unless given, whom the system trusts");
ABSL_FLAG(OptionalText, gateway_timeout, absl::nullopt,
          "how long a gateway may take over one message, such as 10s");
ABSL_FLAG(OptionalText, templates, absl::nullopt,
          "directory with the words of notifications, a directory a language");
ABSL_FLAG(OptionalText, otpauth_issuer, absl::nullopt,
          "what authenticator apps show above the codes; Gatehouse unless given");
ABSL_FLAG(OptionalText, language, absl::nullopt, "which of these; en unless given");
ABSL_FLAG(OptionalText, time_zone, absl::nullopt,
          "time zone of notifications; Europe/London unless given");
ABSL_FLAG(OptionalText, breached_passwords, absl::nullopt,
          "file of passwords that nobody may choose; see passwords index");
ABSL_FLAG(OptionalText, decision_log, absl::nullopt,
          "file that decisions are written to, for gatehouse-policy replay; unless given, none");
ABSL_FLAG(
    OptionalText, decision_log_mib, absl::nullopt,
    "once that file has so many MiB, 64 unless given, it becomes FILE.1 and a new one begins");
ABSL_FLAG(OptionalText, lease, absl::nullopt,
          "how long validation rides out a database out of reach, such as 1s");
ABSL_FLAG(OptionalText, shutdown_grace, absl::nullopt,
          "how long calls may go on after the signal to stop, such as 15s");
ABSL_FLAG(OptionalText, tidy_interval, absl::nullopt,
          "how often rows that have had their time are deleted, such as 1m");
ABSL_FLAG(OptionalText, stream_idle_timeout, absl::nullopt,
          "how long the client of a stream may be silent, such as 1m");
ABSL_FLAG(OptionalText, log_level, absl::nullopt, "debug, info, warning or error");
ABSL_FLAG(bool, insecure_loopback, false,
          "serve without TLS, on loopback or a Unix socket only; every caller is 'local'");
ABSL_FLAG(bool, introspection, false,
          "offer reflection and channelz, as --insecure_loopback does anyway");
ABSL_FLAG(std::string, config, "", "textproto file with the settings above, which flags override");
ABSL_FLAG(std::string, organisation_name, "", "for bootstrap: the first organisation");
ABSL_FLAG(std::string, username, "", "for bootstrap and operators remove: the operator's username");
ABSL_FLAG(std::string, given_name, gatehouse::server::FirstOperator().given_name,
          "for bootstrap: the operator's given name, confirmed at the first sign-in");
ABSL_FLAG(std::string, family_name, gatehouse::server::FirstOperator().family_name,
          "for bootstrap: the operator's family name, confirmed at the first sign-in");
ABSL_FLAG(std::string, key_id, "", "for keys retire: which one");
ABSL_FLAG(std::string, reason, "", "for policy activate: why, for the audit log");
ABSL_FLAG(std::string, message_id, "", "for outbox retry: which one; all unless given");

namespace gatehouse::server {
namespace {

constexpr char kUsage[] =
    R"(the identity backend of a mail and portal service.

  gatehouse-server [serve] FLAGS         serves until it is told to stop (SIGTERM, SIGINT);
                                         SIGHUP: the file of --policy comes into force, if good,
                                         and --breached_passwords is read again
  gatehouse-server keys create           makes a new key ring at --keyring
  gatehouse-server keys list             tells its keys, a line each
  gatehouse-server keys rotate           adds a new active key for every purpose; the former ones
                                         go on reading what they made
  gatehouse-server keys retire           gives up the former key --key_id, once nothing needs it
  gatehouse-server bootstrap             creates an operator's account, with --organisation_name
                                         and --username, and prints its password once
  gatehouse-server operators remove      takes the role from the operator --username, if another
                                         one has signed in and can
  gatehouse-server policy show           tells the text of the policy in force in the database
  gatehouse-server policy activate       puts the file of --policy in force, if its tests pass, for
                                         the --reason given
  gatehouse-server after-restore         ends every session of a database restored from a backup
  gatehouse-server passwords index INPUT OUTPUT
                                         makes the file of --breached_passwords of a list of
                                         passwords, or SHA-1 digests, a line each; "-": stdin
  gatehouse-server outbox list           tells the messages that nobody would take, a line each
  gatehouse-server outbox retry          lets them, or the one of --message_id, be tried again
)";

// Exit codes.
constexpr int kFailed = 1;
constexpr int kMisused = 2;

GivenSettings Given() {
  GivenSettings given;
  const auto add = [&given](const char* name, const OptionalText& value) {
    if (value.has_value()) given[name] = *value;
  };
  add("listen", absl::GetFlag(FLAGS_listen));
  add("database", absl::GetFlag(FLAGS_database));
  add("redis", absl::GetFlag(FLAGS_redis));
  add("redis_password_file", absl::GetFlag(FLAGS_redis_password_file));
  add("policy", absl::GetFlag(FLAGS_policy));
  add("keyring", absl::GetFlag(FLAGS_keyring));
  add("metrics", absl::GetFlag(FLAGS_metrics));
  add("tls_certificate", absl::GetFlag(FLAGS_tls_certificate));
  add("tls_key", absl::GetFlag(FLAGS_tls_key));
  add("tls_client_ca", absl::GetFlag(FLAGS_tls_client_ca));
  add("spool", absl::GetFlag(FLAGS_spool));
  add("notification_gateway", absl::GetFlag(FLAGS_notification_gateway));
  add("notification_credentials_file", absl::GetFlag(FLAGS_notification_credentials_file));
  add("notification_sender", absl::GetFlag(FLAGS_notification_sender));
  add("directory_gateway", absl::GetFlag(FLAGS_directory_gateway));
  add("directory_credentials_file", absl::GetFlag(FLAGS_directory_credentials_file));
  add("gateway_ca", absl::GetFlag(FLAGS_gateway_ca));
  add("gateway_timeout", absl::GetFlag(FLAGS_gateway_timeout));
  add("templates", absl::GetFlag(FLAGS_templates));
  add("otpauth_issuer", absl::GetFlag(FLAGS_otpauth_issuer));
  add("language", absl::GetFlag(FLAGS_language));
  add("time_zone", absl::GetFlag(FLAGS_time_zone));
  add("breached_passwords", absl::GetFlag(FLAGS_breached_passwords));
  add("decision_log", absl::GetFlag(FLAGS_decision_log));
  add("decision_log_mib", absl::GetFlag(FLAGS_decision_log_mib));
  add("lease", absl::GetFlag(FLAGS_lease));
  add("shutdown_grace", absl::GetFlag(FLAGS_shutdown_grace));
  add("tidy_interval", absl::GetFlag(FLAGS_tidy_interval));
  add("stream_idle_timeout", absl::GetFlag(FLAGS_stream_idle_timeout));
  add("log_level", absl::GetFlag(FLAGS_log_level));
  if (absl::GetFlag(FLAGS_insecure_loopback)) given["insecure_loopback"] = "true";
  if (absl::GetFlag(FLAGS_introspection)) given["introspection"] = "true";
  return given;
}

int Fail(int code, absl::string_view what) {
  std::cerr << "gatehouse-server: " << what << std::endl;
  return code;
}

int Finish(const absl::Status& status) { return status.ok() ? 0 : Fail(kFailed, status.message()); }

int Tell(const absl::StatusOr<std::string>& answer) {
  if (answer.ok()) std::cout << *answer << std::flush;
  return Finish(answer.status());
}

// As many connections as the system lets us have.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Serve(const ServerConfig& config, const Environment& environment, const sigset_t& signals) {
  RaiseDescriptorLimit();
  auto server = StartServer(config, environment);
  if (!server.ok()) return Fail(kFailed, server.status().message());
  int signal = 0;
  for (sigwait(&signals, &signal); signal == SIGHUP; sigwait(&signals, &signal)) {
    (*server)->Reload();
  }
  environment.log.Info("stopping", {{"signal", strsignal(signal)}});
  (*server)->Stop(ShutdownGraceOf(config));
  server->reset();
  environment.log.Info("stopped");
  return 0;
}

int RunBootstrap(const ServerConfig& config, const Environment& environment) {
  const FirstOperator first{.organisation_name = absl::GetFlag(FLAGS_organisation_name),
                            .username = absl::GetFlag(FLAGS_username),
                            .given_name = absl::GetFlag(FLAGS_given_name),
                            .family_name = absl::GetFlag(FLAGS_family_name)};
  if (first.organisation_name.empty() || first.username.empty()) {
    return Fail(kMisused, "bootstrap needs --organisation_name and --username");
  }
  return Tell(Bootstrap(config, environment, first));
}

int RunRemoveOperator(const ServerConfig& config, const Environment& environment) {
  const std::string username = absl::GetFlag(FLAGS_username);
  if (username.empty()) return Fail(kMisused, "operators remove needs --username");
  return Finish(RemoveOperator(config, environment, username));
}

int RunKeys(const ServerConfig& config, const Environment& environment, bool rotate) {
  if (rotate) {
    return Finish(RotateKeyRing(config.keyring(), environment.entropy, environment.clock));
  }
  return Tell(DescribeKeys(config));
}

int RunOutbox(const ServerConfig& config, const Environment& environment, bool retry) {
  if (!retry) return Tell(ListDeadMessages(config, environment));
  const auto retried = RetryDeadMessages(config, environment, absl::GetFlag(FLAGS_message_id));
  if (retried.ok()) std::cout << *retried << " will be tried again" << std::endl;
  return Finish(retried.status());
}

int RunActivatePolicy(const ServerConfig& config, const Environment& environment) {
  const std::string reason = absl::GetFlag(FLAGS_reason);
  if (reason.empty()) return Fail(kMisused, "policy activate needs --reason");
  return Tell(ActivatePolicyFile(config, environment, reason));
}

absl::optional<Command> CommandOf(absl::string_view words) {
  if (absl::StartsWith(words, "passwords index ")) return Command::kIndexPasswords;
  if (words.empty() || words == "serve") return Command::kServe;
  if (words == "bootstrap") return Command::kBootstrap;
  if (words == "operators remove") return Command::kRemoveOperator;
  if (words == "keys create") return Command::kCreateKeys;
  if (words == "keys list" || words == "keys rotate") return Command::kChangeKeys;
  if (words == "keys retire") return Command::kRetireKey;
  if (words == "policy show") return Command::kShowPolicy;
  if (words == "policy activate") return Command::kActivatePolicy;
  if (words == "after-restore") return Command::kAfterRestore;
  if (words == "outbox list" || words == "outbox retry") return Command::kOutbox;
  return absl::nullopt;
}

// Before any thread is started, so that all of them inherit it. Serve waits for them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Main(const std::vector<char*>& words) {
  const sigset_t signals = BlockSignals();
  std::signal(SIGPIPE, SIG_IGN);
  // Debian builds Abseil so that it looks for deadlocks: every lock that gRPC takes would go
  // through one graph that all threads share.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Of the many threads few run at once: an arena for each would only hold memory back.
  mallopt(M_ARENA_MAX, 2 * AvailableCores());

  const std::string command_words = absl::StrJoin(words.begin() + 1, words.end(), " ");
  const absl::optional<Command> command = CommandOf(command_words);
  constexpr size_t kWordsOfIndex = 5;  // the program's name, the command's two, and two files
  if (!command.has_value() ||
      (*command == Command::kIndexPasswords && words.size() != kWordsOfIndex)) {
    return Fail(kMisused, absl::StrCat("unknown command '", command_words, "'; see --help"));
  }
  const auto config = ReadConfig(absl::GetFlag(FLAGS_config), Given(), *command);
  if (!config.ok()) {
    return Fail(kMisused, absl::StrCat("the settings are wrong:\n", config.status().message()));
  }
  const SystemClock clock;
  SystemEntropy entropy;
  const Logger log(LogLevelOf(*config));
  const Environment environment{.clock = clock, .entropy = entropy, .log = log};
  switch (*command) {
    case Command::kServe:
      return Serve(*config, environment, signals);
    case Command::kBootstrap:
      return RunBootstrap(*config, environment);
    case Command::kRemoveOperator:
      return RunRemoveOperator(*config, environment);
    case Command::kChangeKeys:
      return RunKeys(*config, environment, command_words == "keys rotate");
    case Command::kRetireKey:
      return Finish(RetireKey(*config, environment, absl::GetFlag(FLAGS_key_id)));
    case Command::kCreateKeys:
      return Finish(CreateKeyRing(config->keyring(), entropy, clock));
    case Command::kShowPolicy:
      return Tell(PolicyText(*config, environment));
    case Command::kActivatePolicy:
      return RunActivatePolicy(*config, environment);
    case Command::kAfterRestore:
      return Finish(AfterRestore(*config, environment));
    case Command::kOutbox:
      return RunOutbox(*config, environment, command_words == "outbox retry");
    case Command::kIndexPasswords:
      return Tell(IndexPasswords(words[3], words[4], entropy));
  }
  return kMisused;
}

}  // namespace
}  // namespace gatehouse::server

int main(int argc, char** argv) {
  const absl::Status secured = gatehouse::server::SecureProcess();
  if (!secured.ok()) return gatehouse::server::Fail(gatehouse::server::kFailed, secured.message());
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) {
    return absl::EndsWith(file, "server/main.cc");
  };
  usage.normalize_filename = [](absl::string_view) { return std::string("gatehouse-server"); };
  absl::SetFlagsUsageConfig(usage);
  absl::SetProgramUsageMessage(gatehouse::server::kUsage);
  return gatehouse::server::Main(absl::ParseCommandLine(argc, argv));
}

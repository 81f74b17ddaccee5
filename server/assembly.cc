#include "server/assembly.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/policy_holder.h"
#include "server/delivery/code_gateway.h"
#include "server/gateways.h"
#include "server/operations/accounts/hygiene.h"
#include "server/operations/accounts/retention.h"
#include "server/operations/dependencies.h"
#include "server/operations/policies/policy_activation.h"
#include "server/operations/secret/resealing.h"
#include "server/policies/decision_journal.h"
#include "server/policies/policy_follower.h"
#include "server/policies/policy_text.h"
#include "server/revocation/revocation_log.h"
#include "server/revocation/revocation_reader.h"
#include "server/revocation/session_judge.h"
#include "server/revocation/use_throttle.h"
#include "server/rpc/answer_queue.h"
#include "server/rpc/bindings.h"
#include "server/rpc/call_bridge.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/health_monitor.h"
#include "server/rpc/health_service.h"
#include "server/rpc/listening.h"
#include "server/rpc/services.h"
#include "server/runtime/bell.h"
#include "server/runtime/cores.h"
#include "server/runtime/housekeeping/housekeeper.h"
#include "server/runtime/lane.h"
#include "server/runtime/metrics.h"
#include "server/runtime/outbox/outbox_dispatcher.h"
#include "server/runtime/rotated_file.h"
#include "server/secrets/account_secret.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/key_ring_file.h"
#include "server/secrets/known/known_passwords.h"
#include "server/secrets/password_hasher.h"
#include "server/secrets/token.h"
#include "storage/account_store.h"
#include "storage/redis/redis_session_store.h"
#include "storage/redis/redis_target.h"
#include "storage/sql/sql_account_store.h"

namespace gatehouse::server {
namespace {

constexpr absl::Duration kHealthInterval = absl::Seconds(1);
constexpr size_t kMebibyte = 1 << 20;

// Threads that hash mostly wait at the gate, or for an earlier attempt on the same account. Queues
// are as long as can be worked off within a caller's patience.
Lane::Options StoreLane() { return {.threads = 4 + AvailableCores(), .queue_limit = 1024}; }
Lane::Options HashingLane() { return {.threads = 16, .queue_limit = 256}; }
// About as many as the cores hash in half a second: who waits longer comes to their turn with too
// little time left, and whoever is served then is served in vain.
Lane::Options SignInLane() {
  return {.threads = 32, .queue_limit = 32 * static_cast<size_t>(AvailableCores())};
}
// Operators' work on policies is rare, and takes a core for as long as it takes.
Lane::Options AnalysisLane() { return {.threads = 1, .queue_limit = 16}; }
// Files may be large, and the lists in them take seconds to check: one after the other.
Lane::Options ReloadLane() { return {.threads = 1, .queue_limit = 1}; }
Lane::Options BackgroundLane() { return {.threads = AvailableCores(), .queue_limit = 4096}; }

// What is read from outside, and may be at fault.
struct Loaded {
  PolicyPtr policy;
  PolicyFile policy_file;
  std::optional<KeyRing> keys;
  std::vector<KeyDescription> listed_keys;
  std::unique_ptr<KnownPasswords> known_passwords;
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::unique_ptr<MessageGateway> notification_gateway;
  std::unique_ptr<MessageGateway> directory_gateway;
  std::unique_ptr<RotatedFile> decision_log;  // null: none
  std::unique_ptr<storage::AccountStore> accounts;
};

absl::StatusOr<std::string> ReadPolicyFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::InvalidArgumentError(absl::StrCat("--policy: cannot read ", path));
  }
  return std::move(text).str();
}

// Takes the value, or notes the fault.
template <typename Value, typename Target>
void Take(absl::StatusOr<Value> from, Target& to, std::vector<std::string>& faults) {
  if (from.ok()) {
    to = *std::move(from);
  } else {
    faults.emplace_back(from.status().message());
  }
}

// The policy that this server begins with: the file's, only where the database has none.
absl::StatusOr<PolicyPtr> FirstPolicy(const absl::StatusOr<PolicyPtr>& from_file,
                                      storage::AccountStore& accounts,
                                      const Environment& environment) {
  absl::StatusOr<PolicyPtr> in_force = PolicyInForce(accounts, from_file, environment.clock.Now());
  if (!in_force.ok()) return in_force;
  const std::string revision = (*in_force)->revision().ToString();
  if (!from_file.ok()) {
    environment.log.Error("policy_file_is_bad",
                          {{"in_force", revision}, {"cause", from_file.status().message()}});
  } else if (*in_force != *from_file) {
    environment.log.Info("policy_file_not_in_force",
                         {{"in_force", revision},
                          {"file", (*from_file)->revision().ToString()},
                          {"way_out", "ActivatePolicy puts it in force; SIGHUP, if it never was"}});
  }
  return in_force;
}

// All faults at once; the database is opened, and perhaps upgraded, only if there are none but
// perhaps the policy's, which matter only where the database has no policy.
absl::StatusOr<Loaded> Load(const ServerConfig& config, const Environment& environment) {
  Loaded loaded;
  std::vector<std::string> faults;
  const absl::StatusOr<PolicyPtr> from_file = LoadPolicy(config.policy());
  loaded.policy_file.path = config.policy();
  if (from_file.ok()) loaded.policy_file.last_read = (*from_file)->revision().ToString();
  Take(KeyRing::Load(config.keyring()), loaded.keys, faults);
  if (loaded.keys.has_value()) Take(ListKeys(config.keyring()), loaded.listed_keys, faults);
  Take(KnownPasswords::Open(config.breached_passwords()), loaded.known_passwords, faults);
  Take(OpenNotificationGateway(config), loaded.notification_gateway, faults);
  Take(OpenDirectoryGateway(config), loaded.directory_gateway, faults);
  Take(MakeCredentials(TransportOf(config),
                       {config.tls_certificate(), config.tls_key(), config.tls_client_ca()}),
       loaded.credentials, faults);
  if (!config.decision_log().empty()) {
    Take(RotatedFile::Open(config.decision_log(), config.decision_log_mib() * kMebibyte),
         loaded.decision_log, faults);
  }
  if (const absl::Status free = ProbeListenAddress(config.listen()); !free.ok()) {
    faults.emplace_back(free.message());
  }
  if (faults.empty()) {
    Take(storage::OpenSqlAccountStore({.url = config.database(),
                                       .incarnation = NewId(environment.entropy),
                                       .readers = 2 + AvailableCores()}),
         loaded.accounts, faults);
  }
  if (faults.empty()) {
    Take(FirstPolicy(from_file, *loaded.accounts, environment), loaded.policy, faults);
  } else if (!from_file.ok()) {
    faults.emplace_back(from_file.status().message());
  }
  if (!faults.empty()) return absl::FailedPreconditionError(absl::StrJoin(faults, "\n"));
  return loaded;
}

storage::RedisClientOptions RedisOptions(const ServerConfig& config, AnswerQueue& answers) {
  storage::RedisClientOptions options;
  options.target = *storage::ParseRedisTarget(config.redis());  // checked with the settings
  options.password_file = config.redis_password_file();
  options.run_callbacks = [&answers](absl::FunctionRef<void()> callbacks) {
    answers.Gather(callbacks);
  };
  return options;
}

// Members in the order of dependence: what stands later may use what stands earlier.
class AssembledServer final : public Server {
 public:
  AssembledServer(const ServerConfig& config, const Environment& environment, Loaded loaded)
      : config_(config),
        environment_(environment),
        policy_file_(std::move(loaded.policy_file)),
        credentials_(std::move(loaded.credentials)),
        policies_(std::move(loaded.policy)),
        keys_(*std::move(loaded.keys)),
        known_passwords_(std::move(loaded.known_passwords)),
        decision_log_(std::move(loaded.decision_log)),
        accounts_(std::move(loaded.accounts)),
        resealing_(*accounts_, keys_, std::move(loaded.listed_keys), environment_.entropy,
                   environment_.log, metrics_),
        notification_gateway_(std::move(loaded.notification_gateway)),
        directory_gateway_(std::move(loaded.directory_gateway)) {}

  absl::Status Start();

  std::string address() const override {
    if (grpc_->port() == 0) return config_.listen();
    return absl::StrCat(config_.listen().substr(0, config_.listen().rfind(':')), ":",
                        grpc_->port());
  }

  void Reload() override {
    // Where one waits already, it will read what this one would.
    reload_lane_
        .Submit({.run =
                     [this] {
                       ReloadPolicy(dependencies_, policy_file_, ReadPolicyFile(policy_file_.path));
                       ReloadBreachedPasswords();
                     },
                 .on_dropped = [](const absl::Status&) {}})
        .IgnoreError();
  }

  void Stop(absl::Duration grace) override {
    health_.Stop();
    bridge_.EndStreams();
    notifications_.Stop();  // both, before either is waited for
    directory_events_.Stop();
    grpc_->Shutdown(grace);
  }

 private:
  OutboxRoute RouteTo(MessageGateway& gateway, storage::OutboxChannel channel) {
    return {.store = *accounts_,
            .channel = channel,
            .gateway = gateway,
            .entropy = environment_.entropy};
  }

  void ReloadBreachedPasswords() {
    if (config_.breached_passwords().empty()) return;
    if (absl::Status reloaded = known_passwords_->Reload(); !reloaded.ok()) {
      environment_.log.Error("breached_passwords_file_is_bad", {{"cause", reloaded.message()}});
    } else {
      environment_.log.Info("breached_passwords_loaded", {{"count", known_passwords_->breached()}});
    }
  }

  std::vector<HealthMonitor::Part> Parts() {
    return {{.name = "database", .check = [this] { return accounts_->CheckHealth(); }},
            {.name = "redis", .check = [this] { return sessions_.CheckHealth(); }},
            {.name = "revocation_log", .check = [this] { return reader_.CheckHealth(); }},
            {.name = "policy_file",
             .check = [this] { return policy_follower_.CheckReload(); },
             .essential = false},
            {.name = "breached_passwords_file",
             .check = [this] { return known_passwords_->CheckReload(); },
             .essential = false},
            {.name = "decision_log",
             .check =
                 [this] {
                   return decision_log_ == nullptr ? absl::OkStatus()
                                                   : decision_log_->CheckHealth();
                 },
             .essential = false}};
  }

  const ServerConfig config_;
  const Environment environment_;
  PolicyFile policy_file_;  // the reload lane's
  const std::shared_ptr<grpc::ServerCredentials> credentials_;
  Metrics metrics_;
  AnswerQueue answers_;

  policy::PolicyHolder policies_;
  const KeyRing keys_;
  const std::unique_ptr<KnownPasswords> known_passwords_;
  const std::unique_ptr<RotatedFile> decision_log_;
  const std::unique_ptr<storage::AccountStore> accounts_;
  Resealing resealing_;
  storage::RedisSessionStore sessions_{RedisOptions(config_, answers_)};
  DecisionJournal decision_journal_{metrics_, {.file = decision_log_.get()}};
  PolicyFollower policy_follower_{{.accounts = *accounts_,
                                   .policies = policies_,
                                   .journal = decision_journal_,
                                   .log = environment_.log,
                                   .metrics = metrics_}};

  RevocationLog revocation_log_;
  RevocationReader reader_{
      *accounts_,
      environment_.clock,
      revocation_log_,
      {.lease = LeaseOf(config_), .follow = [this](const storage::RevocationHead& head) {
         return policy_follower_.Follow(head);
       }}};
  const SessionJudge judge_{revocation_log_, environment_.clock, LeaseOf(config_)};
  UseThrottle use_throttle_;

  HashGate hash_gate_{
      {.concurrent = AvailableCores()}, environment_.clock, metrics_.ForLane("hash_gate")};
  Bell password_settled_;
  const PasswordHasher hasher_{environment_.entropy};
  const AccountSecretVault secret_vault_{keys_, hasher_, environment_.entropy};

  const std::unique_ptr<MessageGateway> notification_gateway_;
  const std::unique_ptr<MessageGateway> directory_gateway_;
  OutboxDispatcher notifications_{RouteTo(*notification_gateway_, storage::OutboxChannel::kPeople),
                                  environment_.clock,
                                  environment_.log,
                                  metrics_,
                                  {}};
  CodeGateway code_gateway_{keys_, *notification_gateway_};
  OutboxDispatcher codes_{RouteTo(code_gateway_, storage::OutboxChannel::kCodes),
                          environment_.clock,
                          environment_.log,
                          metrics_,
                          {}};
  OutboxDispatcher directory_events_{
      RouteTo(*directory_gateway_, storage::OutboxChannel::kDirectories),
      environment_.clock,
      environment_.log,
      metrics_,
      {}};

  const Hygiene hygiene_{.accounts = *accounts_,
                         .policies = policies_,
                         .decision_journal = decision_journal_,
                         .entropy = environment_.entropy,
                         .metrics = metrics_};
  Housekeeper housekeeper_{*accounts_,
                           environment_.clock,
                           environment_.log,
                           metrics_,
                           {.interval = TidyIntervalOf(config_),
                            .sweep = {.retention =
                                          [this](storage::Perishable what) {
                                            return RetentionOf(*policies_.Get(), what);
                                          }},
                            .further = [this](absl::Time now, absl::FunctionRef<bool()> stopping) {
                              absl::Status status = SweepAccounts(hygiene_, now, stopping);
                              status.Update(resealing_.Pass(stopping));
                              return status;
                            }}};

  Lane background_{BackgroundLane(), environment_.clock, metrics_.ForLane("background")};
  Lane store_lane_{StoreLane(), environment_.clock, metrics_.ForLane("store")};
  Lane hashing_lane_{HashingLane(), environment_.clock, metrics_.ForLane("hashing")};
  Lane sign_in_lane_{SignInLane(), environment_.clock, metrics_.ForLane("sign_in")};
  Lane analysis_lane_{AnalysisLane(), environment_.clock, metrics_.ForLane("analysis")};

  const Dependencies dependencies_{.accounts = *accounts_,
                                   .sessions = sessions_,
                                   .revocation_log = revocation_log_,
                                   .revocation_reader = reader_,
                                   .session_judge = judge_,
                                   .use_throttle = use_throttle_,
                                   .policies = policies_,
                                   .policy_follower = policy_follower_,
                                   .decision_journal = decision_journal_,
                                   .keys = keys_,
                                   .known_passwords = *known_passwords_,
                                   .hasher = hasher_,
                                   .hash_gate = hash_gate_,
                                   .password_settled = password_settled_,
                                   .secret_vault = secret_vault_,
                                   .entropy = environment_.entropy,
                                   .clock = environment_.clock,
                                   .background = background_,
                                   .otpauth_issuer = config_.otpauth_issuer(),
                                   .log = environment_.log,
                                   .metrics = metrics_};
  CallBridge bridge_{{.clock = environment_.clock,
                      .entropy = environment_.entropy,
                      .log = environment_.log,
                      .metrics = metrics_,
                      .answers = answers_,
                      .transport = TransportOf(config_),
                      .stream_patience = {.between = StreamIdleTimeoutOf(config_)}}};
  const std::vector<std::unique_ptr<grpc::Service>> services_ = MakeServices(bridge_);
  HealthService health_;
  std::unique_ptr<HealthMonitor> monitor_;
  std::unique_ptr<GrpcServer> grpc_;
  Lane reload_lane_{ReloadLane(), environment_.clock, metrics_.ForLane("reload")};
};

absl::Status AssembledServer::Start() {
  BindOperations(bridge_, dependencies_,
                 {.store = store_lane_,
                  .sign_in = sign_in_lane_,
                  .hashing = hashing_lane_,
                  .analysis = analysis_lane_});
  if (!config_.metrics().empty()) {
    if (absl::Status exposed = metrics_.Expose(config_.metrics()); !exposed.ok()) return exposed;
  }
  std::vector<grpc::Service*> services = {&health_};
  for (const auto& service : services_) services.push_back(service.get());
  auto started =
      GrpcServer::Start({.address = config_.listen(),
                         .credentials = credentials_,
                         .introspection = config_.introspection() || config_.insecure_loopback()},
                        services);
  if (!started.ok()) return started.status();
  grpc_ = *std::move(started);
  monitor_ = std::make_unique<HealthMonitor>(Parts(), kHealthInterval, health_, environment_.clock,
                                             environment_.log, metrics_);
  environment_.log.Info("serving", {{"address", address()},
                                    {"policy", policies_.Get()->revision().ToString()},
                                    {"tls", TransportOf(config_) == Transport::kMutualTls}});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> StartServer(const ServerConfig& config,
                                                    const Environment& environment) {
  absl::StatusOr<Loaded> loaded = Load(config, environment);
  if (!loaded.ok()) return loaded.status();
  auto server = std::make_unique<AssembledServer>(config, environment, *std::move(loaded));
  if (absl::Status started = server->Start(); !started.ok()) return started;
  return server;
}

absl::StatusOr<std::shared_ptr<const policy::Policy>> LoadPolicy(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadPolicyFile(path);
  if (!text.ok()) return text.status();
  TestedPolicy tested = CompileAndTest(*text, path);
  if (tested.ok()) return std::move(tested.policy);
  return absl::InvalidArgumentError(
      absl::StrJoin(tested.errors.empty() ? tested.failed_tests : tested.errors, "\n"));
}

}  // namespace gatehouse::server

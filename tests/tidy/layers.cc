#include "tests/tidy/layers.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "re2/re2.h"

namespace gatehouse::tidy {
namespace {

// Stands for POSIX: files, sockets, processes.
constexpr absl::string_view kSystem = "<system>";

struct Layer {
  absl::string_view folder;
  // Prefixes of what its files may include, besides the C++ standard library. A prefix that ends in
  // "/*" allows that folder's own files, not those of folders below it.
  std::vector<absl::string_view> allowed;
  // Standard headers that would break its promise.
  std::vector<absl::string_view> forbidden_standard = {};
};

// The story: rules and ports, never a transport and never a concrete store. What a call needs lies
// open at the top; the rooms below stand in a row, and none includes one to its right.
std::vector<Layer> OperationsLayers() {
  std::vector<absl::string_view> allowed = {"server/operations/*",
                                            "server/policies/",
                                            "server/secrets/",
                                            "server/runtime/",
                                            "server/revocation/",
                                            "policy/",
                                            "storage/*",
                                            "gatehouse/",
                                            "absl/",
                                            "google/protobuf/",
                                            "google/rpc/",
                                            "arpa/inet.h",
                                            "sodium/crypto_hash_sha256.h"};
  std::vector<Layer> layers = {{"server/operations", allowed}};
  for (const absl::string_view room :
       {"server/operations/facts/", "server/operations/call/", "server/operations/sessions/",
        "server/operations/accounts/", "server/operations/organisations/",
        "server/operations/policies/", "server/operations/passwords/", "server/operations/methods/",
        "server/operations/secret/", "server/operations/audit/", "server/operations/sign_in/",
        "server/operations/recovery/", "server/operations/administration/",
        "server/operations/import/"}) {
    allowed.push_back(room);
    layers.push_back({room.substr(0, room.size() - 1), allowed});
  }
  return layers;
}

std::vector<Layer> OtherLayers() {
  return {
      // Facts in, decision out: no clock, no I/O, no gRPC, no storage.
      {"policy",
       {"policy/", "gatehouse/policy/v1/", "absl/", "google/protobuf/", "re2/",
        "sodium/crypto_hash_sha256.h"},
       {"chrono", "cstdio", "ctime", "filesystem", "fstream", "iostream", "random", "thread"}},
      {"policy/json", {"policy/", "absl/", "nlohmann/"}},
      // gatehouse-policy reads files and talks to people; what it knows of rules is policy's.
      {"policy/tool",
       {"policy/", "gatehouse/policy/v1/", "absl/", "google/protobuf/", "CLI/", "nlohmann/",
        "qrencode.h", kSystem}},
      // The ports speak of records and time alone; each store adds its own driver.
      {"storage", {"storage/*", "gatehouse/v1/", "absl/", "google/protobuf/", "unicode/"}},
      {"storage/memory",
       {"storage/*", "storage/memory/", "gatehouse/v1/", "absl/", "google/protobuf/"}},
      {"storage/sql",
       {"storage/*", "storage/sql/", "gatehouse/v1/", "absl/", "google/protobuf/", "soci/",
        "sqlite3.h", "libpq-fe.h", kSystem}},
      {"storage/redis",
       {"storage/*", "storage/redis/", "gatehouse/v1/", "absl/", "google/protobuf/", "hiredis/",
        "hiredis.h", kSystem}},
      {"server/secrets",
       {"server/secrets/", "server/runtime/", "storage/identifiers.h", "absl/", "argon2.h",
        "crypt.h", "openssl/sha.h", "liboath/", "sodium.h", "sodium/", "unicode/", "zxcvbn.h",
        kSystem}},
      {"server/runtime",
       {"server/runtime/", "storage/*", "gatehouse/", "absl/", "google/protobuf/", "spdlog/",
        "prometheus/", "sodium.h", "unicode/", kSystem}},
      {"server/policies",
       {"server/policies/", "server/runtime/", "storage/*", "policy/", "gatehouse/", "absl/"}},
      // Words and wires: what stands between the outbox and the outside.
      {"server/delivery",
       {"server/delivery/", "server/runtime/", "server/secrets/", "gatehouse/", "absl/", "curl/",
        "google/protobuf/", "re2/", "unicode/"}},
      {"server/revocation",
       {"server/revocation/", "server/runtime/", "storage/*", "gatehouse/", "absl/"}},
      {"server/rpc",
       {"server/rpc/", "server/operations/", "server/secrets/", "server/runtime/",
        "server/revocation/", "policy/", "gatehouse/", "absl/", "google/", "grpc/", "grpcpp/",
        kSystem}},
      // Flags, signals, composition: the one place that may name everything of the server.
      {"server",
       {"server/", "policy/", "storage/", "gatehouse/", "absl/", "google/", "grpc/", "grpcpp/",
        "spdlog/", "prometheus/", "sodium.h", kSystem}},
      // The contract is all a client knows of the server.
      {"clients",
       {"clients/", "gatehouse/v1/", "absl/", "google/", "grpc/", "grpcpp/", "CLI/", "nlohmann/",
        "openssl/sha.h", "qrencode.h", kSystem}},
      // What gatehousectl says, apart from what it does: nothing here asks a server.
      {"clients/cli/views",
       {"clients/cli/views/", "clients/cli/exit_code.h", "gatehouse/v1/", "absl/", "google/",
        "grpcpp/support/status.h", "nlohmann/", "qrencode.h"}},
  };
}

const std::vector<Layer>& Layers() {
  static const std::vector<Layer> layers = [] {
    std::vector<Layer> all = OtherLayers();
    std::ranges::move(OperationsLayers(), std::back_inserter(all));
    return all;
  }();
  return layers;
}

bool IsSystem(absl::string_view name) {
  static const RE2 posix(
      R"((sys|netinet|arpa)/\w+\.h|)"
      R"((fcntl|libgen|malloc|netdb|poll|pthread|sched|signal|termios|time|unistd)\.h)");
  return RE2::FullMatch(re2::StringPiece(name.data(), name.size()), posix);
}

bool IsStandard(absl::string_view name) {
  return !absl::StrContains(name, '/') && !absl::StrContains(name, '.');
}

bool Allows(absl::string_view rule, absl::string_view name) {
  if (rule == kSystem) return IsSystem(name);
  if (!absl::EndsWith(rule, "/*")) return absl::StartsWith(name, rule);
  rule.remove_suffix(1);
  return absl::StartsWith(name, rule) && !absl::StrContains(name.substr(rule.size()), '/');
}

const Layer* NearestLayer(absl::string_view folder) {
  const Layer* nearest = nullptr;
  for (const Layer& layer : Layers()) {
    const bool inside =
        folder == layer.folder || absl::StartsWith(folder, absl::StrCat(layer.folder, "/"));
    if (inside && (nearest == nullptr || layer.folder.size() > nearest->folder.size()))
      nearest = &layer;
  }
  return nearest;
}

}  // namespace

std::optional<std::string> ForbiddenInclude(absl::string_view folder, absl::string_view name) {
  const Layer* layer = NearestLayer(folder);
  if (layer == nullptr) return std::nullopt;  // tests/ see everything.
  if (IsStandard(name)) {
    if (std::ranges::find(layer->forbidden_standard, name) == layer->forbidden_standard.end()) {
      return std::nullopt;
    }
    return absl::StrCat(layer->folder, "/ must not need <", name, ">");
  }
  const bool allowed = std::ranges::any_of(
      layer->allowed, [&](absl::string_view rule) { return Allows(rule, name); });
  // A service's stubs are gRPC, wherever their messages may go.
  const bool stubs = absl::EndsWith(name, ".grpc.pb.h") &&
                     std::ranges::find(layer->allowed, "grpcpp/") == layer->allowed.end();
  if (allowed && !stubs) return std::nullopt;
  return absl::StrCat(layer->folder, "/ must not include ", name);
}

}  // namespace gatehouse::tidy

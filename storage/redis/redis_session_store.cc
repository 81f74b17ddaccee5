#include "storage/redis/redis_session_store.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "storage/redis/session_record_codec.h"

namespace gatehouse::storage {
namespace {

// Redis's clock may run ahead of ours by this much before it drops a session early.
constexpr absl::Duration kExpiryMargin = absl::Minutes(5);
// A use that cannot be noted soon is not worth noting.
constexpr absl::Duration kRecordUsePatience = absl::Seconds(1);

std::string SessionsKey(const AccountId& account_id) {
  return absl::StrCat("gh:{", account_id.value(), "}");
}

std::string ClientsKey(const AccountId& account_id) {
  return absl::StrCat("gh:c:{", account_id.value(), "}");
}

absl::Status FirstError(const std::vector<RedisReply>& replies) {
  for (const RedisReply& reply : replies) {
    if (absl::Status status = ReplyStatus(*reply); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<FoundSession> ReadSession(const SessionKey& key, const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL) return absl::NotFoundError("no such session");
  if (absl::Status status = ReplyStatus(reply); !status.ok()) return status;
  if (reply.type != REDIS_REPLY_STRING) return absl::InternalError("not a session record");
  return DecodeSessionRecord(key, ReplyText(reply));
}

std::vector<absl::StatusOr<FoundSession>> ReadSessions(
    const std::vector<SessionKey>& keys, const absl::StatusOr<std::vector<RedisReply>>& replies) {
  std::vector<absl::StatusOr<FoundSession>> found;
  found.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    found.push_back(replies.ok() ? ReadSession(keys[i], *(*replies)[i])
                                 : absl::StatusOr<FoundSession>(replies.status()));
  }
  return found;
}

// An HGETALL's reply, by digest.
absl::StatusOr<std::map<SessionDigest, absl::string_view>> ReadHash(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements % 2 != 0) {
    return absl::InternalError("not a hash of sessions");
  }
  std::map<SessionDigest, absl::string_view> fields;
  for (std::size_t i = 0; i < reply.elements; i += 2) {
    const absl::string_view field = ReplyText(*reply.element[i]);
    if (field.size() != SessionDigest::kSize) return absl::InternalError("not a session's digest");
    std::array<std::uint8_t, SessionDigest::kSize> digest;
    std::copy(field.begin(), field.end(), digest.begin());
    fields.emplace(SessionDigest(digest), ReplyText(*reply.element[i + 1]));
  }
  return fields;
}

absl::StatusOr<ClientRecord> ReadClient(absl::string_view bytes) {
  v1::Client client;
  if (!client.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InternalError("a damaged description of a client");
  }
  return ClientRecord{.ip_address = client.ip_address(),
                      .user_agent = client.user_agent(),
                      .device_label = client.device_label()};
}

std::string WriteClient(const ClientRecord& record) {
  v1::Client client;
  client.set_ip_address(record.ip_address);
  client.set_user_agent(record.user_agent);
  client.set_device_label(record.device_label);
  return client.SerializeAsString();
}

// Appends what stores one field and lets its hash live at least until `expires_at`.
constexpr std::size_t kStoreReplies = 3;
void AppendStore(std::string& commands, const std::string& key, const SessionDigest& digest,
                 absl::string_view value, absl::Time expires_at) {
  const std::string expiry = absl::StrCat(absl::ToUnixSeconds(expires_at + kExpiryMargin));
  AppendCommand(commands, {"HSET", key, digest.view(), value});
  // GT alone does nothing to a key that has no expiry yet.
  AppendCommand(commands, {"EXPIREAT", key, expiry, "NX"});
  AppendCommand(commands, {"EXPIREAT", key, expiry, "GT"});
}

void AppendDelete(std::string& commands, const AccountId& account_id,
                  const std::vector<SessionDigest>& digests) {
  for (const std::string& key : {SessionsKey(account_id), ClientsKey(account_id)}) {
    std::vector<absl::string_view> words = {"HDEL", key};
    for (const SessionDigest& digest : digests) words.push_back(digest.view());
    AppendCommand(commands, words);
  }
}

// The first reply, a count of sessions.
absl::StatusOr<int> CountOf(const absl::StatusOr<std::vector<RedisReply>>& replies) {
  if (!replies.ok()) return replies.status();
  const redisReply& count = *replies->front();
  if (count.type != REDIS_REPLY_INTEGER) return absl::InternalError("not a count of sessions");
  return static_cast<int>(count.integer);
}

}  // namespace

void RedisSessionStore::Find(const SessionKey& key, absl::Time deadline, FindCallback done) {
  std::string command;
  AppendCommand(command, {"HGET", SessionsKey(key.account_id), key.digest.view()});
  client_.Submit(std::move(command), 1, deadline,
                 [key, done = std::move(done)](absl::StatusOr<std::vector<RedisReply>> replies) {
                   done(replies.ok() ? ReadSession(key, *replies->front())
                                     : absl::StatusOr<FoundSession>(replies.status()));
                 });
}

void RedisSessionStore::FindAll(std::vector<SessionKey> keys, absl::Time deadline,
                                FindAllCallback done) {
  if (keys.empty()) return done({});
  std::string commands;
  for (const SessionKey& key : keys) {
    AppendCommand(commands, {"HGET", SessionsKey(key.account_id), key.digest.view()});
  }
  const std::size_t count = keys.size();
  client_.Submit(
      std::move(commands), count, deadline,
      [keys = std::move(keys), done = std::move(done)](
          absl::StatusOr<std::vector<RedisReply>> replies) { done(ReadSessions(keys, replies)); });
}

absl::StatusOr<std::vector<RedisReply>> RedisSessionStore::Call(std::string commands,
                                                                std::size_t reply_count,
                                                                absl::Time deadline) {
  auto replies = client_.Call(std::move(commands), reply_count, deadline);
  if (!replies.ok()) return replies;
  if (absl::Status status = FirstError(*replies); !status.ok()) return status;
  return replies;
}

absl::Status RedisSessionStore::Put(const SessionRecord& session, const ClientRecord& client,
                                    absl::Time deadline) {
  const absl::StatusOr<std::string> record = EncodeSessionRecord(session);
  if (!record.ok()) return record.status();
  const AccountId& account_id = session.key.account_id;
  const SessionDigest& digest = session.key.digest;
  const std::string sessions = SessionsKey(account_id);
  const std::string description = WriteClient(client);
  // A transaction, so that no key is ever left without an expiry.
  std::string commands;
  std::size_t inside = kStoreReplies + 1;
  AppendCommand(commands, {"MULTI"});
  if (!description.empty()) {
    AppendStore(commands, ClientsKey(account_id), digest, description, session.expires_at);
    inside += kStoreReplies;
  }
  AppendStore(commands, sessions, digest, *record, session.expires_at);
  AppendCommand(commands, {"HLEN", sessions});
  AppendCommand(commands, {"EXEC"});
  const auto replies = Call(std::move(commands), inside + 2, deadline);
  if (!replies.ok()) return replies.status();

  const redisReply& executed = *replies->back();
  if (executed.type != REDIS_REPLY_ARRAY || executed.elements != inside) {
    return absl::InternalError("Redis did not carry the transaction out");
  }
  for (std::size_t i = 0; i < executed.elements; ++i) {
    if (absl::Status status = ReplyStatus(*executed.element[i]); !status.ok()) return status;
  }
  const long long count = executed.element[inside - 1]->integer;
  if (count <= static_cast<long long>(kTidyAbove)) return absl::OkStatus();
  return Tidy(account_id, session.created_at, deadline);
}

absl::Status RedisSessionStore::Tidy(const AccountId& account_id, absl::Time now,
                                     absl::Time deadline) {
  const auto sessions = List(account_id, deadline);
  if (!sessions.ok()) return sessions.status();
  std::vector<SessionDigest> over;
  const std::size_t excess = sessions->size() - std::min(sessions->size(), kMaximumSessions);
  for (std::size_t i = 0; i < sessions->size(); ++i) {
    const SessionRecord& session = (*sessions)[i].session.record;
    if (i < excess || session.expires_at <= now) over.push_back(session.key.digest);
  }
  if (over.empty()) return absl::OkStatus();
  return RemoveSome(account_id, over, deadline).status();
}

absl::StatusOr<std::vector<ListedSession>> RedisSessionStore::List(const AccountId& account_id,
                                                                   absl::Time deadline) {
  std::string commands;
  AppendCommand(commands, {"HGETALL", SessionsKey(account_id)});
  AppendCommand(commands, {"HGETALL", ClientsKey(account_id)});
  const auto replies = Call(std::move(commands), 2, deadline);
  if (!replies.ok()) return replies.status();
  const auto records = ReadHash(*replies->front());
  if (!records.ok()) return records.status();
  const auto clients = ReadHash(*replies->back());
  if (!clients.ok()) return clients.status();

  std::vector<ListedSession> sessions;
  sessions.reserve(records->size());
  for (const auto& [digest, record] : *records) {
    auto found = DecodeSessionRecord({.account_id = account_id, .digest = digest}, record);
    if (!found.ok()) return found.status();
    ListedSession& listed = sessions.emplace_back();
    listed.session = *std::move(found);
    if (const auto entry = clients->find(digest); entry != clients->end()) {
      auto client = ReadClient(entry->second);
      if (!client.ok()) return client.status();
      listed.client = *std::move(client);
    }
  }
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const ListedSession& a, const ListedSession& b) {
                     return a.session.record.created_at < b.session.record.created_at;
                   });
  return sessions;
}

absl::StatusOr<int> RedisSessionStore::Remove(const SessionKey& key, absl::Time deadline) {
  return RemoveSome(key.account_id, {key.digest}, deadline);
}

absl::StatusOr<int> RedisSessionStore::RemoveBelow(const AccountId& account_id,
                                                   std::int64_t min_epoch,
                                                   const std::optional<SessionDigest>& except,
                                                   absl::Time deadline) {
  std::string command;
  AppendCommand(command, {"HGETALL", SessionsKey(account_id)});
  const auto replies = Call(std::move(command), 1, deadline);
  if (!replies.ok()) return replies.status();
  const auto records = ReadHash(*replies->front());
  if (!records.ok()) return records.status();
  // By name, and not the whole key: a session may be put in between.
  std::vector<SessionDigest> over;
  for (const auto& [digest, record] : *records) {
    const auto found = DecodeSessionRecord({.account_id = account_id, .digest = digest}, record);
    const bool below = !found.ok() || found->record.epoch < min_epoch;
    if (below && digest != except) over.push_back(digest);
  }
  return over.empty() ? 0 : RemoveSome(account_id, over, deadline);
}

absl::StatusOr<int> RedisSessionStore::RemoveSome(const AccountId& account_id,
                                                  const std::vector<SessionDigest>& digests,
                                                  absl::Time deadline) {
  std::string commands;
  AppendDelete(commands, account_id, digests);
  return CountOf(Call(std::move(commands), 2, deadline));
}

void RedisSessionStore::RecordUse(const SessionKey& key, absl::Time at) {
  std::string command;
  AppendCommand(command, {"EVAL", kRecordUseScript, "1", SessionsKey(key.account_id),
                          key.digest.view(), EncodeUse(at)});
  client_.Submit(std::move(command), 1, absl::Now() + kRecordUsePatience,
                 [](const absl::StatusOr<std::vector<RedisReply>>&) {});
}

}  // namespace gatehouse::storage

#include "storage/redis/redis_client.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <future>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

#include "storage/redis/redis_readiness.h"

namespace gatehouse::storage {
namespace {

using std::chrono::steady_clock;

absl::Status Stopping() { return absl::UnavailableError("the session store is stopping"); }

SteadyTime ToSteady(absl::Time deadline) {
  // Far enough for every deadline, near enough that adding it never overflows.
  constexpr absl::Duration kForever = absl::Hours(24);
  const absl::Duration left = std::min(deadline - absl::Now(), kForever);
  return steady_clock::now() + absl::ToChronoNanoseconds(left);
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string password{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.fail()) return absl::UnavailableError(absl::StrCat("cannot read ", path));
  absl::string_view content = password;
  absl::ConsumeSuffix(&content, "\n");
  return std::string(content);
}

void FailAll(std::vector<RedisRequest> requests, const absl::Status& status) {
  for (RedisRequest& request : requests) {
    if (request.done) std::exchange(request.done, nullptr)(status);
  }
}

}  // namespace

RedisClient::RedisClient(RedisClientOptions options)
    : options_(std::move(options)),
      wake_event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      queue_(options_.queue_capacity),
      health_(absl::UnavailableError("not connected yet")),
      health_since_(absl::Now()),
      thread_([this] { Run(); }) {}

RedisClient::~RedisClient() {
  stopping_.store(true, std::memory_order_release);
  Wake();
  thread_.join();
  close(wake_event_);
}

void RedisClient::Submit(std::string commands, std::size_t reply_count, absl::Time deadline,
                         RedisRequest::Callback done) {
  RedisRequest request{.commands = std::move(commands),
                       .reply_count = reply_count,
                       .deadline = ToSteady(deadline),
                       .done = std::move(done)};
  bool wake = false;
  const absl::Status status = queue_.Push(request, wake);
  if (!status.ok()) {
    request.done(status);
  } else if (wake) {
    Wake();
  }
}

absl::StatusOr<std::vector<RedisReply>> RedisClient::Call(std::string commands,
                                                          std::size_t reply_count,
                                                          absl::Time deadline) {
  std::promise<absl::StatusOr<std::vector<RedisReply>>> answer;
  Submit(std::move(commands), reply_count, deadline,
         [&answer](absl::StatusOr<std::vector<RedisReply>> replies) {
           answer.set_value(std::move(replies));
         });
  return answer.get_future().get();
}

absl::Status RedisClient::CheckHealth() const {
  const std::lock_guard lock(health_mutex_);
  if (health_.ok()) return absl::OkStatus();
  return absl::Status(health_.code(),
                      absl::StrCat(options_.target.ToString(), ": ", health_.message(), " (since ",
                                   absl::FormatTime(health_since_, absl::UTCTimeZone()), ")"));
}

void RedisClient::ReportHealth(const absl::Status& health) {
  {
    const std::lock_guard lock(health_mutex_);
    if (health == health_) return;
    const bool changed = health.ok() || health_.ok() || health.code() != health_.code();
    health_ = health;
    if (!changed) return;
    health_since_ = absl::Now();
  }
  options_.on_health_change(CheckHealth());
}

void RedisClient::Run() {
  auto backoff = options_.shortest_backoff;
  for (;;) {
    absl::StatusOr<std::unique_ptr<RedisConnection>> connection = Connect();
    const absl::Status lost = connection.ok() ? Serve(**connection) : connection.status();
    if (stopping()) break;
    const bool served = queue_.is_open();
    FailAll(queue_.Close(lost), lost);
    ReportHealth(lost);
    backoff = served ? options_.shortest_backoff : std::min(2 * backoff, options_.longest_backoff);
    Sleep(steady_clock::now() + backoff);
  }
  FailAll(queue_.Close(Stopping()), Stopping());
}

absl::StatusOr<std::unique_ptr<RedisConnection>> RedisClient::Connect() {
  const SteadyTime deadline = steady_clock::now() + options_.connect_timeout;
  absl::StatusOr<std::unique_ptr<RedisConnection>> connection =
      RedisConnection::Open(options_.target, deadline);
  if (!connection.ok()) return connection;
  if (!options_.password_file.empty()) {
    absl::StatusOr<std::string> password = ReadPassword(options_.password_file);
    if (!password.ok()) return std::move(password).status();
    std::string commands;
    AppendCommand(commands, {"AUTH", *password});
    const auto replies = (*connection)->Exchange(commands, 1, deadline);
    if (!replies.ok()) return replies.status();
    if (!ReplyStatus(*replies->front()).ok()) {
      return absl::UnavailableError(
          absl::StrCat("Redis refuses the password in ", options_.password_file));
    }
  }
  return connection;
}

absl::Status RedisClient::Serve(RedisConnection& connection) {
  Batch batch;
  SteadyTime next_check = steady_clock::now();
  absl::Status status;
  while (status.ok()) {
    ExpireRequests(batch);
    if (batch.empty()) {
      const SteadyTime now = steady_clock::now();
      const bool check_is_due = now >= next_check;
      if (check_is_due) next_check = now + options_.check_interval;
      status = SendBatch(connection, batch, check_is_due);
    }
    if (status.ok()) status = Wait(connection, batch, next_check);
    if (status.ok() && !batch.empty() && batch.replies.size() == batch.reply_count) {
      status = FinishBatch(batch);
    }
    if (stopping()) status = Stopping();
  }
  FailAll(std::move(batch.requests), status);
  return status;
}

absl::Status RedisClient::SendBatch(RedisConnection& connection, Batch& batch, bool with_check) {
  batch.requests = queue_.TakeAll();
  if (with_check) batch.requests.push_back(ReadinessCheck());
  if (batch.empty()) return absl::OkStatus();
  for (const RedisRequest& request : batch.requests) {
    connection.Queue(request.commands);
    batch.reply_count += request.reply_count;
    batch.request_deadline = std::min(batch.request_deadline, request.deadline);
  }
  batch.replies.reserve(batch.reply_count);
  batch.silence_deadline = steady_clock::now() + options_.reply_timeout;
  batches_sent_.fetch_add(1, std::memory_order_relaxed);
  return connection.Flush();
}

absl::Status RedisClient::Wait(RedisConnection& connection, Batch& batch, SteadyTime next_check) {
  const SteadyTime wake_at =
      batch.empty()
          ? next_check
          : std::min({batch.silence_deadline, batch.request_deadline, queue_.earliest_deadline()});
  const short events = connection.has_unsent() ? POLLIN | POLLOUT : POLLIN;
  std::array<pollfd, 2> entries = {
      pollfd{.fd = wake_event_, .events = POLLIN, .revents = 0},
      pollfd{.fd = connection.file_descriptor(), .events = events, .revents = 0}};
  if (poll(entries.data(), entries.size(), PollTimeout(wake_at)) < 0) return absl::OkStatus();
  if (entries[0].revents != 0) ClearWake();
  const short happened = entries[1].revents;
  if (happened == 0) {
    return !batch.empty() && steady_clock::now() >= batch.silence_deadline
               ? absl::UnavailableError("Redis did not answer in time")
               : absl::OkStatus();
  }
  batch.silence_deadline = steady_clock::now() + options_.reply_timeout;
  if ((happened & POLLOUT) != 0) {
    if (absl::Status status = connection.Flush(); !status.ok()) return status;
  }
  if ((happened & ~POLLOUT) == 0) return absl::OkStatus();
  return connection.Receive(batch.replies, batch.reply_count);
}

absl::Status RedisClient::FinishBatch(Batch& batch) {
  Batch finished = std::exchange(batch, {});
  absl::Status server_wide;
  for (const RedisReply& reply : finished.replies) {
    if (IsServerWideError(*reply)) server_wide = ReplyStatus(*reply);
  }
  options_.run_callbacks([&finished] {
    auto next = std::make_move_iterator(finished.replies.begin());
    for (RedisRequest& request : finished.requests) {
      const auto end = next + static_cast<std::ptrdiff_t>(request.reply_count);
      if (request.done) request.done(std::vector<RedisReply>(next, end));
      next = end;
    }
  });
  if (!server_wide.ok()) return server_wide;
  return std::exchange(readiness_, absl::OkStatus());
}

RedisRequest RedisClient::ReadinessCheck() {
  RedisRequest check{.commands = "",
                     .reply_count = kReadinessReplies,
                     .deadline = SteadyTime::max(),
                     .done = [this](absl::StatusOr<std::vector<RedisReply>> replies) {
                       if (!replies.ok()) return;
                       readiness_ = JudgeReadiness(*replies);
                       if (!readiness_.ok()) return;
                       queue_.Open();
                       ReportHealth(JudgeEviction(*replies));
                     }};
  AppendReadinessCommands(check.commands);
  return check;
}

void RedisClient::ExpireRequests(Batch& batch) {
  const absl::Status late = absl::UnavailableError("Redis did not answer before the deadline");
  const SteadyTime now = steady_clock::now();
  FailAll(queue_.TakeExpired(now), late);
  if (now < batch.request_deadline) return;
  batch.request_deadline = SteadyTime::max();
  for (RedisRequest& request : batch.requests) {
    if (!request.done) continue;
    if (request.deadline <= now) {
      std::exchange(request.done, nullptr)(late);
    } else {
      batch.request_deadline = std::min(batch.request_deadline, request.deadline);
    }
  }
}

void RedisClient::Sleep(SteadyTime until) {
  while (!stopping() && steady_clock::now() < until) {
    pollfd entry{.fd = wake_event_, .events = POLLIN, .revents = 0};
    if (poll(&entry, 1, PollTimeout(until)) > 0) ClearWake();
  }
}

void RedisClient::Wake() { eventfd_write(wake_event_, 1); }

void RedisClient::ClearWake() {
  eventfd_t count = 0;
  eventfd_read(wake_event_, &count);
}

}  // namespace gatehouse::storage

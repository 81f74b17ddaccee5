#include "clients/cli/commands/import_stream.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "clients/cli/views/refusal.h"

namespace gatehouse::cli {
namespace {

using Clock = std::chrono::system_clock;

constexpr std::chrono::minutes kPatience(2);  // without progress
constexpr std::chrono::milliseconds kFirstWait(100);
constexpr std::chrono::milliseconds kLongestWait(10'000);

// Whether the server says so itself, or what broke it off passes.
bool MayGoOn(const Refusal& refusal) {
  switch (refusal.code) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return true;
    default:
      return refusal.retry.has_value();
  }
}

std::chrono::milliseconds AskedWait(const Refusal& refusal) {
  if (!refusal.retry.has_value()) return std::chrono::milliseconds(0);
  const google::protobuf::Duration& delay = refusal.retry->retry_delay();
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::seconds(delay.seconds()) +
                                                      std::chrono::nanoseconds(delay.nanos()));
}

}  // namespace

ImportStream::ImportStream(const Connection& connection, ImportFile& file,
                           const v1::ImportAccountsRequest::Start& start, OnResult on_result)
    : connection_(connection), file_(file), start_(start), on_result_(std::move(on_result)) {}

grpc::Status ImportStream::Run() {
  std::chrono::milliseconds wait = kFirstWait;
  Clock::time_point give_up = Clock::now() + kPatience;
  while (true) {
    const int64_t before = answered_;
    const grpc::Status status = RunOnce();
    const Refusal refusal = DecodeRefusal(status);
    if (status.ok() || failed_ || !MayGoOn(refusal)) return status;
    if (answered_ > before) {
      wait = kFirstWait;
      give_up = Clock::now() + kPatience;
    }
    const std::chrono::milliseconds rest = std::max(wait, AskedWait(refusal));
    if (Clock::now() + rest >= give_up) return status;
    std::this_thread::sleep_for(rest);
    wait = std::min(2 * wait, kLongestWait);
    connection_.channel()->WaitForConnected(give_up);
  }
}

grpc::Status ImportStream::RunOnce() {
  file_.GoOnAfter(answered_);
  sent_.clear();
  grpc::ClientContext context;
  connection_.PrepareStream(context);
  v1::AccountService::Stub stub(connection_.channel());
  const auto stream = stub.ImportAccounts(&context);
  std::thread sender([&] { SendAll(*stream); });
  v1::ImportAccountsResponse answer;
  bool in_order = true;
  while (in_order && stream->Read(&answer)) in_order = Take(answer);
  if (!in_order) context.TryCancel();
  sender.join();
  const grpc::Status status = stream->Finish();
  const std::lock_guard lock(mutex_);
  if (in_order && status.ok() && !sent_.empty()) {
    return {grpc::StatusCode::INTERNAL, "the server ended the import before its last account"};
  }
  return status;
}

void ImportStream::SendAll(Stream& stream) {
  v1::ImportAccountsRequest request;
  *request.mutable_start() = start_;
  bool sending = stream.Write(request);
  while (sending) {
    std::optional<ImportFile::Line> line = file_.Next();
    if (!line.has_value()) break;
    if (!line->account.ok()) {
      if (!RefuseLine(*line)) break;
      continue;
    }
    *request.mutable_account() = *std::move(line->account);
    {
      const std::lock_guard lock(mutex_);
      sent_.push_back({.line = line->number,
                       .username = request.account().username(),
                       .came_with_hash = !request.account().password_hash().empty()});
    }
    sending = stream.Write(request);
  }
  stream.WritesDone();
}

bool ImportStream::Take(const v1::ImportAccountsResponse& answer) {
  const std::lock_guard lock(mutex_);
  if (sent_.empty() || sent_.front().line != answer.item()) return false;
  const Sent sent = std::move(sent_.front());
  sent_.pop_front();
  answered_ = sent.line;
  return Tell({.username = sent.username, .came_with_hash = sent.came_with_hash, .answer = answer});
}

bool ImportStream::RefuseLine(const ImportFile::Line& line) {
  if (line.number <= refused_here_) return true;
  refused_here_ = line.number;
  ImportResult result;
  result.answer.set_item(line.number);
  result.answer.add_reasons(v1::ERROR_REASON_FIELDS_INVALID);
  result.answer.set_message(absl::StrCat("FIELDS_INVALID: ", line.account.status().message()));
  const std::lock_guard lock(mutex_);
  return Tell(result);
}

bool ImportStream::Tell(const ImportResult& result) {
  if (!on_result_(result)) failed_ = true;
  return !failed_;
}

}  // namespace gatehouse::cli

#include "clients/cli/import_stream.h"

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::cli {
namespace {

constexpr int kTriesWithoutProgress = 3;
constexpr std::chrono::seconds kPatience(60);  // with a server that cannot be reached

bool MayGoOn(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::CANCELLED;
}

}  // namespace

ImportStream::ImportStream(const Connection& connection, ImportFile& file,
                           const v1::ImportAccountsRequest::Start& start, OnResult on_result)
    : connection_(connection), file_(file), start_(start), on_result_(std::move(on_result)) {}

grpc::Status ImportStream::Run() {
  grpc::Status status;
  for (int tries = 0; tries < kTriesWithoutProgress; ++tries) {
    const int64_t before = answered_;
    status = RunOnce();
    if (!MayGoOn(status) || failed_) return status;
    if (answered_ > before) tries = 0;
    connection_.channel()->WaitForConnected(std::chrono::system_clock::now() + kPatience);
  }
  return status;
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
      RefuseLine(*line);
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

void ImportStream::RefuseLine(const ImportFile::Line& line) {
  if (line.number <= refused_here_) return;
  refused_here_ = line.number;
  ImportResult result;
  result.answer.set_item(line.number);
  result.answer.add_reasons(v1::ERROR_REASON_FIELDS_INVALID);
  result.answer.set_message(absl::StrCat("FIELDS_INVALID: ", line.account.status().message()));
  const std::lock_guard lock(mutex_);
  Tell(result);
}

bool ImportStream::Tell(const ImportResult& result) {
  if (!on_result_(result)) failed_ = true;
  return !failed_;
}

}  // namespace gatehouse::cli

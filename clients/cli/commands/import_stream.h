// Sending a file's accounts through one ImportAccounts stream after the other, until all are
// answered: what broke off goes on after the last answer. Accounts are sent while answers are read.
// Belongs to one thread.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_IMPORT_STREAM_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_IMPORT_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

#include "clients/cli/commands/import_file.h"
#include "clients/cli/connection.h"
#include "clients/cli/views/import_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {

class ImportStream {
 public:
  // Called once for each account, mostly in their order, with what became of it; false: something
  // is wrong on this side, go no further.
  using OnResult = std::function<bool(const ImportResult&)>;

  // All of them outlive this object.
  ImportStream(const Connection& connection, ImportFile& file,
               const v1::ImportAccountsRequest::Start& start, OnResult on_result);

  // OK once every account is answered, or everything failed to be told. A server that cannot be
  // reached, or asks to be tried again, is: at growing intervals, for some minutes without
  // progress.
  grpc::Status Run();

 private:
  using Stream = grpc::ClientReaderWriter<v1::ImportAccountsRequest, v1::ImportAccountsResponse>;
  struct Sent {
    int64_t line = 0;
    std::string username;
    bool came_with_hash = false;
  };

  grpc::Status RunOnce();
  void SendAll(Stream& stream);
  // Whether it was the answer to the account that was to be answered next.
  bool Take(const v1::ImportAccountsResponse& answer);
  // These two answer what OnResult did.
  bool RefuseLine(const ImportFile::Line& line);
  bool Tell(const ImportResult& result);

  const Connection& connection_;
  ImportFile& file_;
  const v1::ImportAccountsRequest::Start& start_;
  const OnResult on_result_;
  int64_t answered_ = 0;      // the line that was answered last
  int64_t refused_here_ = 0;  // the last line that was no account and that was told

  std::mutex mutex_;       // guards what follows, and calls of on_result_
  std::deque<Sent> sent_;  // not answered yet
  bool failed_ = false;    // on this side
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_IMPORT_STREAM_H_

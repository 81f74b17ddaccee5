// One line a method, in the services' files: what gRPC's generated classes want overridden, handed
// to the member `bridge_`. Only for use there.
#ifndef GATEHOUSE_SERVER_RPC_METHOD_MACROS_H_
#define GATEHOUSE_SERVER_RPC_METHOD_MACROS_H_

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "server/rpc/call_bridge.h"

namespace gatehouse::server {

// The end of a stream before its beginning.
template <typename Reactor>
class RefusedStream final : public Reactor {
 public:
  explicit RefusedStream(const grpc::Status& why) { this->Finish(why); }
  void OnDone() override { delete this; }
};

}  // namespace gatehouse::server

#define GATEHOUSE_UNARY(Method)                                               \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context,      \
                                   const v1::Method##Request* request,        \
                                   v1::Method##Response* response) override { \
    return bridge_.Answer(context, request, response);                        \
  }

#define GATEHOUSE_BIDI_STREAM(Method)                                                \
  grpc::ServerBidiReactor<v1::Method##Request, v1::Method##Response>* Method(        \
      grpc::CallbackServerContext* context) override {                               \
    return bridge_.AnswerStream<v1::Method##Request, v1::Method##Response>(context); \
  }

#define GATEHOUSE_LATER_BIDI_STREAM(Method)                                                       \
  grpc::ServerBidiReactor<v1::Method##Request, v1::Method##Response>* Method(                     \
      grpc::CallbackServerContext*) override {                                                    \
    return new RefusedStream<grpc::ServerBidiReactor<v1::Method##Request, v1::Method##Response>>( \
        CallBridge::NotImplemented(#Method));                                                     \
  }

#define GATEHOUSE_LATER_SERVER_STREAM(Method)                                                   \
  grpc::ServerWriteReactor<v1::Method##Response>* Method(grpc::CallbackServerContext*,          \
                                                         const v1::Method##Request*) override { \
    return new RefusedStream<grpc::ServerWriteReactor<v1::Method##Response>>(                   \
        CallBridge::NotImplemented(#Method));                                                   \
  }

#endif  // GATEHOUSE_SERVER_RPC_METHOD_MACROS_H_

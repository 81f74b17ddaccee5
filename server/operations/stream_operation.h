// An operation that is a stream of messages both ways: what arrives is taken in steps, and each
// step answers what it likes. Made anew for each stream, with whatever it has to remember between
// steps. Steps of one stream follow one another, each on some thread of a lane.
#ifndef GATEHOUSE_SERVER_OPERATIONS_STREAM_OPERATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_STREAM_OPERATION_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "server/operations/call_context.h"

namespace gatehouse::server {

template <typename Request, typename Response>
class StreamOperation {
 public:
  virtual ~StreamOperation() = default;

  // Takes the first of what has `arrived`, and appends its answers; answers how many it took, one
  // at least. What it leaves comes again with the next step, before what arrives meanwhile. `now`
  // and `deadline` of `call` are this step's own. An error ends the stream, once the answers of the
  // earlier steps are sent; those of this step are dropped.
  virtual absl::StatusOr<size_t> Step(const CallContext& call,
                                      absl::Span<const Request* const> arrived,
                                      std::vector<Response>& answers) = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_STREAM_OPERATION_H_

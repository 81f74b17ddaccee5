// Makes a file of known passwords (server/secrets/known/password_filter.h) of keys that come one by
// one, in any order and as often as they like, in bounded memory: keys are spilled to unnamed files
// beside the one to be made, 8 bytes each, and the filter is built a shard at a time. A billion
// keys take about 16 MB while they come and 150 MB while the filter is built. Belongs to one
// thread.
#ifndef GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_FILTER_BUILDER_H_
#define GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_FILTER_BUILDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "server/runtime/entropy.h"
#include "server/secrets/known/password_filter.h"

namespace gatehouse::server {

class PasswordFilterBuilder {
 public:
  // The file will be at `path`. `entropy` draws the seeds and outlives this object.
  PasswordFilterBuilder(std::string path, Entropy& entropy);
  ~PasswordFilterBuilder();
  PasswordFilterBuilder(const PasswordFilterBuilder&) = delete;
  PasswordFilterBuilder& operator=(const PasswordFilterBuilder&) = delete;

  // UNAVAILABLE or another error of the system where the disk takes no more.
  absl::Status Add(uint64_t key);

  // Writes the file durably and puts it in the place of what is there, if anything; answers how
  // many different keys are in it. On an error what is there stays. Once.
  absl::StatusOr<uint64_t> Finish();

 private:
  // Keys that begin with the same byte: the smallest part that a shard can be.
  struct Partition {
    std::vector<uint64_t> waiting;  // to be spilled together
    int spilled = -1;               // the unnamed file; -1: none yet
    uint64_t spilled_keys = 0;
  };
  static constexpr size_t kPartitions = size_t{1} << PasswordFilterHeader::kMostShardBits;

  absl::Status Spill(Partition& partition);
  uint32_t ShardBits() const;
  // All different keys of the partitions from `first` to `last`, and forgets them.
  absl::StatusOr<std::vector<uint64_t>> Collect(size_t first, size_t last);
  absl::Status WriteShards(int descriptor, PasswordFilterHeader& header);
  absl::Status Seal(const std::string& path, int descriptor);

  const std::string path_;
  Entropy& entropy_;
  std::array<Partition, kPartitions> partitions_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_FILTER_BUILDER_H_

#include "server/secrets/known/password_filter_builder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr size_t kWaitingKeys = 8192;             // a partition's, before they are spilled
constexpr uint64_t kLeastKeysOfAShard = 1 << 16;  // fewer would take more slots a key
constexpr mode_t kMode = 0644;                    // holds nothing that is secret
constexpr int kPartitionShift = 64 - PasswordFilterHeader::kMostShardBits;

absl::Status SystemError(absl::string_view doing, absl::string_view path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", doing, " ", path));
}

std::string DirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

// All of it, at the file's end.
absl::Status Append(int descriptor, absl::string_view bytes, absl::string_view path) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status WriteAt(int descriptor, off_t offset, absl::string_view bytes,
                     absl::string_view path) {
  if (lseek(descriptor, offset, SEEK_SET) < 0) return SystemError("write", path);
  return Append(descriptor, bytes, path);
}

template <typename Number>
absl::string_view BytesOf(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

absl::Status SyncDirectory(const std::string& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return SystemError("open", directory);
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  return fsync(descriptor) == 0 ? absl::OkStatus() : SystemError("sync", directory);
}

}  // namespace

PasswordFilterBuilder::PasswordFilterBuilder(std::string path, Entropy& entropy)
    : path_(std::move(path)), entropy_(entropy) {}

PasswordFilterBuilder::~PasswordFilterBuilder() {
  for (const Partition& partition : partitions_) {
    if (partition.spilled >= 0) close(partition.spilled);
  }
}

absl::Status PasswordFilterBuilder::Add(uint64_t key) {
  Partition& partition = partitions_[key >> kPartitionShift];
  partition.waiting.push_back(key);
  return partition.waiting.size() < kWaitingKeys ? absl::OkStatus() : Spill(partition);
}

absl::Status PasswordFilterBuilder::Spill(Partition& partition) {
  const std::string directory = DirectoryOf(path_);
  if (partition.spilled < 0) {
    partition.spilled = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (partition.spilled < 0) return SystemError("make a file in", directory);
  }
  GATEHOUSE_RETURN_IF_ERROR(Append(partition.spilled, BytesOf(partition.waiting), directory));
  partition.spilled_keys += partition.waiting.size();
  partition.waiting.clear();
  return absl::OkStatus();
}

uint32_t PasswordFilterBuilder::ShardBits() const {
  uint64_t keys = 0;
  for (const Partition& partition : partitions_) {
    keys += partition.spilled_keys + partition.waiting.size();
  }
  const auto bits = static_cast<uint32_t>(std::bit_width(keys / kLeastKeysOfAShard));
  return std::min(bits, PasswordFilterHeader::kMostShardBits);
}

absl::StatusOr<std::vector<uint64_t>> PasswordFilterBuilder::Collect(size_t first, size_t last) {
  std::vector<uint64_t> keys;
  for (size_t i = first; i <= last; ++i) {
    Partition partition = std::exchange(partitions_[i], {});
    const absl::Cleanup close_it = [&] {
      if (partition.spilled >= 0) close(partition.spilled);
    };
    const size_t before = keys.size();
    keys.resize(before + partition.spilled_keys);
    auto* const bytes = reinterpret_cast<char*>(keys.data() + before);
    const size_t size = partition.spilled_keys * sizeof(uint64_t);
    for (size_t done = 0; done < size;) {
      const ssize_t read =
          pread(partition.spilled, bytes + done, size - done, static_cast<off_t>(done));
      if (read < 0 && errno == EINTR) continue;
      if (read <= 0) return SystemError("read a file in", DirectoryOf(path_));
      done += static_cast<size_t>(read);
    }
    keys.insert(keys.end(), partition.waiting.begin(), partition.waiting.end());
  }
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

absl::Status PasswordFilterBuilder::WriteShards(int descriptor, PasswordFilterHeader& header) {
  std::vector<PasswordFilterShard> shards(size_t{1} << header.shard_bits);
  header.file_size = PasswordFilterHeader::kSize + shards.size() * PasswordFilterShard::kSize;
  const size_t partitions = kPartitions / shards.size();
  for (size_t i = 0; i < shards.size(); ++i) {
    GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<uint64_t> keys,
                               Collect(i * partitions, (i + 1) * partitions - 1));
    uint64_t seed = 0;
    entropy_.Fill({reinterpret_cast<uint8_t*>(&seed), sizeof(seed)});
    const FuseFilter filter = BuildFuseFilter(keys, seed);
    const absl::string_view slots = BytesOf(filter.slots);
    GATEHOUSE_RETURN_IF_ERROR(
        WriteAt(descriptor, static_cast<off_t>(header.file_size), slots, path_));
    shards[i] = {.shape = filter.shape, .offset = header.file_size};
    header.file_size += slots.size();
    header.keys += keys.size();
  }
  return WriteAt(descriptor, 0, FormatPasswordFilter(header, shards), path_);
}

absl::Status PasswordFilterBuilder::Seal(const std::string& path, int descriptor) {
  std::string digest;
  {
    GATEHOUSE_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
    digest = DigestOfPasswordFilter(file->bytes());
  }
  GATEHOUSE_RETURN_IF_ERROR(WriteAt(descriptor, PasswordFilterHeader::kDigestOffset, digest, path));
  return fsync(descriptor) == 0 ? absl::OkStatus() : SystemError("sync", path);
}

absl::StatusOr<uint64_t> PasswordFilterBuilder::Finish() {
  const std::string unfinished = absl::StrCat(path_, ".unfinished");
  const int descriptor =
      open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kMode);
  if (descriptor < 0) return SystemError("make", unfinished);
  const absl::Cleanup clean_up = [&] {
    close(descriptor);
    unlink(unfinished.c_str());  // does nothing once it has its name
  };
  PasswordFilterHeader header{.shard_bits = ShardBits()};
  GATEHOUSE_RETURN_IF_ERROR(WriteShards(descriptor, header));
  GATEHOUSE_RETURN_IF_ERROR(Seal(unfinished, descriptor));
  if (std::rename(unfinished.c_str(), path_.c_str()) != 0) return SystemError("rename to", path_);
  GATEHOUSE_RETURN_IF_ERROR(SyncDirectory(DirectoryOf(path_)));
  return header.keys;
}

}  // namespace gatehouse::server

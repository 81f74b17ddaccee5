// A file of known passwords, millions of them in little more than two bytes each: a filter that
// always finds what is in it, and takes one of 65,536 other passwords for one that is. It holds no
// password, nor anything from which one could be worked out but by guessing.
//
// The file, all numbers little-endian:
//     0  8 bytes  "GHPWDFLT"
//     8  uint32   version: 1
//    12  uint32   b: there are 2^b shards, at most 256
//    16  uint64   keys, in all shards together
//    24  uint64   the file's size in bytes
//    32  32 bytes BLAKE2b-256 of all other bytes of the file, in their order
//    64  2^b times: uint64 seed, uint32 segment length, uint32 segment count, uint64 offset
//        then each shard's slots, uint16, at its offset (server/secrets/known/fuse_filter.h)
// A password's key is the first 64 bits of the SHA-1 of its normal form's UTF-8, as lists of
// breached passwords have it; the first b of them choose the shard.
//
// Thread-safe. The file is copied into memory before it is checked: what becomes of it afterwards
// changes nothing. A new one takes its name by renaming, as PasswordFilterBuilder does it.
#ifndef GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_FILTER_H_
#define GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "server/secrets/known/fuse_filter.h"

namespace gatehouse::server {

// A file's bytes, copied into a mapping of its own, which is swapped as any other memory.
class MappedFile {
 public:
  // NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, ..., naming the file.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  absl::Span<const uint8_t> bytes() const { return {data_, size_}; }

 private:
  MappedFile(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  const uint8_t* data_;
  size_t size_;
};

// How the file begins.
struct PasswordFilterHeader {
  static constexpr size_t kSize = 64;
  static constexpr size_t kDigestOffset = 32;
  static constexpr size_t kDigestSize = 32;
  static constexpr uint32_t kMostShardBits = 8;

  uint32_t shard_bits = 0;
  uint64_t keys = 0;
  uint64_t file_size = 0;
};
struct PasswordFilterShard {
  static constexpr size_t kSize = 24;

  FuseShape shape;
  uint64_t offset = 0;
};

// The bytes of both, without the digest; and the digest of a file that is complete but for it.
std::string FormatPasswordFilter(const PasswordFilterHeader& header,
                                 absl::Span<const PasswordFilterShard> shards);
std::string DigestOfPasswordFilter(absl::Span<const uint8_t> file);

// The key of a password that is given as its SHA-1, 20 bytes; and of one in its normal form.
uint64_t KeyOfSha1(absl::Span<const uint8_t> sha1);
uint64_t KeyOfPassword(absl::string_view normalized);

class PasswordFilter {
 public:
  // Reads and checks all of the file: a byte that is missing, added or changed anywhere is
  // FAILED_PRECONDITION. NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE when it cannot be read.
  static absl::StatusOr<std::unique_ptr<const PasswordFilter>> Open(const std::string& path);

  bool Contains(uint64_t key) const;

  uint64_t keys() const { return header_.keys; }
  uint64_t file_size() const { return header_.file_size; }

 private:
  explicit PasswordFilter(std::unique_ptr<const MappedFile> file) : file_(std::move(file)) {}
  // What is wrong with it; empty: nothing.
  absl::string_view Parse();
  absl::string_view ParseShards();

  const std::unique_ptr<const MappedFile> file_;
  PasswordFilterHeader header_;
  std::vector<PasswordFilterShard> shards_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_FILTER_H_

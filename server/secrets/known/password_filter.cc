#include "server/secrets/known/password_filter.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "sodium/crypto_generichash.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is read as it lies");
static_assert(PasswordFilterHeader::kDigestSize == crypto_generichash_BYTES);

constexpr absl::string_view kMagic = "GHPWDFLT";
constexpr uint32_t kVersion = 1;
constexpr size_t kKeySize = sizeof(uint64_t);

template <typename Number>
Number ReadNumber(absl::Span<const uint8_t> bytes, size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

template <typename Number>
void AppendNumber(Number number, std::string& to) {
  to.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

// A part at a time: a read of more than 2 GiB would be cut short anyway.
absl::Status ReadAll(int descriptor, absl::Span<uint8_t> bytes, const std::string& path) {
  constexpr size_t kPart = size_t{1} << 26;
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t size = pread(descriptor, bytes.data() + done,
                               std::min(kPart, bytes.size() - done), static_cast<off_t>(done));
    if (size == 0) return absl::UnavailableError(absl::StrCat(path, " shrank as it was read"));
    if (size > 0) done += static_cast<size_t>(size);
    if (size < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Open(const std::string& path) {
  // A pipe would be waited for.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is no file"));
  }
  const auto size = static_cast<size_t>(status.st_size);
  if (size == 0) return std::unique_ptr<MappedFile>(new MappedFile(nullptr, 0));
  void* const data =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    return absl::ErrnoToStatus(errno, absl::StrCat("no memory for a copy of ", path));
  }
  auto file = std::unique_ptr<MappedFile>(new MappedFile(static_cast<const uint8_t*>(data), size));
  munlock(data, size);  // no secret, and too much to be kept from being swapped
  GATEHOUSE_RETURN_IF_ERROR(ReadAll(descriptor, {static_cast<uint8_t*>(data), size}, path));
  return file;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<uint8_t*>(data_), size_);
}

std::string FormatPasswordFilter(const PasswordFilterHeader& header,
                                 absl::Span<const PasswordFilterShard> shards) {
  std::string bytes(kMagic);
  AppendNumber(kVersion, bytes);
  AppendNumber(header.shard_bits, bytes);
  AppendNumber(header.keys, bytes);
  AppendNumber(header.file_size, bytes);
  bytes.resize(PasswordFilterHeader::kSize);
  for (const PasswordFilterShard& shard : shards) {
    AppendNumber(shard.shape.seed, bytes);
    AppendNumber(shard.shape.segment_length, bytes);
    AppendNumber(shard.shape.segment_count, bytes);
    AppendNumber(shard.offset, bytes);
  }
  return bytes;
}

std::string DigestOfPasswordFilter(absl::Span<const uint8_t> file) {
  using Header = PasswordFilterHeader;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, Header::kDigestSize);
  crypto_generichash_update(&state, file.data(), Header::kDigestOffset);
  crypto_generichash_update(&state, file.data() + Header::kSize, file.size() - Header::kSize);
  std::string digest(Header::kDigestSize, '\0');
  crypto_generichash_final(&state, reinterpret_cast<uint8_t*>(digest.data()), digest.size());
  return digest;
}

uint64_t KeyOfSha1(absl::Span<const uint8_t> sha1) {
  uint64_t key = 0;
  for (size_t i = 0; i < kKeySize; ++i) key = key << 8 | sha1[i];
  return key;
}

uint64_t KeyOfPassword(absl::string_view normalized) {
  std::array<uint8_t, SHA_DIGEST_LENGTH> sha1;
  SHA1(reinterpret_cast<const uint8_t*>(normalized.data()), normalized.size(), sha1.data());
  return KeyOfSha1(sha1);
}

absl::StatusOr<std::unique_ptr<const PasswordFilter>> PasswordFilter::Open(
    const std::string& path) {
  auto file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  auto filter = std::unique_ptr<PasswordFilter>(new PasswordFilter(*std::move(file)));
  if (const absl::string_view fault = filter->Parse(); !fault.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": ", fault, "; make it with `gatehouse-server passwords index`"));
  }
  return filter;
}

absl::string_view PasswordFilter::Parse() {
  const absl::Span<const uint8_t> bytes = file_->bytes();
  if (bytes.size() < PasswordFilterHeader::kSize ||
      std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return "is no filter of passwords";
  }
  if (ReadNumber<uint32_t>(bytes, 8) != kVersion) return "is of a version that is not known here";
  header_ = {.shard_bits = ReadNumber<uint32_t>(bytes, 12),
             .keys = ReadNumber<uint64_t>(bytes, 16),
             .file_size = ReadNumber<uint64_t>(bytes, 24)};
  if (header_.file_size != bytes.size()) return "is not as long as it was written";
  if (DigestOfPasswordFilter(bytes) !=
      absl::string_view(
          reinterpret_cast<const char*>(bytes.data()) + PasswordFilterHeader::kDigestOffset,
          PasswordFilterHeader::kDigestSize)) {
    return "is not as it was written";
  }
  return ParseShards();
}

// Anyone can make a digest that is right: what follows from it must still lie within the file.
absl::string_view PasswordFilter::ParseShards() {
  const absl::Span<const uint8_t> bytes = file_->bytes();
  if (header_.shard_bits > PasswordFilterHeader::kMostShardBits) return "has too many shards";
  const size_t count = size_t{1} << header_.shard_bits;
  const size_t end = PasswordFilterHeader::kSize + count * PasswordFilterShard::kSize;
  if (bytes.size() < end) return "has a directory that does not fit";
  for (size_t at = PasswordFilterHeader::kSize; at < end; at += PasswordFilterShard::kSize) {
    const PasswordFilterShard shard{
        .shape = {.seed = ReadNumber<uint64_t>(bytes, at),
                  .segment_length = ReadNumber<uint32_t>(bytes, at + 8),
                  .segment_count = ReadNumber<uint32_t>(bytes, at + 12)},
        .offset = ReadNumber<uint64_t>(bytes, at + 16)};
    if (!shard.shape.IsSound() || shard.offset < end || shard.offset > bytes.size() ||
        shard.offset % sizeof(uint16_t) != 0 ||
        shard.shape.slots() > (bytes.size() - shard.offset) / sizeof(uint16_t)) {
      return "has a shard that does not fit";
    }
    shards_.push_back(shard);
  }
  return "";
}

bool PasswordFilter::Contains(uint64_t key) const {
  // Shifting by all 64 bits would be undefined.
  const uint64_t index = header_.shard_bits == 0 ? 0 : key >> (64 - header_.shard_bits);
  const PasswordFilterShard& shard = shards_[index];
  return FuseFilterContains(
      shard.shape, reinterpret_cast<const uint16_t*>(file_->bytes().data() + shard.offset), key);
}

}  // namespace gatehouse::server

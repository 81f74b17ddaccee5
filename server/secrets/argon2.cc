#include "server/secrets/argon2.h"

#include <argon2.h>
#include <sys/mman.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sodium.h"

// libsodium's kernels as this folder's CMakeLists.txt takes them from its archive. The names of its
// memory calls are bound to the two functions at the end of this file.
extern "C" {
int gatehouse_sodium_argon2id(uint32_t passes, uint32_t memory_kib, uint32_t parallelism,
                              const void* password, size_t password_size, const void* salt,
                              size_t salt_size, void* tag, size_t tag_size);
int gatehouse_sodium_argon2_pick();
}

namespace gatehouse::server {
namespace {

// The workspace that this thread computes on: neither library passes a context to its allocator.
thread_local Argon2Workspace* current_workspace = nullptr;

int AllocateForReference(uint8_t** memory, size_t size) {
  *memory = static_cast<uint8_t*>(current_workspace->Reserve(size));
  return *memory != nullptr ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

void FreeForReference(uint8_t*, size_t) {}

int ComputeWithReference(absl::Span<const uint8_t> password, absl::Span<const uint8_t> salt,
                         const Argon2Parameters& parameters, absl::Span<uint8_t> tag,
                         Argon2Variant variant) {
  argon2_context context = {};
  context.out = tag.data();
  context.outlen = static_cast<uint32_t>(tag.size());
  context.pwd = const_cast<uint8_t*>(password.data());  // read only, without the clearing flags
  context.pwdlen = static_cast<uint32_t>(password.size());
  context.salt = const_cast<uint8_t*>(salt.data());
  context.saltlen = static_cast<uint32_t>(salt.size());
  context.t_cost = parameters.passes;
  context.m_cost = parameters.memory_kib;
  context.lanes = parameters.parallelism;
  context.threads = 1;  // the gate counts one core a hash
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = AllocateForReference;
  context.free_cbk = FreeForReference;
  context.flags = ARGON2_DEFAULT_FLAGS;
  return variant == Argon2Variant::kId ? argon2id_ctx(&context) : argon2i_ctx(&context);
}

int ComputeWithSodium(absl::Span<const uint8_t> password, absl::Span<const uint8_t> salt,
                      const Argon2Parameters& parameters, absl::Span<uint8_t> tag) {
  static const int picked = gatehouse_sodium_argon2_pick();  // the kernel for this processor
  if (picked != 0) return picked;
  return gatehouse_sodium_argon2id(parameters.passes, parameters.memory_kib, 1, password.data(),
                                   password.size(), salt.data(), salt.size(), tag.data(),
                                   tag.size());
}

}  // namespace

absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters, const Argon2Limits& limits) {
  const auto [memory_kib, passes, parallelism] = parameters;
  if (passes < 1 || passes > limits.passes) {
    return absl::InvalidArgumentError(
        absl::StrCat("Argon2 passes must be 1 to ", limits.passes, ", not ", passes));
  }
  if (parallelism < 1 || parallelism > limits.parallelism) {
    return absl::InvalidArgumentError(absl::StrCat("Argon2 parallelism must be 1 to ",
                                                   limits.parallelism, ", not ", parallelism));
  }
  if (memory_kib < 8 * parallelism || memory_kib > limits.memory_kib) {
    return absl::InvalidArgumentError(absl::StrCat("Argon2 memory must be ", 8 * parallelism,
                                                   " to ", limits.memory_kib, " KiB, not ",
                                                   memory_kib));
  }
  return absl::OkStatus();
}

Argon2Workspace::~Argon2Workspace() { Release(); }

absl::Status Argon2Workspace::Compute(absl::Span<const uint8_t> password,
                                      absl::Span<const uint8_t> salt,
                                      const Argon2Parameters& parameters, absl::Span<uint8_t> tag,
                                      Argon2Variant variant) {
  current_workspace = this;
  const bool by_sodium = parameters.parallelism == 1 && variant == Argon2Variant::kId;
  const int result = by_sodium ? ComputeWithSodium(password, salt, parameters, tag)
                               : ComputeWithReference(password, salt, parameters, tag, variant);
  current_workspace = nullptr;
  // What one pass leaves behind tells a guess from the password cheaply. A second pass overwrites
  // every block with what can only be had by computing the first one, so the memory may stay.
  if (parameters.passes == 1 && memory_ != nullptr) sodium_memzero(memory_, size_);
  if (result == ARGON2_OK) return absl::OkStatus();
  sodium_memzero(tag.data(), tag.size());
  return absl::ResourceExhaustedError(
      absl::StrCat("Argon2 could not be computed (error ", result, ")"));
}

void* Argon2Workspace::Reserve(size_t size) {
  if (size <= size_) return memory_;
  Release();
  void* const memory =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  madvise(memory, size, MADV_DONTDUMP);
  memory_ = memory;
  size_ = size;
  return memory_;
}

void Argon2Workspace::Release() {
  if (memory_ == nullptr) return;
  munmap(memory_, size_);
  memory_ = nullptr;
  size_ = 0;
}

}  // namespace gatehouse::server

extern "C" {

// In place of mmap and munmap, for the one region that a computation asks for.
void* gatehouse_argon2_map(void*, size_t size, int, int, int, off_t) {
  void* const memory = gatehouse::server::current_workspace->Reserve(size);
  return memory != nullptr ? memory : MAP_FAILED;
}

int gatehouse_argon2_unmap(void*, size_t) { return 0; }
}

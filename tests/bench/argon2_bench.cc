// P5 of the performance page: our Argon2id against the reference library and against libsodium's
// own crypto_pwhash, in CPU time a hash at the default parameters, each tag checked.
//
//   build/release/bin/argon2_bench [pairs]

#include <argon2.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "sodium.h"

#include "server/secrets/argon2.h"
#include "tests/bench/paired.h"

namespace gatehouse {
namespace {

using server::Argon2Parameters;
using server::Argon2Workspace;
using Bytes = std::vector<uint8_t>;

constexpr int kHashesASlice = 8;
constexpr char kPassword[] = "sable-orbit-kettle-583";
constexpr size_t kPasswordSize = sizeof(kPassword) - 1;
const Argon2Parameters kParameters;

void Reference(const Bytes& salt, Bytes& tag) {
  argon2id_hash_raw(kParameters.passes, kParameters.memory_kib, kParameters.parallelism, kPassword,
                    kPasswordSize, salt.data(), salt.size(), tag.data(), tag.size());
}

void PlainSodium(const Bytes& salt, Bytes& tag) {
  if (crypto_pwhash(tag.data(), tag.size(), kPassword, kPasswordSize, salt.data(),
                    kParameters.passes, size_t{kParameters.memory_kib} * 1024,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    std::abort();
  }
}

void Ours(Argon2Workspace& workspace, const Bytes& salt, Bytes& tag) {
  const absl::Span<const uint8_t> password(reinterpret_cast<const uint8_t*>(kPassword),
                                           kPasswordSize);
  if (!workspace.Compute(password, salt, kParameters, absl::MakeSpan(tag)).ok()) std::abort();
}

// CPU microseconds a hash; ends the program when a tag is not the expected one.
template <typename Hash>
bench::Slice SliceOf(const Bytes& salt, const Bytes& expected, Hash hash) {
  return [&salt, &expected, hash] {
    const double before = bench::ThreadCpuMicroseconds();
    for (int i = 0; i < kHashesASlice; ++i) {
      Bytes tag(expected.size());
      hash(salt, tag);
      if (tag != expected) {
        std::cerr << "a tag differs from the reference library's\n";
        std::exit(1);
      }
    }
    return (bench::ThreadCpuMicroseconds() - before) / kHashesASlice;
  };
}

void Print(const char* what, const bench::Comparison& result) {
  std::cout << what << "\n  ours      " << bench::Format(result.a, 0)
            << " us CPU a hash\n  other     " << bench::Format(result.b, 0)
            << " us CPU a hash\n  other/ours " << bench::Format(result.ratio) << "\n";
}

int Run(int pairs) {
  if (sodium_init() < 0) return 1;
  const Bytes salt(16, 7);
  Bytes expected(32);
  Reference(salt, expected);
  Argon2Workspace workspace;
  const bench::Slice ours = SliceOf(
      salt, expected, [&workspace](const Bytes& with, Bytes& tag) { Ours(workspace, with, tag); });
  std::cout << "Argon2id m=" << kParameters.memory_kib << " KiB, t=" << kParameters.passes
            << ", p=" << kParameters.parallelism << "; " << pairs << " pairs of slices of "
            << kHashesASlice << " hashes, median [bootstrap 95 % interval]\n";
  Print("ours against ours (must contain 1.0)", bench::Compare(ours, ours, pairs));
  Print("the reference library (target: >= 1.8, aim 2.5)",
        bench::Compare(ours, SliceOf(salt, expected, Reference), pairs));
  Print("libsodium's crypto_pwhash, which maps fresh memory for every hash",
        bench::Compare(ours, SliceOf(salt, expected, PlainSodium), pairs));
  return 0;
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) { return gatehouse::Run(argc > 1 ? std::atoi(argv[1]) : 25); }

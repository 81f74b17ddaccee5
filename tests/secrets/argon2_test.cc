#include "server/secrets/argon2.h"

#include <argon2.h>
#include <sys/resource.h>

#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes ReferenceTag(const Bytes& password, const Bytes& salt, const Argon2Parameters& parameters,
                   size_t size) {
  Bytes tag(size);
  EXPECT_EQ(argon2id_hash_raw(parameters.passes, parameters.memory_kib, parameters.parallelism,
                              password.data(), password.size(), salt.data(), salt.size(),
                              tag.data(), tag.size()),
            ARGON2_OK);
  return tag;
}

Bytes OurTag(Argon2Workspace& workspace, const Bytes& password, const Bytes& salt,
             const Argon2Parameters& parameters, size_t size) {
  Bytes tag(size);
  EXPECT_TRUE(workspace.Compute(password, salt, parameters, absl::MakeSpan(tag)).ok());
  return tag;
}

// Draws everything a hash depends on; the seed is printed by the test that uses it.
class Draws {
 public:
  explicit Draws(unsigned seed) : random_(seed) {}
  uint32_t Between(uint32_t least, uint32_t most) {
    return std::uniform_int_distribution<uint32_t>(least, most)(random_);
  }
  Bytes SomeBytes(uint32_t least, uint32_t most) {
    Bytes bytes(Between(least, most));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Between(0, 255));
    return bytes;
  }

 private:
  std::mt19937 random_;
};

TEST(Argon2Test, TheReferenceLibraryComputesTheVectorOfRfc9106) {
  Bytes password(32, 1);
  Bytes salt(16, 2);
  Bytes secret(8, 3);
  Bytes associated(12, 4);
  Bytes tag(32);
  argon2_context context = {};
  context.out = tag.data();
  context.outlen = 32;
  context.pwd = password.data();
  context.pwdlen = 32;
  context.salt = salt.data();
  context.saltlen = 16;
  context.secret = secret.data();
  context.secretlen = 8;
  context.ad = associated.data();
  context.adlen = 12;
  context.t_cost = 3;
  context.m_cost = 32;
  context.lanes = 4;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  ASSERT_EQ(argon2id_ctx(&context), ARGON2_OK);
  EXPECT_EQ(absl::BytesToHexString(std::string(tag.begin(), tag.end())),
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST(Argon2Test, AThousandRandomTagsEqualThoseOfTheReferenceLibrary) {
  constexpr unsigned kSeed = 20260301;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Draws draws(kSeed);
  Argon2Workspace workspace;
  for (int i = 0; i < 1000; ++i) {
    const Argon2Parameters parameters = {.memory_kib = draws.Between(8, 300),
                                         .passes = draws.Between(1, 4)};
    const Bytes password = draws.SomeBytes(0, 200);
    const Bytes salt = draws.SomeBytes(8, 64);
    const uint32_t size = draws.Between(16, 64);
    ASSERT_EQ(OurTag(workspace, password, salt, parameters, size),
              ReferenceTag(password, salt, parameters, size))
        << "case " << i << " m=" << parameters.memory_kib << " t=" << parameters.passes;
  }
}

TEST(Argon2Test, ComputesWithSeveralLanes) {
  Draws draws(5);
  Argon2Workspace workspace;
  for (uint32_t parallelism = 2; parallelism <= 8; ++parallelism) {
    const Argon2Parameters parameters = {
        .memory_kib = 64 * parallelism, .passes = 2, .parallelism = parallelism};
    const Bytes password = draws.SomeBytes(1, 20);
    const Bytes salt = draws.SomeBytes(16, 16);
    EXPECT_EQ(OurTag(workspace, password, salt, parameters, 32),
              ReferenceTag(password, salt, parameters, 32));
  }
}

TEST(Argon2Test, WorkspacesOfSeveralThreadsDoNotDisturbEachOther) {
  const Argon2Parameters parameters = {.memory_kib = 1024, .passes = 2};
  const Bytes salt(16, 9);
  std::vector<std::thread> threads;
  for (uint8_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread, &parameters, &salt] {
      Argon2Workspace workspace;
      const Bytes password(10, thread);
      const Bytes expected = ReferenceTag(password, salt, parameters, 32);
      for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(OurTag(workspace, password, salt, parameters, 32), expected);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Argon2Test, ParametersBeyondTheLimitsAreRefusedByName) {
  const Argon2Limits limits = {.memory_kib = 1024, .passes = 3, .parallelism = 2};
  struct Case {
    Argon2Parameters parameters;
    const char* named;
  };
  for (const auto& [parameters, named] : std::vector<Case>{
           {{1024, 3, 2}, ""},
           {{8, 1, 1}, ""},
           {{1025, 3, 2}, "memory"},
           {{15, 3, 2}, "memory"},
           {{UINT32_MAX, 3, 2}, "memory"},
           {{1024, 0, 2}, "passes"},
           {{1024, 4, 2}, "passes"},
           {{1024, 3, 0}, "parallelism"},
           {{1024, 3, 3}, "parallelism"},
           {{UINT32_MAX, 1, UINT32_MAX}, "parallelism"},
       }) {
    const absl::Status status = CheckArgon2Parameters(parameters, limits);
    EXPECT_EQ(status.ok(), *named == '\0') << status;
    EXPECT_NE(std::string(status.message()).find(named), std::string::npos) << status;
  }
}

// Sanitizers themselves need the address space that this takes away.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// With too little address space; the answer says what did not hold, 0 that all did.
int HashWithoutMemory() {
  const rlimit limit = {.rlim_cur = 1 << 30, .rlim_max = 1 << 30};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  Argon2Workspace workspace;
  Bytes tag(32, 0xaa);
  const Argon2Parameters parameters = {.memory_kib = 1 << 20, .passes = 1};
  const absl::Status status =
      workspace.Compute(Bytes(8), Bytes(16), parameters, absl::MakeSpan(tag));
  if (status.code() != absl::StatusCode::kResourceExhausted) return 2;
  return tag == Bytes(32, 0) ? 0 : 3;
}

TEST(Argon2DeathTest, MemoryThatCannotBeHadIsAnErrorAndNoTag) {
  EXPECT_EXIT(std::_Exit(HashWithoutMemory()), ::testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace gatehouse::server

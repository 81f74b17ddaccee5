#include "server/secrets/secret_string.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <ostream>
#include <string>
#include <type_traits>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace {

// The array that a test watches, and whether it held only zeros when it was freed.
const void* watched = nullptr;
size_t watched_size = 0;
bool wiped_when_freed = false;

void Watch(const void* bytes, size_t size) {
  watched = bytes;
  watched_size = size;
  wiped_when_freed = false;
}

void Freeing(void* bytes) {
  if (bytes == nullptr || bytes != watched) return;
  const auto* const first = static_cast<const unsigned char*>(bytes);
  wiped_when_freed =
      std::all_of(first, first + watched_size, [](unsigned char byte) { return byte == 0; });
  watched = nullptr;
}

}  // namespace

void* operator new[](size_t size) {
  void* const bytes = std::malloc(size);
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}
void operator delete[](void* bytes) noexcept {
  Freeing(bytes);
  std::free(bytes);
}
void operator delete[](void* bytes, size_t) noexcept { operator delete[](bytes); }

namespace gatehouse::server {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <typename T>
concept EqualByAccident = requires(const T& a, const T& b) {
  a == b;
};

template <typename T>
constexpr bool kKeepsToItself =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && !Printable<T> &&
    !EqualByAccident<T> && !std::is_convertible_v<T, absl::string_view> &&
    !std::is_convertible_v<T, std::string> && !std::is_constructible_v<absl::AlphaNum, T> &&
    !std::is_default_constructible_v<absl::Hash<T>>;
static_assert(kKeepsToItself<SecretString>);
static_assert(kKeepsToItself<SecretBytes>);

TEST(SecretStringTest, IsWipedWhenItDies) {
  {
    const SecretString secret("correct horse battery");
    Watch(secret.Reveal().data(), secret.size());
  }
  EXPECT_TRUE(wiped_when_freed);
}

TEST(SecretStringTest, IsWipedWhenItIsOverwritten) {
  SecretString secret("correct horse battery");
  Watch(secret.Reveal().data(), secret.size());
  secret = SecretString("other");
  EXPECT_TRUE(wiped_when_freed);
  EXPECT_EQ(secret.Reveal(), "other");
}

TEST(SecretStringTest, MovingLeavesNothingBehind) {
  SecretString source("correct horse");
  const SecretString moved(std::move(source));
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): what is promised
  EXPECT_EQ(moved.Reveal(), "correct horse");
}

TEST(SecretStringTest, TakingWipesTheSource) {
  std::string source = "a password that does not fit into a small string";
  const char* const bytes = source.data();
  const size_t size = source.size();
  const SecretString secret = SecretString::TakeFrom(source);
  EXPECT_EQ(secret.size(), size);
  EXPECT_TRUE(source.empty());
  EXPECT_TRUE(std::all_of(bytes, bytes + size, [](char byte) { return byte == '\0'; }));
}

TEST(SecretStringTest, WipingReachesWhatAnEarlierLongerTextLeftBehind) {
  std::string text = "a long text that was here before";
  text.resize(3);
  const char* const bytes = text.data();
  const size_t capacity = text.capacity();
  WipeString(text);
  EXPECT_TRUE(std::all_of(bytes, bytes + capacity, [](char byte) { return byte == '\0'; }));
}

TEST(SecretStringTest, EqualityLooksAtEveryByteAndTheLength) {
  EXPECT_TRUE(ConstantTimeEquals(SecretString("same"), SecretString("same")));
  EXPECT_TRUE(ConstantTimeEquals(SecretString(), SecretString("")));
  EXPECT_FALSE(ConstantTimeEquals(SecretString("same"), SecretString("samf")));
  EXPECT_FALSE(ConstantTimeEquals(SecretString("same"), SecretString("Same")));
  EXPECT_FALSE(ConstantTimeEquals(SecretString("same"), SecretString("same ")));
}

}  // namespace
}  // namespace gatehouse::server

// Drives a fuzz entry point without libFuzzer: first every file of a corpus, then random mutations
// of them until the time is up. Repeatable: the seed is printed, and may be given.
//
//   NAME CORPUS_DIRECTORY [SECONDS [SEED]]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void RunOne(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> ReadCorpus(const char* directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, uint32_t seed) : corpus_(corpus), random_(seed) {}

  std::string Next() {
    std::string input = corpus_[Below(corpus_.size())];
    for (size_t times = 1 + Below(4); times > 0; --times) Mutate(input);
    return input;
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }

  void Mutate(std::string& input) {
    const size_t place = Below(input.size() + 1);
    switch (Below(5)) {
      case 0:
        input.insert(place, 1, static_cast<char>(Below(256)));
        break;
      case 1:
        input.erase(place, 1 + Below(8));
        break;
      case 2:
        if (place < input.size()) input[place] = static_cast<char>(Below(256));
        break;
      case 3:
        input.insert(place, input.substr(Below(input.size() + 1), 1 + Below(32)));
        break;
      default: {
        const std::string& other = corpus_[Below(corpus_.size())];
        input = input.substr(0, place) + other.substr(Below(other.size() + 1));
        break;
      }
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY [SECONDS [SEED]]\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> corpus = ReadCorpus(argv[1]);
  const std::chrono::seconds duration(argc > 2 ? std::atoi(argv[2]) : 2);
  const uint32_t seed =
      argc > 3 ? static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 10)) : std::random_device()();
  std::printf("seed %u\n", seed);
  std::fflush(stdout);
  for (const std::string& input : corpus) RunOne(input);
  Mutator mutator(corpus, seed);
  uint64_t runs = 0;
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
    RunOne(mutator.Next());
    ++runs;
  }
  std::printf("%zu files, %llu mutations\n", corpus.size(), static_cast<unsigned long long>(runs));
  return 0;
}

// Stands between a client and a gatehouse-server on this machine and loses answers: passes on what
// both send, and breaks a connection where a chosen answer is about to come, once the server has
// done what was asked. Reads the frames of HTTP/2 (RFC 9113, section 4.1); without TLS.
//
// Serves one connection at a time, on a thread of its own. Lose() before the call that it is about.
// What cannot be set up ends the test program (harness/fatal.h).

#ifndef GATEHOUSE_TESTS_E2E_LOSING_RELAY_H_
#define GATEHOUSE_TESTS_E2E_LOSING_RELAY_H_

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace gatehouse::e2e {

class LosingRelay {
 public:
  // `server` is 127.0.0.1:PORT.
  explicit LosingRelay(const std::string& server);
  ~LosingRelay();
  LosingRelay(const LosingRelay&) = delete;
  LosingRelay& operator=(const LosingRelay&) = delete;

  // "127.0.0.1:PORT", for clients.
  const std::string& address() const { return address_; }

  // Of the answers to come, these are lost; the next one is 1.
  void Lose(std::set<int> answers);

 private:
  void Serve();
  void Relay(int client, int server);
  // Passes on whole frames, up to an answer that is to be lost; false there.
  bool PassAnswers(std::string& received, std::set<uint32_t>& answered, int client);
  bool IsLost();

  const std::string server_;
  int listener_ = -1;
  int stopped_ = -1;  // An event descriptor, readable once this dies.
  std::string address_;

  std::mutex mutex_;
  std::set<int> lost_;
  int answers_ = 0;

  std::thread thread_;
};

}  // namespace gatehouse::e2e

#endif  // GATEHOUSE_TESTS_E2E_LOSING_RELAY_H_

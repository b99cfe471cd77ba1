#include "node/shell/admin_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "metrics/clock.hpp"
#include "metrics/host_port.hpp"
#include "metrics/unix_socket.hpp"

namespace halfopen::node {
namespace {

using boost::json::object;

constexpr Duration kPatience = std::chrono::seconds(5);
// Far above 256 peers with 256 transitions each of one of them.
constexpr std::size_t kAnswerBytesMax = std::size_t{16} * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

struct Target {
  sockaddr_storage address{};
  socklen_t length = 0;
};

Target target_of(const std::string& address) {
  Target target;
  if (const auto path = unix_socket_path(address)) {
    sockaddr_un named{};
    named.sun_family = AF_UNIX;
    std::memcpy(named.sun_path, path->data(), path->size());
    std::memcpy(&target.address, &named, sizeof named);
    target.length = sizeof named;
    return target;
  }
  const HostPort parsed = *parse_host_port(address);
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, parsed.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(parsed.port);
    std::memcpy(&target.address, &v4, sizeof v4);
    target.length = sizeof v4;
    return target;
  }
  sockaddr_in6 v6{};
  ::inet_pton(AF_INET6, parsed.host.c_str(), &v6.sin6_addr);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(parsed.port);
  std::memcpy(&target.address, &v6, sizeof v6);
  target.length = sizeof v6;
  return target;
}

// Bounds connect, send and recv, each.
void set_patience(int descriptor) {
  timeval patience{};
  patience.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(kPatience).count();
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Problem silence(const std::string& address) {
  return {"the node at ", address, " does not answer"};
}

Result<std::string> exchange(const std::string& address, const std::string& path) {
  const Target target = target_of(address);
  const Descriptor socket(::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  set_patience(socket.number());
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&target.address),
                target.length) != 0) {
    const int error = errno;
    return Problem{"no node answers at ", address, ": ", std::strerror(error),
                   " (is it running, and is this its admin address?)"};
  }
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: vote-node\r\nConnection: close\r\n\r\n";
  if (::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return silence(address);
  }
  const Instant began = monotonic_now();
  std::string answer;
  std::string piece(65'536, '\0');
  for (;;) {
    const ssize_t count = ::recv(socket.number(), piece.data(), piece.size(), 0);
    if (count == 0) return answer;
    if (count < 0 || monotonic_now() - began > kPatience) return silence(address);
    answer.append(piece, 0, static_cast<std::size_t>(count));
    if (answer.size() > kAnswerBytesMax) {
      return Problem{"the answer of ", address, " is larger than 16 MiB"};
    }
  }
}

}  // namespace

Result<void> check_admin_address(const std::string& address) {
  if (const auto path = unix_socket_path(address)) return check_unix_socket_path(*path);
  HALFOPEN_TRY(parsed, parse_host_port(address));
  if (parsed.port == 0) {
    return Problem{"\"", address,
                   "\" has no port: the node chose one at its start, and said which "
                   "in its log"};
  }
  return {};
}

Result<object> ask_node(const std::string& address, const std::string& path) {
  HALFOPEN_CHECK(check_admin_address(address));
  HALFOPEN_TRY(answer, exchange(address, path));
  const Problem stranger{"what answers at ", address, " is no vote-node"};
  constexpr std::string_view kStart = "HTTP/1.1 ";
  const std::size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with(kStart) || body == std::string::npos) return stranger;
  unsigned status = 0;
  std::from_chars(answer.data() + kStart.size(), answer.data() + answer.size(), status);
  boost::system::error_code error;
  const auto parsed = boost::json::parse(answer.substr(body + 4), error);
  if (error || !parsed.is_object()) return stranger;
  const object& content = parsed.get_object();
  if (status == 200) return content;
  const auto* text = content.if_contains("error");
  if (text == nullptr || !text->is_string()) return stranger;
  return Problem{"the node at ", address, " says: ", text->get_string()};
}

}  // namespace halfopen::node

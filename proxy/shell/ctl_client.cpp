#include "proxy/shell/ctl_client.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

constexpr Duration kPatience = std::chrono::seconds(30);
constexpr std::size_t kHeadBytesMax = 64 * 1024;
constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  });
  return lowered;
}

// Waits until the socket is ready; false at the deadline. Without one it waits for ever.
bool wait_for(int socket, short events, std::optional<Instant> deadline) {
  pollfd ready{socket, events, 0};
  int milliseconds = -1;
  if (deadline) {
    const Duration left = std::max(*deadline - monotonic_now(), Duration{0});
    milliseconds = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  }
  return poll(&ready, 1, milliseconds) > 0;
}

Result<Descriptor> dial(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int failure = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  // A system without a hosts file does not know the name that everybody takes for granted.
  if (failure != 0 && host == "localhost") {
    failure = getaddrinfo("127.0.0.1", port.c_str(), &hints, &found);
  }
  if (failure != 0) {
    return Problem{"cannot look up ", host, ": ", gai_strerror(failure)};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  int error = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Descriptor socket{::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket.is_open()) {
      error = errno;
      continue;
    }
    if (connect(socket.get(), at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS) {
      error = errno;
      continue;
    }
    error = ETIMEDOUT;
    if (!wait_for(socket.get(), POLLOUT, monotonic_now() + kPatience)) continue;
    socklen_t size = sizeof error;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return socket;
  }
  return Problem{"no answer at ",
                 host,
                 ":",
                 port,
                 ": ",
                 std::strerror(error),
                 " (is it running? --url says where)"};
}

// False at the end of what comes.
Result<bool> receive_into(ReplyReader& reader, int socket, std::optional<Instant> deadline) {
  std::array<char, 65536> bytes;
  if (!wait_for(socket, POLLIN, deadline)) return Problem{"no answer within 30 s"};
  const ssize_t count = recv(socket, bytes.data(), bytes.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (count < 0) return Problem{"the connection broke: ", std::strerror(errno)};
  if (count == 0) {
    reader.handle_end();
    return false;
  }
  HALFOPEN_CHECK(reader.handle_bytes({bytes.data(), static_cast<std::size_t>(count)}));
  return true;
}

}  // namespace

std::string ApiReply::problem() const {
  std::string text = body;
  const auto parsed = json();
  if (const auto* object = parsed.if_object()) {
    if (const auto* error = object->if_contains("error"); error != nullptr && error->is_string()) {
      text = std::string(error->get_string());
    }
  }
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return "HTTP " + std::to_string(status) + ": " + text;
}

boost::json::value ApiReply::json() const {
  boost::system::error_code error;
  auto parsed = boost::json::parse(body, error);
  return error ? boost::json::value{} : parsed;
}

Result<ApiClient> ApiClient::to(const std::string& url, const std::string& token) {
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    return Problem{"--url: ", url, ": only http:// is spoken here"};
  }
  if (rest.starts_with("http://")) rest.remove_prefix(7);
  while (rest.ends_with('/'))
    rest.remove_suffix(1);
  ApiClient client;
  client.token_ = token;
  client.port_ = "8474";
  const auto bracket = rest.rfind(']');
  const auto colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    client.port_ = std::string(rest.substr(colon + 1));
    rest = rest.substr(0, colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  client.host_ = std::string(rest);
  const bool good_port = !client.port_.empty() && client.port_.size() <= 5 &&
                         client.port_.find_first_not_of("0123456789") == std::string::npos;
  const bool good_host =
      !client.host_.empty() && client.host_.find_first_of("/@?# \r\n") == std::string::npos;
  const bool good_token = token.find_first_of("\r\n") == std::string::npos;
  if (good_host && good_port && good_token) return client;
  return Problem{"--url: \"", url, "\": expected http://HOST:PORT, such as http://127.0.0.1:8474"};
}

Result<Descriptor> ApiClient::send(const std::string& method, const std::string& path,
                                   const std::string& body) const {
  HALFOPEN_TRY(socket, dial(host_, port_));
  const bool v6 = host_.find(':') != std::string::npos;
  std::string text = method + " " + path +
                     " HTTP/1.1\r\nHost: " + (v6 ? "[" + host_ + "]" : host_) + ":" + port_ +
                     "\r\nUser-Agent: fault-proxy/" HALFOPEN_VERSION "\r\nConnection: close\r\n";
  if (!token_.empty()) text += "Authorization: Bearer " + token_ + "\r\n";
  if (!body.empty()) text += "Content-Type: application/json\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const Instant deadline = monotonic_now() + kPatience;
  for (std::string_view left = text; !left.empty();) {
    if (!wait_for(socket.get(), POLLOUT, deadline)) return Problem{"the request was not taken"};
    const ssize_t count = ::send(socket.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return Problem{"the connection broke: ", std::strerror(errno)};
    }
    if (count > 0) left.remove_prefix(static_cast<std::size_t>(count));
  }
  return socket;
}

Result<ApiReply> ApiClient::call(const std::string& method, const std::string& path,
                                 const std::string& body) const {
  HALFOPEN_TRY(socket, send(method, path, body));
  const Instant deadline = monotonic_now() + kPatience;
  ReplyReader reader;
  ApiReply reply;
  while (!reader.is_complete()) {
    HALFOPEN_TRY(more, receive_into(reader, socket.get(), deadline));
    reply.body += reader.take_body();
    if (!more && !reader.is_complete()) return Problem{"the answer was cut off"};
  }
  reply.status = reader.status();
  return reply;
}

Result<ApiReply> ApiClient::follow(const std::string& path,
                                   const std::function<void(std::string_view)>& piece) const {
  HALFOPEN_TRY(socket, send("GET", path, ""));
  ReplyReader reader;
  ApiReply reply;
  while (!reader.is_complete()) {
    HALFOPEN_TRY(more, receive_into(reader, socket.get(), std::nullopt));
    reply.status = reader.status();
    const std::string body = reader.take_body();
    if (reader.has_head() && reply.is_success()) {
      piece(body);
    } else {
      reply.body += body;
    }
    if (!more) break;
  }
  return reply;
}

bool ReplyReader::is_complete() const {
  if (!has_head()) return false;
  if (is_chunked_) return chunks_ended_;
  return length_ == std::string::npos ? ended_ : received_ >= length_;
}

std::string ReplyReader::take_body() {
  return std::exchange(body_, {});
}

Result<void> ReplyReader::handle_bytes(std::string_view bytes) {
  bytes_ += bytes;
  if (!has_head()) {
    body_start_ = bytes_.find("\r\n\r\n");
    if (!has_head()) {
      if (bytes_.size() > kHeadBytesMax) return Problem{"the answer is no HTTP"};
      return {};
    }
    HALFOPEN_CHECK(read_head());
    bytes_.erase(0, body_start_ + 4);
  }
  if (is_chunked_) {
    HALFOPEN_CHECK(read_chunks());
  } else {
    received_ += bytes_.size();
    body_ += std::exchange(bytes_, {});
  }
  if (body_.size() > kBodyBytesMax) return Problem{"the answer is larger than 64 MiB"};
  return {};
}

Result<void> ReplyReader::read_head() {
  const std::string_view head = std::string_view(bytes_).substr(0, body_start_);
  const auto space = head.find(' ');
  if (!head.starts_with("HTTP/1.") || space == std::string_view::npos ||
      std::from_chars(head.data() + space + 1, head.data() + head.size(), status_).ec !=
          std::errc{}) {
    return Problem{"the answer is no HTTP"};
  }
  if (status_ == 204 || status_ == 304) length_ = 0;
  for (std::size_t start = head.find("\r\n"); start != std::string_view::npos;) {
    const auto end = std::min(head.find("\r\n", start + 2), head.size());
    const std::string line = lower(head.substr(start + 2, end - start - 2));
    constexpr std::string_view kLength = "content-length:";
    if (line.starts_with(kLength)) {
      const auto digits = std::min(line.find_first_not_of(' ', kLength.size()), line.size());
      if (std::from_chars(line.data() + digits, line.data() + line.size(), length_).ec !=
          std::errc{}) {
        return Problem{"the answer's length is no number"};
      }
    } else if (line.starts_with("transfer-encoding:") &&
               line.find("chunked") != std::string::npos) {
      is_chunked_ = true;
    }
    start = end < head.size() ? end : std::string_view::npos;
  }
  return {};
}

Result<void> ReplyReader::read_chunks() {
  while (!chunks_ended_) {
    const auto line_end = bytes_.find("\r\n");
    if (line_end == std::string::npos) {
      if (bytes_.size() > kHeadBytesMax) return Problem{"the answer's pieces are no HTTP"};
      return {};
    }
    std::size_t size = 0;
    const auto parsed = std::from_chars(bytes_.data(), bytes_.data() + line_end, size, 16);
    if (parsed.ec != std::errc{} || size > kBodyBytesMax) {
      return Problem{"the answer's pieces are no HTTP"};
    }
    if (size == 0) {
      chunks_ended_ = true;
      return {};
    }
    if (bytes_.size() < line_end + 2 + size + 2) return {};
    body_ += bytes_.substr(line_end + 2, size);
    bytes_.erase(0, line_end + 2 + size + 2);
  }
  return {};
}

}  // namespace halfopen

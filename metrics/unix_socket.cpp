#include "metrics/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace halfopen {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::string_view kPrefix = "unix:";
constexpr mode_t kOwnersAlone = S_IRUSR | S_IWUSR;

// Nobody listens at it any more: whoever made it was killed.
bool is_stale(asio::io_context& context, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  stream_protocol::socket probe(context);
  error_code error;
  probe.open(stream_protocol(), error);
  // A full backlog must not be waited for: it means that somebody is there.
  if (!error) probe.non_blocking(true, error);
  if (!error && ::connect(probe.native_handle(), stream_protocol::endpoint(path).data(),
                          static_cast<socklen_t>(stream_protocol::endpoint(path).size())) == 0) {
    return false;
  }
  return !error && errno == ECONNREFUSED;
}

}  // namespace

std::optional<std::string> unix_socket_path(const std::string& address) {
  if (!address.starts_with(kPrefix)) return std::nullopt;
  return address.substr(kPrefix.size());
}

Result<void> check_unix_socket_path(const std::string& path) {
  constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
  if (!path.starts_with('/')) {
    return Problem{"\"unix:", path, "\": expected unix:/PATH, an absolute path"};
  }
  if (path.size() > kPathBytesMax || path.find('\0') != std::string::npos) {
    return Problem{"\"unix:", path, "\": the path of a Unix socket has at most ",
                   std::to_string(kPathBytesMax), " bytes"};
  }
  return {};
}

Result<stream_protocol::acceptor> listen_on_unix_socket(asio::io_context& context,
                                                        const std::string& path) {
  HALFOPEN_CHECK(check_unix_socket_path(path));
  const stream_protocol::endpoint endpoint(path);
  stream_protocol::acceptor acceptor(context);
  error_code error;
  acceptor.open(stream_protocol(), error);
  // Before bind(), so that the file never has wider permissions: on Linux it takes the socket's.
  if (!error && ::fchmod(acceptor.native_handle(), kOwnersAlone) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) acceptor.bind(endpoint, error);
  if (error == asio::error::address_in_use) {
    if (!is_stale(context, path)) {
      return Problem{"cannot listen on unix:", path,
                     ": it is there already, and somebody answers or it is no socket; stop the "
                     "other process, or choose another path"};
    }
    ::unlink(path.c_str());
    error.clear();
    acceptor.bind(endpoint, error);
  }
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Problem{"cannot listen on unix:", path, ": ", error.message()};
  return acceptor;
}

}  // namespace halfopen

#include "tests/integration/node_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/assert.hpp"
#include "metrics/http_endpoint.hpp"
#include "node/core/limits.hpp"

namespace halfopen::node::test {
namespace {

sockaddr_in loopback(std::uint16_t port, const std::string& host = "127.0.0.1") {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool wait_readable(int descriptor) {
  pollfd watched{descriptor, POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

pid_t spawn(const std::vector<std::string>& arguments, const std::string& output_path) {
  std::vector<std::string> words{VOTE_NODE_PATH};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  const int output = ::open(output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(output);
  return pid;
}

std::optional<int> wait_for(pid_t pid) {
  int status = 0;
  if (!wait_until([&] { return ::waitpid(pid, &status, WNOHANG) == pid; })) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 2);  // only so as not to burn the processor between two looks
  }
  return true;
}

TemporaryDirectory::TemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = std::string(base == nullptr ? "/tmp" : base) + "/vote_node_XXXXXX";
  path_ = ::mkdtemp(pattern.data());
}

TemporaryDirectory::~TemporaryDirectory() {
  std::filesystem::remove_all(path_);
}

NodeProcess::NodeProcess(const TemporaryDirectory& directory, std::string name,
                         const std::string& config)
    : name_(std::move(name)),
      config_path_(directory.file(name_ + ".yaml")),
      events_path_(directory.file(name_ + ".events.jsonl")),
      log_path_(directory.file(name_ + ".log")) {
  const auto lacks = [&](const char* key) { return config.find(key) == std::string::npos; };
  std::ofstream file(config_path_);
  file << "name: " << name_ << "\nevents: " << events_path_ << "\n" << config << "\n";
  if (lacks("transport:")) file << "transport: plaintext\n";
  if (!config.starts_with("key:")) file << "insecure_seed: " << name_ << "\n";
}

NodeProcess::~NodeProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void NodeProcess::start() {
  pid_ = spawn({"--config", config_path_}, log_path_);
  ++starts_;
}

bool NodeProcess::wait_started() {
  return wait_event("started", starts_);
}

void NodeProcess::send_signal(int signal) const {
  ::kill(pid_, signal);
}

std::optional<int> NodeProcess::wait_exit() {
  const auto code = wait_for(pid_);
  if (code) pid_ = -1;
  return code;
}

std::vector<boost::json::object> NodeProcess::events(const std::string& name) const {
  std::vector<boost::json::object> found;
  std::istringstream lines(read_file(events_path_));
  for (std::string line; std::getline(lines, line);) {
    auto event = boost::json::parse(line).as_object();
    if (event.at("event").as_string() == name) found.push_back(std::move(event));
  }
  return found;
}

bool NodeProcess::wait_event(const std::string& name, std::size_t count) const {
  return wait_until([&] { return events(name).size() >= count; });
}

std::string NodeProcess::log() const {
  return read_file(log_path_);
}

std::string NodeProcess::started_field(const std::string& field) const {
  return std::string(events("started").back().at(field).as_string());
}

HttpAnswer NodeProcess::http(const std::string& method, const std::string& path,
                             const std::string& body) const {
  const auto admin = parse_host_port(started_field("admin"));
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(admin->port, admin->host);
  HttpAnswer answer;
  std::string text;
  if (::connect(connection, generic(address), sizeof address) == 0) {
    const std::string request =
        method + " " + path + " HTTP/1.1\r\nHost: n\r\nConnection: close\r\n" +
        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    (void)::send(connection, request.data(), request.size(), MSG_NOSIGNAL);
    std::string chunk(65'536, '\0');
    while (wait_readable(connection)) {
      const ssize_t count = ::recv(connection, chunk.data(), chunk.size(), 0);
      if (count <= 0) break;
      text.append(chunk, 0, static_cast<std::size_t>(count));
    }
  }
  ::close(connection);
  if (text.starts_with("HTTP/1.1 ")) answer.status = std::stoi(text.substr(9, 3));
  const auto end_of_header = text.find("\r\n\r\n");
  if (end_of_header != std::string::npos) answer.body = text.substr(end_of_header + 4);
  return answer;
}

std::string NodeProcess::cast() const {
  const HttpAnswer answer = http("POST", "/votes", "{}");
  if (answer.status != 202) return "status " + std::to_string(answer.status);
  return std::string(boost::json::parse(answer.body).as_object().at("id").as_string());
}

Outcome run_vote_node(const std::vector<std::string>& arguments) {
  const TemporaryDirectory directory;
  const std::string output = directory.file("output");
  const pid_t pid = spawn(arguments, output);
  const auto code = wait_for(pid);
  if (!code) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  return {code.value_or(-1000), read_file(output)};
}

FakePeer::FakePeer(std::string name)
    : name_(std::move(name)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = loopback(0);
  const bool listens =
      ::bind(listener_, generic(address), sizeof address) == 0 && ::listen(listener_, 8) == 0;
  HALFOPEN_ASSERT(listens);
}

FakePeer::~FakePeer() {
  ::close(listener_);
  if (connection_ >= 0) ::close(connection_);
}

std::string FakePeer::address() const {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

bool FakePeer::greet() {
  if (!wait_readable(listener_)) return false;
  connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const auto hello = receive();
  if (!hello || !std::holds_alternative<Hello>(*hello)) return false;
  send(Hello{kProtocolVersion, std::get<Hello>(*hello).network, name_});
  return true;
}

std::optional<Message> FakePeer::receive() {
  const auto read = [&](std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    std::size_t have = 0;
    while (have < count && wait_readable(connection_)) {
      const ssize_t got = ::recv(connection_, bytes.data() + have, count - have, 0);
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  };
  const auto header = read(kFrameHeaderBytes);
  if (header.size() < kFrameHeaderBytes) return std::nullopt;
  const auto message = decode_body(read(std::size_t{header[2]} * 256 + header[3]));
  if (message.has_error()) return std::nullopt;
  return *message;
}

void FakePeer::send(const Message& message) const {
  const SharedFrame frame = encode_frame(message);
  (void)::send(connection_, frame->data(), frame->size(), MSG_NOSIGNAL);
}

int FakePeer::wait_end() const {
  std::vector<std::uint8_t> dropped(4096);
  while (wait_readable(connection_)) {
    const ssize_t count = ::recv(connection_, dropped.data(), dropped.size(), 0);
    if (count < 0) return errno;
    if (count == 0) return 0;
  }
  return ETIMEDOUT;
}

void FakePeer::half_close() const {
  ::shutdown(connection_, SHUT_WR);
}

void FakePeer::close_with_reset() {
  const linger at_once{1, 0};
  ::setsockopt(connection_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(connection_);
  connection_ = -1;
}

bool FakePeer::forget() {
  const int repair = 1;
  if (::setsockopt(connection_, IPPROTO_TCP, TCP_REPAIR, &repair, sizeof repair) != 0) return false;
  ::close(connection_);
  connection_ = -1;
  return true;
}

}  // namespace halfopen::node::test

// The only file that includes c-ares.
#include "proxy/shell/resolver.hpp"

#include <ares.h>
#include <netdb.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <list>
#include <map>
#include <utility>

#include "metrics/clock.hpp"

namespace halfopen {

namespace ip = boost::asio::ip;

namespace {

constexpr int kAttemptMilliseconds = 2000;
constexpr int kAttempts = 2;

Endpoints from_hostent(const hostent& found, std::uint16_t port) {
  Endpoints endpoints;
  for (char** address = found.h_addr_list; *address != nullptr; ++address) {
    if (found.h_addrtype == AF_INET) {
      ip::address_v4::bytes_type bytes{};
      std::copy_n(*address, bytes.size(), reinterpret_cast<char*>(bytes.data()));
      endpoints.emplace_back(ip::address_v4{bytes}, port);
    } else if (found.h_addrtype == AF_INET6) {
      ip::address_v6::bytes_type bytes{};
      std::copy_n(*address, bytes.size(), reinterpret_cast<char*>(bytes.data()));
      endpoints.emplace_back(ip::address_v6{bytes}, port);
    }
  }
  return endpoints;
}

Endpoints from_address_list(const ares_addrinfo_node* node) {
  Endpoints endpoints;
  for (; node != nullptr; node = node->ai_next) {
    ip::tcp::endpoint endpoint;
    if (node->ai_addrlen > endpoint.capacity()) continue;
    endpoint.resize(node->ai_addrlen);
    std::copy_n(reinterpret_cast<const char*>(node->ai_addr), node->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace

class Resolver::Implementation {
 public:
  explicit Implementation(EventLoop& loop)
      : loop_(loop), timer_(loop, [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }) {
    ares_library_init(ARES_LIB_INIT_ALL);
    ares_options options{};
    options.timeout = kAttemptMilliseconds;
    options.tries = kAttempts;
    options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
      static_cast<Implementation*>(self)->watch(socket, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    is_usable_ = ares_init_options(&channel_, &options,
                                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) ==
                 ARES_SUCCESS;
  }

  ~Implementation() {
    questions_.clear();
    if (is_usable_) ares_destroy(channel_);
    ares_library_cleanup();
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  Result<Endpoints> resolve_here(const std::string& host, std::uint16_t port) {
    boost::system::error_code error;
    const auto address = ip::make_address(host, error);
    if (!error) return Endpoints{{address, port}};
    if (host.empty()) return Endpoints{{ip::address_v6::any(), port}};
    if (host == "localhost") {
      return Endpoints{{ip::address_v4::loopback(), port}, {ip::address_v6::loopback(), port}};
    }
    Endpoints endpoints;
    for (const int family : {AF_INET, AF_INET6}) {
      hostent* found = nullptr;
      if (!is_usable_ ||
          ares_gethostbyname_file(channel_, host.c_str(), family, &found) != ARES_SUCCESS) {
        continue;
      }
      const Endpoints more = from_hostent(*found, port);
      endpoints.insert(endpoints.end(), more.begin(), more.end());
      ares_free_hostent(found);
    }
    if (endpoints.empty()) return Problem{"lookup ", host, ": no such host"};
    return endpoints;
  }

  Question resolve(const std::string& host, std::uint16_t port, Handler handler) {
    const Question question = ++asked_;
    questions_.emplace(question, std::move(handler));
    auto here = resolve_here(host, port);
    if (here.has_value() || !is_usable_) {
      answer_later(question, std::move(here));
      return question;
    }
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NUMERICSERV;
    auto asked = std::make_unique<Asked>(Asked{this, question, host});
    ares_getaddrinfo(
        channel_, host.c_str(), std::to_string(port).c_str(), &hints,
        [](void* context, int status, int, ares_addrinfo* found) {
          const std::unique_ptr<Asked> answered{static_cast<Asked*>(context)};
          answered->self->handle_answer(*answered, status, found);
        },
        asked.release());
    schedule();
    return question;
  }

  void cancel(Question question) { questions_.erase(question); }

 private:
  struct Asked {
    Implementation* self;
    Question question;
    std::string host;
  };
  struct Watched final : IoHandler {
    Watched(Implementation& resolver, ares_socket_t socket) : self(resolver), number(socket) {}
    void handle_io(std::uint32_t events) override {
      const bool readable = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
      const bool writable = (events & EPOLLOUT) != 0;
      self.process(readable ? number : ARES_SOCKET_BAD, writable ? number : ARES_SOCKET_BAD);
    }
    Implementation& self;
    ares_socket_t number;
  };

  void handle_answer(const Asked& asked, int status, ares_addrinfo* found) {
    Result<Endpoints> result = Problem{"lookup ", asked.host, ": ", ares_strerror(status)};
    if (status == ARES_SUCCESS && found != nullptr) {
      auto endpoints = from_address_list(found->nodes);
      if (!endpoints.empty()) result = std::move(endpoints);
    }
    if (found != nullptr) ares_freeaddrinfo(found);
    if (status == ARES_EDESTRUCTION) return;
    answer_later(asked.question, std::move(result));
  }

  // Never from within resolve(): who asks does not know the question's number yet.
  void answer_later(Question question, Result<Endpoints> result) {
    loop_.post([this, question, result = std::move(result)] {
      const auto found = questions_.find(question);
      if (found == questions_.end()) return;
      const Handler handler = std::move(found->second);
      questions_.erase(found);
      handler(result);
    });
  }

  void watch(ares_socket_t socket, bool readable, bool writable) {
    const auto found = watched_.find(socket);
    const std::uint32_t events =
        (readable ? std::uint32_t{EPOLLIN} : 0U) | (writable ? std::uint32_t{EPOLLOUT} : 0U);
    if (events == 0) {
      if (found == watched_.end()) return;
      loop_.remove(socket, *found->second);
      // It may be in the middle of its own event.
      loop_.post([gone = std::shared_ptr<Watched>(std::move(found->second))] {});
      watched_.erase(found);
    } else if (found == watched_.end()) {
      const auto [added, is_new] =
          watched_.emplace(socket, std::make_unique<Watched>(*this, socket));
      loop_.add(socket, events, *added->second);
    } else {
      loop_.change(socket, events, *found->second);
    }
  }

  void process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    schedule();
  }

  void schedule() {
    timeval room{};
    const timeval* next = ares_timeout(channel_, nullptr, &room);
    if (next == nullptr) return timer_.cancel();
    timer_.arm(monotonic_now() + std::chrono::seconds(next->tv_sec) +
               std::chrono::microseconds(next->tv_usec));
  }

  EventLoop& loop_;
  Timer timer_;
  ares_channel channel_ = nullptr;
  bool is_usable_ = false;
  Question asked_ = 0;
  std::map<Question, Handler> questions_;
  std::map<ares_socket_t, std::unique_ptr<Watched>> watched_;
};

Resolver::Resolver(EventLoop& loop) : implementation_(std::make_unique<Implementation>(loop)) {}
Resolver::~Resolver() = default;

Result<Endpoints> Resolver::resolve_here(const std::string& host, std::uint16_t port) {
  return implementation_->resolve_here(host, port);
}

Resolver::Question Resolver::resolve(const std::string& host, std::uint16_t port, Handler handler) {
  return implementation_->resolve(host, port, std::move(handler));
}

void Resolver::cancel(Question question) {
  implementation_->cancel(question);
}

Result<HostAndPort> split_host_port(const std::string& text) {
  const auto problem = [&text](std::string_view why) {
    return Problem{"address ", text, ": ", why};
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return problem("missing port in address");
  HostAndPort parsed;
  parsed.host = text.substr(0, colon);
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']')) {
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  } else if (parsed.host.find(':') != std::string::npos) {
    return problem("too many colons in address");
  }
  const char* first = text.data() + colon + 1;
  const char* last = text.data() + text.size();
  if (first == last) return parsed;
  const auto [end, error] = std::from_chars(first, last, parsed.port);
  if (error == std::errc::result_out_of_range) return problem("invalid port");
  if (error != std::errc{} || end != last) {
    return Problem{"lookup tcp/", std::string(first, last), ": unknown port"};
  }
  return parsed;
}

}  // namespace halfopen

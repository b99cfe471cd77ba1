// The advised numbers as other programs take them, each block ready to paste.
//
// Options of one name differ in their unit: TCP_USER_TIMEOUT counts milliseconds where keep-alive
// counts seconds, Node.js and gRPC's core count milliseconds. So each block writes its own unit.
#include <algorithm>
#include <chrono>

#include "harness/model/advice/advice_text.hpp"

namespace halfopen {
namespace {

// The numbers as text. In a template "{idle}" stands for one of them.
struct Number {
  std::string_view name;
  std::string value;
};

std::string whole_seconds(Duration duration) {
  const auto count = std::chrono::ceil<std::chrono::seconds>(duration).count();
  return std::to_string(std::max<std::int64_t>(count, 1));
}
std::string whole_milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

std::vector<Number> numbers_of(const NodeDefences& has) {
  const Duration idle = has.keepalive.idle;
  return {{"{include}", "#include"},  // which this pure code may not have itself
          {"{idle}", whole_seconds(idle)},
          {"{idle_ms}", whole_milliseconds(idle)},
          {"{interval}", whole_seconds(has.keepalive.interval)},
          {"{count}", std::to_string(has.keepalive.count)},
          {"{user_ms}", whole_milliseconds(has.user_timeout.timeout)},
          {"{ping}", whole_seconds(has.ping.interval)},
          {"{ping_ms}", whole_milliseconds(has.ping.interval)},
          {"{pong}", whole_seconds(has.ping.timeout)},
          {"{pong_ms}", whole_milliseconds(has.ping.timeout)},
          {"{floor}", whole_seconds(has.ping.interval / 2)},
          {"{floor_ms}", whole_milliseconds(has.ping.interval / 2)}};
}

std::string filled(std::string_view pattern, const std::vector<Number>& numbers) {
  std::string text(pattern);
  for (const Number& number : numbers) {
    for (std::size_t at = text.find(number.name); at != std::string::npos;
         at = text.find(number.name, at + number.value.size())) {
      text.replace(at, number.name.size(), number.value);
    }
  }
  return text;
}

struct Block {
  std::string_view what;
  std::string_view pattern;
};

constexpr Block kKernel[] = {
    {"Linux, /etc/sysctl.d/90-keepalive.conf (seconds; only for sockets with SO_KEEPALIVE; each "
     "network namespace, so each container, has its own)",
     R"(net.ipv4.tcp_keepalive_time = {idle}
net.ipv4.tcp_keepalive_intvl = {interval}
net.ipv4.tcp_keepalive_probes = {count}
)"},
    {"Kubernetes 1.29, in the pod's spec (seconds; only for sockets with SO_KEEPALIVE)",
     R"(securityContext:
  sysctls:
    - {name: net.ipv4.tcp_keepalive_time, value: "{idle}"}
    - {name: net.ipv4.tcp_keepalive_intvl, value: "{interval}"}
    - {name: net.ipv4.tcp_keepalive_probes, value: "{count}"}
)"},
};

constexpr Block kLanguages[] = {
    {"C, setsockopt(2) (seconds; TCP_USER_TIMEOUT milliseconds)",
     R"({include} <netinet/in.h>
{include} <netinet/tcp.h>
{include} <sys/socket.h>

static int set_keepalive(int fd) {
  int on = 1, idle = {idle}, interval = {interval}, count = {count};
  unsigned int user_timeout = {user_ms};
  return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) ||
                 setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle) ||
                 setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval) ||
                 setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count) ||
                 setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout)
             ? -1
             : 0;
}
)"},
    {"Go 1.23 (imports net, syscall, time, golang.org/x/sys/unix; TCP_USER_TIMEOUT milliseconds)",
     R"(keepAlive := net.KeepAliveConfig{
	Enable: true, Idle: {idle} * time.Second, Interval: {interval} * time.Second, Count: {count},
}
userTimeout := func(_, _ string, raw syscall.RawConn) error {
	var failed error
	if err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, {user_ms})
	}); err != nil {
		return err
	}
	return failed
}
dialer := net.Dialer{KeepAliveConfig: keepAlive, Control: userTimeout}
listener := net.ListenConfig{KeepAliveConfig: keepAlive, Control: userTimeout}
)"},
    {"Java 11 (seconds; TCP_USER_TIMEOUT only through Netty's epoll, in milliseconds: "
     "EpollChannelOption.TCP_USER_TIMEOUT)",
     R"(socket.setOption(java.net.StandardSocketOptions.SO_KEEPALIVE, true);
socket.setOption(jdk.net.ExtendedSocketOptions.TCP_KEEPIDLE, {idle});
socket.setOption(jdk.net.ExtendedSocketOptions.TCP_KEEPINTERVAL, {interval});
socket.setOption(jdk.net.ExtendedSocketOptions.TCP_KEEPCOUNT, {count});
)"},
    {"Python (seconds; TCP_USER_TIMEOUT milliseconds)",
     R"(import socket


def set_keepalive(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, {idle})
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, {interval})
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, {count})
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, {user_ms})
)"},
    {"Node.js (milliseconds; it sets the interval to 1 s and the count to 10 itself)",
     R"(socket.setKeepAlive(true, {idle_ms});
)"},
    {"Rust, crate socket2 with feature \"all\" (stream: std or tokio TcpStream)",
     R"(use std::time::Duration;

let socket = socket2::SockRef::from(&stream);
let keepalive = socket2::TcpKeepalive::new()
    .with_time(Duration::from_secs({idle}))
    .with_interval(Duration::from_secs({interval}))
    .with_retries({count});
socket.set_tcp_keepalive(&keepalive)?;
socket.set_tcp_user_timeout(Some(Duration::from_millis({user_ms})))?;
)"},
    {".NET Core 3 (seconds; using System.Net.Sockets)",
     R"(socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, {idle});
socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, {interval});
socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, {count});
)"},
};

constexpr Block kPings[] = {
    {"gRPC, C++, Python, Ruby: channel arguments (milliseconds; first the client's, then the "
     "server's, which refuses pings below its minimum of 5 minutes: too_many_pings)",
     R"(grpc.keepalive_time_ms = {ping_ms}
grpc.keepalive_timeout_ms = {pong_ms}
grpc.keepalive_permit_without_calls = 1
grpc.http2.max_pings_without_data = 0

grpc.http2.min_ping_interval_without_data_ms = {floor_ms}
grpc.keepalive_permit_without_calls = 1
)"},
    {"gRPC, Go (client, then server; the client raises less than 10 s to 10 s)",
     R"(grpc.WithKeepaliveParams(keepalive.ClientParameters{
	Time: {ping} * time.Second, Timeout: {pong} * time.Second, PermitWithoutStream: true,
})
grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{
	MinTime: {floor} * time.Second, PermitWithoutStream: true,
})
)"},
    {"gRPC, Java (client, then server)",
     R"(channelBuilder.keepAliveTime({ping}, TimeUnit.SECONDS)
    .keepAliveTimeout({pong}, TimeUnit.SECONDS)
    .keepAliveWithoutCalls(true);
serverBuilder.permitKeepAliveTime({floor}, TimeUnit.SECONDS)
    .permitKeepAliveWithoutCalls(true);
)"},
    {"OpenSSH (seconds; bytes inside the connection, so it serves boxes that count bytes as well)",
     R"(# ~/.ssh/config
Host *
    ServerAliveInterval {ping}
    ServerAliveCountMax {count}

# /etc/ssh/sshd_config
ClientAliveInterval {ping}
ClientAliveCountMax {count}
)"},
};

constexpr Block kServers[] = {
    {"PostgreSQL, postgresql.conf (seconds; tcp_user_timeout milliseconds)",
     R"(tcp_keepalives_idle = {idle}
tcp_keepalives_interval = {interval}
tcp_keepalives_count = {count}
tcp_user_timeout = {user_ms}
)"},
    {"PostgreSQL, libpq: in the connection string (seconds; tcp_user_timeout milliseconds)",
     R"(keepalives=1 keepalives_idle={idle} keepalives_interval={interval} )"
     R"(keepalives_count={count} tcp_user_timeout={user_ms}
)"},
    {"PgBouncer, pgbouncer.ini (seconds; tcp_user_timeout milliseconds)",
     R"(tcp_keepalive = 1
tcp_keepidle = {idle}
tcp_keepintvl = {interval}
tcp_keepcnt = {count}
tcp_user_timeout = {user_ms}
)"},
    {"Redis, redis.conf (seconds; it probes every third of it, and gives up after three)",
     R"(tcp-keepalive {idle}
)"},
    {"HAProxy 2.3, in defaults (both sides, each its own hop); tcp-ut at bind and server lines",
     R"(option clitcpka
clitcpka-idle {idle}s
clitcpka-intvl {interval}s
clitcpka-cnt {count}
option srvtcpka
srvtcpka-idle {idle}s
srvtcpka-intvl {interval}s
srvtcpka-cnt {count}
# bind ... tcp-ut {user_ms}ms
# server ... tcp-ut {user_ms}ms
)"},
    {"nginx, in server (upstream sockets take their times from the sysctls above)",
     R"(listen 443 so_keepalive={idle}s:{interval}s:{count};
proxy_socket_keepalive on;
)"},
    {"Envoy, in the cluster (seconds)",
     R"(upstream_connection_options:
  tcp_keepalive: {keepalive_time: {idle}, keepalive_interval: {interval}, )"
     R"(keepalive_probes: {count}}
)"},
    {"Istio, DestinationRule (the upstream hop only)",
     R"(trafficPolicy:
  connectionPool:
    tcp:
      tcpKeepalive: {time: {idle}s, interval: {interval}s, probes: {count}}
)"},
};

}  // namespace

std::vector<std::pair<std::string, std::string>> advice_elsewhere(const NodeDefences& has) {
  const std::vector<Number> numbers = numbers_of(has);
  std::vector<std::pair<std::string, std::string>> all;
  const auto add = [&](const auto& blocks) {
    for (const Block& block : blocks)
      all.emplace_back(std::string(block.what), filled(block.pattern, numbers));
  };
  add(kKernel);
  add(kLanguages);
  add(kPings);
  add(kServers);
  return all;
}

}  // namespace halfopen

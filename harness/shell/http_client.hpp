// A small HTTP/1.1 client over one kept-alive connection (Beast, kept behind this header): control
// calls and scrapes. Requests on one client go one after another.
//
// Limits: 16 MiB an answer; every request has a deadline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

struct HttpReply {
  unsigned status = 0;
  std::string body;
};

class HttpClient {
 public:
  // `host_port` is "IP:PORT". The socket is opened in the network namespace of that descriptor,
  // which outlives the client; -1: in the caller's own.
  HttpClient(boost::asio::io_context& context, std::string host_port, int network_namespace = -1);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // A Problem names the address and the reason (refused, timed out, not HTTP). A connection that
  // turns out to be dead before any answer came is opened again once.
  [[nodiscard]] boost::asio::awaitable<Result<HttpReply>> request(std::string method,
                                                                  std::string path,
                                                                  std::string body,
                                                                  Duration at_most);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace halfopen

// An HTTP client for `fault-proxy ctl`: one request a connection, blocking, with a deadline.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "proxy/shell/descriptor.hpp"

namespace halfopen {

struct ApiReply {
  unsigned status = 0;
  std::string body;
  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
  // "HTTP 404: proxy not found"
  [[nodiscard]] std::string problem() const;
  // Null where the body is no JSON.
  [[nodiscard]] boost::json::value json() const;
};

class ApiClient {
 public:
  // "http://127.0.0.1:8474"; the scheme may be left out, and the port, which is then 8474.
  [[nodiscard]] static Result<ApiClient> to(const std::string& url, const std::string& token);

  [[nodiscard]] Result<ApiReply> call(const std::string& method, const std::string& path,
                                      const std::string& body = {}) const;
  // Hands out each piece of an answer without end as it comes; answers when the server ends it, or
  // with the reply where it is a refusal.
  [[nodiscard]] Result<ApiReply> follow(const std::string& path,
                                        const std::function<void(std::string_view)>& piece) const;

 private:
  ApiClient() = default;
  [[nodiscard]] Result<Descriptor> send(const std::string& method, const std::string& path,
                                        const std::string& body) const;

  std::string host_;
  std::string port_;
  std::string token_;
};

// The answer's side of HTTP, without a socket: bytes in, a status and a body out.
class ReplyReader {
 public:
  // A Problem where the bytes are no HTTP, or more than 64 MiB of it.
  [[nodiscard]] Result<void> handle_bytes(std::string_view bytes);
  void handle_end() { ended_ = true; }
  [[nodiscard]] bool has_head() const { return body_start_ != std::string::npos; }
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] unsigned status() const { return status_; }
  // What has come of the body since the last call.
  [[nodiscard]] std::string take_body();

 private:
  [[nodiscard]] Result<void> read_head();
  [[nodiscard]] Result<void> read_chunks();

  std::string bytes_;
  std::size_t body_start_ = std::string::npos;
  unsigned status_ = 0;
  std::size_t length_ = std::string::npos;  // of the body; npos: until the end, or chunked
  bool is_chunked_ = false;
  bool chunks_ended_ = false;
  bool ended_ = false;
  std::size_t received_ = 0;
  std::string body_;
};

}  // namespace halfopen

// One stream between two nodes, by gRPC's asynchronous interface: a read is always pending, at most
// one write is, and what gathers meanwhile goes together in the next one.
//
// A ClientLink lives as long as its peer is configured and makes one call after the other; the
// channel under it dials and backs off. A ServerLink is one call. All of it runs under Node's lock.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "votes.grpc.pb.h"

namespace halfopen::grpc_node {

class Node;

// What the completion queue names: set up once, so that an operation allocates nothing of ours.
using Tag = std::function<void(bool ok)>;

class Link {
 public:
  virtual ~Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Sends what is due, unless a write is under way: then its end does.
  void flush();

 protected:
  using Reader = grpc::internal::AsyncReaderInterface<Parcel>;
  using Writer = grpc::internal::AsyncWriterInterface<Parcel>;

  explicit Link(Node& node);
  void set_peer(std::size_t peer) { peer_ = peer; }
  [[nodiscard]] std::optional<std::size_t> peer() const { return peer_; }
  // Whether the peer has said anything on this stream.
  [[nodiscard]] bool has_heard() const { return has_heard_; }
  // The stream can be read and written from now on.
  void begin(Reader& reader, Writer& writer);
  // The stream is broken and nothing is pending on it any more.
  virtual void on_idle() = 0;
  // Makes pending operations end.
  virtual void cancel() = 0;

  Node& node_;

 private:
  friend class Node;

  void on_read(bool ok);
  void on_written(bool ok);
  void break_up();

  std::optional<std::size_t> peer_;
  Reader* reader_ = nullptr;
  Writer* writer_ = nullptr;
  bool is_up_ = false;
  bool has_heard_ = false;
  bool is_reading_ = false;
  bool is_writing_ = false;
  Parcel received_;
  Tag read_tag_;
  Tag written_tag_;
};

class ClientLink final : public Link {
 public:
  ClientLink(Node& node, std::size_t peer, std::shared_ptr<grpc::Channel> channel);
  void start();

 private:
  void on_idle() override;
  void cancel() override { context_->TryCancel(); }
  void on_finished();

  std::unique_ptr<Votes::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<Parcel, Parcel>> stream_;
  grpc::Status status_;
  grpc::Alarm alarm_;
  Tag started_tag_;
  Tag finished_tag_;
  Tag again_tag_;
};

class ServerLink final : public Link {
 public:
  // Waits for a call; owns itself from then on.
  static void wait(Node& node);

 private:
  explicit ServerLink(Node& node);
  void on_accepted(bool ok);
  [[nodiscard]] std::string caller() const;
  void on_idle() override { finish(grpc::Status::OK); }
  void cancel() override { context_.TryCancel(); }
  void finish(const grpc::Status& status);

  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<Parcel, Parcel> stream_;
  Tag accepted_tag_;
  Tag finished_tag_;
};

}  // namespace halfopen::grpc_node

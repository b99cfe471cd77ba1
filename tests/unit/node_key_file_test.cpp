#include "node/shell/key_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace halfopen::node {
namespace {

using testing::HasSubstr;

// RFC 8410, section 10.3: a private key, and the public key that belongs to it.
constexpr auto kRfcKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr auto kRfcPublicKey = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

class NodeKeyFile : public testing::Test {
 protected:
  NodeKeyFile() {
    std::string made = (std::filesystem::temp_directory_path() / "halfopen-key-XXXXXX").string();
    folder_ = ::mkdtemp(made.data());
  }
  ~NodeKeyFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path(name)) << text;
    ::chmod(path(name).c_str(), mode);
    return path(name);
  }
  static std::string problem_of(const std::string& file) {
    const auto key = read_key_file(file);
    return key.has_error() ? key.error().text : "none";
  }
  static std::string text_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
};

TEST_F(NodeKeyFile, ReadsTheKeyOfTheRfc) {
  const auto key = read_key_file(write("key", kRfcKey));
  ASSERT_TRUE(key.has_value()) << key.error().text;
  EXPECT_EQ(key->public_key().hex(), kRfcPublicKey);
}

TEST_F(NodeKeyFile, WhatIsMadeIsReadAgainAndIsForTheOwnerAlone) {
  const auto made = create_key_file(path("key"));
  ASSERT_TRUE(made.has_value()) << made.error().text;
  struct stat status {};
  ASSERT_EQ(::stat(path("key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, mode_t{0600});
  const auto read = read_key_file(path("key"));
  ASSERT_TRUE(read.has_value()) << read.error().text;
  EXPECT_EQ(read->seed(), made->seed());
  EXPECT_THAT(text_of(path("key")), testing::StartsWith("-----BEGIN PRIVATE KEY-----\n"));
}

TEST_F(NodeKeyFile, TwoKeysDiffer) {
  EXPECT_NE(create_key_file(path("1"))->public_key(), create_key_file(path("2"))->public_key());
}

TEST_F(NodeKeyFile, AnExistingFileStaysAsItIs) {
  const std::string file = write("key", kRfcKey);
  const auto again = create_key_file(file);
  ASSERT_TRUE(again.has_error());
  EXPECT_THAT(again.error().text, HasSubstr("exists already"));
  EXPECT_EQ(text_of(file), kRfcKey);
}

TEST_F(NodeKeyFile, AFileThatOthersMayReadIsRefused) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0644U}) {
    EXPECT_THAT(problem_of(write("key", kRfcKey, mode)), HasSubstr("chmod 600")) << mode;
  }
  EXPECT_EQ(problem_of(write("key", kRfcKey, 0400)), "none");
}

TEST_F(NodeKeyFile, EachProblemHasALineOfItsOwn) {
  EXPECT_THAT(problem_of(path("none")), HasSubstr("does not exist; make one: vote-node keygen"));
  EXPECT_THAT(problem_of(folder_), HasSubstr("no regular file"));
  EXPECT_THAT(problem_of(write("empty", "")), HasSubstr("no private key in PEM"));
  EXPECT_THAT(problem_of(write("text", "secret")), HasSubstr("no private key in PEM"));
  EXPECT_THAT(problem_of(write("long", std::string(4097, 'x'))), HasSubstr("longer than 4096"));
  EXPECT_THAT(problem_of(write("public",
                               "-----BEGIN PUBLIC KEY-----\n"
                               "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                               "-----END PUBLIC KEY-----\n")),
              HasSubstr("no private key in PEM"));
  // openssl genpkey -algorithm x25519
  EXPECT_THAT(problem_of(write("other",
                               "-----BEGIN PRIVATE KEY-----\n"
                               "MC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                               "-----END PRIVATE KEY-----\n")),
              HasSubstr("key of another kind; expected an Ed25519 key"));
  EXPECT_THAT(problem_of("/proc/self/no/such"), HasSubstr("does not exist"));
}

TEST_F(NodeKeyFile, AnEncryptedKeyIsRefusedAndNobodyIsAsked) {
  // openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -passout pass:secret
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjBOcT9R3koVwICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIFbJmKB7G4YbjMqMcVomK4EQNQm\n"
      "rbsQe9AwcO7hUysHN7NAlMSMgUbuW/4FgrXAnxV9QeYVqqrHYLhd3r6foOmmvWrz\n"
      "ADlPHBB2j2xEgQF6CJg=\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_THAT(problem_of(write("key", encrypted)), HasSubstr("is encrypted"));
}

TEST_F(NodeKeyFile, AFileThatCannotBeMadeIsExplained) {
  const auto made = create_key_file(path("no/such/folder"));
  ASSERT_TRUE(made.has_error());
  EXPECT_THAT(made.error().text, HasSubstr("cannot create it: No such file or directory"));
}

}  // namespace
}  // namespace halfopen::node

#include "node/shell/key_file.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace halfopen::node {
namespace {

// A key takes about 120 bytes; the rest is room for comments.
constexpr std::size_t kFileBytesMax = 4096;

template <auto Free>
struct Freed {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using OwnedKey = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
using OwnedBio = std::unique_ptr<BIO, Freed<&BIO_free>>;

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags, 0600)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// The bytes of a secret, gone from memory with their owner.
struct SecretText {
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  std::array<char, kFileBytesMax + 1> bytes{};
  std::size_t size = 0;
};

Problem key_problem(const std::string& path, std::string_view what, std::string_view advice) {
  return Problem{"key file ", path, ": ", what, "; ", advice};
}

Problem system_problem(const std::string& path, std::string_view action) {
  return Problem{"key file ", path, ": cannot ", action, ": ", std::strerror(errno)};
}

Result<void> read_text(const std::string& path, SecretText& text) {
  const OpenFile file(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (!file.is_open()) {
    if (errno != ENOENT) return system_problem(path, "open it");
    return key_problem(path, "does not exist", "make one: vote-node keygen " + path);
  }
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) return system_problem(path, "look at it");
  if (!S_ISREG(status.st_mode)) {
    return key_problem(path, "is no regular file", "expected a private key in PEM");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return key_problem(path, "others than its owner have rights to it", "run: chmod 600 " + path);
  }
  while (text.size < text.bytes.size()) {
    const ssize_t count =
        ::read(file.descriptor(), text.bytes.data() + text.size, text.bytes.size() - text.size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_problem(path, "read it");
    if (count == 0) return {};
    text.size += static_cast<std::size_t>(count);
  }
  return key_problem(path, "is longer than " + std::to_string(kFileBytesMax) + " bytes",
                     "expected one private key in PEM and nothing else");
}

// OpenSSL asks for a passphrase only when the key is encrypted. It must not ask the terminal.
int refuse_passphrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

Result<SigningKey> parse(const std::string& path, const SecretText& text) {
  ERR_clear_error();
  const OwnedBio bio{BIO_new_mem_buf(text.bytes.data(), static_cast<int>(text.size))};
  bool encrypted = false;
  const OwnedKey key{PEM_read_bio_PrivateKey(bio.get(), nullptr, &refuse_passphrase, &encrypted)};
  ERR_clear_error();
  if (encrypted) {
    return key_problem(path, "is encrypted", "a node starts without a person: store it as it is");
  }
  if (key == nullptr) {
    return key_problem(path, "holds no private key in PEM",
                       "expected a line \"-----BEGIN PRIVATE KEY-----\"");
  }
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    return key_problem(path, "holds a key of another kind", "expected an Ed25519 key");
  }
  SigningKey::Seed seed{};
  std::size_t size = seed.size();
  if (EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &size) != 1 || size != seed.size()) {
    return key_problem(path, "holds a damaged key", "make another: vote-node keygen FILE");
  }
  const SigningKey parsed(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return parsed;
}

Result<void> write_text(const std::string& path, const OpenFile& file, const char* text,
                        std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t count = ::write(file.descriptor(), text + at, size - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_problem(path, "write it");
    at += static_cast<std::size_t>(count);
  }
  if (::fsync(file.descriptor()) != 0) return system_problem(path, "sync it");
  return {};
}

// Without it a power loss could take the name of a file whose bytes are safe.
void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const OpenFile opened(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened.is_open()) ::fsync(opened.descriptor());
}

}  // namespace

Result<SigningKey> read_key_file(const std::string& path) {
  SecretText text;
  HALFOPEN_CHECK(read_text(path, text));
  return parse(path, text);
}

Result<SigningKey> create_key_file(const std::string& path) {
  SigningKey::Seed seed{};
  if (RAND_priv_bytes(seed.data(), static_cast<int>(seed.size())) != 1) {
    return Problem{"key file ", path, ": the system gave no randomness"};
  }
  const SigningKey made(seed);
  const OwnedKey key{
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())};
  OPENSSL_cleanse(seed.data(), seed.size());
  const OwnedBio bio{BIO_new(BIO_s_secmem())};
  char* text = nullptr;
  const bool encoded = key != nullptr && bio != nullptr &&
                       PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                                     nullptr, nullptr) == 1;
  const auto size = encoded ? BIO_get_mem_data(bio.get(), &text) : 0;
  if (size <= 0) return Problem{"key file ", path, ": cannot encode a key"};

  const OpenFile file(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
  if (!file.is_open()) {
    if (errno != EEXIST) return system_problem(path, "create it");
    return key_problem(path, "exists already", "a key is never overwritten: name another file");
  }
  const auto written = write_text(path, file, text, static_cast<std::size_t>(size));
  if (written.has_error()) {
    ::unlink(path.c_str());  // ours: O_EXCL made it
    return written.error();
  }
  sync_folder_of(path);
  return made;
}

}  // namespace halfopen::node

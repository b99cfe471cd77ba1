"""What ci/lint.py checks, as data: the layers and their arrows, who may use which heavy library,
which calls belong to whom. A new exception is a line here, with its reason."""

CODE_FOLDERS = ("base", "metrics", "profiles", "node", "proxy", "harness", "tests")

# Layer -> the layers that it may include. ARCHITECTURE.md says why.
ARROWS = {
    "base": (),
    "metrics": ("base",),
    "profiles": ("base",),
    "node/core": ("base",),
    "node/shell": ("node/core", "metrics", "base"),
    "proxy/core": ("base",),
    "proxy/shell": ("proxy/core", "profiles", "metrics", "base"),
    "harness/model": ("profiles", "base"),
    "harness/worlds": ("harness/model", "base"),
    "harness/shell": ("harness/model", "harness/worlds", "profiles", "metrics", "base"),
    "tests": ("base", "metrics", "profiles", "node/core", "node/shell", "proxy/core", "proxy/shell",
              "harness/model", "harness/worlds", "harness/shell"),
}

# Layers that decide and never act.
PURE_LAYERS = ("base", "profiles", "node/core", "proxy/core", "harness/model")

# base/ stays free of everything but the standard library and Boost.System.
BASE_INCLUDES = r"boost/system/.*|[a-z_0-9]+"

# Headers by which a pure layer could act, read a clock, start a thread or write a log.
IMPURE_INCLUDES = (
    r"sys/(socket|epoll|select|ioctl|time|timerfd|eventfd|wait|un|uio|mman|stat)\.h",
    r"netinet/.*", r"arpa/.*", r"net/.*", r"linux/.*", r"netdb\.h", r"poll\.h", r"unistd\.h",
    r"fcntl\.h", r"signal\.h", r"csignal", r"time\.h", r"pthread\.h", r"sched\.h",
    r"thread", r"mutex", r"shared_mutex", r"condition_variable", r"future", r"semaphore",
    r"barrier", r"latch", r"stop_token", r"iostream", r"fstream", r"syncstream", r"random",
    r"boost/(asio|beast|process|filesystem|thread|random|log)(/.*)?(\.hpp)?",
    r"spdlog/.*", r"fmt/.*", r"prometheus/.*", r"CLI/.*", r"sqlite3\.h",
    r"metrics/.*",
)

# Library -> (pattern of its includes, files that may include it, folders that may hold one such
# .cpp each). They cost seconds a file, so they sit behind a small header of ours.
HEAVY_LIBRARIES = {
    "Boost.Beast": (r"boost/beast(/.*|\.hpp)", ("metrics/http_conversation.cpp",),
                    ("harness/shell/", "tests/support/")),
    "yaml-cpp": (r"yaml-cpp/.*", (), ("harness/model/", "node/shell/", "profiles/")),
    "Boost.Process": (r"boost/process(/.*|\.hpp)", (), ("harness/shell/", "tests/support/")),
    # "**": any .cpp there; a subcommand is a file, and CLI11 costs three seconds.
    "CLI11": (r"CLI/.*", (), ("node/shell/", "proxy/shell/", "harness/shell/commands/**",
                              "harness/shell/")),
    "OpenSSL": (r"openssl/.*", ("node/core/key.cpp", "node/core/sha256.cpp",
                                "node/shell/key_file.cpp", "node/shell/tls_session.cpp",
                                "tests/fuzz/node_tls_fuzz.cpp",
                                "tests/unit/node_tls_allocation_test.cpp",
                                "tests/unit/node_tls_stranger_test.cpp"), ()),
    "SQLite": (r"sqlite3\.h", (), ("node/shell/",)),
    "libpcap": (r"pcap(/.*)?\.h", ("harness/shell/capture.cpp",), ()),
    "RE2": (r"re2/.*", ("harness/model/expression/label_pattern.cpp",), ()),
    "Asio's compiled part": (r"boost/asio/impl/src\.hpp", ("metrics/boost_asio.cpp",), ()),
    "an umbrella header": (r"boost/(asio|beast|process|json)\.hpp", (), ()),
}

# Rule -> (pattern, where it applies, remedy). Comments and strings are blanked before.
EVERYWHERE = CODE_FOLDERS
PROGRAMS = ("base", "metrics", "profiles", "node", "proxy", "harness")
BANNED_CALLS = {
    "sleep": (r"\b(sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\b"
              r"|(?<![\w.>])(::)?\bsleep\s*\(",
              EVERYWHERE, "wait for a condition with a deadline"),
    "clock": (r"::now\s*\(", PURE_LAYERS + ("metrics", "tests/unit"), "take `now` as a parameter"),
    # A shell may ask Asio's own clock for a timer's deadline; what is recorded has one source.
    "wall clock": (r"\b(clock_gettime|gettimeofday|timespec_get|system_clock)\b"
                   r"|(?<![\w.>])(std::|::)?time\s*\(\s*(nullptr|NULL|0|&)",
                   PROGRAMS + ("tests/unit",), "metrics/clock.hpp is the only door to the clocks"),
    "randomness": (r"(?<![\w.>:])(std::|::)?s?rand(om)?(_r)?\s*\(|\bdrand48\b|\brandom_device\b"
                   r"|\b(uniform|normal|bernoulli|poisson|exponential|geometric|binomial|discrete)"
                   r"_(\w+_)?distribution\b|\bmt19937|\bdefault_random_engine\b|\bstd::shuffle\b"
                   r"|\branges::shuffle\b",
                   PROGRAMS + ("tests/unit",), "use the seeded halfopen::Prng of base/prng.hpp"),
    "thread": (r"\bstd::(jthread|thread|async|mutex)\b|\bpthread_create\b",
               PURE_LAYERS, "cores have no threads"),
    # A path may be taken apart and joined; looking whether it exists is acting.
    "file system": (r"\b(std::filesystem|fs)::(?!path\b)\w+", PURE_LAYERS, "a shell reads files"),
    "output": (r"\bstd::(cout|cerr|clog)\b|\b(printf|puts)\s*\(|\bspdlog::",
               ("node/core", "proxy/core", "harness/model"), "return it; a shell prints"),
}

# (rule, file) -> why this one may.
ALLOWED_CALLS = {
    ("clock", "metrics/clock.cpp"): "it is the only door to the clocks",
    ("sleep", "tests/integration/harness_support.py"):
        "it holds the one wait_until of the Python tests: a condition with a deadline",
    ("wall clock", "metrics/clock.cpp"): "it is the only door to the clocks",
}

# Longer files and functions that exist: a ratchet, no number here may grow. Columns are of scripts.
FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100
LONGER_FILES = {}
LONGER_FUNCTIONS = {}

# find_package(NAME), or a module of pkg_check_modules -> the Debian packages that provide it.
# Threads is part of g++.
PACKAGES_OF = {
    "PkgConfig": ("pkgconf",),
    "libcap": ("libcap-dev",),
    "libcares": ("libc-ares-dev",),
    "libnetfilter_conntrack": ("libnetfilter-conntrack-dev",),
    "libpcap": ("libpcap-dev",),
    "re2": ("libre2-dev",),
    "Threads": (),
    "Boost": ("libboost1.81-dev", "libboost-json1.81-dev", "libboost-filesystem1.81-dev"),
    "yaml-cpp": ("libyaml-cpp-dev",),
    "Protobuf": ("libprotobuf-dev", "protobuf-compiler"),
    "prometheus-cpp": ("prometheus-cpp-dev",),
    "spdlog": ("libspdlog-dev",),
    "CLI11": ("libcli11-dev",),
    "OpenSSL": ("libssl-dev",),
    "SQLite3": ("libsqlite3-dev",),
    "pugixml": ("libpugixml-dev",),
    "GTest": ("libgtest-dev", "libgmock-dev"),
    "benchmark": ("libbenchmark-dev",),
    "rapidcheck": ("librapidcheck-dev",),
    "Python3": ("python3",),
    "gRPC": ("libgrpc++-dev", "protobuf-compiler-grpc"),
}

# Texts that belong to one machine or to notes outside the project. Split, so that this file does
# not contain what it looks for.
FOREIGN_TEXTS = {
    "notes outside the project": r"\.\./" r"shared\b|\b(DESIGN|STYLE|FACTS|TOXIPROXY_API)" r"\.md\b"
                                 r"|\bDESIGN §|\bFACTS §",
    "a path of one machine": r"(?<![\w.])/(home/\w|work/\w|root/\w|Users/\w)|/tmp/" r"briefs",
    "a registry's host": r"\b(deb|security|ftp(\.\w+)?|snapshot)\.debian" r"\.org\b|registry\.npmjs"
                         r"\.org|pypi" r"\.org|proxy\.golang" r"\.org",
}

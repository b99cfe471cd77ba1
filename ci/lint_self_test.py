#!/usr/bin/env python3
"""The self-test of ci/lint.py: each rule passes a small good tree and fails a spoilt one.

A rule that cannot fail protects nothing, so every rule of lint.RULES must appear here with at
least one tree that it refuses; the last test counts them.
"""

import unittest

import lint

GOOD = {
    "README.md": "What it is.\n",
    "base/README.md": "What lives here.\n",
    "base/CMakeLists.txt": "add_library(halfopen_base time.hpp time.cpp)\n",
    "base/time.hpp": "// Time as data.\n#pragma once\n#include <chrono>\n",
    "base/time.cpp": '#include "base/time.hpp"\n\nint days(int hours) {\n  return hours / 24;\n}\n',
    "metrics/README.md": "What lives here.\n",
    "metrics/CMakeLists.txt": "find_package(spdlog REQUIRED)\nadd_library(m clock.cpp)\n",
    "metrics/clock.cpp": "// The clock.\nauto t = std::chrono::steady_clock::now();\n",
    "ci/README.md": "What lives here.\n",
    "ci/deps.txt": "# Packages.\nlibspdlog-dev  build  # the log\n",
    "ci/test": "#!/bin/sh\n# Tests.\ntrue\n",
}

MODEL = {
    "harness/model/README.md": "What lives here.\n",
    "harness/model/CMakeLists.txt": "add_library(model a.hpp b.hpp yaml.cpp more.cpp)\n",
}

EXERCISED = set()


def header(body):
    return "// A header.\n#pragma once\n" + body


class EachRule(unittest.TestCase):
    def refuses(self, rule, fragment, changes, *, times=1):
        """The changed tree has exactly `times` findings of that rule, and says why."""
        EXERCISED.add(rule)
        found = [f for f in lint.findings(lint.Tree({**GOOD, **changes})) if f[2] == rule]
        self.assertEqual(times, len(found), found)
        if times:
            self.assertIn(fragment, found[0][3])

    def accepts(self, changes):
        self.assertEqual([], list(lint.findings(lint.Tree({**GOOD, **changes}))))

    def test_the_good_tree_is_good(self):
        self.accepts({})

    def test_arrows(self):
        self.refuses("arrows", "base may include", {
            "base/time.cpp": '#include "base/time.hpp"\n#include "metrics/names.hpp"\n',
            "metrics/names.hpp": header("")})
        self.refuses("arrows", "is no file of the project", {
            "base/time.cpp": '#include "time.hpp"\n'})
        self.refuses("arrows", "", {
            "tests/unit/x.hpp": header(""),
            "tests/unit/x_test.cpp": '#include "x.hpp"\n'}, times=0)
        self.refuses("arrows", "not tests/", {
            "tests/support/x.hpp": header(""),
            "metrics/clock.cpp": '// Clock.\n#include "tests/support/x.hpp"\n'})
        self.refuses("arrows", "no layer", {"node/extra/x.hpp": header("")})
        self.refuses("arrows", "", {
            "base/time.hpp": header('// #include "metrics/names.hpp"\n')}, times=0)

    def test_arrows_know_generated_files(self):
        include = {"node/core/frame.cpp": '// Frames.\n#include "node/core/wire.pb.h"\n'}
        self.refuses("arrows", "is no file", include)
        self.refuses("arrows", "", {**include, "node/core/wire.proto": "// Wire.\n"}, times=0)
        self.refuses("arrows", "proxy/core may include", {
            "proxy/core/nat.cpp": '// NAT.\n#include "node/core/wire.pb.h"\n',
            "node/core/wire.proto": "// Wire.\n"})

    def test_cycles(self):
        self.refuses("cycles", "a.hpp -> harness/model/b.hpp -> harness/model/a.hpp", {
            **MODEL,
            "harness/model/a.hpp": header('#include "harness/model/b.hpp"\n'),
            "harness/model/b.hpp": header('#include "harness/model/a.hpp"\n')})

    def test_heavy_libraries(self):
        yaml = "// YAML.\n#include <yaml-cpp/yaml.h>\n"
        self.refuses("heavy_libraries", "", {**MODEL, "harness/model/yaml.cpp": yaml}, times=0)
        self.refuses("heavy_libraries", "already included by", {
            **MODEL, "harness/model/yaml.cpp": yaml, "harness/model/more.cpp": yaml})
        self.refuses("heavy_libraries", "only by", {**MODEL, "harness/model/a.hpp": yaml})
        self.refuses("heavy_libraries", "nobody", {
            "metrics/clock.cpp": "// Clock.\n#include <boost/asio.hpp>\n"})

    def test_pure_includes(self):
        for name in ("sys/socket.h", "thread", "boost/asio/io_context.hpp", "spdlog/spdlog.h"):
            self.refuses("pure_includes", "decides and never acts", {
                **MODEL, "harness/model/a.hpp": header(f"#include <{name}>\n")})
        self.refuses("pure_includes", "boost/system only", {
            "base/time.hpp": header("#include <boost/json/value.hpp>\n")})

    def test_banned_calls(self):
        for call in ("std::chrono::steady_clock::now()", "clock_gettime(CLOCK_MONOTONIC, &t)",
                     "time(nullptr)", "rand()", "std::random_device{}", "sleep(1)", "::sleep(1)",
                     "std::this_thread::sleep_for(1s)", "usleep(5)", "std::mt19937_64 g{1};",
                     "std::uniform_int_distribution<int> d;"):
            self.refuses("banned_calls", "", {
                "base/time.cpp": f'#include "base/time.hpp"\nauto x = {call};\n'})
        for fine in ("// rand() is banned", 'auto s = "rand()";', "timer.sleep(1);", "operand(1);",
                     "int a = 1'000; int b = 2'000;", "clock.now();"):
            self.refuses("banned_calls", "", {
                "base/time.cpp": f'#include "base/time.hpp"\n{fine}\n'}, times=0)
        self.refuses("banned_calls", "output", {**MODEL, "harness/model/a.hpp": header(
            "inline void f() { std::cout << 1; }\n")})
        self.refuses("banned_calls", "file system", {**MODEL, "harness/model/a.hpp": header(
            "std::filesystem::path p;\nbool b = std::filesystem::exists(p);\n")})
        self.refuses("banned_calls", "sleep", {"ci/test": "#!/bin/sh\n# Tests.\nsleep 1\n"})

    def test_a_sleep_is_found_in_tests_too(self):
        self.refuses("banned_calls", "sleep", {
            "tests/integration/x_test.cpp": "void f() { std::this_thread::sleep_for(x); }\n"})

    def test_opening(self):
        self.refuses("opening", "#pragma once", {"base/time.hpp": "// Time as data.\n"})
        self.refuses("opening", "opens with a comment", {"base/time.hpp": "#pragma once\n"})
        self.refuses("opening", "opens with a comment", {"metrics/clock.cpp": "#include <ctime>\n"})
        self.refuses("opening", "script opens", {"ci/test": "#!/bin/sh\ntrue\n"})

    def test_lengths(self):
        self.refuses("lengths", "451 lines", {"base/time.hpp": header("//\n" * 449)})
        self.refuses("lengths", "101 columns", {"ci/test": "#!/bin/sh\n# " + "x" * 99 + "\n"})
        body = "  x();\n" * 69
        self.refuses("lengths", "function f has 71 lines", {
            "base/time.cpp": f'#include "base/time.hpp"\nvoid f(int a) {{\n{body}}}\n'})
        self.refuses("lengths", "function Thing::g has 72", {
            "base/time.cpp": f'#include "base/time.hpp"\nint\nThing::g(int a) {{\n{body}}}\n'})
        self.refuses("lengths", "", {
            "base/time.hpp": header(f"void f(int a) {{\n{body[7:]}}}\n")}, times=0)

    def test_dead_files(self):
        self.refuses("dead_files", "no CMake file lists it", {"base/old.hpp": header("")})
        self.refuses("dead_files", "no CMake file lists it", {
            "base/old.hpp": header(""), "base/more.cmake": "# old.hpp\n"})
        self.refuses("dead_files", "", {
            "base/old.hpp": header(""),
            "base/more.cmake": "target_sources(b PRIVATE ${CMAKE_CURRENT_LIST_DIR}/old.hpp)\n"},
            times=0)
        self.refuses("dead_files", "nobody includes", {"metrics/names.inc": "X(a)\n"})

    def test_globs(self):
        self.refuses("globs", "list the sources", {
            "base/more.cmake": "file(GLOB all *.cpp)\n"})

    def test_readmes(self):
        self.refuses("readmes", "no README.md", {
            "harness/model/a.hpp": header("")})
        self.refuses("readmes", "", {**MODEL, "harness/model/deep/a.hpp": header("")}, times=0)

    def test_foreign_texts(self):
        for text in ("see .." + "/shared/x", "as DESIGN" + ".md says", "in /ho" + "me/me/x",
                     "cd /wo" + "rk/tree", "http://deb.debian" + ".org/x"):
            self.refuses("foreign_texts", "", {"README.md": text + "\n"})
        self.refuses("foreign_texts", "", {"README.md": "a/work/tree, a STYLE\n"}, times=0)

    def test_packages(self):
        self.refuses("packages", "libspdlog-dev", {"ci/deps.txt": "# None.\n"})
        self.refuses("packages", "libspdlog-dev", {"ci/deps.txt": "libspdlog-dev  check  # log\n"})
        self.refuses("packages", "say in ci/lint_tables.py", {
            "metrics/CMakeLists.txt": "find_package(Unknown)\nadd_library(m clock.cpp)\n"})
        self.refuses("packages", "libcap-dev", {
            "metrics/CMakeLists.txt":
                "add_library(m clock.cpp)\npkg_check_modules(cap IMPORTED_TARGET libcap)\n"})
        self.refuses("packages", "expected", {
            "ci/deps.txt": "libspdlog-dev  build  # the log\nnoreason  build\n"})

    def test_zz_every_rule_was_seen_to_fail(self):
        self.assertEqual({rule.__name__ for rule in lint.RULES}, EXERCISED)


if __name__ == "__main__":
    unittest.main()

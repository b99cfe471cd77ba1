#!/usr/bin/env python3
"""The rules of this project that no compiler checks: who may include whom, no cycles, no clocks or
sockets where decisions are made, no dead files, no undocumented folders.

    ci/lint.py [FOLDER]      every finding as "file:line: rule: what to do"; exit 1 if there is one

A rule is a function from a Tree to findings; its tables are in lint_tables.py. Standard library
only, and text only: it needs no compiler and takes a second.
"""

import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True  # The tree that is being looked at stays as it was.
import lint_tables as tables  # noqa: E402

CODE_SUFFIXES = (".cpp", ".hpp", ".h", ".cc")
SKIPPED_FOLDERS = ("build", "halfopen-runs", "__pycache__")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


class Tree:
    """Files by their path relative to the root. Tests make one from a dictionary."""

    def __init__(self, texts):
        self.texts = texts
        self.code = sorted(p for p in texts if is_code(p))
        self.cmake = sorted(p for p in texts if p.endswith((".cmake", "CMakeLists.txt")))
        self.scripts = sorted(p for p in texts if is_script(p, texts[p]))

    @staticmethod
    def of(root):
        texts = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS and f != ".git"]
            for name in names:
                if name == ".git":
                    continue  # In a worktree this is a file, which names its own machine's path.
                path = pathlib.Path(folder, name)
                try:
                    texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
                except (UnicodeDecodeError, OSError):
                    continue  # A binary file or a dangling link has nothing to lint.
        return Tree(texts)

    def includes(self, path):
        """(line, in quotes or not, what) of each #include."""
        text = self.texts[path]
        for match in INCLUDE.finditer(blank_comments(text)):
            quoted, target = match[1] == '"', match[2]
            # A test may name a helper beside it without the folder.
            beside = os.path.join(os.path.dirname(path), target)
            if quoted and path.startswith("tests/") and beside in self.texts:
                target = beside
            yield text.count("\n", 0, match.start()) + 1, quoted, target


def is_code(path):
    return path.endswith(CODE_SUFFIXES) and in_folders(path, tables.CODE_FOLDERS)


def is_script(path, text):
    return path.endswith((".py", ".sh")) or text.startswith("#!")


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


COMMENT_OR_STRING = re.compile(
    r'R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'
    r"'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/", re.DOTALL)


def blank_comments(text):
    """Comments become spaces, strings stay: for looking at #include lines."""
    return COMMENT_OR_STRING.sub(lambda m: blank(m) if m[0].startswith("/") else m[0], text)


def blank_comments_and_strings(text):
    # 1'000'000 is no character literal; its ticks would swallow what stands between two numbers.
    return COMMENT_OR_STRING.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text))


def layer_of(path):
    fits = [layer for layer in tables.ARROWS if path.startswith(layer + "/")]
    return max(fits, key=len, default=None)


def in_folders(path, folders):
    return path.startswith(tuple(folder + "/" for folder in folders))


# ---- Rules: Tree -> (path, line, message) ------------------------------------------------------


def arrows(tree):
    for path in tree.code:
        layer = layer_of(path)
        if layer is None:
            yield path, 1, "its folder is no layer: name its arrows in ci/lint_tables.py"
            continue
        for line, quoted, target in tree.includes(path):
            proto = re.sub(r"(\.grpc)?\.pb\.h$", ".proto", target)
            target_layer = layer_of(target)
            if quoted and target not in tree.texts and not generated(tree, proto):
                yield path, line, f'"{target}" is no file of the project: paths start at its root'
            elif target_layer not in (None, layer, *tables.ARROWS[layer]):
                allowed = ", ".join(tables.ARROWS[layer]) or "nothing of ours"
                yield path, line, f"{layer} may include {allowed}, not {target}"


def generated(tree, proto):
    return proto.endswith(".proto") and any(("/" + p).endswith("/" + proto) for p in tree.texts)


def cycles(tree):
    graph = {p: [t for _, _, t in tree.includes(p) if t in tree.texts] for p in tree.code}
    state = {}

    def visit(path, trail):
        state[path] = "open"
        trail = [*trail, path]
        for target in graph.get(path, ()):
            if state.get(target) == "open":
                cycle = [*trail[trail.index(target):], target]
                yield path, 1, "include cycle: " + " -> ".join(cycle)
            elif target not in state:
                yield from visit(target, trail)
        state[path] = "done"

    for path in tree.code:
        if path not in state:
            yield from visit(path, [])


def heavy_libraries(tree):
    for library, (pattern, files, folders) in tables.HEAVY_LIBRARIES.items():
        first_user = {}
        for path in tree.code:
            for line, _, target in tree.includes(path):
                if not re.fullmatch(pattern, target) or path in files:
                    continue
                folder = next((f for f in folders if path.startswith(f.removesuffix("**"))), None)
                if folder is None or not path.endswith(".cpp"):
                    users = [*files, *(f"one .cpp of {f}" if f[-1] == "/" else f for f in folders)]
                    users = " or ".join(users) or "nobody"
                    yield path, line, f"{library} may be included only by {users}"
                elif not folder.endswith("**") and first_user.setdefault(folder, path) != path:
                    yield path, line, (f"{library} is already included by {first_user[folder]}, "
                                       f"and one .cpp of {folder} may")


def pure_includes(tree):
    impure = re.compile("|".join(f"(?:{p})" for p in tables.IMPURE_INCLUDES))
    for path in tree.code:
        layer = layer_of(path)
        for line, quoted, target in tree.includes(path):
            if layer in tables.PURE_LAYERS and impure.fullmatch(target):
                yield path, line, f"{layer} decides and never acts: <{target}> belongs into a shell"
            elif layer == "base" and not quoted and not re.fullmatch(tables.BASE_INCLUDES, target):
                yield path, line, f"base may use std and boost/system only, not <{target}>"


def banned_calls(tree):
    for path in tree.code:
        text = blank_comments_and_strings(tree.texts[path])
        for rule, (pattern, folders, remedy) in tables.BANNED_CALLS.items():
            if in_folders(path, folders) and (rule, path) not in tables.ALLOWED_CALLS:
                for match in re.finditer(pattern, text):
                    line = text.count("\n", 0, match.start()) + 1
                    yield path, line, f"{rule}: {match[0].strip()}: {remedy}"
    for path in tree.scripts:
        if ("sleep", path) in tables.ALLOWED_CALLS:
            continue
        for number, line in enumerate(tree.texts[path].splitlines(), 1):
            if re.match(r"\s*(time\.)?sleep[ (]\s*[\w.\"$]", line):
                yield path, number, "sleep: wait for a condition with a deadline"


def opening(tree):
    for path in tree.code:
        text = tree.texts[path]
        if path.endswith(".h") or path.endswith(".cc"):
            yield path, 1, "headers end in .hpp, sources in .cpp"
        if path.endswith(".hpp") and not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield path, 1, "#pragma once is missing"
        described_elsewhere = (path.endswith("_test.cpp") or
                               path.endswith(".cpp") and path[:-4] + ".hpp" in tree.texts)
        if not text.startswith("//") and not described_elsewhere:
            yield path, 1, "a file opens with a comment that says what it is"
    for path in tree.scripts:
        if not re.match(r'(#![^\n]*\n)?(#(?!!)|""")', tree.texts[path]):
            yield path, 1, "a script opens with a comment that says what it does and why"


def lengths(tree):
    for path in tree.code + tree.scripts:
        lines = tree.texts[path].splitlines()
        allowed = tables.LONGER_FILES.get(path, tables.FILE_LINES_MAX)
        if len(lines) > allowed:
            yield path, allowed, f"{len(lines)} lines, at most {allowed}: one idea a file"
        for number, line in enumerate(lines, 1):
            # clang-format sees to the sources, and knows that a raw string cannot be broken.
            if path in tree.scripts and len(line) > tables.LINE_COLUMNS_MAX:
                yield path, number, f"{len(line)} columns, at most {tables.LINE_COLUMNS_MAX}"
        for start, name, length in functions(tree.texts[path]) if path in tree.code else ():
            allowed = tables.LONGER_FUNCTIONS.get((path, name), tables.FUNCTION_LINES_MAX)
            if length > allowed:
                yield path, start, f"function {name} has {length} lines, at most {allowed}"


def functions(text):
    """(first line, name, lines) of functions at namespace level: clang-format puts their opening
    line and their closing brace into the first column, and nothing else that has parentheses."""
    start = None
    for number, line in enumerate(blank_comments_and_strings(text).splitlines(), 1):
        if start is None and re.match(r"[A-Za-z_:~\[]", line) and not re.match(
                r"(namespace|class|struct|enum|union|using|template|extern)\b", line):
            start, head = number, ""
        if start is None:
            continue
        if line.startswith("}"):
            match = re.search(r"([\w:~]+)\s*\(([\w, ]*)", head)
            if match:
                name = f"{match[1]}({match[2]})" if match[1].startswith("TEST") else match[1]
                yield start, name, number - start + 1
            start = None
        elif "{" not in head:
            head += line + " "
            if line.rstrip().endswith(";"):
                start = None


def dead_files(tree):
    listed = set()
    for path in tree.cmake:
        folder = pathlib.PurePosixPath(path).parent
        text = re.sub(r"#[^\n]*", "", tree.texts[path])
        for word in re.findall(r"[\w./${}+-]+\.(?:cpp|hpp|proto)\b", text):
            for start in ("${PROJECT_SOURCE_DIR}/", "${CMAKE_SOURCE_DIR}/"):
                if word.startswith(start):
                    listed.add(os.path.normpath(word[len(start):]))
            word = re.sub(r"\$\{CMAKE_CURRENT_(SOURCE|LIST)_DIR\}/", "", word)
            listed.add(os.path.normpath((folder / word).as_posix()))
    included = {t for p in tree.code for _, _, t in tree.includes(p)}
    for path in sorted(tree.texts):
        if not in_folders(path, tables.CODE_FOLDERS):
            continue
        if path.endswith(CODE_SUFFIXES + (".proto",)) and path not in listed:
            # A header of tests may be listed by nobody; it lives while somebody includes it.
            if not (path.startswith("tests/") and path.endswith(".hpp") and path in included):
                yield path, 1, "no CMake file lists it: build it or delete it"
        if path.endswith(".inc") and path not in included:
            yield path, 1, "nobody includes it"


def globs(tree):
    for path in tree.cmake:
        text = re.sub(r"#[^\n]*", "", tree.texts[path])
        for match in re.finditer(r"\bfile\s*\(\s*GLOB", text):
            line = text.count("\n", 0, match.start()) + 1
            yield path, line, "list the sources: a GLOB misses what is new"


def readmes(tree):
    """A folder with code is described in its own README.md or in that of the folder above."""
    for folder in sorted({os.path.dirname(p) for p in tree.code} | {"ci"}):
        above = os.path.dirname(folder)
        own, parent = folder + "/README.md", above + "/README.md"
        has_files = any(p.startswith(folder + "/") for p in tree.texts)
        if has_files and own not in tree.texts and (not above or parent not in tree.texts):
            yield own, 1, "the folder has code and no README.md of one screen"


def foreign_texts(tree):
    for path in sorted(tree.texts):
        for what, pattern in tables.FOREIGN_TEXTS.items():
            for match in re.finditer(pattern, tree.texts[path]):
                line = tree.texts[path].count("\n", 0, match.start()) + 1
                yield path, line, f"{match[0]} is {what}"


def packages(tree):
    known = {}
    for number, line in enumerate(tree.texts.get("ci/deps.txt", "").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            match = re.fullmatch(
                r"([a-z0-9.+-]+)\s+(build|test|check|fuzz|fresh|bench)\s+# \S.*", line)
            if match is None:
                yield "ci/deps.txt", number, "expected: package  purpose  # reason"
            elif match[1] in known:
                yield "ci/deps.txt", number, f"{match[1]} is there twice"
            else:
                known[match[1]] = match[2]
    for path in tree.cmake:
        text = re.sub(r"#[^\n]*", lambda m: " " * len(m[0]), tree.texts[path])
        asked = r"\b(?:find_package\s*\(\s*|pkg_check_modules\s*\([^)]*\s)([\w-]+)"
        for match in re.finditer(asked, text):
            line = text.count("\n", 0, match.start()) + 1
            if match[1] not in tables.PACKAGES_OF:
                yield path, line, f"say in ci/lint_tables.py which Debian package {match[1]} is"
            for package in tables.PACKAGES_OF.get(match[1], ()):
                roles = ("build", "test") + (("bench",) if path.startswith("tests/bench/") else ())
                if known.get(package) not in roles:
                    yield path, line, f"{match[1]} needs {package}: add it to ci/deps.txt"


RULES = (arrows, cycles, heavy_libraries, pure_includes, banned_calls, opening, lengths, dead_files,
         globs, readmes, foreign_texts, packages)


def findings(tree):
    for rule in RULES:
        for path, line, message in rule(tree):
            yield path, line, rule.__name__, message


def main(arguments):
    if len(arguments) > 1 or (arguments and not os.path.isdir(arguments[0])):
        print("ci/lint.py: expected [FOLDER]", file=sys.stderr)
        return 64
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent
    tree = Tree.of(root)
    found = sorted(findings(tree))
    for path, line, rule, message in found:
        print(f"{path}:{line}: {rule}: {message}")
    print(f"ci/lint.py: {len(tree.code)} sources, {len(RULES)} rules, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

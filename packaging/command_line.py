"""Manual pages and shell completions out of what the programs themselves say.

A manual that is written by hand parts from its program with the first new option. This reads
`PROGRAM --help` and that of every subcommand, and writes
    man/PROGRAM.1            troff, man(7)
    bash/PROGRAM             bash-completion
    zsh/_PROGRAM             zsh's compsys
    fish/PROGRAM.fish

    command_line.py OUTPUT PROGRAM...
"""

import gzip
import pathlib
import re
import subprocess
import sys

OPTION = re.compile(r"^  (-\S.*?)(?:  +(.*))?$")
WORD = re.compile(r"^  (\S.*?)(?:  +(.*))?$")
FILE_ARGUMENTS = ("FILE", "DIR", "--out", "--pcap", "--junit", "--json", "--config", "--events",
                  "--token-file", "--store", "--key")


class Option:
    def __init__(self, spelled, text):
        names, _, rest = spelled.partition(" ")
        if "=" in names:  # "--seed=1" never comes, "--control IP:PORT=x" does
            names = names.split("=")[0]
        self.names = names.split(",")
        self.argument = re.sub(r" Needs: .*| REQUIRED| \(Env:.*\)| \.\.\.", "", rest).strip()
        self.needs_value = bool(self.argument) and not rest.startswith("Needs:")
        if not self.needs_value:
            self.argument = ""
        choices = re.search(r"\{([^}]*)\}", self.argument)
        self.choices = choices.group(1).split(",") if choices else []
        self.spelled = spelled
        self.text = text

    @property
    def takes_file(self):
        return self.needs_value and (self.argument.split(":")[0].split("=")[0] in FILE_ARGUMENTS
                                     or any(name in FILE_ARGUMENTS for name in self.names))


class Command:
    """One --help, taken apart. `path` is ["halfopen", "run"]."""

    def __init__(self, binary, path):
        self.path = path
        said = subprocess.run([binary, *path[1:], "--help"], capture_output=True, text=True,
                              check=True, timeout=60).stdout
        self.about, self.usage, self.footer = "", "", ""
        self.positionals, self.options, subcommands = [], [], []
        section = "about"
        for line in said.split("\n"):
            heading = line.strip() if not line.startswith(" ") else ""
            if section != "footer" and line.startswith("Usage: "):
                self.usage = line[len("Usage: "):]
            elif section != "footer" and heading in ("Positionals:", "Options:", "Subcommands:"):
                section = heading[:-1]
            elif section != "about" and heading:
                section = "footer"
                self.footer += line + "\n"
            elif section == "footer":
                self.footer += line + "\n"
            elif section == "about":
                self.about += line + " "
            elif line.startswith("     ") and line.strip():
                self._continue(section, subcommands, line.strip())
            elif line.strip():
                self._take(section, subcommands, line)
        self.about = self.about.strip()
        self.footer = self.footer.strip("\n")
        self.subcommands = []
        for names, text in subcommands:
            command = Command(binary, [*path, names[0]])
            command.names, command.summary = names, text
            self.subcommands.append(command)

    def _take(self, section, subcommands, line):
        pattern = OPTION if section == "Options" else WORD
        spelled, text = pattern.match(line).groups()
        text = text or ""
        if section == "Options":
            self.options.append(Option(spelled, text))
        elif section == "Positionals":
            self.positionals.append([spelled, text])
        else:
            subcommands.append([spelled.split(", "), text])

    def _continue(self, section, subcommands, text):
        if section == "Options":
            self.options[-1].text = (self.options[-1].text + " " + text).strip()
        elif section == "Positionals":
            self.positionals[-1][1] = (self.positionals[-1][1] + " " + text).strip()
        else:
            subcommands[-1][1] = (subcommands[-1][1] + " " + text).strip()

    def all(self):
        yield self
        for command in self.subcommands:
            yield from command.all()


def troff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.split("\n"))


def manual(command, version):
    name = command.path[0]
    others = [other for other in ("halfopen", "vote-node", "fault-proxy") if other != name]
    about = command.about[0].lower() + command.about[1:].rstrip(".")
    out = [f'.TH {name.upper()} 1 "" "halfopen {version}" "User Commands"', ".SH NAME",
           troff(f"{name} - {about}"), ".SH SYNOPSIS", ".nf", troff(command.usage)]
    out += [troff(each.usage) for each in list(command.all())[1:]]
    out += [".fi", ".SH DESCRIPTION", troff(command.about), ".SH OPTIONS"]
    for option in command.options:
        out += [".TP", "\\fB" + troff(option.spelled) + "\\fR", troff(option.text)]
    if command.subcommands:
        out.append(".SH COMMANDS")
    for each in list(command.all())[1:]:
        out += [f'.SS "{troff(" ".join(each.path[1:]))}"', troff(each.about)]
        for spelled, text in each.positionals:
            out += [".TP", "\\fI" + troff(spelled) + "\\fR", troff(text)]
        for option in each.options:
            if option.names[-1] not in ("--help", "--version"):
                out += [".TP", "\\fB" + troff(option.spelled) + "\\fR", troff(option.text)]
        if each.footer and each.footer != command.footer:
            out += [".PP", ".nf", troff(each.footer), ".fi"]
    if command.footer:
        out += [".SH NOTES", ".nf", troff(command.footer), ".fi"]
    out += [".SH SEE ALSO", ", ".join(f"\\fB{troff(other)}\\fR(1)" for other in others)]
    return "\n".join(out) + "\n"


def function_name(command):
    return "_" + re.sub(r"\W", "_", "_".join(command.path))


def bash(command):
    """Walks the words to the subcommand that is being typed, then offers its words."""
    cases = []
    for each in command.all():
        words = [name for option in each.options for name in option.names]
        words += [sub.names[0] for sub in each.subcommands]
        values = "".join(
            f"      {'|'.join(option.names)}) "
            + (f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$current"))'
               if option.choices else
               'compopt -o filenames 2>/dev/null; '
               'COMPREPLY=($(compgen -f -- "$current"))'
               if option.takes_file else "COMPREPLY=()") + "; return ;;\n"
            for option in each.options if option.needs_value)
        takes_files = any("FILE" in spelled or "DIR" in spelled for spelled, _ in each.positionals)
        case = f'    "{" ".join(each.path[1:])}")\n'
        if values:
            case += f'      case "$previous" in\n{values}      esac\n'
        case += f'      COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$current"))\n'
        if takes_files:
            case += ('      if [[ $current != -* ]]; then\n'
                     '        compopt -o filenames 2>/dev/null\n'
                     '        COMPREPLY+=($(compgen -f -- "$current"))\n      fi\n')
        cases.append(case + "      ;;\n")
    known = " ".join(f'"{" ".join(each.path[1:])}"' for each in command.all())
    function = function_name(command)
    return (f"# bash completion of {command.path[0]}(1); made of its --help.\n"
            f"{function}() {{\n"
            '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"\n'
            '  local path="" word longer known\n'
            '  for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do\n'
            '    longer="${path:+$path }$word"\n'
            f"    for known in {known}; do\n"
            '      if [[ $known == "$longer" ]]; then path=$longer; fi\n    done\n  done\n'
            '  case "$path" in\n' + "".join(cases) + "  esac\n}\n"
            f"complete -F {function} {command.path[0]}\n")


def zsh(command):
    """zsh runs bash's completions; what they offer is the same."""
    name = command.path[0]
    return (f"#compdef {name}\nautoload -U +X bashcompinit && bashcompinit\n"
            + bash(command).replace("compopt -o filenames 2>/dev/null", ":"))


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(command):
    name = command.path[0]
    lines = [f"# fish completion of {name}(1); made of its --help."]
    for each in command.all():
        path = each.path[1:]
        if path:
            when = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in path)
        else:
            names = " ".join(sub.names[0] for sub in command.subcommands)
            when = f"not __fish_seen_subcommand_from {names}" if names else ""
        condition = f" -n {quoted(when)}" if when else ""
        for sub in each.subcommands:
            lines.append(f"complete -c {name}{condition} -f -a {sub.names[0]} "
                         f"-d {quoted(sub.summary)}")
        for option in each.options:
            line = f"complete -c {name}{condition}"
            for spelled in option.names:
                line += f" -l {spelled[2:]}" if spelled.startswith("--") else f" -s {spelled[1:]}"
            if option.choices:
                line += f" -x -a {quoted(' '.join(option.choices))}"
            elif option.needs_value:
                line += " -r" if option.takes_file else " -x"
            lines.append(line + f" -d {quoted(option.text)}")
    return "\n".join(lines) + "\n"


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def main(arguments):
    if len(arguments) < 2:
        print("command_line.py: expected OUTPUT PROGRAM...", file=sys.stderr)
        return 64
    output = pathlib.Path(arguments[0])
    for binary in arguments[1:]:
        name = pathlib.Path(binary).name
        command = Command(binary, [name])
        version = subprocess.run([binary, "--version"], capture_output=True, text=True,
                                 check=True, timeout=60).stdout.split()[-1]
        page = manual(command, version).encode()
        # Without a time in it, so that the same program makes the same file.
        write(output / "man" / f"{name}.1.gz", gzip.compress(page, 9, mtime=0))
        write(output / "bash" / name, bash(command).encode())
        write(output / "zsh" / f"_{name}", zsh(command).encode())
        write(output / "fish" / f"{name}.fish", fish(command).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

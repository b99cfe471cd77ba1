"""Runs the scenario that README.md tells its reader to save as mine.yaml: what stands there must
work. Arguments: the halfopen program, README.md, and a folder for the run's files."""

import pathlib
import re
import subprocess
import sys

halfopen, readme, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
blocks = re.findall(r"^```yaml\n(.*?)^```$", readme.read_text(encoding="utf-8"),
                    re.MULTILINE | re.DOTALL)
if len(blocks) != 1:
    sys.exit(f"{readme}: expected one yaml block, the scenario, and found {len(blocks)}")
folder.mkdir(parents=True, exist_ok=True)
scenario = folder / "mine.yaml"
scenario.write_text(blocks[0], encoding="utf-8")
command = [halfopen, "run", scenario, "--out", folder / "run"]
sys.exit(subprocess.run(command, check=False).returncode)

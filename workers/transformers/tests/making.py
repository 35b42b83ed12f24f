"""Stands for what makes a model: takes a while, and says in a file that it ran."""

import sys
import time
from pathlib import Path

from nx_study_models.exits import telling_exit_code

log, folder = map(Path, sys.argv[1:])
with open(log, "a") as file:
    file.write("made\n")
time.sleep(0.5)
if log.name == "fails":
    sys.exit("no")
if log.name == "memory":
    with telling_exit_code():
        bytearray(1 << 62)
(folder / "model").write_text("whole")

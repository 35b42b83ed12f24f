"""`python3 tools/gpu-check`: what holds on this machine's GPU; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workers" / "kits" / "python"))

from gpu_check.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

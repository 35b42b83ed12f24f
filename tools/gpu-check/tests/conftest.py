"""Makes the tool and the kit importable."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
for place in (ROOT / "tools" / "gpu-check", ROOT / "workers" / "kits" / "python"):
    sys.path.insert(0, str(place))

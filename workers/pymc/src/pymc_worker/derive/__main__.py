"""`python -m pymc_worker.derive RUN_DIRECTORY OUT`: reads draws.nc, writes one JSON object."""

import sys

from nx_study_posterior.derive.command import main

from .derived import derive

if __name__ == "__main__":
    raise SystemExit(main(derive, sys.argv[1:]))

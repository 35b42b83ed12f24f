"""What a worker written in Python needs to speak the worker protocol; standard library only."""

from .entry import Run, run
from .errors import Unavailable, Unsupported, WorkerError, failure_type
from .events import Events
from .memory import rss_peak_bytes
from .problem import InputProblem, problems_of
from .request import Request
from .result import Outcome, write_json
from .stop import Stop

__all__ = [
    "Events",
    "InputProblem",
    "Outcome",
    "Request",
    "Run",
    "Stop",
    "Unavailable",
    "Unsupported",
    "WorkerError",
    "failure_type",
    "problems_of",
    "rss_peak_bytes",
    "run",
    "write_json",
]

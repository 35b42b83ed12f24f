"""What a worker written in Python needs to speak the worker protocol; standard library only."""

from .entry import Run, run
from .errors import Unavailable, Unsupported, WorkerError, failure_type
from .events import Events
from .memory import rss_peak_bytes
from .request import Request
from .result import Outcome, write_json
from .stop import Stop

__all__ = [
    "Events",
    "Outcome",
    "Request",
    "Run",
    "Stop",
    "Unavailable",
    "Unsupported",
    "WorkerError",
    "failure_type",
    "rss_peak_bytes",
    "run",
    "write_json",
]

"""The life of one measurement process: request in, events on the way, result or failure out."""

import faulthandler
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from .errors import WorkerError, failure_type
from .events import Events
from .request import Request
from .result import Outcome, write_result
from .stop import Stop


@dataclass(frozen=True)
class Run:
    """What `measure` gets: the request, a place for events, the run directory, and the wish to stop.

    What stands in `closing` is called, last one first, once the result is on the disk (phase teardown) or the
    failure is reported.
    """

    directory: Path
    request: Request
    events: Events
    stop: Stop
    closing: list[Callable[[], object]] = field(default_factory=list)


def run(measure: Callable[[Run], Outcome], arguments: list[str] | None = None) -> NoReturn:
    """Perform one measurement in the run directory named on the command line, and exit."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 1:
        print("usage: python -m <worker>.measure RUN_DIRECTORY", file=sys.stderr)
        raise SystemExit(2)
    with suppress(OSError, ValueError):  # without a real stderr there is nowhere to write
        faulthandler.enable()  # a crash in native code leaves its stack in worker.log
    raise SystemExit(_perform(measure, Path(arguments[0]).resolve()))


def _perform(measure: Callable[[Run], Outcome], directory: Path) -> int:
    with Events(directory / "events.jsonl") as events, events.heartbeats():
        closing: list[Callable[[], object]] = []
        code = _measure(measure, directory, events, closing)
        try:
            for close in reversed(closing):
                close()
        except BaseException as error:
            return code or _fail(events, error)  # of two failures the first one counts
        return code


def _measure(
    measure: Callable[[Run], Outcome], directory: Path, events: Events, closing: list[Callable[[], object]]
) -> int:
    stop = Stop()
    try:
        request = Request.read(directory / "request.json")
        _set_title(request)
        outcome = measure(Run(directory, request, events, stop, closing))
        write_result(directory, outcome)
        if closing:
            events.phase("teardown")
        return stop.exit_code if outcome.partial else 0
    except KeyboardInterrupt:
        return 130
    except BaseException as error:
        return _fail(events, error)


def _fail(events: Events, error: BaseException) -> int:
    trace = "".join(traceback.format_exception(error))
    events.failure(failure_type(error), str(error) or type(error).__name__, trace)
    print(f"{error}" if isinstance(error, WorkerError) else trace, file=sys.stderr)
    return error.code if isinstance(error, SystemExit) and isinstance(error.code, int) and error.code else 1


def _set_title(request: Request) -> None:
    try:
        from setproctitle import setproctitle
    except ImportError:  # cosmetic: who looks at `ps` sees the measurement's name, or only python
        return
    setproctitle(f"nx-study: {request.study}.{request.id} r{request.repetition}")

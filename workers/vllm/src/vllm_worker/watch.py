"""The processes that vLLM starts: whoever waits for one that was killed would wait forever."""

import multiprocessing
import signal
import threading
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType

from nx_study_worker import WorkerError

# vLLM may notice by itself, and say more.
GRACE_S = 3.0

ENDED = "processes of vLLM ended"


class ProcessWatch:
    """From its making to `stop`, the end of a child of this process is an error in the main thread."""

    def __init__(self) -> None:
        self._children = multiprocessing.active_children()
        self._stopped = threading.Event()
        if self._children:
            # Only a signal ends the main thread's waiting for a queue or a lock.
            signal.signal(signal.SIGUSR1, self._raise)
            threading.Thread(target=self._watch, name="process watch", daemon=True).start()

    def stop(self) -> None:
        """From now on children may end."""
        self._stopped.set()

    def _watch(self) -> None:
        wait([child.sentinel for child in self._children])
        main = threading.main_thread().ident
        if not self._stopped.wait(GRACE_S) and main is not None:  # a thread that runs has one
            signal.pthread_kill(main, signal.SIGUSR1)

    def _raise(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopped.is_set():
            return
        self.stop()
        raise WorkerError(ended(self._children))


def ended(children: list[BaseProcess]) -> str:
    """Say which processes ended, and how."""
    codes = {child.name: child.exitcode for child in children if child.exitcode is not None}
    said = ", ".join(f"{name} by {_how(code)}" for name, code in codes.items())
    killed = ": perhaps for the memory it took" if -signal.SIGKILL in codes.values() else ""
    return f"{ENDED}: {said}{killed}"


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"

import multiprocessing
import os
import queue
import signal
import time

import pytest

from nx_study_worker import WorkerError
from vllm_worker import watch
from vllm_worker.watch import ProcessWatch, ended


@pytest.fixture
def child(monkeypatch):
    monkeypatch.setattr(watch, "GRACE_S", 0.2)
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,), name="engine")
    process.start()
    before = signal.getsignal(signal.SIGUSR1)
    yield process
    process.kill()
    process.join()
    signal.signal(signal.SIGUSR1, before)


def test_a_killed_child_ends_the_waiting_of_the_main_thread(child):
    ProcessWatch()
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="engine by SIGKILL: perhaps for the memory"):
        queue.Queue().get(timeout=30)


def test_a_child_may_end_once_the_watch_has_stopped(child):
    watching = ProcessWatch()
    watching.stop()
    os.kill(child.pid, signal.SIGTERM)
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=1)


def test_no_handler_without_children():
    before = signal.getsignal(signal.SIGUSR1)
    ProcessWatch()
    assert signal.getsignal(signal.SIGUSR1) is before


def test_how_it_ended():
    class Ended:
        name = "EngineCore"
        exitcode = 3

    assert ended([Ended()]) == "processes of vLLM ended: EngineCore by exit code 3"

import json
import re
from pathlib import Path

from conftest import SCHEMA, WORKER

MANIFEST = json.loads((WORKER / "worker.json").read_text())
LOCKS = MANIFEST["environment"]["variants"]["locks"]


def pins(lock):
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", (WORKER / lock).read_text(), flags=re.M))


def test_manifest_names_what_is_there():
    for pattern in MANIFEST["measuring"]:
        file = WORKER / pattern.removeprefix("!").replace("{kits}", "../kits")
        if pattern.startswith("!"):
            assert file.is_file(), pattern
            continue
        base, _, rest = str(file).rpartition("/**")
        assert list(Path(base).rglob("*.py")), pattern
        assert rest == "/*.py"
    assert set(LOCKS) < set(SCHEMA["properties"][MANIFEST["environment"]["variants"]["by"]]["enum"])


def test_locks_are_hashed_and_name_no_host():
    for lock in (*LOCKS.values(), "requirements-test.lock"):
        text = (WORKER / lock).read_text()
        assert len(pins(lock)) > 40
        hashed = re.findall(r"^[a-z0-9].*\\\n    --hash=sha256:", text, flags=re.M)
        assert len(hashed) == len(pins(lock)), lock
        assert "://" not in text
        assert "--find-links" not in text


def test_cpu_brings_no_cuda_and_otherwise_both_are_the_same():
    cpu, cuda = pins(LOCKS["cpu"]), pins(LOCKS["cuda"])
    assert not [name for name in cpu if name.startswith(("nvidia-cu", "nvidia-nc", "cuda-", "triton"))]
    assert "nvidia-cudnn-cu13" in cuda
    assert cpu["torch"] == f"{cuda['torch']}+cpu"
    assert {name: version for name, version in cpu.items() if name != "torch"}.items() <= cuda.items()


def test_the_tests_run_what_is_measured():
    assert pins(LOCKS["cpu"]).items() <= pins("requirements-test.lock").items()


def test_nothing_is_fetched_and_nothing_of_the_users_home_is_used():
    assert MANIFEST["env"]["HF_HUB_OFFLINE"] == "1"
    assert MANIFEST["env"]["HF_HOME"].startswith("{cache}/")

import json
import re

from conftest import WORKER


def test_manifest_names_what_is_there():
    manifest = json.loads((WORKER / "worker.json").read_text())
    assert (WORKER / manifest["config"]).is_file()
    assert (WORKER / manifest["environment"]["lock"]).is_file()
    # Without it a warm compile cache gives other draws than a cold one.
    assert "numba__fastmath=False" in manifest["env"]["PYTENSOR_FLAGS"]
    for key in ("measuring", "deriving"):
        for pattern in manifest[key]:
            glob = pattern.removeprefix("!").replace("{kits}", "../kits")
            base, _, rest = glob.rpartition("/**") if "**" in glob else (glob, "", "")
            assert (WORKER / base).exists(), pattern
            assert not rest or rest in ("/*.py", ""), pattern


def test_locks_are_hashed_and_name_no_host():
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (WORKER / name).read_text()
        packages = re.findall(r"^[a-z0-9][a-z0-9._-]*==", text, flags=re.M)
        assert len(packages) > 40
        assert len(re.findall(r"^[a-z0-9].*\\\n    --hash=sha256:", text, flags=re.M)) == len(packages)
        assert "://" not in text


def test_both_locks_agree():
    def pins(name):
        return set(re.findall(r"^([a-z0-9][a-z0-9._-]*==[^ ;]+)", (WORKER / name).read_text(), flags=re.M))

    assert pins("requirements.lock") <= pins("requirements-test.lock")

"""Which modules were really imported: each must belong to what the measurement is identified by."""

import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytensor

from nx_study_worker import Request, Unsupported

# The folder of this worker's code, and that of the kits.
OWN = (Path(__file__).parents[1], Path(sys.modules["nx_study_worker"].__file__ or "").parents[1])


def check_run_imports(request: Request) -> None:
    """`check_imports` for a run: its compilers keep code in folders of their own."""
    listed = request.modules.get("model", [request.configuration["model"]])
    check_imports(listed, [request.cache_dir, pytensor.config.base_compiledir])


def check_imports(listed: Iterable[str], caches: Iterable[str | Path] = ()) -> None:
    """Raise Unsupported for a module whose file nx-study does not know to belong to the measurement.

    `listed` are the model file and the modules that nx-study found it to import; `caches` are folders of
    compiled code.
    """
    known = {Path(file).resolve() for file in listed}
    folders = [*_environment(), *OWN, *(Path(folder).resolve() for folder in caches)]
    strays = {
        name: file
        for name, file in _imported()
        if file not in known and not any(file.is_relative_to(folder) for folder in folders)
    }
    if not strays:
        return
    name, file = min(strays.items())
    more = f" (and {len(strays) - 1} more)" if len(strays) > 1 else ""
    raise Unsupported(
        f"model: it imported the module {name} from {file}{more}. No identity covers that file, so an edit "
        "of it would go unnoticed. Put it into the model's folder or below, and import it by an import "
        "statement; or install it by a lock of your own (`requirements`)"
    )


def _imported() -> Iterator[tuple[str, Path]]:
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and isinstance(file, str):
            yield name, Path(file).resolve()


def _environment() -> set[Path]:
    """The interpreter's library and the installed packages; temporary files are this run's alone."""
    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return {Path(folder).resolve() for folder in (*folders, *site.getsitepackages(), tempfile.gettempdir())}

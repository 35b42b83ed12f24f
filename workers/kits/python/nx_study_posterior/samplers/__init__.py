"""The samplers by name, one file each; only the one that is asked for is imported."""

from importlib import import_module
from importlib.util import find_spec

from nx_study_worker import Unsupported

from ..built import BuiltModel
from ..sampler_keys import PRIOR
from ..sampling import Prepared, Settings

# Name → module of this package, and the packages that it needs.
SAMPLERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "nutpie": ("nutpie_nuts", ("nutpie",)),
    "pymc": ("pymc_nuts", ("pymc",)),
    "numpyro": ("jax_nuts", ("jax", "numpyro")),
    "blackjax": ("jax_nuts", ("jax", "blackjax")),
}


def check_installed(sampler: str) -> None:
    """Raise Unsupported where a package that the sampler needs is missing; `prior` needs none."""
    if sampler == PRIOR:
        return
    missing = [package for package in SAMPLERS[sampler][1] if find_spec(package) is None]
    if missing:
        raise Unsupported(
            f"sampler: {sampler} needs {' and '.join(missing)}, which this environment lacks; "
            "name a lock with it in `requirements`, or take another sampler"
        )


def prepare(built: BuiltModel, settings: Settings) -> Prepared:
    """Compile the model for its sampler, and check the start."""
    check_installed(settings.sampler)
    module = import_module(f".{SAMPLERS[settings.sampler][0]}", __name__)
    prepared: Prepared = module.prepare(built, settings)
    return prepared

"""The model file, run: its module, and the built model."""

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pymc as pm

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.missing import with_missing
from nx_study_worker import Unsupported

from .config import Configuration


@dataclass(frozen=True)
class OwnModel:
    """What the model file defines, with the data and settings that its functions get."""

    path: Path
    module: ModuleType
    data: Mapping[str, Any]
    config: Mapping[str, Any]

    def build(self) -> BuiltModel:
        """Build and start. Raises Unsupported where the model can't be sampled."""
        model = self.call("build")
        if not isinstance(model, pm.Model):
            raise Unsupported(f"{self.path}: build returned a {type(model).__name__}, and no pymc.Model")
        if not model.free_RVs:
            raise Unsupported(f"{self.path}: the model has no free variable, so there is nothing to sample")
        self._refuse_discrete(model)
        self._refuse_empty(model)
        initial = self.call("start") if self.defines("start") else {}
        return BuiltModel(model, initial=self._known(model, initial), steady=self._steady(model))

    def defines(self, name: str) -> bool:
        """Whether the file has this function or name."""
        return hasattr(self.module, name)

    def call(self, function: str, *first: Any) -> Any:
        """Call a function of the file; what it raises is told with the line in the file."""
        return self._told(lambda: getattr(self.module, function)(*first, self.data, self.config), function)

    def _told(self, call: Callable[[], Any], function: str) -> Any:
        try:
            return call()
        except MemoryError:
            raise
        except Exception as error:
            raise Unsupported(f"{_place(self.path, error)}: {function} raised {_said(error)}") from error

    def _refuse_discrete(self, model: pm.Model) -> None:
        """Raises Unsupported where one of the free variables is."""
        discrete = [one for one in model.free_RVs if one.dtype.startswith(("int", "uint", "bool"))]
        if missing := [one for one in with_missing(model) if one.free in discrete]:
            raise Unsupported(
                f"{self.path}: {', '.join(map(str, missing))}, and NUTS can't sample them, as they are "
                "discrete; leave these rows out of the data before you build the model"
            )
        if discrete:
            raise Unsupported(
                f"{self.path}: NUTS samples continuous variables; sum over "
                f"{', '.join(one.name for one in discrete)} instead (such as pm.Mixture)"
            )

    def _refuse_empty(self, model: pm.Model) -> None:
        """Raises Unsupported for an observed variable without a value: its posterior would be the prior."""
        empty = [one.name for one in model.observed_RVs if not model.rvs_to_values[one].size.eval()]
        if empty:
            raise Unsupported(
                f"{self.path}: {', '.join(empty)} {'has' if len(empty) == 1 else 'have'} no observed value; "
                "did a selection of rows match none?"
            )

    def _known(self, model: pm.Model, initial: Any) -> dict[str, Any]:
        names = {variable.name for variable in model.free_RVs}
        if not isinstance(initial, Mapping):
            raise Unsupported(f"{self.path}: start must return a dict, name → value")
        if unknown := sorted(set(initial) - names):
            raise Unsupported(
                f"{self.path}: start names {', '.join(unknown)}; free are {', '.join(sorted(names))}"
            )
        return dict(initial)

    def _steady(self, model: pm.Model) -> frozenset[str]:
        """The variables without jitter. `jitter` names those with it, or is true or false for all."""
        names = frozenset(variable.name for variable in model.free_RVs)
        jitter = getattr(self.module, "jitter", True)
        if isinstance(jitter, bool):
            return frozenset() if jitter else names
        jittered = frozenset([jitter] if isinstance(jitter, str) else jitter)
        if unknown := sorted(jittered - names):
            raise Unsupported(
                f"{self.path}: jitter names {', '.join(unknown)}; free are {', '.join(sorted(names))}"
            )
        return names - jittered


def load_model(configuration: Configuration, data: Mapping[str, Any]) -> OwnModel:
    """Run the file, with its folder as the first place where modules are looked for."""
    path = configuration.model.path
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    # Bytecode is told from its source by the second only: an edit within one must not go unnoticed.
    sys.dont_write_bytecode = True
    name = path.stem
    if name in sys.modules:
        raise Unsupported(
            f"{path}: a model can't have the name of the module {name}, which is in use; rename the file"
        )
    specification = spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    module = module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except MemoryError:
        raise
    except Exception as error:
        raise Unsupported(f"{_place(path, error)}: the file raised {_said(error)}") from error
    return OwnModel(path, module, data, configuration.config)


def _place(path: Path, error: BaseException) -> str:
    """The last line within the file that led to the error."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f"{path}, line {lines[-1]}" if lines else str(path)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"

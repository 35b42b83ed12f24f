"""A model run forwards: parameters from the prior, data from the parameters; its data made replaceable."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor
from pymc.distributions.transforms import Ordered, _default_transform
from pymc.logprob.transforms import ChainedTransform, IntervalTransform
from pymc.pytensorf import collect_default_updates, reseed_rngs
from pytensor.graph.basic import equal_computations
from pytensor.graph.replace import clone_replace, graph_replace
from pytensor.graph.traversal import ancestors
from pytensor.tensor import as_tensor_variable

from nx_study_worker import Unsupported

# The functions here are cheap and called a few hundred times: compiling them well would take longer.
MODE = pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile")

Values = Mapping[str, np.ndarray]

NOT_DRAWN = "the prior can't be drawn from"


class Forward:
    """Draws from the joint distribution of parameters and data of `model`."""

    def __init__(self, model: pm.Model) -> None:
        """Raises Unsupported where the prior can't be drawn from."""
        refuse_undrawable(model)
        self._free = list(model.free_RVs)
        self._observed = list(model.observed_RVs)
        self._inputs = {one: one.type(name=one.name) for one in self._free}
        orders = {one: order for one in self._free if (order := _order(model, one)) is not None}
        self._ascending = {one.name: bool(order.ascending) for one, order in orders.items()}
        # Those whose prior depends on a sorted variable are drawn after the sorting.
        self._late = [one for one in self._free if _depends_on(one, list(orders))]
        self._early = [one for one in self._free if one not in self._late]
        given = {one: self._inputs[one] for one in self._early}
        self._first = _Seeded([], self._early)
        self._second = _Seeded(list(given.values()), list(clone_replace(self._late, replace=given)))
        self._data = _Seeded(list(self._inputs.values()), self._with_inputs(self._observed))

    def parameters(self, seed: int) -> dict[str, np.ndarray]:
        """One draw of all free variables from the prior."""
        first = zip(self._early, self._first(seed), strict=True)
        early = [self._in_order(one.name, np.asarray(value)) for one, value in first]
        late = self._second(seed + 1, *early) if self._late else []
        drawn = zip([*self._early, *self._late], [*early, *late], strict=True)
        return {one.name: np.asarray(value) for one, value in drawn}

    def data(self, parameters: Values, seed: int) -> dict[str, np.ndarray]:
        """The observed variables, drawn given the parameters."""
        drawn = self._data(seed, *(parameters[one.name] for one in self._free))
        return {one.name: np.asarray(value) for one, value in zip(self._observed, drawn, strict=True)}

    def function(self, variables: Mapping[str, Any]) -> Callable[[Values], dict[str, np.ndarray]]:
        """Evaluates variables of the model, such as deterministic ones, at given parameters."""
        compiled = pm.compile(
            list(self._inputs.values()),
            self._with_inputs(list(variables.values())),
            mode=MODE,
            on_unused_input="ignore",
        )

        def evaluate(parameters: Values) -> dict[str, np.ndarray]:
            values = compiled(*(parameters[one.name] for one in self._free))
            return {name: np.asarray(value) for name, value in zip(variables, values, strict=True)}

        return evaluate

    def _in_order(self, name: str, value: np.ndarray) -> np.ndarray:
        ascending = self._ascending.get(name)
        if ascending is None:
            return value
        return np.sort(value) if ascending else np.sort(value)[..., ::-1]

    def _with_inputs(self, variables: list[Any]) -> list[Any]:
        return list(clone_replace(variables, replace=self._inputs))


class _Seeded:
    """A compiled function with random variables, whose generators are set before each call."""

    def __init__(self, inputs: list[Any], outputs: list[Any]) -> None:
        self._generators = list(collect_default_updates(inputs=inputs, outputs=outputs))
        self._function = pm.compile(inputs, outputs, random_seed=False, mode=MODE, on_unused_input="ignore")

    def __call__(self, seed: int, *values: np.ndarray) -> list[np.ndarray]:
        reseed_rngs(self._generators, seed)
        found: list[np.ndarray] = self._function(*values)
        return found


def of_parameters(model: pm.Model) -> list[Any]:
    """The deterministic variables but for those that hold data, such as one with missing values."""
    observed = set(model.observed_RVs)
    return [one for one in model.deterministics if observed.isdisjoint(ancestors([one]))]


def share_data(model: pm.Model) -> dict[str, str]:
    """Put shared variables in place of the observed values, so that one compiled model fits many data.

    Returns their names, for `with_data`, by the names of the observed variables.
    """
    names = {}
    for variable in model.observed_RVs:
        before = model.rvs_to_values[variable]
        values = np.asarray(before.eval())
        shared = pytensor.shared(values, name=f"{variable.name}__simulated", shape=values.shape)
        del model.values_to_rvs[before]
        model.rvs_to_values[variable] = shared
        model.values_to_rvs[shared] = variable
        names[variable.name] = shared.name
    return names


def log_likelihood(model: pm.Model) -> Any:
    """The log density of all observed values given the parameters, as a variable of the model."""
    values = {variable: model.rvs_to_values[variable] for variable in model.observed_RVs}
    terms = [pm.logp(variable, value, warn_rvs=False).sum() for variable, value in values.items()]
    # One that depends on another, such as an outcome on a mediator, depends on what was observed of it.
    return graph_replace(sum(terms[1:], start=terms[0]), values, strict=False)


def draw_seed(seed: int, at: int, part: str) -> int:
    """The seed of a part of draw `at`, counted from 0: the same however many draws there are; in [0, 2³²)."""
    text = f"nx-study seed {seed} draw {at} {part}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def refuse_undrawable(model: pm.Model) -> None:
    """Raises Unsupported where draws of the variables, one after the other, are none from their prior."""
    if model.potentials:
        names = ", ".join(one.name for one in model.potentials)
        raise Unsupported(
            f"{NOT_DRAWN}: nothing can be drawn from a potential, and the model has {names}; "
            "write it as a distribution (pm.CustomDist with logp and random)"
        )
    ordered = [one for one in model.free_RVs if _order(model, one) is not None]
    for variable in model.free_RVs:
        if limiting := limiting_transform(model, variable):
            raise Unsupported(
                f"{NOT_DRAWN}: {variable.name} has the transform {limiting}, which is not "
                "that of its distribution and may limit its prior; write the limits as a distribution"
            )
        if variable not in ordered:
            continue
        if _depends_on(variable, ordered):
            raise Unsupported(f"{NOT_DRAWN}: {variable.name} is ordered and depends on another that is")
        if not _is_exchangeable(variable):
            raise Unsupported(
                f"{NOT_DRAWN}: {variable.name} is ordered by its transform, and its elements have "
                "different priors, so sorted draws are not draws from its prior"
            )


def limiting_transform(model: pm.Model, variable: Any) -> str | None:
    """The name of a transform through which a free variable may not have all values of its distribution.

    None where it has only that of its distribution, or none, and perhaps one that orders its elements.
    """
    transforms = _transforms(model, variable)
    default = _default_transform(variable.owner.op, variable)
    if transforms and _same(transforms[0], default, variable):
        transforms = transforms[1:]
        # Of what is only bounded above, the distance to the bound is ordered: the other way round.
        if isinstance(default, IntervalTransform) and default.args_fn(*variable.owner.inputs)[0] is None:
            return type(transforms[0]).__name__ if transforms else None
    if len(transforms) == 1 and isinstance(transforms[0], Ordered) and not transforms[0].positive:
        return None
    return type(transforms[0]).__name__ if transforms else None


def _transforms(model: pm.Model, variable: Any) -> list[Any]:
    transform = model.rvs_to_transforms[variable]
    if transform is None:
        return []
    return list(transform.transform_list) if isinstance(transform, ChainedTransform) else [transform]


def _same(one: Any, other: Any, variable: Any) -> bool:
    """Intervals have limits, which must be equal, too."""
    if type(one) is not type(other):
        return False
    if not isinstance(one, IntervalTransform):
        return True
    limits = [transform.args_fn(*variable.owner.inputs) for transform in (one, other)]
    return all(
        mine is its is None
        or (
            mine is not None
            and its is not None
            and equal_computations([as_tensor_variable(mine)], [as_tensor_variable(its)])
        )
        for mine, its in zip(*limits, strict=True)
    )


def _order(model: pm.Model, variable: Any) -> Ordered | None:
    return next((one for one in _transforms(model, variable) if isinstance(one, Ordered)), None)


def _depends_on(variable: Any, others: list[Any]) -> bool:
    return any(one is not variable and one in others for one in ancestors([variable]))


def _is_exchangeable(variable: Any) -> bool:
    """Whether all elements along the last axis have the same parameters."""
    operation = variable.owner.op
    if getattr(operation, "ndim_supp", 1) != 0:
        return False
    parameters = operation.dist_params(variable.owner)
    return all(one.type.ndim == 0 or one.type.broadcastable[-1] for one in parameters)

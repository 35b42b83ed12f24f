"""The sum of the votes' log-likelihoods as one operation, whose gradient comes from the same pass.

The model keeps its observed variable, with a value for every cell. Only where a graph needs nothing but
their sum, as the density that is sampled does, the rewrite below puts the kernel in its place. PyMC and
nutpie apply it before they take the gradient.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba.extending import register_jitable
from pytensor.compile.builders import SymbolicOp
from pytensor.gradient import DisconnectedType, disconnected_type, grad, pullback
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import copy_stack_trace, node_rewriter
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key
from pytensor.tensor.math import Sum
from pytensor.tensor.rewriting.basic import register_canonicalize

from . import kernel


def logits(xi: Any, alpha: Any, beta: Any, member: Any, rollcall: Any) -> Any:
    """η = β ξ − α of each observed cell, β ξ being the scalar product where ξ has several dimensions."""
    product = beta[rollcall] * xi[member]
    return (product if product.type.ndim == 1 else product.sum(axis=1)) - alpha[rollcall]


def log_likelihood(votes: Any, eta: Any) -> Any:
    """The logarithm of P(y | η) of each cell, y being 0 or 1."""
    return -pt.softplus((1 - 2 * votes) * eta)


class CellLogits(SymbolicOp):
    """`logits` of a matrix of which most cells are observed."""

    __props__ = ("members", "rollcalls")

    def build_inner_graph(self, *inputs: Variable) -> list[Variable]:
        """As PyTensor asks for it."""
        return [logits(*inputs)]


class CellLogLikelihood(SymbolicOp):
    """`log_likelihood` where the rewrite below can find it."""

    def build_inner_graph(self, *inputs: Variable) -> list[Variable]:
        """As PyTensor asks for it."""
        return [log_likelihood(*inputs)]


class VotesLogLikelihood(Op):
    """The sum over all cells and its gradients by ξ, α and β, as PyTensor and numba call the kernel."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Inputs: ξ, α, β, and the signs as the kernel takes them."""
        xi, alpha, beta, signs = map(pt.as_tensor, inputs)
        return Apply(self, [xi, alpha, beta, signs], [pt.dscalar(), xi.type(), alpha.type(), beta.type()])

    def perform(self, _node: Apply, inputs: Any, output_storage: Any) -> None:
        """In modes without machine code, where making the kernel would take longer than it saves."""
        for storage, output in zip(output_storage, _by_numpy(*inputs), strict=True):
            storage[0] = output

    def infer_shape(self, _node: Apply, shapes: Any) -> list[Any]:
        """A scalar, and the shapes of ξ, α and β."""
        return [(), *shapes[:3]]

    def connection_pattern(self, _node: Apply) -> list[list[bool]]:
        """Nothing is derived with respect to the signs."""
        return [[True] * 4, [True] * 4, [True] * 4, [False] * 4]

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Of the value: the other outputs, times its cotangent."""
        of_value, *of_gradients = cotangents
        parts = []
        if not isinstance(of_value.type, DisconnectedType):
            parts.append([of_value * gradient for gradient in outputs[1:]])
        if not all(isinstance(of.type, DisconnectedType) for of in of_gradients):
            parts.append(_second_derivatives(inputs, of_gradients))
        return [*map(sum, zip(*parts, strict=True)), disconnected_type()]


def _second_derivatives(inputs: Any, of_gradients: Any) -> Any:
    """Those of the plain graph: samplers do not ask for them."""
    xi, alpha, beta, signs = inputs
    signs = signs[:, : alpha.shape[0]]
    product = pt.outer(xi, beta) if xi.type.ndim == 1 else xi @ beta.T
    plain: Any = -(abs(signs) * pt.softplus(-signs * (product - alpha))).sum()
    of_plain: Any = grad(plain, [xi, alpha, beta])
    gradients = zip(of_plain, of_gradients, strict=True)
    connected = [pair for pair in gradients if not isinstance(pair[1].type, DisconnectedType)]
    functions, cotangents = zip(*connected, strict=True)
    return pullback(list(functions), [xi, alpha, beta], list(cotangents))


@register_canonicalize
@node_rewriter([Sum])
def sum_in_one_pass(_fgraph: Any, node: Any) -> list[Variable] | None:
    """Σ log P(y | η) over all cells of a dense model is the first output of the kernel."""
    (cells,) = node.inputs
    if node.outputs[0].type.ndim != 0 or not _made_by(cells, CellLogLikelihood):
        return None
    votes, eta = cells.owner.inputs
    if not _made_by(eta, CellLogits):
        return None
    xi, alpha, beta, member, rollcall = eta.owner.inputs
    if any(variable.type.dtype != "float64" for variable in (xi, alpha, beta)):
        return None
    shape = (eta.owner.op.members, kernel.padded(eta.owner.op.rollcalls))
    # All constants, as a rule, so that PyTensor computes this once.
    none = pt.constant(np.zeros(shape, dtype=np.int8))
    signs = none[member, rollcall].set((2 * votes - 1).astype("int8"))
    value = VotesLogLikelihood().make_node(xi, alpha, beta, signs).outputs[0]
    copy_stack_trace(node.outputs[0], value)
    return [value]


def _made_by(variable: Any, op: type) -> bool:
    return variable.owner is not None and isinstance(variable.owner.op, op)


@register_jitable
def _check(xi: Any, alpha: Any, beta: Any, signs: Any) -> None:
    # The kernel's loops do not look whether they are inside their arrays.
    if len(xi) != signs.shape[0] or len(beta) != len(alpha) or kernel.padded(len(alpha)) != signs.shape[1]:
        raise ValueError("xi is not as long as members are, or alpha or beta not as long as roll calls are")


def _by_numpy(xi: Any, alpha: Any, beta: Any, signs: Any) -> list[Any]:
    _check(xi, alpha, beta, signs)
    signs = signs[:, : len(alpha)].astype(float)
    with np.errstate(over="ignore", invalid="ignore"):
        eta = xi.reshape(len(xi), -1) @ beta.reshape(len(beta), -1).T - alpha
    eta = np.where(signs != 0, eta, 0)
    small = np.exp(-np.abs(eta))
    values = np.abs(signs) * (np.minimum(signs * eta, 0) - np.log1p(small))
    by_eta = signs * np.where(signs * eta < 0, 1, small) / (1 + small)
    return [np.asarray(values.sum()), by_eta @ beta, -by_eta.sum(axis=0), by_eta.T @ xi]


@kernel.compiled
def _evaluate(xi: Any, alpha: Any, beta: Any, signs: Any) -> Any:
    _check(xi, alpha, beta, signs)
    value, d_xi, d_alpha, d_beta = kernel.value_and_gradient(
        np.ascontiguousarray(xi).reshape(len(xi), -1),
        alpha,
        np.ascontiguousarray(beta).reshape(len(beta), -1),
        signs,
    )
    return np.asarray(value), d_xi.reshape(xi.shape), d_alpha, d_beta.reshape(beta.shape)


@register_funcify_default_op_cache_key(VotesLogLikelihood)
def _funcify(_op: VotesLogLikelihood, **_: Any) -> Any:
    """The machine code, and a number that changes with its source: PyTensor keeps the code on disk."""
    sources = b"".join(Path(file).read_bytes() for file in (kernel.__file__, __file__))
    return _evaluate, int(hashlib.sha256(sources).hexdigest()[:15], 16)

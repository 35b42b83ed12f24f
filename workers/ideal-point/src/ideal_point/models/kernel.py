"""The log-likelihood of a dense matrix of votes and its gradient in one pass, as machine code.

Every operation is one of IEEE 754, in a fixed order, sums too. There is no `fastmath`, and each fused
multiply-add is written out, so the bits do not depend on how LLVM vectorises or inlines.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, register_jitable

Array = np.ndarray[Any, Any]
LANES = 8

# Machine code alone calls what is compiled here: what Python and C would call is left out.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
compiled = njit(**_OPTIONS)
_inlined = njit(**_OPTIONS, forceinline=True)


@register_jitable
def padded(rollcalls: int) -> int:
    """The width of `signs`: no loop over one of its rows has a remainder."""
    return -(-rollcalls // LANES) * LANES


@compiled
def value_and_gradient(
    xi: Array, alpha: Array, beta: Array, signs: Array
) -> tuple[float, Array, Array, Array]:
    """Σ log σ(s η) with η = Σₖ βₖ ξₖ − α over the cells with s ≠ 0, and its gradient.

    `xi` is members × dimensions, `beta` roll calls × dimensions, `alpha` roll calls. `signs`, int8, is
    members × padded(roll calls): 1 for a vote 1, −1 for a vote 0, 0 for none. Returns the sum and the
    gradients with respect to `xi`, `alpha` and `beta`, in the shapes of the three.
    """
    members, width = signs.shape
    rollcalls, dimensions = beta.shape
    rows = np.zeros((5 + 2 * dimensions, width))
    values, weight, minus_alpha, d_minus_alpha, base = rows[0], rows[1], rows[2], rows[3], rows[4]
    slopes, d_slopes = rows[5 : 5 + dimensions], rows[5 + dimensions :]
    for j in range(rollcalls):
        minus_alpha[j] = -alpha[j]
        for k in range(dimensions):
            slopes[k, j] = beta[j, k]
    if dimensions == 1:
        base = minus_alpha
    first, d_first = slopes[0], d_slopes[0]
    d_xi = np.empty((members, dimensions))
    for member in range(members):
        if dimensions > 1:
            _add_others(minus_alpha, xi[member], slopes, base)
        _one_member(signs[member], base, xi[member, 0], first, values, weight, d_minus_alpha, d_first)
        d_xi[member, 0] = _dot(weight, first)
        for k in range(1, dimensions):
            d_xi[member, k] = _dot(weight, slopes[k])
            for j in range(width):
                d_slopes[k, j] = _fma(xi[member, k], weight[j], d_slopes[k, j])
    d_alpha, d_beta = np.empty(rollcalls), np.empty((rollcalls, dimensions))
    for j in range(rollcalls):
        d_alpha[j] = -d_minus_alpha[j]
        for k in range(dimensions):
            d_beta[j, k] = d_slopes[k, j]
    return _sum(values), d_xi, d_alpha, d_beta


@compiled
def _add_others(minus_alpha: Array, x: Array, slopes: Array, base: Array) -> None:
    """Leaves in `base` the part of η that the first dimension adds to."""
    for j in range(len(base)):
        base[j] = minus_alpha[j]
    for k in range(1, len(x)):
        for j in range(len(base)):
            base[j] = _fma(x[k], slopes[k, j], base[j])


@_inlined
def _one_member(
    signs: Array,
    base: Array,
    x: float,
    slopes: Array,
    values: Array,
    weight: Array,
    weights: Array,
    d_slopes: Array,
) -> None:
    """Adds a row to `values`, `weights` and `d_slopes`; leaves the derivatives by η in `weight`."""
    for j in range(len(signs)):
        voted = signs[j] != 0
        sign = float(signs[j])
        # A cell without a vote counts nothing, even where its η is infinite.
        value, slope = _log_sigmoid(sign * _fma(slopes[j], x, base[j]) if voted else 0.0)
        derivative = sign * slope
        values[j] += value if voted else 0.0
        weight[j] = derivative
        weights[j] += derivative
        d_slopes[j] = _fma(derivative, x, d_slopes[j])


@compiled
def _sum(row: Array) -> float:
    total = 0.0
    for j in range(len(row)):
        total += row[j]
    return total


@_inlined
def _dot(left: Array, right: Array) -> float:
    """Eight sums side by side, then these: the order is the same on every machine."""
    a = b = c = d = e = f = g = h = 0.0
    for at in range(0, len(left), LANES):
        a = _fma(left[at], right[at], a)
        b = _fma(left[at + 1], right[at + 1], b)
        c = _fma(left[at + 2], right[at + 2], c)
        d = _fma(left[at + 3], right[at + 3], d)
        e = _fma(left[at + 4], right[at + 4], e)
        f = _fma(left[at + 5], right[at + 5], f)
        g = _fma(left[at + 6], right[at + 6], g)
        h = _fma(left[at + 7], right[at + 7], h)
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


def _generate_fma(_typing: Any, _x: Any, _y: Any, _z: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


def _generate_times_power_of_two(_typing: Any, _x: Any, _shifted: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits, exponent = (builder.bitcast(argument, ir.IntType(64)) for argument in arguments)
        exponent = builder.shl(exponent, ir.Constant(ir.IntType(64), 52))
        return builder.bitcast(builder.add(bits, exponent), ir.DoubleType())

    return types.float64(types.float64, types.float64), generate


# x·y + z, rounded once.
_fma: Any = intrinsic(_generate_fma)
# x·2ⁿ for normal numbers, from x and n + SHIFT, whose last bits are those of n.
_times_power_of_two: Any = intrinsic(_generate_times_power_of_two)

SHIFT = 1.5 * 2.0**52  # adding it rounds to an integer
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # n·LN2_HIGH is exact for |n| < 2¹¹
# exp(−708) is still a normal number; what lies below it changes no sum.
LARGEST = 708.0

# Interpolations at Chebyshev nodes; relative errors before rounding.
# exp(r) for |r| ≤ ln(2)/2: 3e-16.
EXP = (
    1.0,
    1.0000000000000067,
    0.5000000000000006,
    0.1666666666655431,
    0.041666666666572906,
    0.008333333385700303,
    0.0013888888932539452,
    0.00019841170229297728,
    2.4801504299180596e-05,
    2.764019787062823e-06,
    2.762637366009206e-07,
)
# atanh(h)/h by w = h² for 0 ≤ w ≤ 1/9: 2e-15.
ATANH = (
    1.0,
    0.33333333333091286,
    0.20000000057907671,
    0.14285708967350047,
    0.11111354878174157,
    0.09084666983540897,
    0.07785353700445533,
    0.058724885186405944,
    0.0937901035666292,
)


@_inlined
def _log_sigmoid(t: float) -> tuple[float, float]:
    """The logarithm of σ(t), and its derivative σ(−t)."""
    distance = abs(t)
    distance = LARGEST if distance > LARGEST else distance
    shifted = _fma(-distance, LOG2_E, SHIFT)
    whole = shifted - SHIFT
    rest = _fma(whole, -LN2_LOW, _fma(whole, -LN2_HIGH, -distance))
    small = _times_power_of_two(_exp_of_rest(rest), shifted)  # exp(−|t|)
    # log(1 + small) = 2 atanh(h) with h = small/(2 + small); both quotients need one division.
    inverse = 1.0 / ((1.0 + small) * (2.0 + small))
    h = small * (1.0 + small) * inverse
    value = _fma(-2.0 * h, _atanh_ratio(h * h), t if t < 0.0 else 0.0)
    return value, (1.0 if t < 0.0 else small) * ((2.0 + small) * inverse)


@_inlined
def _exp_of_rest(r: float) -> float:
    p = _fma(EXP[10], r, EXP[9])
    p = _fma(p, r, EXP[8])
    p = _fma(p, r, EXP[7])
    p = _fma(p, r, EXP[6])
    p = _fma(p, r, EXP[5])
    p = _fma(p, r, EXP[4])
    p = _fma(p, r, EXP[3])
    p = _fma(p, r, EXP[2])
    p = _fma(p, r, EXP[1])
    return _fma(p, r, EXP[0])


@_inlined
def _atanh_ratio(w: float) -> float:
    p = _fma(ATANH[8], w, ATANH[7])
    p = _fma(p, w, ATANH[6])
    p = _fma(p, w, ATANH[5])
    p = _fma(p, w, ATANH[4])
    p = _fma(p, w, ATANH[3])
    p = _fma(p, w, ATANH[2])
    p = _fma(p, w, ATANH[1])
    return _fma(p, w, ATANH[0])

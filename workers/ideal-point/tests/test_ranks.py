"""Ranks by exact posteriors: uniform where the draws are right, and not where they are wrong."""

import numpy as np
import pytest

from nx_study_posterior.derive.ranks import judge, thinned

LEVELS = (50, 80, 90)
NOISE_SD = 0.7


def fits(count, *, shift=0.0, stretch=1.0, seed=1):
    """Normal data with a standard normal prior: exact draws, moved by `shift` and spread by `stretch` sds."""
    random = np.random.default_rng(seed)
    sd = 1 / np.sqrt(1 + 1 / NOISE_SD**2)
    judged = []
    for _ in range(count):
        truth = random.normal()
        datum = truth + NOISE_SD * random.normal()
        center = sd**2 * datum / NOISE_SD**2 + shift * sd
        draws = center + stretch * sd * random.normal(size=(4, 100))
        judged.append(judge(draws, truth, (99, LEVELS), random))
    return judged


def share_below(judged, bound):
    return np.mean([one.rank < bound for one in judged])


@pytest.mark.slow
def test_exact_draws_have_uniform_ranks_and_the_coverage_that_they_promise():
    judged = fits(4000)
    ranks = np.bincount([one.rank for one in judged], minlength=100)
    assert len(ranks) == 100
    chi2 = ((ranks - 40) ** 2 / 40).sum()
    assert chi2 < 99 + 4 * np.sqrt(2 * 99)
    for which, level in enumerate(LEVELS):
        assert np.mean([one.covered[which] for one in judged]) == pytest.approx(level / 100, abs=0.03)
    assert np.std([one.z for one in judged]) == pytest.approx(1, abs=0.05)


def test_shifted_and_narrow_draws_show_in_ranks_and_coverage():
    assert share_below(fits(1000, shift=1), 25) > 0.5
    narrow = fits(1000, stretch=0.5)
    assert np.mean([10 <= one.rank < 90 for one in narrow]) < 0.6
    assert np.mean([one.covered[2] for one in narrow]) < 0.7


def test_ties_count_at_random():
    random = np.random.default_rng(1)
    ranks = [judge(np.zeros((2, 200)), 0.0, (99, LEVELS), random).rank for _ in range(2000)]
    assert (min(ranks), max(ranks)) == (0, 99)
    assert np.mean(ranks) == pytest.approx(49.5, abs=2)


def test_what_is_not_finite_or_constant_has_a_reason():
    random = np.random.default_rng(1)
    values = np.ones((2, 50))
    constant = judge(values, 2.0, (99, LEVELS), random)
    assert (constant.rank, constant.z, constant.reason) == (99, None, "all draws are equal")
    values[0, 3] = np.nan
    broken = judge(values, 2.0, (99, LEVELS), random)
    assert (broken.rank, broken.covered) == (None, None)
    assert "not finite" in broken.reason


def test_thinned_draws_are_evenly_spaced_over_all_chains():
    few = thinned(np.arange(400), 99)
    assert len(set(few)) == 99
    assert set(np.diff(few)) <= {4, 5}
    assert (few[0], few[-1]) == (2, 397)

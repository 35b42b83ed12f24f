"""The numbers of each observation by ArviZ, from all log-likelihoods at once."""

import arviz as az
import numpy as np
import pytest

# Half of the last decimal that is kept, and a little more.
WITHIN = {"elpd_i": 5.1e-7, "p_loo_i": 5.1e-7, "pareto_k_i": 5.1e-4, "ess_i": 5.1e-2}


def assert_each_is_that_of_arviz(found, tree, name):
    """`found` is `loo` of derived.json. ArviZ has weights and no ESS, which follows from them."""
    expected = az.loo(tree, var_name=name, pointwise=True)
    sample = ("chain", "draw")
    likelihoods = np.exp(tree["log_likelihood"][name])
    sizes = az.ess(tree["posterior"].to_dataset(), method="mean")
    used = likelihoods.sizes["chain"] * likelihoods.sizes["draw"]
    efficiency = np.concatenate([np.ravel(one) for one in sizes.data_vars.values()]).mean() / used
    each = {
        "elpd_i": expected.elpd_i,
        "p_loo_i": np.log(likelihoods.mean(sample)) - expected.elpd_i,
        "pareto_k_i": expected.pareto_k,
        "ess_i": efficiency / (np.exp(expected.log_weights) ** 2).sum(sample),
    }
    for quantity, values in each.items():
        ravelled = values.values.ravel()
        assert found[quantity] == pytest.approx(ravelled.tolist(), rel=0, abs=WITHIN[quantity]), quantity
        assert len(set(found[quantity])) > 1
    assert found["ess_min"] == pytest.approx(each["ess_i"].values.min(), rel=1e-9)
    return expected

"""The draws of a run as it would have saved them with another `keep`."""

import json
import shutil

import xarray as xr

from ideal_point.groups import of_all_draws
from nx_study_posterior.derive.draws import decoded
from nx_study_posterior.storage import save_draws
from nx_study_posterior.trimming import Trimmed

FORMS = ["summary", {"every": 3}]


def forms_of(run, folder):
    """By form, as JSON: the file; `all` among them."""
    with xr.open_datatree(run / "draws.nc", engine="h5netcdf") as tree:
        groups = {name: tree[name].to_dataset().load() for name in tree.children}
    facts = read_attributes(run / "draws.nc")
    trimmed = Trimmed(groups.pop("posterior"), groups.pop("sample_stats"), None, None, [])
    # For its prior the model is built again.
    shutil.copy(run / "request.json", folder)
    found = {}
    for at, keep in enumerate(["all", *FORMS]):
        path = folder / f"form-{at}.nc"
        beside = {} if keep == "all" else of_all_draws(trimmed, groups["constant_data"], facts)
        about = {**facts, "sampler": {**facts["sampler"], "keep": keep}}
        save_draws(path, trimmed, {**groups, **beside}, about)
        found[json.dumps(keep)] = path
    return found


def read_attributes(path):
    """Facts about the model, as `derive` reads them."""
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        return {str(name): decoded(value) for name, value in tree.attrs.items()}

import sys
from pathlib import Path

import pandas as pd
import pytest

from nx_study_worker import Unsupported
from pymc_worker.config import read_configuration
from pymc_worker.data import read_data
from pymc_worker.groups import missing_values
from pymc_worker.imports import check_imports
from pymc_worker.model import load_model

BUILD = """
import pymc as pm
def build(data, config):
    with pm.Model() as model:
        a = pm.Normal("a"); b = pm.HalfNormal("b")
    return model
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Loads a model of this text; its folder and modules are forgotten afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    before = set(sys.modules)

    def loaded(text, **more):
        path = tmp_path / "some_model.py"
        path.write_text(text)
        return load_model(read_configuration({"model": str(path), **more}), {})

    yield loaded
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def test_all_variables_have_jitter_by_default(load):
    built = load(BUILD).build()
    assert (built.jittered, dict(built.initial)) == (["a", "b"], {})


@pytest.mark.parametrize(
    ("jitter", "jittered"), [("['b']", ["b"]), ("'a'", ["a"]), ("True", ["a", "b"]), ("False", [])]
)
def test_jitter_as_the_file_says(load, jitter, jittered):
    assert load(f"{BUILD}jitter = {jitter}\n").build().jittered == jittered


MISSING = """
import numpy as np
import pymc as pm
def build(data, config):
    with pm.Model() as model:
        p = pm.Beta("p", 1, 1)
        {}
    return model
"""


@pytest.mark.parametrize(
    "observed", ["[1, 0, np.nan, 1, np.nan]", "np.ma.masked_array([1, 0, 0, 1, 1], mask=[0, 0, 1, 0, 1])"]
)
def test_missing_values_of_a_discrete_variable_are_named_as_such(load, observed):
    """The user wrote no y_unobserved."""
    model = load(MISSING.format(f"pm.Bernoulli('y', p, observed={observed})"))
    with pytest.raises(Unsupported) as error:
        model.build()
    assert str(error.value).endswith(
        "2 of 5 values of y are missing, and NUTS can't sample them, as they are discrete; leave these rows "
        "out of the data before you build the model"
    )


@pytest.mark.parametrize("observed", ["np.array([])", "np.array([np.nan, np.nan])", "np.empty((0, 2))"])
def test_data_without_a_value_are_refused(load, observed):
    """They were sampled, and deriving failed with an error of NumPy."""
    model = load(MISSING.format(f"pm.Normal('y', p, observed={observed})"))
    with pytest.raises(Unsupported, match=r"y(_observed)? has no observed value; did a selection of rows"):
        model.build()


def test_missing_values_of_a_continuous_variable_are_a_warning(load):
    text = MISSING.format("pm.Normal('y', p, observed=np.array([[1, np.nan, 2], [0, 1, 2]]))")
    assert missing_values(load(text).build().model) == [
        {
            "code": "missing-values",
            "message": "1 of 6 values of y is missing; the model has a parameter for each",
        }
    ]


def test_without_missing_values_there_is_no_warning(load):
    assert missing_values(load(BUILD).build().model) == []


def test_start_values_of_the_file(load):
    assert load(f"{BUILD}def start(data, config): return {{'b': 2}}\n").build().initial == {"b": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def build(data, config):\n    return data['votes']\n", "line 2: build raised KeyError: 'votes'"),
        ("1 / 0\ndef build(data, config): ...\n", "line 1: the file raised ZeroDivisionError"),
        ("def build(data, config): return 3\n", "build returned a int, and no pymc.Model"),
        ("import pymc as pm\ndef build(data, config): return pm.Model()\n", "the model has no free variable"),
        (
            BUILD.replace('pm.HalfNormal("b")', 'pm.Poisson("b", 1)'),
            "NUTS samples continuous variables; sum over b",
        ),
        (f"{BUILD}def start(data, config): return {{'c': 2}}\n", "start names c; free are a, b"),
        (f"{BUILD}jitter = ['c']\n", "jitter names c; free are a, b"),
        (f"{BUILD}schema = {{'type': 'wrong'}}\n", "schema is no JSON Schema"),
    ],
)
def test_models_that_cant_be_sampled(load, text, told):
    with pytest.raises(Unsupported) as error:
        load(text).build()
    assert told in str(error.value)


def test_config_has_the_defaults_of_the_schema(load):
    text = f"{BUILD}schema = {{'properties': {{'a': {{'default': 1}}, 'b': {{'default': 2}}}}}}\n"
    assert load(text, config={"b": 3}).config == {"a": 1, "b": 3}


def test_a_name_in_use_is_refused(tmp_path):
    path = tmp_path / "pandas.py"
    path.write_text(BUILD)
    with pytest.raises(Unsupported, match="the module pandas, which is in use; rename the file"):
        load_model(read_configuration({"model": str(path)}), {})


def test_imports_must_be_listed(load, tmp_path):
    (tmp_path / "beside.py").write_text("")
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").write_text("")
    known = [
        file
        for module in list(sys.modules.values())
        if isinstance(file := getattr(module, "__file__", None), str)
    ]
    own = load(f"import beside, package, json\n{BUILD}")
    model, beside, package = own.path, tmp_path / "beside.py", tmp_path / "package/__init__.py"
    check_imports([*known, model, beside, package])
    for left_out, name in [(beside, "beside"), (package, "package"), (model, "some_model")]:
        with pytest.raises(
            Unsupported, match=f"imported the module {name} from {left_out.resolve()}. No identity"
        ):
            check_imports([*known, *({model, beside, package} - {left_out})])
    check_imports([*known, model], caches=[tmp_path])


def test_data_arrive_by_their_ending(tmp_path):
    import numpy as np

    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})
    frame.to_parquet(tmp_path / "p.parquet")
    frame.to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    (tmp_path / "c.csv").write_text("\ufeffa,b\n0.30000000000000004,x\n")
    (tmp_path / "j.json").write_text('{"k": [1, null]}')
    np.savez(tmp_path / "z.npz", one=[1, 2], two=[[3.0]])
    np.save(tmp_path / "n.npy", [1.0, 2.0])
    data = read_data({path.stem: str(path) for path in Path(tmp_path).iterdir()})
    pd.testing.assert_frame_equal(data["p"], frame)
    pd.testing.assert_frame_equal(data["t"], frame)
    assert data["c"].to_dict("list") == {"a": [0.1 + 0.2], "b": ["x"]}
    assert data["j"] == {"k": [1, None]}
    assert {name: array.tolist() for name, array in data["z"].items()} == {"one": [1, 2], "two": [[3.0]]}
    assert data["n"].tolist() == [1.0, 2.0]

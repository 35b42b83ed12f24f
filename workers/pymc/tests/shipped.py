"""The studies of one's own models that come with the repository: the experiment of each that samples well."""

from pathlib import Path

STUDIES = Path(__file__).resolve().parents[3] / "studies"
DATA = STUDIES / "data"

CONFIGURATIONS = {
    "eight-schools": {
        "model": str(STUDIES / "models/eight_schools.py"),
        "data": {"schools": str(DATA / "eight-schools/schools.csv")},
        "config": {"parametrisation": "non-centred"},
    },
    "hierarchical-logistic": {
        "model": str(STUDIES / "models/hierarchical_logistic.py"),
        "data": {
            "votes": str(DATA / "us-senate/senate-109.votes.csv"),
            "members": str(DATA / "us-senate/senate-109.legislators.csv"),
        },
        "config": {"spread": "by-party"},
    },
    "random-walk": {
        "model": str(STUDIES / "models/random_walk.py"),
        "data": {"discoveries": str(DATA / "discoveries/discoveries.csv")},
        "config": {"step_sd": 0.1},
        "target_accept": 0.95,
    },
}

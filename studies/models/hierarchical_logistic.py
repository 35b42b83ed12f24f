"""How often senators vote with the majority of their party where the two parties divide."""

import pymc as pm

schema = {"properties": {"spread": {"enum": ["common", "by-party"]}}, "required": ["spread"]}


def build(data, config):
    members = data["members"].query("party in ['D', 'R'] and state != 'USA'").set_index("icpsr")
    votes = data["votes"].set_index("icpsr").loc[members.index]
    lines = votes.groupby(members["party"]).mean() > 0.5
    lines = lines.loc[:, lines.nunique() == 2]  # where the majorities differ
    votes = votes[lines.columns]
    loyal = (votes == lines.loc[members["party"]].to_numpy()).sum(axis="columns")
    party = (members["party"] == "R").to_numpy(dtype=int)
    coords = {"senator": members["name"] + " of " + members["state"], "party": ["D", "R"]}
    with pm.Model(coords=coords) as model:
        center = pm.Normal("center", 2, 2, dims="party")
        by_party = config["spread"] == "by-party"
        spread = pm.HalfNormal("spread", 1, dims="party" if by_party else None)
        spreads = spread[party] if by_party else spread
        log_odds = pm.Normal("log_odds", center[party], spreads, dims="senator")
        pm.Binomial("loyal", votes.count(axis="columns"), logit_p=log_odds, observed=loyal, dims="senator")
        pm.Deterministic("gap", center[1] - center[0])
    return model

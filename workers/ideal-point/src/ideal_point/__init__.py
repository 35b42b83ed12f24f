"""Ideal points of legislators from roll-call votes, sampled with NUTS."""

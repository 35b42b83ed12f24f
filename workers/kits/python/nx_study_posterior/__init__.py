"""What any worker of the kind `posterior` needs between a built PyMC model and `derived.json`.

A worker builds a model; `fit.py` compiles, checks the start, samples and saves; `derive/` describes the
draws.
Nothing is imported here: importing PyMC takes seconds, and workers do it in a phase of its own.
"""

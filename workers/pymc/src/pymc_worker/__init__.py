"""A worker for the kind `posterior`: a PyMC model of one's own, in one file."""

"""A self-check for a machine with an NVIDIA GPU: Python and the driver are enough, and nothing is fetched."""

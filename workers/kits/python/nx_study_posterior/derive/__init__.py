"""Describes the draws of any posterior: chains, draws and variables, and nothing of what they mean."""

"""Prompts of a file, by the rules of the worker `endpoint`; standard library only."""

from .asked import refuse_two_files
from .prompts import read_prompts
from .read import Dataset, Entry, read_dataset
from .text import Line, Place

__all__ = ["Dataset", "Entry", "Line", "Place", "read_dataset", "read_prompts", "refuse_two_files"]

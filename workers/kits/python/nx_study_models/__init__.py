"""Models as folders in Hugging Face's layout: what engines in Python load, whatever the study names.

A `model` is such a folder, a GGUF file, or the shape of a synthetic model. The last two become a folder
once, in a child process, kept under the request's `assets_dir` and shared by all workers.
"""

from .local import LocalModel, local_model

__all__ = ["LocalModel", "local_model"]

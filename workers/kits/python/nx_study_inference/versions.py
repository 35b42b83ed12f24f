"""Versions of what computes beside the engine."""

from importlib.metadata import PackageNotFoundError, version


def torch_versions(*packages: str) -> dict[str, str | None]:
    """Versions of torch and further packages (None: not installed), and of the CUDA that torch is for."""
    import torch  # by now the engine has, too

    versions = {name: _version(name) for name in ("torch", *packages)}
    return {**versions, "cuda": torch.version.cuda}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

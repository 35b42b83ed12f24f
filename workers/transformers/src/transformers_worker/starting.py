"""PyTorch made ready: threads, device, and the modules of the model's architecture."""

from pathlib import Path

import torch
import transformers

from nx_study_models.reading import reading

from .refusals import device_of
from .settings import Settings

# A folder for each NVIDIA GPU; by them `auto` chooses the environment, too.
DRIVEN_GPUS = Path("/proc/driver/nvidia/gpus")


def start(settings: Settings, folder: Path) -> tuple[str, list[str]]:
    """Set the threads and choose the device; returns it, and the UUIDs of the GPUs in use."""
    torch.set_num_threads(settings.threads)
    torch.set_num_interop_threads(1)  # nothing in generate runs side by side
    device = device_of(settings, any(DRIVEN_GPUS.glob("*")), torch.cuda.is_available())
    _import_architecture(folder)
    return device, [f"GPU-{torch.cuda.get_device_properties(0).uuid}"] if device == "cuda" else []


def _import_architecture(folder: Path) -> None:
    """Loading would import it, and reading the weights would seem slow."""
    with reading(folder):
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    for name in config.architectures or []:
        getattr(transformers, name, None)

"""What the headers of safetensors files tell, without reading a weight."""

import json
import math
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nx_study_worker import Unsupported

# The format's names of the types in which models are stored.
DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
}
DTYPES |= {
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
}


MOST_HEADER_BYTES = 100_000_000  # the format's own limit


@dataclass(frozen=True)
class Weights:
    """How many numbers are stored, of which type for the most part, and in how many bytes of files."""

    elements: int
    dtype: str
    file_bytes: int


def read_weights(folder: Path) -> Weights:
    """Read the headers of the folder's safetensors files."""
    files = weight_files(folder)
    if not files:
        raise Unsupported(f"model: {folder} has no *.safetensors; save its weights in that format")
    elements: Counter[str] = Counter()
    for file in files:
        for tensor in _tensors(file):
            elements[tensor["dtype"]] += math.prod(tensor["shape"])
    dtype = elements.most_common(1)[0][0]
    return Weights(
        elements.total(), DTYPES.get(dtype, dtype.lower()), sum(file.stat().st_size for file in files)
    )


def weight_files(folder: Path) -> list[Path]:
    """List the folder's files of weights."""
    return sorted(folder.glob("*.safetensors"))


def _tensors(file: Path) -> list[dict[str, Any]]:
    try:
        with open(file, "rb") as content:
            (length,) = struct.unpack("<Q", content.read(8))
            header = json.loads(content.read(min(length, MOST_HEADER_BYTES)))
    except (OSError, ValueError, struct.error) as error:
        raise Unsupported(f"model: {file} is not a safetensors file ({error})") from error
    return [tensor for name, tensor in header.items() if name != "__metadata__"]

"""transformers as the kit's loop drives it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from nx_study_inference import Engine, Generated, torch_versions
from nx_study_models import LocalModel
from nx_study_models.reading import reading
from nx_study_models.tokens import chat_text, ordinary_ids
from nx_study_worker import Unsupported

from .settings import Settings

if TYPE_CHECKING:
    from .loaded import LoadedModel

PACKAGES = ("accelerate", "bitsandbytes", "torchao", "tokenizers", "safetensors", "numpy")


class TransformersEngine(Engine):
    """One model on one device. Only `import_modules`, which is timed, imports PyTorch."""

    name = "transformers"
    version = version("transformers")
    prefill_method = "forward"
    _loaded: "LoadedModel"
    _device: str

    def __init__(self, settings: Settings, model: LocalModel) -> None:
        self._settings = settings
        self._local = model
        self.model_files = [model.folder]
        self.compile_cache = settings.compile_cache

    def import_modules(self) -> None:
        """Import PyTorch and transformers with the model's architecture, and set the threads."""
        from . import loaded, starting

        self._load = loaded.LoadedModel
        self._device, self.gpus = starting.start(self._settings, self._local.folder)

    def read_model(self) -> None:
        """Load the weights, cast and quantised as asked."""
        self._loaded = self._load(self._local.folder, self._device, self._settings)

    def make_context(self, *_: Any) -> str:
        """Nothing is made before the first call."""
        return "transformers makes a cache in every call, as part of it"

    def describe_model(self) -> dict[str, Any]:
        """Say what the model's files hold; `storage_dtype` is that of the files which are loaded."""
        return dict(self._local.description)

    def allowed_ids(self) -> Sequence[int]:
        """Ids of ordinary tokens; a model without a tokenizer has no others."""
        if not self._local.has_tokenizer:
            return range(self._loaded.vocabulary)
        return ordinary_ids(self._tokenizer, self._loaded.vocabulary)

    def encode(self, text: str) -> Sequence[int]:
        """Token ids of a line, without special tokens."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def chat_text(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Conversations as the model's chat template writes them."""
        return chat_text(self._tokenizer, messages)

    def reset(self) -> None:
        """Drop the cache of the last call; nothing else outlives it."""
        self._loaded.forget()

    def generate(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> Generated:
        """Generate for a whole batch, whose sequences advance together."""
        times_s, produced = self._loaded.generate(prompts, new_tokens)
        return Generated(token_times_s=[times_s], new_tokens=[produced] * len(prompts))

    def prefill(self, prompts: Sequence[Sequence[int]]) -> float:
        """Seconds of a forward pass over the prompts."""
        return self._loaded.prefill(prompts)

    def asked(self) -> dict[str, Any]:
        """Replace what is left open by what it stands for."""
        return {"device": self._device, "threads": self._settings.threads}

    def effective(self) -> dict[str, Any]:
        """Read the settings back from the model, its last cache, and PyTorch."""
        return self._loaded.effective()

    def versions(self) -> dict[str, str | None]:
        """Versions of the packages that compute, and of CUDA."""
        return torch_versions(*PACKAGES)

    def build(self) -> dict[str, Any]:
        """How PyTorch is built and set, as far as it decides about speed."""
        return self._loaded.build()

    def reset_memory_peaks(self) -> None:
        """Start PyTorch's peaks anew."""
        self._loaded.reset_memory_peaks()

    def memory_peaks(self) -> Mapping[str, int | str]:
        """PyTorch's own peaks on the GPU, and the bytes of the last call's cache."""
        return self._loaded.memory_peaks()

    @cached_property
    def _tokenizer(self) -> Any:
        if not self._local.has_tokenizer:
            raise Unsupported(
                f"{self._local.folder} has no tokenizer; leave out the settings `prompts` and `dataset`"
            )
        from transformers import AutoTokenizer

        with reading(self._local.folder):
            return AutoTokenizer.from_pretrained(self._local.folder, local_files_only=True)

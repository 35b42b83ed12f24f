"""SGLang as the inference kit drives it."""

from collections.abc import Mapping, Sequence
from typing import Any

from nx_study_inference import Engine, Generated, Workload, compile_cache_folder, torch_versions
from nx_study_models import LocalModel
from nx_study_models.tokens import chat_text, ordinary_ids
from nx_study_worker import Request, Unsupported

from .settings import check_fits, effective_settings, engine_arguments
from .streaming import generate, sampling

ELSEWHERE = "SGLang computes in processes of its own, and tells no peaks"


class SglangEngine(Engine):
    """An `sglang.Engine`; sglang is imported once its variables are set."""

    name = "sglang"
    prefill_method = "one-token"

    def __init__(self, request: Request, model: LocalModel) -> None:
        self._request = request
        self._configuration = request.configuration
        self._model = model
        self._engine: Any = None
        self._info: dict[str, Any] = {}
        self.model_files = (model.folder,)
        self.compile_cache = compile_cache_folder(request)

    def import_modules(self) -> None:
        """Import SGLang and the tokenizer."""
        import sglang
        import torch
        from transformers import AutoTokenizer

        self.version = sglang.__version__
        if torch.cuda.device_count() < self._gpu_count():
            raise Unsupported(
                f"tensor_parallel_size × pipeline_parallel_size asks for {self._gpu_count()} GPUs, "
                f"{torch.cuda.device_count()} can be seen"
            )
        self.gpus = list(range(self._gpu_count()))
        self._tokenizer = AutoTokenizer.from_pretrained(self._model.folder, local_files_only=True)

    def read_model(self) -> None:
        """Start the engine: weights, KV cache, CUDA graphs."""
        from sglang import Engine as OfflineEngine

        arguments = engine_arguments(self._configuration, self._request.seed)
        try:
            self._engine = OfflineEngine(model_path=str(self._model.folder), **arguments)
        except (TypeError, ValueError) as error:
            raise Unsupported(f"SGLang refuses these settings: {error}") from error
        self._info = self._engine.get_server_info()

    def make_context(self, workloads: Sequence[Workload]) -> str:
        """Check that every workload fits into one batch; SGLang made its cache while it started."""
        check_fits(workloads, self._info)
        return "SGLang makes its cache while it reads the model"

    def describe_model(self) -> dict[str, Any]:
        """Describe the model as its files do."""
        return dict(self._model.description)

    def allowed_ids(self) -> Sequence[int]:
        """Ids of ordinary tokens."""
        return ordinary_ids(self._tokenizer, len(self._tokenizer))

    def encode(self, text: str) -> Sequence[int]:
        """Token ids of a text, without special tokens."""
        return self._tokenizer.encode(text, add_special_tokens=False)

    def chat_text(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Conversations as the model's chat template writes them."""
        return chat_text(self._tokenizer, messages)

    def generate(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> Generated:
        """All prompts at once; the radix cache is off, so nothing is left of those before."""
        return generate(self._engine, prompts, sampling(new_tokens))

    def effective(self) -> dict[str, Any]:
        """Settings as the running engine tells them."""
        return {"device": "cuda", **effective_settings(self._info)}

    def versions(self) -> dict[str, str | None]:
        """Libraries that compute, or that read the model."""
        return torch_versions("transformers", "sgl-kernel", "flashinfer-python")

    def build(self) -> dict[str, Any]:
        """Backends that SGLang chose."""
        return {name: self._info.get(name) for name in ("attention_backend", "sampling_backend")}

    def memory_peaks(self) -> Mapping[str, int | str]:
        """None: they are in other processes."""
        names = ("torch_allocated_peak_bytes", "torch_reserved_peak_bytes", "kv_cache_bytes")
        return dict.fromkeys(names, ELSEWHERE)

    def close(self) -> None:
        """End SGLang's processes."""
        if self._engine is not None:
            self._engine.shutdown()

    def _gpu_count(self) -> int:
        return self._configuration["tensor_parallel_size"] * self._configuration["pipeline_parallel_size"]

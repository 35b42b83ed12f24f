"""TensorRT-LLM as the inference kit drives it."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from nx_study_inference import Engine, Generated, Workload, compile_cache_folder, torch_versions
from nx_study_models import LocalModel
from nx_study_models.tokens import chat_text, ordinary_ids
from nx_study_worker import Request, Unsupported

from .settings import check_fits, cuda_graph_arguments, kv_cache_arguments, llm_arguments
from .streaming import generate

ELSEWHERE = "TensorRT-LLM computes in processes of its own, and tells no peaks"


class TensorrtLlmEngine(Engine):
    """An `LLM` with the PyTorch backend; tensorrt_llm is imported once its variables are set."""

    name = "tensorrt-llm"
    prefill_method = "one-token"

    def __init__(self, request: Request, model: LocalModel) -> None:
        self._configuration = request.configuration
        self._model = model
        self._llm: Any = None
        self.model_files = (model.folder,)
        self.compile_cache = compile_cache_folder(request)

    def import_modules(self) -> None:
        """Import TensorRT-LLM and the tokenizer."""
        # The container has one that ends with it; below ours the paths of MPI's sockets might be too long.
        del os.environ["TMPDIR"]
        import tensorrt_llm
        import torch
        from transformers import AutoTokenizer

        self.version = tensorrt_llm.__version__
        if torch.cuda.device_count() < self._gpu_count():
            raise Unsupported(
                f"tensor_parallel_size × pipeline_parallel_size asks for {self._gpu_count()} GPUs, "
                f"{torch.cuda.device_count()} can be seen"
            )
        self.gpus = list(range(self._gpu_count()))
        self._tokenizer = AutoTokenizer.from_pretrained(self._model.folder, local_files_only=True)

    def read_model(self) -> None:
        """Start the engine: weights, KV cache, CUDA graphs."""
        from tensorrt_llm import LLM
        from tensorrt_llm.llmapi import CudaGraphConfig, KvCacheConfig

        graphs = cuda_graph_arguments(self._configuration)
        try:
            self._llm = LLM(
                model=str(self._model.folder),
                kv_cache_config=KvCacheConfig(**kv_cache_arguments(self._configuration)),
                cuda_graph_config=None if graphs is None else CudaGraphConfig(**graphs),
                **llm_arguments(self._configuration),
            )
        except ValueError as error:
            raise Unsupported(f"TensorRT-LLM refuses these settings: {error}") from error

    def make_context(self, workloads: Sequence[Workload]) -> str:
        """Check that every workload fits into one batch; TensorRT-LLM made its cache while it started."""
        check_fits(workloads, self._argument("max_batch_size"), self._argument("max_seq_len"))
        return "TensorRT-LLM makes its cache while it reads the model"

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
        """All prompts at once; block reuse is off, so nothing is left of those before."""
        from tensorrt_llm import SamplingParams

        # Of one candidate the best is taken: greedy in every version.
        parameters = SamplingParams(max_tokens=new_tokens, ignore_eos=True, top_k=1, detokenize=False)
        return generate(self._llm, prompts, parameters)

    def effective(self) -> dict[str, Any]:
        """Settings as TensorRT-LLM's own arguments have them after the start; None where they don't tell."""
        names = ("attn_backend", "enable_chunked_prefill", "disable_overlap_scheduler", "max_batch_size")
        sizes = ("max_num_tokens", "max_seq_len", "tensor_parallel_size", "pipeline_parallel_size")
        return {"device": "cuda", **{name: self._argument(name) for name in (*names, *sizes)}}

    def versions(self) -> dict[str, str | None]:
        """Libraries that compute, or that read the model."""
        return torch_versions("transformers")

    def build(self) -> dict[str, Any]:
        """Which of TensorRT-LLM's backends runs."""
        return {"backend": self._argument("backend") or "pytorch"}

    def memory_peaks(self) -> Mapping[str, int | str]:
        """None: they are in other processes."""
        names = ("torch_allocated_peak_bytes", "torch_reserved_peak_bytes", "kv_cache_bytes")
        return dict.fromkeys(names, ELSEWHERE)

    def close(self) -> None:
        """End TensorRT-LLM's processes."""
        if self._llm is not None:
            self._llm.shutdown()

    def _argument(self, name: str) -> Any:
        return getattr(self._llm.args, name, None)

    def _gpu_count(self) -> int:
        return self._configuration["tensor_parallel_size"] * self._configuration["pipeline_parallel_size"]

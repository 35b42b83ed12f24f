"""vLLM as the kit drives it."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nx_study_inference import Engine, Generated, Workload, compile_cache_folder, torch_versions
from nx_study_models import LocalModel
from nx_study_models.tokens import chat_text, ordinary_ids
from nx_study_worker import Request, Unsupported, WorkerError

from .errors import out_of_memory
from .settings import engine_arguments, environment, threads_of, worker_count
from .watch import ProcessWatch


class VllmEngine(Engine):
    """An LLMEngine; vLLM itself is imported in `import_modules`, once its variables are set."""

    name = "vllm"
    prefill_method = "one-token"

    def __init__(self, request: Request, model: LocalModel, log: Path) -> None:
        self._request = request
        self._configuration = request.configuration
        self._model = model
        self._log = log
        self._engine: Any = None
        self.model_files = (model.folder,)
        self._compiled = self.compile_cache = compile_cache_folder(request)

    def import_modules(self) -> None:
        """Set the variables, import vLLM, and see which device it found."""
        self._threads = threads_of(self._configuration, self._request.cpus)
        os.environ.update(environment(self._configuration, self._threads, self._compiled))
        import vllm
        from vllm.platforms import current_platform

        from . import stepping

        self._stepping = stepping
        self.version = vllm.__version__
        self._device = _checked_device(self._configuration["device"], current_platform.device_type)
        if self._device == "cuda":
            self.gpus = range(worker_count(self._configuration))

    def read_model(self) -> None:
        """Start the engine: weights, memory profile, cache, compilation, CUDA graphs."""
        from vllm import EngineArgs, LLMEngine
        from vllm.usage.usage_lib import UsageContext

        arguments = engine_arguments(self._configuration, self._request.seed, self._device)
        try:
            config = EngineArgs(
                model=str(self._model.folder),
                skip_tokenizer_init=not self._model.has_tokenizer,
                **arguments,
            ).create_engine_config(UsageContext.LLM_CLASS)
        except (ValueError, NotImplementedError) as error:
            raise Unsupported(f"vLLM refuses these settings: {error}") from error
        if config.cache_config.enable_prefix_caching:
            raise WorkerError("vLLM keeps its prefix cache though it was told not to")
        with out_of_memory(self._log):
            self._engine = LLMEngine.from_vllm_config(config, disable_log_stats=True)
        self._watch = ProcessWatch()
        self._facts = self._ask("nx_study_facts")

    def make_context(self, workloads: Sequence[Workload]) -> str:
        """Check that every workload fits into one batch; vLLM made its cache while it started."""
        config = self._engine.vllm_config
        for workload in workloads:
            _check_fits(workload, config)
        return "vLLM makes its cache while it reads the model"

    def describe_model(self) -> dict[str, Any]:
        """Describe the model as its files do."""
        return dict(self._model.description)

    def allowed_ids(self) -> Sequence[int]:
        """Ids of ordinary tokens; a model without a tokenizer has no others."""
        vocabulary = self._engine.vllm_config.model_config.get_vocab_size()
        if not self._model.has_tokenizer:
            return range(vocabulary)
        return ordinary_ids(self._engine.get_tokenizer(), vocabulary)

    def encode(self, text: str) -> Sequence[int]:
        """Token ids of a text, without special tokens."""
        return self._tokenizer().encode(text, add_special_tokens=False)

    def chat_text(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Conversations as the model's chat template writes them."""
        return chat_text(self._tokenizer(), messages)

    def generate(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> Generated:
        """All prompts at once; finished sequences leave nothing behind, for there is no prefix cache."""
        with out_of_memory(self._log):
            return self._stepping.generate(self._engine, prompts, new_tokens)

    def asked(self) -> dict[str, Any]:
        """Replace what is left open by what it stands for."""
        return {"device": self._device, "threads": self._threads}

    def effective(self) -> dict[str, Any]:
        """Settings as the running engine has them."""
        from .effective import effective_settings

        return {
            **effective_settings(self._engine.vllm_config, self._facts),
            "multiprocessing": not self._in_process,
        }

    def versions(self) -> dict[str, str | None]:
        """Libraries that compute, or that read the model."""
        return torch_versions("transformers")

    def build(self) -> dict[str, Any]:
        """How vLLM runs: processes, compilation, graphs, and the instruction set on a CPU."""
        import torch

        config = self._engine.vllm_config
        return {
            "engine_core": "in the measuring process" if self._in_process else "a process of its own",
            "executor": str(config.parallel_config.distributed_executor_backend),
            # A part of read_s; vLLM counts it on GPUs only.
            "compilation_s": max(fact["compilation_s"] for fact in self._facts) or None,
            "compilation_mode": config.compilation_config.mode.name,
            "cudagraph_mode": config.compilation_config.cudagraph_mode.name,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        }

    def reset_memory_peaks(self) -> None:
        """Start torch's peaks anew, in every worker."""
        self._ask("nx_study_reset_peaks")

    def memory_peaks(self) -> Mapping[str, int | str]:
        """Peaks summed over vLLM's workers; none of torch's on a CPU."""
        peaks = self._ask("nx_study_peaks")
        names = ("torch_allocated_peak_bytes", "torch_reserved_peak_bytes")
        of_torch = {
            name: sum(peak[name] for peak in peaks) if all(peaks) else "torch counts memory only on a GPU"
            for name in names
        }
        return {**of_torch, "kv_cache_bytes": sum(fact["kv_cache_bytes"] for fact in self._facts)}

    def close(self) -> None:
        """End vLLM's processes, and the groups of torch.distributed."""
        if self._engine is None:
            return
        self._watch.stop()
        self._engine.engine_core.shutdown()
        from vllm.distributed import cleanup_dist_env_and_memory

        cleanup_dist_env_and_memory()

    def _tokenizer(self) -> Any:
        if not self._model.has_tokenizer:
            raise Unsupported(
                "a model without a tokenizer can't read text: leave out the settings `prompts` and `dataset`"
            )
        return self._engine.get_tokenizer()

    @property
    def _in_process(self) -> bool:
        from vllm.v1.engine.core_client import InprocClient

        return isinstance(self._engine.engine_core, InprocClient)

    def _ask(self, method: str) -> list[Any]:
        return self._engine.collective_rpc(method)


def _checked_device(asked: str, found: str) -> str:
    if found not in ("cpu", "cuda"):
        raise Unsupported(f"device: {asked}: vLLM finds no NVIDIA GPU, and this is not its build for CPUs")
    if asked not in ("auto", found):
        raise Unsupported(f"device: {asked} asked, but this environment's vLLM runs on {found}")
    return found


def _check_fits(workload: Workload, config: Any) -> None:
    """Refuse what vLLM would do in turns: then it is not a batch any more."""
    length = workload.prompt_tokens + workload.new_tokens
    if length > (most := config.model_config.max_model_len):
        raise Unsupported(f"prompt_tokens + new_tokens = {length}, but max_model_len is {most}")
    if workload.batch_size > (most := config.scheduler_config.max_num_seqs):
        raise Unsupported(f"batch_size: {workload.batch_size}, but max_num_seqs is {most}: raise it, too")
    cache = config.cache_config
    needed = workload.batch_size * math.ceil(length / cache.block_size)
    usable = cache.num_gpu_blocks - 1  # the first one stays empty
    if needed > usable:
        raise Unsupported(
            f"{workload.batch_size} sequences of {length} tokens need {needed} blocks of the KV cache, "
            f"which has {usable}: raise kv_cache_memory_bytes or gpu_memory_utilization"
        )

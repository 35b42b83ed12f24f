"""What a worker says about its engine; the loop, prompts, memory, energy and payload are the kit's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from nx_study_worker import Unsupported

from .workloads import Workload


@dataclass(frozen=True, slots=True)
class Generated:
    """One finished call of `generate`.

    `token_times_s`: when each token was available to the caller, in seconds since the call's work began.
    A list for each sequence, or a single one when all sequences advance together.
    `new_tokens`: tokens really produced, for each sequence: counted, never copied from what was asked.
    `prompt_tokens`: tokens that were in each prompt, where the engine counts them itself.
    """

    token_times_s: Sequence[Sequence[float]]
    new_tokens: Sequence[int]
    prompt_tokens: Sequence[int] | None = None


class Engine(ABC):
    """An inference engine inside this process tree, as the kit drives it.

    The kit calls, in this order: `import_modules`, `read_model`, `make_context`; then for each pass `reset`
    and `generate` or `prefill`, again and again; at the end `effective`, `versions` and, once the result is
    on the disk or the measurement has failed, `close`. Nothing is called from another thread. Only the
    abstract members must be written. What can't be done raises `nx_study_worker.Unsupported`; memory that
    ran out raises `MemoryError`.
    """

    name: ClassVar[str]  # such as "transformers"
    version: str | None = None  # the engine's; may be set as late as `import_modules`
    through: str | None = None  # a binding that takes time of its own, with its version
    prefill_method: Literal["forward", "one-token"] | None = None  # None: no prefill pass
    model_files: Sequence[Path] = ()  # files or folders that loading reads; known before `import_modules`
    compile_cache: Path | None = None  # from `compile_cache_folder`, where the engine compiles
    gpus: Sequence[int | str] = ()  # those in use: CUDA ordinals or UUIDs ("GPU-…"), from `import_modules` on

    def __init__(self, model_files: Sequence[Path] = ()) -> None:
        self.model_files = model_files

    def import_modules(self) -> None:  # noqa: B027
        """Import the engine's libraries, and set its threads; timed as `import_s`."""

    @abstractmethod
    def read_model(self) -> None:
        """Load the weights to where they compute; timed as `read_s`. Wait for the device at the end."""

    def make_context(self, workloads: Sequence[Workload]) -> str | None:  # noqa: ARG002
        """Make what the workloads need beside the weights, such as a cache; timed as `context_s`.

        Returns None, or why there is no such time of its own (the text stands as the reason of a null).
        """
        return f"{self.name} makes its context while it reads the model"

    @abstractmethod
    def describe_model(self) -> dict[str, Any]:
        """Describe the model: `format` ("gguf", "safetensors", "config"), `weights` ("real", "random").

        Also what else is known of name, sha256, weights_format (as stored), parameters and file_bytes.
        Without them name and sha256 are those of the setting `model`, file_bytes the size of `model_files`.
        """

    @abstractmethod
    def allowed_ids(self) -> Sequence[int]:
        """Ids of the vocabulary, ascending, without special and control tokens: prompts use only these."""

    def encode(self, text: str) -> Sequence[int]:  # noqa: ARG002
        """Token ids of a text of a file, without special tokens."""
        raise Unsupported(
            f"{self.name} can't read prompts from a file: leave out the settings `prompts` and `dataset`"
        )

    def chat_text(self, messages: Sequence[Mapping[str, str]]) -> str:  # noqa: ARG002
        """Write messages (role, content) by the model's chat template, up to where its answer begins."""
        raise Unsupported(f"{self.name} can't write conversations: set `form: prompt`")

    def reset(self) -> None:  # noqa: B027
        """Forget all sequences: caches of keys and values, and of prefixes. Not timed; before every call."""

    @abstractmethod
    def generate(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> Generated:
        """Generate exactly `new_tokens` for each prompt, greedily, past any end-of-sequence token.

        The prompts of a call are equally long and never seen before. Device work is over when this returns.
        """

    def prefill(self, prompts: Sequence[Sequence[int]]) -> float:
        """Read the whole prompts as `prefill_method` says; returns the seconds, device work included.

        As it stands here it is for `one-token`: the seconds until every prompt has its first token.
        """
        if self.prefill_method != "one-token":
            raise NotImplementedError
        generated = self.generate(prompts, 1)
        return max(times_s[-1] for times_s in generated.token_times_s)

    def asked(self) -> dict[str, Any]:
        """Settings as asked, if they are to differ from the configuration's own (which is the default)."""
        return {}

    def effective(self) -> dict[str, Any]:
        """Settings as they are, under the configuration's names; None where the engine doesn't tell."""
        return {}

    def versions(self) -> dict[str, str | None]:
        """Versions of the libraries that matter beside the engine."""
        return {}

    def build(self) -> dict[str, Any]:
        """How the engine was built: flags, instruction sets, backends."""
        return {}

    def reset_memory_peaks(self) -> None:  # noqa: B027
        """Start the engine's own peaks anew, where it keeps any."""

    def memory_peaks(self) -> Mapping[str, int | str]:
        """Peaks since `reset_memory_peaks`: bytes, or a text that says why there is no number.

        Names: torch_allocated_peak_bytes, torch_reserved_peak_bytes, kv_cache_bytes.
        """
        return {}

    def close(self) -> None:  # noqa: B027
        """End what outlives Python objects, such as child processes."""

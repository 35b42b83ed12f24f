"""What every sampler of the Hamiltonian kind is asked for, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .keeping import Keep

REPORT_S = 1.0
MAX_TREEDEPTH = 10


@dataclass(frozen=True)
class Settings:
    """How to sample."""

    chains: int
    tune: int
    draws: int
    target_accept: float
    adaptation: str
    seed: int
    cores: int
    # A key of `samplers.SAMPLERS`.
    sampler: str = "nutpie"
    # See `keeping`.
    keep: Keep = "all"


@dataclass(frozen=True)
class Progress:
    """A snapshot over all chains; `done` and `total` count tuning draws too."""

    phase: str
    done: int
    total: int
    divergences: int
    gradients: int
    step_size: float | None
    chains: list[int]


@dataclass(frozen=True)
class Sampled:
    """The trace, and whether every chain reached its end.

    `lengths` is what every chain had kept, where the trace itself can't tell.
    """

    trace: Any
    complete: bool
    lengths: list[int] | None = None


Report = Callable[[Progress], None]
Stopping = Callable[[], bool]


@dataclass(frozen=True)
class Prepared:
    """A sampler with its model, compiled, and with a start that is known to be good."""

    # Such as `nutpie NUTS`.
    name: str
    # Free parameters on the unconstrained scale.
    parameters: int
    # Samples until done or until `stopping()`; reports from the thread that calls it.
    sample: Callable[[Report, Stopping], Sampled]
    # Facts about the start.
    start: Mapping[str, Any] = field(default_factory=dict)
    # What it needs beside the packages of every sampler.
    packages: tuple[str, ...] = ()


@dataclass
class Counter:
    """Counts draws of samplers that tell them one by one."""

    settings: Settings
    chains: list[int] = field(default_factory=list)
    divergences: int = 0
    gradients: int = 0
    step_size: float | None = None

    def __post_init__(self) -> None:
        self.chains = [0] * self.settings.chains

    def add(self, chain: int, statistics: Mapping[str, Any]) -> None:
        """One more draw of `chain`."""
        self.chains[chain] += 1
        self.gradients += int(statistics.get("tree_size", 0))
        self.step_size = float(statistics["step_size"]) if "step_size" in statistics else self.step_size
        if self.chains[chain] > self.settings.tune:
            self.divergences += int(statistics.get("diverging", False))

    @property
    def kept(self) -> list[int]:
        """Draws after tuning, by chain."""
        return [max(0, count - self.settings.tune) for count in self.chains]

    def progress(self) -> Progress:
        """As of now."""
        return Progress(
            phase="sampling" if any(self.kept) else "tuning",
            done=sum(self.chains),
            total=self.settings.chains * (self.settings.tune + self.settings.draws),
            divergences=self.divergences,
            gradients=self.gradients,
            step_size=self.step_size,
            chains=list(self.chains),
        )

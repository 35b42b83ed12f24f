"""What one would write by hand: prefill and decode rates of a model directory, as JSON on standard output."""

import json
import sys
import time
from collections.abc import Callable

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel


def main(directory: str, threads: int, prompt_tokens: int, new_tokens: int, iterations: int) -> None:
    """Print `prefill_tok_s` and `decode_tok_s`, from medians over the iterations."""
    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    generator = torch.Generator().manual_seed(1)
    seconds = {"prefill": [], "first": [], "all": []}
    with torch.inference_mode():
        for iteration in range(iterations + 3):
            ids = torch.randint(100, model.config.vocab_size, (1, prompt_tokens), generator=generator)
            taken = {
                "prefill": timed(model, input_ids=ids, logits_to_keep=1),
                "first": timed(generate, model, ids, 1),
                "all": timed(generate, model, ids, new_tokens),
            }
            if iteration >= 3:
                for name, value in taken.items():
                    seconds[name].append(value)
    middle = {name: sorted(values)[len(values) // 2] for name, values in seconds.items()}
    rates = {
        "prefill_tok_s": prompt_tokens / middle["prefill"],
        "decode_tok_s": (new_tokens - 1) / (middle["all"] - middle["first"]),
    }
    print(json.dumps(rates))


def generate(model: PreTrainedModel, ids: torch.Tensor, count: int) -> torch.Tensor:
    """Exactly `count` greedy tokens."""
    return model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        min_new_tokens=count,
        max_new_tokens=count,
        do_sample=False,
        pad_token_id=0,
    )


def timed(call: Callable[..., object], *args: object, **options: object) -> float:
    """Seconds that a call takes."""
    begin = time.perf_counter()
    call(*args, **options)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

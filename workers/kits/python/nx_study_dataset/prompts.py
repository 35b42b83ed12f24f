"""The prompts of a text file, as the setting `prompts` names it."""

from pathlib import Path

from .text import Line, Place, filled_lines, text_of


def read_prompts(file: Path) -> list[Line]:
    """One prompt a line. Raises `InputProblem` for a file that can't be read or has none."""
    of = Place("prompts", file)
    lines = list(filled_lines(text_of(of), of))
    if not lines:
        raise of.problem("it has no prompt: write one a line")
    return lines

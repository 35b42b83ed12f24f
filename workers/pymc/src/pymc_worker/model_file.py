"""The model file as text: what it defines, without running it; standard library only."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nx_study_worker import InputProblem

# Name → its parameters.
FUNCTIONS = {
    "build": ("data", "config"),
    "start": ("data", "config"),
    "derived": ("trace", "data", "config"),
}


@dataclass(frozen=True)
class ModelFile:
    """`schema` is the JSON Schema of `config`, None where the file has none."""

    path: Path
    schema: dict[str, Any] | None


def read_model_file(path: Path) -> ModelFile:
    """Parse the file. Raises InputProblem where it can't be a model."""
    tree = _parsed(path)
    defined = {name: node for node in tree.body for name in _names(node)}
    if "build" not in defined:
        raise _problem(path, "defines no function build(data, config) that returns a pymc.Model")
    for name, parameters in FUNCTIONS.items():
        if (node := defined.get(name)) is not None:
            _check_function(path, name, parameters, node)
    schema = defined.get("schema")
    return ModelFile(path, None if schema is None else _literal(path, schema))


def _parsed(path: Path) -> ast.Module:
    if path.suffix != ".py":
        raise _problem(path, "is no .py file")
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except OSError as error:
        raise _problem(path, str(error.strerror)) from error
    except SyntaxError as error:
        raise _problem(path, f"this is no Python: {error.msg}", error.lineno) from error
    except ValueError as error:
        raise _problem(path, f"this is no Python: {error}") from error


def _names(node: ast.stmt) -> list[str]:
    """What a statement of the top level gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _check_function(path: Path, name: str, parameters: tuple[str, ...], node: ast.stmt) -> None:
    if not isinstance(node, ast.FunctionDef):
        return  # imported, or made by a call: running the file will tell
    arguments = node.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    needed = positional - len(arguments.defaults)
    without_default = any(default is None for default in arguments.kw_defaults)
    enough = positional >= len(parameters) or arguments.vararg is not None
    if needed <= len(parameters) and enough and not without_default:
        return
    asked = ", ".join(parameters)
    message = f"{name} must take {len(parameters)} parameters, ({asked}); it has ({ast.unparse(arguments)})"
    raise _problem(path, message, node.lineno)


def _literal(path: Path, node: ast.stmt) -> dict[str, Any]:
    value = getattr(node, "value", None)
    try:
        if not isinstance(value, ast.expr):
            raise ValueError
        schema = ast.literal_eval(value)
        as_json = json.loads(json.dumps(schema, allow_nan=False))
        if not isinstance(schema, dict) or as_json != schema:
            raise ValueError
    except (ValueError, TypeError) as error:
        message = (
            "schema must be a plain dict of JSON values: no names, calls or tuples, so that it is read unrun"
        )
        raise _problem(path, message, node.lineno) from error
    return schema


def _problem(path: Path, message: str, line: int | None = None) -> InputProblem:
    return InputProblem(message, setting="model", file=path, line=line)

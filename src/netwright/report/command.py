"""Commands to copy: the run again, and the run with what is prescribed."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from netwright.core.controls import Controls

BREAK = " \\\n    "
REPEATED = ("drop", "categorical", "numeric")
SINGLE = ("task", "weight", "image")


def fit_command(
    record: Mapping[str, Any], controls: Controls, settings: Mapping[str, Any] | None = None
) -> str:
    """Return the command that trains the run again, with some settings changed.

    Every control that differs from its default is spelled out, also those that were chosen for the data: the
    command means the same under any version. Data that was not read from a file is trained on in Python.
    """
    changed = dict(settings or {})
    wanted = _differing(controls.model_dump(mode="json"), Controls().model_dump(mode="json"))
    chosen = {name: value for name, value in wanted.items() if not any(_covers(one, name) for one in changed)}
    source = _source(record)
    if source is None:
        return _python(record, controls, changed)
    # What is changed comes last: a setting within a group that was chosen whole then has its say.
    words = [f"--set {shlex.quote(f'{name}={_yaml(value)}')}" for name, value in (chosen | changed).items()]
    return BREAK.join([f"netwright fit {source} --seed {record['seed']}", *words])


def settings_words(settings: Mapping[str, Any]) -> str:
    """Return ``a.b=1, c.d=2``."""
    return ", ".join(f"{name}={_yaml(value)}" for name, value in settings.items())


def _source(record: Mapping[str, Any]) -> str | None:
    """Return the words of the data, or None when no command can find it again."""
    origin = record["data"].get("origin")
    if record.get("model") is None or origin is None:
        return None
    if "example" in origin:
        return shlex.quote(str(origin["example"]))
    if "path" not in origin:
        return None
    targets = record.get("target") or origin.get("target") or ()
    words = [shlex.quote(str(origin["path"]))]
    words += [f"--target {shlex.quote(one)}" for one in ([targets] if isinstance(targets, str) else targets)]
    words += [f"--{name} {shlex.quote(str(origin[name]))}" for name in SINGLE if origin.get(name)]
    words += [f"--{name} {shlex.quote(str(one))}" for name in REPEATED for one in origin.get(name) or ()]
    if origin.get("skip_corrupt"):
        words.append("--skip-corrupt")
    if origin.get("encoding", "utf-8") != "utf-8":
        words.append(f"--encoding {shlex.quote(origin['encoding'])}")
    return " ".join(words)


def _python(record: Mapping[str, Any], controls: Controls, settings: Mapping[str, Any]) -> str:
    lines = [
        "import netwright as nw",
        "",
        f"controls = nw.Controls.from_json({controls.model_dump_json()!r})",
    ]
    lines += [
        f"controls = controls.with_setting({f'{name}={_yaml(value)}'!r})" for name, value in settings.items()
    ]
    model = ", model=model" if record.get("model") is None else ""
    lines.append(f"run = nw.fit(dataset, controls, seed={record['seed']}{model})")
    return "\n".join(lines)


def _differing(fields: Mapping[str, Any], usual: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        known = usual.get(name)
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            found |= _differing(value, known, f"{prefix}{name}.")
        elif value != known:
            found[f"{prefix}{name}"] = value
    return found


def _covers(setting: str, name: str) -> bool:
    return name == setting or name.startswith(f"{setting}.")


def _yaml(value: Any) -> str:
    """Return a value as YAML on one line, as ``--set`` reads it."""
    if isinstance(value, str) and value.isidentifier() and yaml.safe_load(value) == value:
        return value
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value.tolist()

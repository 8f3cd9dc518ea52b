"""What the words of a command that trains ask for: controls, and a folder."""

from pathlib import Path

from netwright.core.controls import Controls
from netwright.core.errors import ControlError


def controls_of(file: Path | None, settings: list[str] | None) -> Controls:
    """Return the controls of a file, or the defaults, with single settings over them."""
    controls = Controls() if file is None else Controls.from_file(file)
    for setting in settings or ():
        controls = controls.with_setting(setting)
    return controls


def on_backbone(controls: Controls, backbone: str | None, transfer: str | None) -> Controls:
    """Return the controls with the backbone and the way of transfer that the command's own words ask for."""
    said = {"backbone": backbone, "transfer": transfer}
    architecture = controls.architecture.replace(**{k: v for k, v in said.items() if v is not None})
    if transfer is not None and architecture.backbone is None:
        raise ControlError(f"--transfer {transfer}: of what? Name a pretrained network by --backbone")
    return controls.replace(architecture=architecture)


def free_folder(runs: Path, name: str) -> Path:
    """Return ``runs/name-n`` with the next number that no folder has."""
    name = "".join(c if c.isalnum() or c in "._-" else "-" for c in name)
    taken = [path.name.rpartition("-")[2] for path in runs.glob(f"{name}-*")]
    return runs / f"{name}-{max((int(number) for number in taken if number.isdecimal()), default=0) + 1}"

"""What it takes to train the same run again: command, seed, versions, data, controls."""

from netwright.report.blocks import Block, Code, Table
from netwright.report.command import fit_command
from netwright.report.material import Material
from netwright.report.words import cut


def reproduce(material: Material) -> list[Block]:
    """Return the command, the controls as YAML, and a table of everything else the run depends on."""
    record, run = material.record, material.run
    rows = ", ".join(f"{name.replace('_', '-')} {count:,}" for name, count in record["rows"].items() if count)
    parameters = sum(int(array.size) for array in run.predictor.params.values())
    seconds = float(run.history["seconds"].sum()) if len(run.history) else 0.0
    facts = {
        "data": cut(record["data"]["name"]),
        "fingerprint (SHA-256)": record["data"]["fingerprint"],
        "rows": rows,
        "seed": str(record["seed"]),
        "parameters": f"{parameters:,}",
        "status": f"{record['status']}: {record.get('reason', '')}",
        "trained": f"{len(run.history)} epochs in {seconds:.3g} s",
        "test set opened": _times(int(record.get("test_openings", 0))),
    }
    facts["versions"] = ", ".join(
        f"{name} {number}" for name, number in (record.get("versions") or {}).items()
    )
    if material.diagnosis is not None and material.diagnosis.seconds:
        facts["diagnosed"] = f"in {material.diagnosis.seconds:.3g} s"
    return [
        Code("The command", fit_command(record, run.controls)),
        Table("The run", ("what", "value"), [(name, value) for name, value in facts.items() if value]),
        Code("All controls", run.controls.to_yaml().rstrip(), folded=True),
    ]


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")

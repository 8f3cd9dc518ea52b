"""What the checks found, what they found in order, and what they could not look at."""

from netwright.diagnose.finding import Finding
from netwright.report.blocks import Block, Note, Table
from netwright.report.command import settings_words
from netwright.report.material import Material

VERIFY = {"P": "paired seeds", "Q": "a short probe", "R": "run the check again"}


def checks(material: Material) -> list[Block]:
    """Return a table of the findings by status."""
    if material.diagnosis is None or not material.diagnosis.findings:
        return []
    findings = material.diagnosis.findings
    found = [one for one in findings if one.status == "found"]
    healthy = [one for one in findings if one.status == "healthy"]
    silent = [one for one in findings if one.status == "not measured"]
    counts = (
        f"{len(found)} found something, {len(healthy)} saw nothing wrong, {len(silent)} lacked the evidence."
    )
    blocks: list[Block] = [Note(f"Of {len(findings)} checks {counts}")]
    if found:
        rows = [
            (f"{one.check} {one.title}", f"{one.severity:.2f}", one.evidence, _cure(one), _proof(one))
            for one in found
        ]
        heads = ("check", "severity", "evidence", "prescribes", "proven by")
        blocks.append(Table("Found, the gravest first", heads, rows, numbers=frozenset({1})))
    for caption, group in (("Healthy", healthy), ("Not measured", silent)):
        if group:
            rows = [(f"{one.check} {one.title}", one.evidence) for one in group]
            blocks.append(Table(f"{caption} ({len(group)})", ("check", "evidence"), rows, folded=True))
    return blocks


def _cure(finding: Finding) -> str:
    cure = finding.prescription
    if cure is None:
        return "–"
    return settings_words(cure.settings) if cure.settings else f"{cure.control}: {cure.reason}"


def _proof(finding: Finding) -> str:
    return (
        "–"
        if finding.prescription is None
        else VERIFY.get(finding.prescription.verify, finding.prescription.verify)
    )

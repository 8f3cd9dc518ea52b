"""Improvement: paired proofs, factorial experiments, and the loop from a measured error to a better model."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Improvement": "netwright.improve.story:Improvement",
        "Orthogonality": "netwright.improve.orthogonality:Orthogonality",
        "Proof": "netwright.improve.verify:Proof",
        "improve": "netwright.improve.improve:improve",
        "orthogonality": "netwright.improve.orthogonality:orthogonality",
        "verify": "netwright.improve.verify:verify",
    },
)

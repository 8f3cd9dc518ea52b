"""The Bayes error, honestly: an interval, what each end rests on, or "not identified"."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "BayesEstimate": "netwright.diagnose.bayes.records:BayesEstimate",
        "Candidate": "netwright.diagnose.bayes.records:Candidate",
        "NoiseTest": "netwright.diagnose.bayes.records:NoiseTest",
        "estimate": "netwright.diagnose.bayes.estimate:estimate",
    },
)

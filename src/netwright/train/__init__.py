"""Training: the compiled program and the host loop around it."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "fit": "netwright.train.fit:fit",
        "resume": "netwright.train.fit:resume",
        "join": "netwright.train.distributed:join",
        "load": "netwright.train.restore:load",
        "fit_population": "netwright.train.population:fit_population",
        "Callback": "netwright.train.events:Callback",
    },
)

"""Update rules: each is an Optax gradient transformation whose updates are added to the parameters."""

from netwright.core import lazy

__getattr__, __dir__ = lazy.attach(__name__, lazy.members("optim.rules"))

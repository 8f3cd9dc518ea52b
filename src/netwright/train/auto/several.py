"""What is chosen for several inputs."""

from netwright.train.auto.facts import Facts
from netwright.train.auto.table import Table


class Several(Table):
    """The choices for one training on several inputs: a table's, but for the network."""

    @classmethod
    def default_kind(cls, facts: Facts) -> str:
        """Return a part for each input under one trunk."""
        del facts  # the same for all
        return "several"

    def hidden(self) -> tuple[int, ...]:
        """Return one layer of the trunk: each part has layers of its own."""
        return (128,)

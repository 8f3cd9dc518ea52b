import netwright as nw
from netwright.core import lazy


class Room:
    widest = lazy.Method("netwright.core.names:listed")

    def __iter__(self):
        return iter(["a", "b"])


def test_a_late_method_is_bound_to_its_object():
    assert Room().widest() == "a, b"
    assert Room.widest(["x"]) == "x"


def test_a_run_offers_its_report():
    assert nw.Run.report.__module__ == "netwright.report.report"

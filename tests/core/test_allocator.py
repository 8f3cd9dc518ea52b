"""What a program used once comes from the process and not from the system, page by page."""

import os
import subprocess
import sys
import textwrap

import pytest

from netwright.core.allocator import OWN, keep_memory

PROGRAM = textwrap.dedent("""
    import resource
    import netwright as nw
    ds = nw.Dataset.from_arrays([[0.0], [1.0]] * 20, [0, 1] * 20, task="binary")  # starts threads
    import jax, jax.numpy as jnp
    step = jax.jit(lambda a: jax.lax.fori_loop(0, 1, lambda i, b: jnp.flip(b) * 2, a).sum())
    x = jnp.ones(20_000_000)
    def faults():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        step(x).block_until_ready()
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    faults()
    print(min(faults() for _ in range(40)))  # a buffer that is freed late makes some dispatch ask for more
""")
PAGES = 20_000_000 * 4 // 4096


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own way")
@pytest.mark.parametrize(("chosen", "kept"), [({}, True), ({"MALLOC_TRIM_THRESHOLD_": "131072"}, False)])
def test_a_dispatch_finds_the_memory_of_the_last_one_unless_the_user_chose(chosen, kept):
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment | chosen, capture_output=True, text=True, check=True
    )
    faults = int(done.stdout)
    assert faults < PAGES / 10 if kept else faults > PAGES / 2


def test_a_choice_of_the_user_is_left_alone(monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert not keep_memory()

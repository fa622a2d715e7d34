"""Scenarios beyond single requests: a whole cycle, many organizations, a noisy one, memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

from bench import client, works
from bench.client import Connection, Result, Target
from bench.measuring import percentile
from bench.servers import memory

# Requests a second that an organization sends in its busy hours.
BUSY = 25
DAY = (works.read, works.filter_user_name, works.read, works.patch_name, works.filter_miss)


def _of_a_day(connection: Connection) -> None:
    connection.random.choice(DAY)(connection)


def _latencies(result: Result) -> str:
    p50, p99 = percentile(result.seconds, 0.5), percentile(result.seconds, 0.99)
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, errors {len(result.wrong)} of {len(result.seconds):,}" + (
        f", for instance {result.wrong[0]}" if result.wrong else ""
    )


def initial_cycle(target: Target, users: int, connections: int) -> None:
    result = client.play(works.initial, target, connections, units=users)
    rate = users / result.elapsed
    print(f"\nInitial cycle of {users:,} users: {result.elapsed:.0f} s ({rate:.0f} users/s), {_latencies(result)}")


def many_organizations(targets: Sequence[Target], seconds: float) -> None:
    """Each at its pace, on a connection of its own."""
    with ThreadPoolExecutor(len(targets)) as pool:
        found = list(pool.map(partial(_paced, seconds=seconds), targets))
    together = Result(seconds, [one for result in found for one in result.seconds], [], [])
    together.wrong = [one for result in found for one in result.wrong]
    slowest = max(percentile(one.seconds, 0.99) for one in found)
    print(f"\n{len(targets)} organizations at {BUSY} requests a second for {seconds:g} s: {_latencies(together)}")
    print(f"The p99 of the slowest of them: {slowest:.1f} ms")


def _paced(target: Target, seconds: float) -> Result:
    return client.play(_of_a_day, target, 1, seconds=seconds, pace=1 / BUSY)


def noisy_neighbour(quiet: Target, noisy: Target, seconds: float, connections: int, rounds: int = 3) -> None:
    """The latency of one at its pace, alone and beside one that sends as fast as it can, in turns."""
    alone, beside = [], []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            alone.append(percentile(_paced(quiet, seconds).seconds, 0.99))
            noise = pool.submit(client.play, _of_a_day, noisy, connections, seconds=seconds)
            beside.append(percentile(_paced(quiet, seconds).seconds, 0.99))
            noise.result()
    before, after = median(alone), median(beside)
    print(f"p99 {before:.1f} ms alone, {after:.1f} ms beside it, ratio {after / before:.2f}", flush=True)


def memory_of(server: int, target: Target, requests: int, connections: int) -> None:
    """PSS of the largest worker: warm, after many requests, and after pages as large as may be asked for."""
    client.play(_of_a_day, target, connections, units=min(2_000, requests))
    warm = memory(server)
    client.play(_of_a_day, target, connections, units=requests)
    after = memory(server)
    client.play(_greedy, target, 1, units=4)
    greedy = memory(server)
    print(
        f"{warm:.0f} MiB, after {requests:,} requests {after:.0f} ({after / warm - 1:+.1%}), after pages with "
        f"count=1000000 {greedy:.0f} ({greedy - after:+.0f})",
        flush=True,
    )


def _greedy(connection: Connection) -> None:
    connection.ask("GET", "/Users?count=1000000")

"""Erlang C and Erlang A from their textbook formulas, independent of the tree.

Erlang C: the definitions' staffing arithmetic. Erlang A (M/M/n+M): the birth and death process of
calls in the system, rates lambda, min(k, n) mu + max(k - n, 0) theta, solved numerically.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Truth:
    """Probability of waiting, mean wait of all (ms), share answered within T."""

    waits: float
    wait_ms: float
    level: float


def erlang_c(load: float, agents: int, service_ms: float, level_ms: float) -> Truth:
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = load * blocked / (k + load * blocked)
    waits = agents * blocked / (agents - load * (1 - blocked))
    level = 1 - waits * math.exp(-(agents - load) * level_ms / service_ms)
    return Truth(waits, waits * service_ms / (agents - load), level)


def erlang_a(
    load: float, agents: int, service_ms: float, patience_ms: float, level_ms: float
) -> Truth:
    """Level: share of all calls answered within T."""
    rate, mu, theta = load / service_ms, 1 / service_ms, 1 / patience_ms
    most = agents + 400
    weights = [1.0]
    for k in range(1, most):
        leave = min(k, agents) * mu + max(k - agents, 0) * theta
        weights.append(weights[-1] * rate / leave)
    total = sum(weights)
    share = [w / total for w in weights]
    waits = sum(share[agents:])
    queue = sum((k - agents) * p for k, p in enumerate(share) if k > agents)
    wait_ms = queue / rate  # Little, over all callers
    level = sum(share[:agents])
    for ahead, p in enumerate(share[agents:]):
        if p > 1e-12:
            level += p * _served_within(ahead, agents, mu, theta, level_ms)
    return Truth(waits, wait_ms, level)


def _served_within(ahead: int, agents: int, mu: float, theta: float, level_ms: float) -> float:
    """A caller who finds ``ahead`` waiting is answered within T: pure death process, by steps.

    The state is how many are ahead; he himself may lose patience at rate theta all the time.
    """
    steps = 200
    dt = level_ms / steps
    # p[j]: j ahead of him still and he waits; the last is answered.
    p = [0.0] * (ahead + 1)
    p[ahead] = 1.0
    answered = 0.0
    for _ in range(steps):
        # Midpoint rule on the linear system keeps the error below 1e-6 at these rates.
        half = _step(p, agents, mu, theta, dt / 2)[0]
        rates = _rates(half, agents, mu, theta)
        answered += half[0] * agents * mu * dt
        p = [value + dt * rate for value, rate in zip(p, rates, strict=True)]
    return answered


def _rates(p: list[float], agents: int, mu: float, theta: float) -> list[float]:
    out = []
    for j, value in enumerate(p):
        rate = -(agents * mu + j * theta + theta) * value
        if j + 1 < len(p):
            rate += (agents * mu + (j + 1) * theta) * p[j + 1]
        out.append(rate)
    return out


def _step(
    p: list[float], agents: int, mu: float, theta: float, dt: float
) -> tuple[list[float], float]:
    rates = _rates(p, agents, mu, theta)
    return [value + dt * rate for value, rate in zip(p, rates, strict=True)], dt

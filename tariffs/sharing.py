"""Parting a whole so that the parts sum to it to the last unit: the largest remainders take what is left. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def shared_out(total: int, weights: Sequence[int]) -> list[int]:
    """`total` units by weights ≥ 0, at least one of them above 0. Of equal remainders the first ones take a unit."""
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative, and not all of them 0")
    shares = [divmod(total * weight, whole) for weight in weights]
    parts = [share for share, _rest in shares]
    order = sorted(range(len(weights)), key=lambda at: (-shares[at][1], at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def key_weights(key: str, areas: Sequence[int | None]) -> tuple[str, list[int]]:
    """(the key that holds, a weight a dwelling). By area only where every area is known: a guess is nobody's due."""
    if key == "area" and areas and all(areas):
        return "area", [area or 0 for area in areas]
    return ("none" if key == "none" else "equal"), [1] * len(areas)

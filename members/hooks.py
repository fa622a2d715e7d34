"""The kind of opening that openings.py lists: a lower room asks, and rooms above it answer without being imported."""

from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Hook(Generic[P, R]):
    """Functions of one signature. An app registers its own when it starts; they are asked in that order."""

    def __init__(self) -> None:
        self._functions: list[Callable[P, R]] = []

    def register(self, function: Callable[P, R]) -> Callable[P, R]:
        """The function itself, so that this decorates it."""
        self._functions.append(function)
        return function

    def ask(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """The answers, in order. A Refusal that one function raises ends the asking."""
        return [function(*args, **kwargs) for function in self._functions]

    def first(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """The first answer that is not None or empty; None without one."""
        return next((answer for function in self._functions if (answer := function(*args, **kwargs))), None)

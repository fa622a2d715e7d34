"""Steps towards something that works, as components/checklist_step.html shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from members.texts import Text


@dataclass
class Step:
    title: Text
    is_done: bool
    text: Text = ""
    url: str = ""
    # Label of the button while this is the next step.
    action: Text = ""
    # Place among the steps of all apps.
    order: int = 0
    state: str = "later"


def in_order(listed: Iterable[Step]) -> list[Step]:
    """The steps, each marked done, next or later: next is the first that is not done."""
    steps = sorted(listed, key=lambda step: step.order)
    next_one = next((step for step in steps if not step.is_done), None)
    for step in steps:
        step.state = "done" if step.is_done else "next" if step is next_one else "later"
    return steps

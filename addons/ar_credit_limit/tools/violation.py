"""What a credit check finds, as data: the same for banner, hold, log and message."""

from typing import Any, NamedTuple


class Violation(NamedTuple):
    """One reason not to go on.

    ``code`` is stable and names the check; ``sentence`` is for people, in the language
    of who asks; ``figures`` are numbers in the currency that ``figures["currency"]``
    names; ``source`` is the record behind the reason, or None; ``action`` is what the
    policy wants done about it: ``advise``, ``warn`` or ``hold``. At a transfer it does
    not count yet for orders confirmed less than ``grace_days`` ago.
    """

    code: str
    sentence: str
    figures: dict[str, Any]
    source: Any = None
    action: str = "hold"
    grace_days: int = 0


def join_sentences(violations):
    """Return the sentences of violations, one a line.

    >>> join_sentences([Violation("a", "First.", {}), Violation("b", "Second.", {})])
    'First.\\nSecond.'
    """
    return "\n".join(violation.sentence for violation in violations)

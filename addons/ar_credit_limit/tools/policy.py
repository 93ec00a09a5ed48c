"""What a company's policy says, as plain data: kept in the server's cache, so that the
check of an order asks the database nothing about it."""

from typing import NamedTuple

#: Where a check can speak, in the order in which an order passes them.
CHECKPOINTS = ("quotation", "confirm", "increase", "transfer")

#: What a violation wants done, by the word that a policy uses for it.
ACTIONS = {"advise": "advise", "warn": "warn", "hold": "hold", "refuse": "hold"}


class Check(NamedTuple):
    """One check of a policy. ``threshold`` is an amount, days or a percentage, as the
    code says; ``actions`` stand in the order of :data:`CHECKPOINTS`. Transfers of an
    order go in spite of it for ``transfer_grace_days``."""

    code: str
    threshold: float = 0.0
    grace_days: int = 0
    bucket: str | None = None
    actions: tuple[str, str, str, str] = ("advise", "hold", "refuse", "none")
    transfer_grace_days: int = 0

    def get_action(self, checkpoint):
        """Return ``advise``, ``warn`` or ``hold``, or None where nothing is checked.

        >>> [Check("over_limit").get_action(each) for each in CHECKPOINTS]
        ['advise', 'hold', 'hold', None]
        """
        return ACTIONS.get(self.actions[CHECKPOINTS.index(checkpoint)])


#: What is checked where no policy says otherwise.
STANDARD_CHECKS = (Check("over_limit"), Check("manual_stop"))


class Policy(NamedTuple):
    """The policy for the customers of one risk class, or for all others.

    ``source`` says where the limit of a customer without one of its own comes from:
    ``class``, ``company`` or ``none``. Amounts are in the root company's currency.
    """

    policy_id: int | None = None
    risk_class_id: int | None = None
    source: str = "none"
    limit_state: str = "unchecked"
    amount: float = 0.0
    tolerance_percent: float = 0.0
    tolerance_amount: float = 0.0
    payment_term_id: int | None = None
    allowed_term_ids: frozenset[int] = frozenset()
    payment_method_line_id: int | None = None
    checks: tuple[Check, ...] = STANDARD_CHECKS

    def get_checks(self, checkpoint):
        """Return the checks that speak at a checkpoint.

        >>> [check.code for check in STANDARD.get_checks("confirm")]
        ['over_limit', 'manual_stop']
        >>> STANDARD.get_checks("transfer")
        []
        """
        return [check for check in self.checks if check.get_action(checkpoint)]

    def get_tolerated(self, amount):
        """Return by how much a limit may be exceeded; with both a percentage and an
        amount, the smaller of them.

        >>> STANDARD.get_tolerated(1000.0)
        0.0
        >>> Policy(tolerance_percent=10.0).get_tolerated(1000.0)
        100.0
        >>> Policy(tolerance_percent=10.0, tolerance_amount=30.0).get_tolerated(1000.0)
        30.0
        >>> Policy(tolerance_amount=30.0).get_tolerated(0.0)
        0.0
        """
        if not amount:
            return 0.0
        share = amount * self.tolerance_percent / 100
        both = [each for each in (share, self.tolerance_amount) if each]
        return min(both, default=0.0)


STANDARD = Policy()


def choose(policies, risk_class_id):
    """Return the policy of a class: its own, else the one for all others, else the
    standard.

    :param policies: iterable of :class:`Policy` of one company

    >>> own, others = Policy(1, risk_class_id=7), Policy(2)
    >>> [choose(each, 7).policy_id for each in ((own, others), (others,), ())]
    [1, 2, None]
    """
    by_class = {policy.risk_class_id: policy for policy in policies}
    return by_class.get(risk_class_id) or by_class.get(None) or STANDARD

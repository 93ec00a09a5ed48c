"""What the checks of one customer look at."""

from typing import Any, NamedTuple


class Case(NamedTuple):
    """One customer at one checkpoint, with or without an order.

    ``facts`` is the :class:`~..models.ar_credit_limit.CreditFacts`, ``exposure`` the
    :class:`~..models.res_partner.Exposure`, ``stops`` the violations of stops that
    stand on the whole customer. With an order: ``order_amount`` is what it comes to,
    ``due`` what of it is not covered, ``added`` what it adds to the exposure and
    ``reserved`` what the orders before it in the same confirmation do; amounts in the
    currency of the root ``company``.
    """

    customer: Any
    company: Any
    checkpoint: str
    facts: Any
    exposure: Any
    stops: list[Any]
    order: Any = None
    order_amount: float = 0.0
    due: float = 0.0
    added: float = 0.0
    reserved: float = 0.0

    @property
    def limit(self):
        return self.facts.limit

    @property
    def policy(self):
        return self.facts.policy

"""What the checks of one customer look at."""

from typing import Any, NamedTuple


class CreditGroup(NamedTuple):
    """Customers that share the limit of their ``head`` (res.partner): ``limit`` is the
    :class:`~.limit.LimitInForce`, ``exposure`` what is tested of all of them, and
    ``reserved`` what the orders before in the same confirmation come to."""

    head: Any
    limit: Any
    exposure: float
    reserved: float = 0.0


class Case(NamedTuple):
    """One customer at one checkpoint, with or without an order.

    ``facts`` is the :class:`~..models.ar_credit_limit.CreditFacts`, ``exposure`` the
    :class:`~.exposure.Exposure`, ``stops`` the violations of stops that
    stand on the whole customer or on the order. With an order: ``order_amount`` is
    what it comes to, ``cover`` what of it is paid or secured in advance,
    ``in_exposure`` what the exposure holds of it already and ``reserved`` what the
    orders before it in the same confirmation come to; amounts in the currency of the
    root ``company``. ``group`` is the :class:`CreditGroup` where a limit is shared.
    """

    customer: Any
    company: Any
    checkpoint: str
    facts: Any
    exposure: Any
    stops: list[Any]
    order: Any = None
    order_amount: float = 0.0
    cover: float = 0.0
    in_exposure: float = 0.0
    reserved: float = 0.0
    group: Any = None

    @property
    def added(self):
        """What the order adds to the exposure of its customer."""
        return self.order_amount - self.cover - self.in_exposure

    @property
    def in_orders(self):
        """What the ordered part of the exposure holds of this order: it is told once,
        as the order itself."""
        is_confirmed = self.order and self.order.state == "sale"
        return self.in_exposure if is_confirmed else 0.0

    @property
    def limit(self):
        return self.facts.limit

    @property
    def policy(self):
        return self.facts.policy

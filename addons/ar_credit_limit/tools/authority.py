"""What an authority to release is bound to, as plain data."""

from typing import NamedTuple


class Subject(NamedTuple):
    """What a decision is about, as far as an authority may be bound to it: the sales
    team of the order, None where it is about a whole customer, and the customer's risk
    class."""

    team_id: int | None = None
    risk_class_id: int | None = None


#: Of no team and no class.
WHOLE = Subject()


class Bound(NamedTuple):
    """One row as plain data; ``amount`` is the largest one."""

    group_id: int | None
    user_id: int | None
    basis: str
    amount: float
    subject: Subject = WHOLE

    def is_about(self, subject):
        """Return whether the row is for this :class:`Subject`.

        >>> of_team = Bound(1, None, "order", 100.0, Subject(team_id=7))
        >>> [of_team.is_about(each) for each in (Subject(7, 3), Subject(8), WHOLE)]
        [True, False, False]
        >>> Bound(1, None, "order", 100.0).is_about(Subject(7, 3))
        True
        """
        return all(
            own is None or own == asked
            for own, asked in zip(self.subject, subject, strict=True)
        )

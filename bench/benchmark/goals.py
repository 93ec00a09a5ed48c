"""What the suite promises, and whether a run kept it."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

FLOOR_RATIO = 1.5
READING_QUERIES = 10
MEGABYTES = 100
ONE_CUSTOMER_QUERIES = 3
CONFIRM_QUERIES = 4
CONFIRM_SECONDS = 0.004
OTHER_QUERIES = 2
INSTALL_SECONDS = 60
FIRST_NIGHT_SECONDS = 60
ORDINARY_NIGHT_SECONDS = 10
NIGHT_MEGABYTES = 150
BATCH_QUERIES_SPREAD = 1.25
TWICE_THE_DATA = 2.2
SHARE_OF_OCA = 1 / 25
SHARE_OF_CORES_RATE = 0.7
NIGHT_WITH_DISPUTES = 1.2
MORE_QUERIES_OF_MANY = 5


@dataclass(frozen=True)
class Goal:
    """A promise: what is measured, the bound, and how it is written."""

    text: str
    bound: float
    read: Callable
    show: Callable = "{:g}".format

    def row(self, results):
        """The cells of the table, None where the part was not run."""
        try:
            value = self.read(results)
        except KeyError:
            return None
        verdict = "pass" if value <= self.bound else "**fail**"
        return (self.text, self.show(self.bound), self.show(value), verdict)


def _seconds(results, variant, name):
    return results["reading"][variant][name]["seconds"]["median"]


def _ratio(name):
    return lambda results: (
        _seconds(results, "suite", name) / _seconds(results, "suite", "floor")
    )


def _queries(name):
    return lambda results: results["reading"]["suite"][name]["queries"]


def _over_plain(act):
    def read(results):
        found = results["acts"][act]
        return found["suite"]["queries"]["median"] - found["plain"]["queries"]["median"]

    return read


def _rows(results):
    """Queries that come with more rows, less those that plain Odoo has."""
    found = results["reading"]
    more = {
        variant: {view: whole - half for view, (half, whole) in views.items()}
        for variant in ("plain", "suite")
        for views in (found[variant]["views"],)
    }
    return max(
        queries - more["plain"].get(view, 0) for view, queries in more["suite"].items()
    )


def _night(results, name="first night"):
    return results["dunning"]["suite"][name]


def _on_size(name, read):
    """A goal of one size only."""

    def of_size(results):
        if results.get("size") != name:
            raise KeyError(name)
        return read(results)

    return of_size


def _batch_spread(results):
    """How many times the queries of the median batch the worst one needs."""
    queries = _night(results)["queries"]
    return max(queries) / median(queries)


def _share_of_oca(results):
    oca = results["dunning"]["oca"]["first night"]
    return _night(results)["seconds"] / oca["seconds"]


def _twice(results):
    """``smaller`` are the results of half the size."""
    return _night(results)["seconds"] / _night(results["smaller"])["seconds"]


def _core_times_ours(results):
    rates = results["dunning"]["suite"]["messages"]
    return rates["core"] / rates["ours"]


def _night_with_disputes(results):
    found = results["disputes"]
    return found["nights"]["plan"] / found["without"]["plan"]


def _more_queries_of_many(results):
    """Queries that opening many disputes takes more than opening a few."""
    found = results["disputes"]["opening"]
    return found["many"]["queries"] - found["few"]["queries"]


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


GOALS = (
    Goal("Exposure of all customers, times the floor", FLOOR_RATIO,
         _ratio("exposure of all"), "{:.2f}".format),
    Goal("Exposure of all customers, queries", READING_QUERIES,
         _queries("exposure of all")),
    Goal("Exposure of all customers, memory growth", MEGABYTES,
         lambda r: r["reading"]["suite"]["exposure of all"]["megabytes"],
         "{:.0f} MB".format),
    Goal("Search for customers over their limit, times the floor", FLOOR_RATIO,
         _ratio("over limit"), "{:.2f}".format),
    Goal("Search for customers over their limit, queries", READING_QUERIES,
         _queries("over limit")),
    Goal("One customer, queries", ONE_CUSTOMER_QUERIES, _queries("one customer")),
    Goal("Confirming an order, queries over plain Odoo", CONFIRM_QUERIES,
         _over_plain("confirm")),
    Goal("Confirming an order, median over plain Odoo", CONFIRM_SECONDS,
         lambda r: r["acts"]["confirm"]["suite"]["over plain"]["median"],
         milliseconds),
    Goal("Posting an invoice, queries over plain Odoo", OTHER_QUERIES,
         _over_plain("post")),
    Goal("Validating a transfer, queries over plain Odoo", OTHER_QUERIES,
         _over_plain("validate")),
    Goal("Queries more for 80 rows than for 40, beyond plain Odoo's", 0, _rows),
    Goal("Installing the suite, its dependencies installed", INSTALL_SECONDS,
         lambda r: r["install"]["suite"]["installed_in"], "{:.0f} s".format),
    Goal("First night planned", FIRST_NIGHT_SECONDS,
         _on_size("M", lambda r: _night(r)["plan"]), "{:.1f} s".format),
    Goal("Ordinary night", ORDINARY_NIGHT_SECONDS,
         _on_size("M", lambda r: _night(r, "ordinary night")["seconds"]),
         "{:.1f} s".format),
    Goal("First night, memory growth", NIGHT_MEGABYTES,
         lambda r: _night(r)["megabytes"], "{:.0f} MB".format),
    Goal("Queries of the worst batch, times the median", BATCH_QUERIES_SPREAD,
         _batch_spread, "{:.2f}".format),
    Goal("Night planned and prepared, share of OCA's time", SHARE_OF_OCA,
         _share_of_oca, "{:.3f}".format),
    Goal("Night, times that of half the data", TWICE_THE_DATA, _twice,
         "{:.2f}".format),
    Goal("Rate of core's mail batch, times ours", 1 / SHARE_OF_CORES_RATE,
         _core_times_ours, "{:.2f}".format),
    Goal("Rebuilt table of items differs", 0,
         lambda r: int(not r["dunning"]["suite"]["rebuild"]["same"])),
    Goal("Night planned with open disputes, times the night without",
         NIGHT_WITH_DISPUTES, _night_with_disputes, "{:.2f}".format),
    Goal("Opening 500 disputes at once, queries more than for 50",
         MORE_QUERIES_OF_MANY, _more_queries_of_many),
)  # fmt: skip

"""The tables of bench/README.md, out of the results that runs have kept."""

import json

from .goals import GOALS, milliseconds

BEGIN, END = "<!-- tables -->", "<!-- end of tables -->"
SIZES = ("M", "2S", "S")
#: The sizes that others have twice the data of.
HALVES = {"2S": "S"}
NAMES = {"plain": "plain Odoo", "suite": "the suite", "oca": "OCA"}
ACTS = {
    "confirm": "Confirm an order",
    "post": "Post an invoice",
    "validate": "Validate a transfer",
    "reconcile": "Reconcile two items",
}


def write(folder):
    """Put the tables of all kept results between the marks of the README."""
    readme = folder / "README.md"
    before, _begin, rest = readme.read_text().partition(BEGIN)
    _tables, _end, after = rest.partition(END)
    kept = {
        path.stem: json.loads(path.read_text())
        for path in folder.glob("results/*.json")
    }
    parts = []
    for size in SIZES:
        if size in kept:
            smaller = kept.get(HALVES.get(size), {})
            parts.append(tables(size, {**kept[size], "smaller": smaller}))
    text = "\n\n".join((BEGIN, *parts, END))
    readme.write_text(before + text + after)


def tables(size, results):
    """All tables of a size."""
    sections = [f"## Size {size}", machine(results["machine"])]
    sections.append(grid(("Goal", "At most", "Measured", ""), verdicts(results)))
    for title, head, rows in (
        ("Reading", READING_HEAD, reading_rows(results)),
        ("Writing", ACTS_HEAD, act_rows(results)),
        ("Installing", INSTALL_HEAD, install_rows(results)),
        ("Lists and kanbans", VIEWS_HEAD, view_rows(results)),
        ("Our indexes on journal items", INDEX_HEAD, index_rows(results)),
        ("Nights of dunning", NIGHT_HEAD, night_rows(results)),
        ("Messages", MESSAGES_HEAD, message_rows(results)),
    ):
        if rows:
            sections += [f"### {title}", grid(head, rows)]
    return "\n\n".join(sections)


def machine(facts):
    counts = facts["ledger"] or {}
    held = ", ".join(
        f"{counts[table]:,} {text}"
        for table, text in (
            ("res_partner", "partners"),
            ("account_move", "journal entries"),
            ("account_move_line", "journal items"),
            ("account_partial_reconcile", "matchings"),
            ("sale_order", "orders"),
            ("sale_order_line", "order lines"),
        )
        if table in counts
    )
    return (
        f"{facts['date']}: {facts['cores']} cores ({facts['processor']}), load"
        f" {facts['load']}; Odoo {facts['odoo']}, PostgreSQL {facts['postgresql']},"
        f" Python {facts['python']}.\nThe ledger: {held}."
    )


def verdicts(results):
    """Rows of (goal, bound, measured, verdict) of what was run."""
    return [row for goal in GOALS if (row := goal.row(results))]


READING_HEAD = ("What is read", "By", "Median", "Middle half", "Queries", "× floor")


def reading_rows(results):
    rows = []
    for variant, found in results.get("reading", {}).items():
        floor = found["floor"]["seconds"]["median"]
        for name, facts in found.items():
            if "queries" in facts:
                seconds = facts["seconds"]
                rows.append(
                    (
                        name,
                        NAMES[variant],
                        duration(seconds["median"]),
                        spread(seconds),
                        str(facts["queries"]),
                        f"{seconds['median'] / floor:.2f}",
                    )
                )
    return rows


ACTS_HEAD = (
    "Act", "In", "Median", "Middle half", "Over plain", "Middle half", "Queries",
)  # fmt: skip


def act_rows(results):
    return [
        (
            ACTS[act],
            NAMES[variant],
            milliseconds(facts["seconds"]["median"]),
            spread(facts["seconds"]),
            milliseconds(facts["over plain"]["median"]),
            spread(facts["over plain"]),
            f"{facts['queries']['median']:g}",
        )
        for act in ACTS
        for variant, facts in results.get("acts", {}).get(act, {}).items()
    ]


INSTALL_HEAD = ("Installed", "Seconds", "Load of the machine")


def install_rows(results):
    return [
        (NAMES[variant], f"{facts['installed_in']:.0f}", f"{facts['load']:.1f}")
        for variant, facts in results.get("install", {}).items()
    ]


VIEWS_HEAD = ("View", "In", "Queries for 40 rows", "Queries for 80 rows")


def view_rows(results):
    return [
        (name, NAMES[variant], str(half), str(whole))
        for variant, found in results.get("reading", {}).items()
        for name, (half, whole) in found.get("views", {}).items()
    ]


INDEX_HEAD = ("Index", "Size", "Built in", "Post an invoice", "Reconcile two items")


def index_rows(results):
    return [
        (
            f"`{name}`",
            facts["size"],
            duration(facts["seconds"]),
            milliseconds(facts["post"]["median"]),
            milliseconds(facts["reconcile"]["median"]),
        )
        for name, facts in results.get("index", {}).items()
    ]


NIGHT_HEAD = (
    "Night", "By", "Items", "Reminders", "Planned in", "Prepared in", "In all",
    "Batches",
)  # fmt: skip


def night_rows(results):
    rows = []
    for variant, found in results.get("dunning", {}).items():
        for name in ("first night", "ordinary night"):
            if facts := found.get(name):
                rows.append(
                    (
                        name,
                        NAMES[variant],
                        f"{facts['items']:,}",
                        f"{facts['reminders']:,}" if "reminders" in facts else "",
                        duration(facts["plan"]) if "plan" in facts else "",
                        duration(facts["prepare"]) if "prepare" in facts else "",
                        duration(facts["seconds"]),
                        str(len(facts["queries"])) if "queries" in facts else "",
                    )
                )
    return rows


MESSAGES_HEAD = ("Messages", "Ours, a second", "Core's batch, a second")


def message_rows(results):
    rates = results.get("dunning", {}).get("suite", {}).get("messages")
    if not rates:
        return []
    return [(str(rates["count"]), f"{rates['ours']:.0f}", f"{rates['core']:.0f}")]


def duration(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else milliseconds(seconds)


def spread(figures):
    return f"{duration(figures['low'])} to {duration(figures['high'])}"


def grid(head, rows):
    """A Markdown table."""
    lines = [head, tuple("---" for _cell in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

"""The same act in several databases by turns, so that all meet the same machine."""

import json
import os
import random
import subprocess
from contextlib import ExitStack, contextmanager

from environment.problems import Problem

from .figures import summary
from .processes import FOLDER

WARM_UP = 10


class Worker:
    """A process of ``benchmark.working`` on one database."""

    def __init__(self, process, name):
        self.process = process
        self.name = name

    def wait(self):
        """Return the next answer."""
        said = []
        for line in self.process.stdout:
            if line.startswith("RESULT "):
                return json.loads(line.removeprefix("RESULT "))
            said.append(line)
        raise Problem(f"The worker on {self.name} ended: {''.join(said[-30:])}")

    def ask(self, act):
        self.process.stdin.write(f"{act}\n")
        self.process.stdin.flush()
        return self.wait()


@contextmanager
def worker(environment, name, database, configuration, customers, count):
    variables = environment.variables(configuration)
    variables["PYTHONPATH"] = os.pathsep.join((variables["PYTHONPATH"], str(FOLDER)))
    command = [environment.python, "-m", "benchmark.working", database]
    process = subprocess.Popen(
        [*command, json.dumps(customers), str(count)],
        env=variables,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield Worker(process, name)
    finally:
        process.stdin.close()
        process.terminate()
        process.wait()


def compare(environment, databases, customers, acts, pairs):
    """Run each act ``pairs`` times in every database, by turns.

    :param databases: {variant: (database, configuration)}
    :return: {act: {variant: facts}}
    """
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                worker(environment, name, *where, customers, pairs + WARM_UP)
            )
            for name, where in databases.items()
        ]
        for each in workers:
            each.wait()
        return {act: _by_turns(workers, act, pairs) for act in acts}


def _by_turns(workers, act, pairs):
    taken = {each.name: [] for each in workers}
    order = random.Random(act)
    for number in range(pairs + WARM_UP):
        order.shuffle(workers)
        for each in workers:
            answer = each.ask(act)
            if not answer["done"]:
                raise Problem(f"{act} had no effect with {each.name}")
            if number >= WARM_UP:
                taken[each.name].append(answer)
    return {
        name: {
            "seconds": summary([answer["seconds"] for answer in answers]),
            "queries": summary([answer["queries"] for answer in answers]),
            "over plain": _over(answers, taken["plain"]),
        }
        for name, answers in taken.items()
    }


def _over(answers, of_plain):
    """The median of what each act took more than the same act of plain Odoo."""
    return summary(
        [
            mine["seconds"] - other["seconds"]
            for mine, other in zip(answers, of_plain, strict=True)
        ]
    )

"""Running a module of the benchmark in a process of its own."""

import json
import os
import subprocess
from pathlib import Path

from environment.problems import Problem, last_line

FOLDER = Path(__file__).resolve().parent.parent


def run_module(environment, module, *arguments, configuration=None):
    """Run ``benchmark.<module>`` with the environment's Python and return the facts
    that it reports.

    :param configuration: an Odoo configuration other than that of this clone
    :raises Problem: when it fails
    """
    variables = environment.variables(configuration)
    variables["PYTHONPATH"] = os.pathsep.join((variables["PYTHONPATH"], str(FOLDER)))
    variables["PYTHONHASHSEED"] = "0"
    done = subprocess.run(
        [environment.python, "-m", f"benchmark.{module}", *map(str, arguments)],
        env=variables,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    lines = done.stdout.splitlines()
    results = [line for line in lines if line.startswith("RESULT ")]
    if done.returncode or not results:
        print(done.stdout[-6000:])
        raise Problem(f"benchmark.{module} failed: {last_line(done.stdout)}")
    return json.loads(results[-1].removeprefix("RESULT "))

import json
import subprocess
import sys
from pathlib import Path
from threading import Timer

from odoo.tests import get_db_name, tagged
from odoo.tools import config

from .test_race import RaceCommon

PROGRAM = Path(__file__).parent / "race_process.py"
#: Where the other process finds the database and the addons.
OPTIONS = (
    "addons_path",
    "data_dir",
    "db_host",
    "db_port",
    "db_user",
    "db_password",
    "db_sslmode",
)
PATIENCE = 240


@tagged("post_install", "-at_install")
class TestRaceProcesses(RaceCommon):
    """As on a server with several workers: nothing is shared but the database."""

    def start(self, order_id):
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.end, process)
        watchdog = Timer(PATIENCE, process.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        task = {
            "database": get_db_name(),
            "order": order_id,
            "companies": self.ids["res.company"],
            "options": {name: config[name] for name in OPTIONS},
        }
        self.tell(process, json.dumps(task))
        return process

    def end(self, process):
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def tell(self, process, text):
        process.stdin.write(text + "\n")
        process.stdin.flush()

    def test_two_processes_stay_within_the_limit(self):
        """Each has seen that there is room before either confirms."""
        processes = [self.start(order_id) for order_id in self.ids["sale.order"]]
        for process in processes:
            self.assertEqual(process.stdout.readline(), "ready\n")
        for process in processes:
            self.tell(process, "go")
        loser, winner = sorted(
            (json.loads(process.stdout.readline()) for process in processes),
            key=lambda outcome: outcome["state"],
        )
        self.assertEqual(winner, {"rooms": [True], "state": "sale", "credit": "ok"})
        self.assertEqual(
            loser,
            {"rooms": [True, False], "state": "draft", "credit": "held"},
            "retried with a new snapshot, and told",
        )
        with self.registry.cursor() as cr:
            states = [self.order(cr, index).state for index in range(2)]
        self.assertEqual(sorted(states), ["draft", "sale"])

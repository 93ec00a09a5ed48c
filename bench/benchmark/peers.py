"""The peers that the suite is compared with: OCA's addons, from their wheels.

They are fetched when they are measured and kept in the cache; nothing of them is part
of this project.
"""

import zipfile

from environment import cache
from environment.commands import run
from environment.problems import download_problem

OCA = {
    "account_financial_risk": "19.0.1.0.0.6",
    "sale_financial_risk": "19.0.1.0.1",
}
OCA_DUNNING = {"account_credit_control": "19.0.1.0.0.13"}


def oca_folder(environment, addons=OCA):
    """The folder with some of OCA's addons, fetched when it is not there."""
    folder = environment.folder / f"peers-{cache.digest(*addons, *addons.values())}"
    if not folder.exists():
        with cache.new_folder(folder) as partial:
            wanted = [
                f"odoo-addon-{name.replace('_', '-')}=={version}"
                for name, version in addons.items()
            ]
            run(
                [environment.python, "-m", "pip", "download", "--quiet", "--no-deps",
                 "--dest", partial, *wanted],
                problem=lambda output: download_problem("OCA's addons", output),
            )  # fmt: skip
            for wheel in partial.glob("*.whl"):
                with zipfile.ZipFile(wheel) as opened:
                    opened.extractall(partial)
    return folder / "odoo/addons"

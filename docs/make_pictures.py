"""Take the pictures of the documentation from the running demo.

    setup/demo                                                              # and then
    ~/.cache/odoo-receivables/venv-*/bin/python docs/make_pictures.py [NAME ...]

Each page of the table below becomes pictures/NAME.png. Records are found by a
domain, so that the pictures survive another day's demo.
"""

import argparse
import base64
import io
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

import websocket
from PIL import Image

FOLDER = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 1400, 860
WAIT_SECONDS = 40


class Page(NamedTuple):
    """What to open, as whom, and what must be there before the picture."""

    name: str
    login: str
    menu: str  # the app, by the external id of its menu
    action: str
    ready: str
    model: str = ""  # with a domain: open the first record found
    domain: tuple = ()
    order: str = "id"
    click: tuple = ()  # selectors to click, one after the other
    scroll: str = ""  # selector to scroll to
    height: int = HEIGHT


INVOICING = "account.menu_finance"
CREDIT = "ar_ledger.menu_ar_root"
PAGES = [
    Page(
        "positions",
        "accountant",
        INVOICING,
        "ar_ledger.ar_position_action",
        ".o_data_row",
    ),
    Page(
        "customer",
        "accountant",
        INVOICING,
        "account.res_partner_action_customer",
        "[name=ar_total_overdue]",
        model="res.partner",
        domain=(("name", "=", "Transports Marchetti"),),
        click=("a[name=ar_receivables]",),
        height=1000,
    ),
    Page(
        "open_items",
        "accountant",
        INVOICING,
        "ar_ledger.ar_open_item_action",
        ".o_pivot td.o_pivot_cell_value",
        click=(".o_switch_view.o_pivot",),
    ),
    Page(
        "exposure",
        "manager",
        CREDIT,
        "ar_credit_limit.ar_position_action_credit",
        ".o_data_row",
        height=700,
    ),
    Page(
        "policy",
        "manager",
        INVOICING,
        "ar_credit_limit.ar_credit_policy_action",
        ".o_form_view [name=check_ids] .o_data_row",
        model="ar.credit.policy",
        domain=(("risk_class_id", "!=", False),),
        height=700,
    ),
    Page(
        "quotation_held",
        "salesperson",
        "sale.sale_menu_root",
        "sale.action_quotations",
        ".o_form_view .alert",
        model="sale.order",
        domain=(("ar_credit_state", "=", "held"), ("company_id", "=", 1)),
        order="amount_total desc",
    ),
    Page(
        "holds",
        "manager",
        CREDIT,
        "ar_credit_limit.ar_credit_hold_action",
        ".o_data_row",
        height=600,
    ),
    Page(
        "hold",
        "manager",
        CREDIT,
        "ar_credit_limit.ar_credit_hold_action",
        ".o_form_view [name=reason_ids]",
        model="ar.credit.hold",
        domain=(("is_requested", "=", True),),
    ),
    Page(
        "transfer_stopped",
        "warehouse",
        "stock.menu_stock_root",
        "stock.action_picking_tree_outgoing",
        ".o_form_view .alert",
        model="stock.picking",
        domain=(("ar_delivery_state", "=", "held"), ("company_id", "=", 1)),
    ),
    Page(
        "worklist",
        "accountant",
        INVOICING,
        "ar_dunning_scenario.ar_dunning_reminder_action",
        ".o_content .o_list_renderer, .o_content .o_kanban_renderer",
    ),
    Page(
        "reminder",
        "accountant",
        INVOICING,
        "ar_dunning_scenario.ar_dunning_reminder_action",
        ".o_form_view [name=items_html] table",
        model="ar.dunning.reminder",
        domain=(("channel", "=", "email"), ("lang", "=", "en_US")),
        order="days_overdue desc, id",
        height=1100,
    ),
    Page(
        "scenario",
        "accountant",
        INVOICING,
        "ar_dunning_scenario.ar_dunning_scenario_action",
        ".o_form_view [name=step_ids] .o_data_row",
        model="ar.dunning.scenario",
        height=700,
    ),
    Page(
        "disputes",
        "accountant",
        INVOICING,
        "ar_dispute.ar_dispute_action",
        ".o_kanban_record",
        click=(".o_switch_view.o_kanban",),
    ),
    Page(
        "dispute",
        "accountant",
        INVOICING,
        "ar_dispute.ar_dispute_action",
        ".o_form_view [name=line_ids] .o_data_row",
        model="ar.dispute",
        domain=(("state", "=", "investigating"),),
        height=1000,
    ),
    Page(
        "dispute_analysis",
        "accountant",
        INVOICING,
        "ar_dispute.ar_dispute_analysis_action",
        ".o_content canvas, .o_content .o_pivot td.o_pivot_cell_value",
        height=700,
    ),
    Page(
        "corrective_actions",
        "accountant",
        INVOICING,
        "ar_dispute.ar_corrective_action_action",
        ".o_form_view .o_form_sheet",
        model="ar.corrective.action",
        height=700,
    ),
    Page(
        "next_steps",
        "accountant",
        INVOICING,
        "ar_dunning_scenario.ar_dunning_item_action",
        ".o_content .o_data_row, .o_content .o_group_header",
        height=700,
    ),
    Page(
        "health",
        "accountant",
        INVOICING,
        "ar_ledger.ar_health_action_open",
        ".o_data_row",
        height=700,
    ),
    Page(
        "alerts",
        "manager",
        CREDIT,
        "ar_risk_alerts.ar_risk_alert_action",
        ".o_content .o_list_renderer, .o_content .o_kanban_renderer",
    ),
    Page(
        "settings",
        "admin",
        INVOICING,
        "account.action_account_config",
        "#ar_ledger",
        scroll="#ar_ledger",
    ),
]


class Odoo:
    """One user's session: looks records up and lends its cookie."""

    def __init__(self, address, database, login):
        self.address = address
        params = {"db": database, "login": login, "password": login}
        response = self._post("/web/session/authenticate", params)
        self.cookie = response.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]

    def _post(self, path, params, cookie=None):
        data = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        headers = {"Content-Type": "application/json"}
        if cookie:
            headers["Cookie"] = f"session_id={cookie}"
        return urlopen(Request(self.address + path, data.encode(), headers))

    def menu(self, xmlid):
        """The number of an app's menu."""
        request = Request(self.address + "/web/webclient/load_menus")
        request.add_header("Cookie", f"session_id={self.cookie}")
        menus = json.load(urlopen(request)).values()
        return next((m["id"] for m in menus if m.get("xmlid") == xmlid), 0)

    def first(self, model, domain, order):
        response = self._post(
            f"/web/dataset/call_kw/{model}/search",
            {
                "model": model,
                "method": "search",
                "args": [domain],
                "kwargs": {"order": order, "limit": 1},
            },
            self.cookie,
        )
        found = json.load(response).get("result")
        if not found:
            raise LookupError(f"no {model} with {domain}")
        return found[0]


class Browser:
    """A headless chromium, driven by its devtools protocol."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--force-device-scale-factor=1",
                "--remote-debugging-port=0",
                "--remote-allow-origins=*",
                f"--user-data-dir={self.folder.name}",
                "about:blank",
            ],
            stderr=subprocess.DEVNULL,
        )
        self.socket = websocket.create_connection(self._tab(), timeout=WAIT_SECONDS)
        self.numbers = itertools.count(1)

    def _tab(self):
        port_file = Path(self.folder.name) / "DevToolsActivePort"
        wait(lambda: port_file.exists() and port_file.read_text().strip(), "chromium")
        port = port_file.read_text().split()[0]
        tabs = json.load(urlopen(f"http://127.0.0.1:{port}/json/list"))
        return next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")

    def call(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def find(self, selector):
        """True when the selector is on the page and nothing is loading."""
        script = (
            f"!!document.querySelector({json.dumps(selector)})"
            " && !document.querySelector('.o_loading_indicator')"
        )
        answer = self.call("Runtime.evaluate", expression=script)
        return answer["result"].get("value")

    def click(self, selector):
        wait(lambda: self.find(selector), selector)
        script = f"document.querySelector({json.dumps(selector)}).click()"
        self.call("Runtime.evaluate", expression=script)

    def picture(self, height):
        data = self.call(
            "Page.captureScreenshot",
            clip={"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1},
        )
        return Image.open(io.BytesIO(base64.b64decode(data["data"])))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def wait(condition, what):
    until = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {WAIT_SECONDS} s for {what}")
        time.sleep(0.1)


def take(page, browser, odoo):
    """Open the page in the browser and save its picture."""
    path = f"{odoo.address}/odoo/action-{page.action}"
    if page.model:
        path += f"/{odoo.first(page.model, list(page.domain), page.order)}"
    path += f"?menu_id={odoo.menu(page.menu)}"
    browser.call(
        "Network.setCookie", name="session_id", value=odoo.cookie, url=odoo.address
    )
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        width=WIDTH,
        height=page.height,
        deviceScaleFactor=1,
        mobile=False,
    )
    browser.call("Page.navigate", url=path)
    for selector in page.click:
        browser.click(selector)
    wait(lambda: browser.find(page.ready), f"{page.ready} on {path}")
    if page.scroll:
        script = f"document.querySelector({json.dumps(page.scroll)}).scrollIntoView()"
        browser.call("Runtime.evaluate", expression=script)
    time.sleep(1)  # fonts, avatars, charts' animations
    image = browser.picture(page.height).convert("RGB").quantize(128)
    image.save(FOLDER / f"{page.name}.png", optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="pictures to take; all when empty")
    parser.add_argument("--address", default="http://127.0.0.1:8069")
    parser.add_argument("--db", default="demo")
    options = parser.parse_args()
    pages = [p for p in PAGES if not options.names or p.name in options.names]
    FOLDER.mkdir(exist_ok=True)
    sessions, failed = {}, []
    browser = Browser()
    try:
        for page in pages:
            if page.login not in sessions:
                sessions[page.login] = Odoo(options.address, options.db, page.login)
            try:
                take(page, browser, sessions[page.login])
                print(page.name)
            except (LookupError, TimeoutError, RuntimeError) as error:
                failed.append(page.name)
                print(f"{page.name}: {error}", file=sys.stderr)
    finally:
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

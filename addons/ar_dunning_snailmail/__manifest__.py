{
    "name": "Reminders by Snail Mail",
    "summary": "Reminder letters are printed and posted by Odoo's postal service",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "license": "LGPL-3",
    "development_status": "Alpha",
    "depends": ["ar_dunning_scenario", "snailmail_account"],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}

import requests
import urllib3

from odoo.addons.iap.tools.iap_tools import InsufficientCreditError

from .base import Outcome


def read_failure(error, text):
    """Return the outcome of a call to a provider that raised.

    Only where no connection came about, or the provider said no, nothing can have been
    sent.

    :param str text: what is said about it
    """
    if isinstance(error, InsufficientCreditError):
        return Outcome("failed", text, "credit", again=True)
    cause = error.__context__ or error
    reason = getattr(cause.args[0], "reason", None) if cause.args else None
    if isinstance(cause, requests.exceptions.ConnectionError) and isinstance(
        reason, urllib3.exceptions.NewConnectionError
    ):
        return Outcome("failed", text, "connect", again=True)
    return Outcome("uncertain", text, "broken")

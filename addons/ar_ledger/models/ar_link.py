import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

#: More uses of one link within an hour are refused: somebody else is trying.
USES_PER_HOUR = 60
PAGE_PURPOSE = "account_page"
#: Links that expired longer ago are forgotten, with their uses.
KEPT_DAYS = 396


class ArLink(models.Model):
    """A signed link for somebody without a login: for one purpose, one record and one
    person, until it expires or is revoked.

    Only a digest of the token is kept: whoever reads the table can open nothing. Every
    use is logged.
    """

    _name = "ar.link"
    _description = "Signed Link"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "email"

    purpose = fields.Selection(
        [(PAGE_PURPOSE, "Account page")], required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        model_field="res_model", required=True, readonly=True
    )
    email = fields.Char(string="For", required=True, readonly=True)
    token_hash = fields.Char(
        required=True, readonly=True, groups="base.group_no_one", copy=False
    )
    expires_on = fields.Datetime(required=True, readonly=True)
    revoked_on = fields.Datetime(readonly=True)
    use_ids = fields.One2many("ar.link.use", "link_id", string="Uses", readonly=True)
    use_count = fields.Integer(compute="_compute_use_count", string="Used")
    state = fields.Selection(
        [("valid", "Valid"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
    )

    _token_unique = models.UniqueIndex("(token_hash)")
    _record = models.Index("(res_model, res_id)")

    @api.depends("use_ids")
    def _compute_use_count(self):
        for link in self:
            link.use_count = len(link.use_ids)

    @api.depends("expires_on", "revoked_on")
    def _compute_state(self):
        now = fields.Datetime.now()
        for link in self:
            expired = link.expires_on <= now and "expired"
            link.state = (link.revoked_on and "revoked") or expired or "valid"

    @api.model
    def _get_by_hand_text(self):
        return self.env._("Links are issued and revoked by their buttons only.")

    def action_revoke(self):
        """Let the link open nothing any more."""
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_collector"):
            raise AccessError(self.env._("Only collectors revoke links."))
        self.check_access("read")
        self._revoke()

    @api.model
    def _issue(self, purpose, record, company, email, days):
        """Issue a link. No access check: the caller decides whom it is for.

        :param str purpose: a key of :attr:`purpose`
        :param record: what it opens
        :param company: res.company
        :param str email: who gets it
        :param int days: how long it is valid
        :return: (the link, its token); the token is told only here
        """
        token = secrets.token_urlsafe(32)
        link = self._by_code().create(
            {
                "purpose": purpose,
                "company_id": company.id,
                "res_model": record._name,
                "res_id": record.id,
                "email": email,
                "token_hash": self._hash(token),
                "expires_on": fields.Datetime.now() + timedelta(days=days),
            }
        )
        return link.with_env(self.env), token

    @api.model
    def _hash(self, token):
        # A random token of 256 bits needs no salt and no slow digest.
        return hashlib.sha256(token.encode()).hexdigest()

    @api.model
    def _find(self, purpose, token):
        """Return the valid link with this token, with superuser rights; an empty set
        where there is none."""
        link = self.sudo().search(
            [("token_hash", "=", self._hash(token)), ("purpose", "=", purpose)]
        )
        return link.filtered(lambda each: each.state == "valid")

    def _log_use(self, address, kind):
        """Note a use of the link.

        :param str address: where from
        :param str kind: a key of ``ar.link.use.kind``
        :return: whether it may go on: not where it was used too often of late
        """
        self.ensure_one()
        uses = self.env["ar.link.use"].sudo()
        since = fields.Datetime.now() - timedelta(hours=1)
        recent = uses.search_count([("link_id", "=", self.id), ("date", ">", since)])
        is_allowed = recent < USES_PER_HOUR
        if recent <= USES_PER_HOUR:
            uses._by_code().create(
                {
                    "link_id": self.id,
                    "date": fields.Datetime.now(),
                    "address": address,
                    "kind": kind if is_allowed else "refused",
                }
            )
        return is_allowed

    @api.autovacuum
    def _gc_links(self):
        """Forget who looked at what after thirteen months, and say so."""
        oldest = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        links = self.sudo().search([("expires_on", "<", oldest)])
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "retention",
                    "partner": self.env["res.partner"],
                    "company": company.root_id,
                    "text": self.env._(
                        "%(count)s links that expired before %(date)s are forgotten",
                        count=len(of_company),
                        date=fields.Date.to_string(oldest.date()),
                    ),
                }
                for company, of_company in links.grouped("company_id").items()
            ]
        )
        links._by_code().unlink()

    def _revoke(self):
        valid = self.filtered(lambda link: not link.revoked_on)
        valid._by_code().write({"revoked_on": fields.Datetime.now()})

    def _get_record(self):
        """Return what the link opens, with superuser rights; an empty set where it is
        gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return self.env["ar.link"].browse()
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

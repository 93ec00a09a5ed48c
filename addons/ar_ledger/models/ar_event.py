from odoo import api, fields, models


class ArEvent(models.Model):
    """The journal of all that the suite decides or does.

    Rows are appended by :meth:`_log` and never changed, by no role and no interface.
    """

    _name = "ar.event"
    _description = "Receivables Event"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "text"

    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    kind = fields.Selection(
        [
            ("suspension", "Suspension"),
            ("class", "Risk class"),
            ("collector", "Collector"),
            ("run", "Nightly run"),
            ("merge", "Customers merged"),
            ("sending", "Invoice sent"),
            ("retention", "Forgotten after its time"),
            ("answer", "Answer of the customer"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    text = fields.Text(required=True, readonly=True)
    figures = fields.Json(
        readonly=True, help="The figures at that moment, as they were."
    )
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True)

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "The journal of receivables events is append-only: an event is "
            "neither created by hand, nor changed, nor deleted."
        )

    def action_open_source(self):
        self.ensure_one()
        if not self.source_model or self.source_model not in self.env:
            return False
        return {
            "type": "ir.actions.act_window",
            "res_model": self.source_model,
            "res_id": self.source_id,
            "views": [[False, "form"]],
        }

    @api.model
    def _log(self, kind, partner, company, text, *, figures=None, source=None):
        """Append one event.

        :param str kind: a key of :attr:`kind`
        :param partner: res.partner, any contact of the customer, or an empty set
        :param company: res.company that decided or did it
        :param str text: one sentence, in the language of who did it
        :param dict figures: amounts as numbers (their currency named beside them)
        :param source: the record that it is about
        :return: the event
        """
        return self._log_many(
            [
                {
                    "kind": kind,
                    "partner": partner,
                    "company": company,
                    "text": text,
                    "figures": figures,
                    "source": source,
                }
            ]
        )

    @api.model
    def _log_many(self, events):
        """Append many events at once; each a dict of the arguments of :meth:`_log`."""
        logged = self._by_code().create(
            [self._prepare_event(**event) for event in events]
        )
        return logged.with_env(self.env)

    def _prepare_event(self, kind, partner, company, text, figures=None, source=None):
        return {
            "date": fields.Datetime.now(),
            "user_id": self.env.uid,
            "company_id": company.id,
            "commercial_partner_id": partner.sudo().commercial_partner_id.id,
            "kind": kind,
            "text": text,
            "figures": figures or {},
            "source_model": source._name if source else False,
            "source_id": source.id if source else False,
        }

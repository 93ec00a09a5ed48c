"""Disputes that arrive by e-mail."""

import re

from odoo import api, models
from odoo.tools import html2plaintext

from .ar_dispute_opening import Opening


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Open a dispute for a customer's mail, about the open items that it names.

        Where it names none, the dispute has no items yet and suspends nothing: whoever
        owns it adds them. Senders that are no contacts are refused by the alias.
        """
        company = self.env["res.company"].browse(
            (custom_values or {}).get("company_id") or self.env.company.id
        )
        disputes = self.sudo().with_company(company)
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id"))
        text = self._get_mail_text(msg_dict)
        customer = disputes._get_mail_customer(author, company, text)
        lines = disputes._find_named_items(customer, company, text)
        dispute = disputes._open_from_mail(customer, company, lines, text)
        return dispute.with_env(self.env)

    def message_update(self, msg_dict, update_vals=None):
        """A customer who was waited for has answered."""
        result = super().message_update(msg_dict, update_vals)
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id"))
        for dispute in self.sudo():
            is_customer = author.commercial_partner_id == dispute.commercial_partner_id
            if dispute.waiting_for == "customer" and is_customer:
                dispute._change_state("investigating")
        return result

    @api.model
    def _get_mail_text(self, msg_dict):
        body = html2plaintext(msg_dict.get("body") or "").strip()
        return f"{msg_dict.get('subject') or ''}\n\n{body}".strip()

    @api.model
    def _get_mail_customer(self, author, company, text):
        """Return whose dispute it is: the author's, or of who owes the items that a
        forwarding colleague names."""
        if all(user.share for user in author.user_ids):
            return author.commercial_partner_id
        words = {word.strip(".-") for word in re.findall(r"[\w/.-]+", text)}
        items = self.env["ar.open.item"].search(
            [
                ("move_name", "in", list(words)),
                ("company_id", "child_of", company.root_id.id),
                ("amount_residual", ">", 0),
            ]
        )
        customers = items.commercial_partner_id
        return customers if len(customers) == 1 else customers.browse()

    @api.model
    def _find_named_items(self, customer, company, text):
        """Return the open items of a customer whose numbers or references a text
        names and nobody disputes yet.

        :return: account.move.line
        """
        if not customer or not company.ar_dispute_active:
            return self.env["account.move.line"]
        items = self.env["ar.open.item"].search(
            [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "child_of", company.root_id.id),
                ("amount_residual", ">", 0),
            ]
        )
        lines = items.line_id.filtered(lambda line: self._is_named(line.move_id, text))
        disputed = self._get_undecided_by_line(lines)
        free = lines.filtered(lambda line: line.id not in disputed)
        # One dispute is about one company: that of the first item.
        return free.filtered(lambda line: line.company_id == free[:1].company_id)

    @api.model
    def _is_named(self, move, text):
        return any(
            re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
            for name in {move.name, move.payment_reference}
            if name
        )

    @api.model
    def _open_from_mail(self, customer, company, lines, text):
        reason = self.env.ref("ar_dispute.ar_dispute_reason_other")
        details = {"description": text[:5000]}
        owner = self._get_mail_owner(customer, company)
        if owner:
            details["user_id"] = owner.id
        disputes = self.with_context(allowed_company_ids=lines.company_id.ids or None)
        if lines:
            return disputes._open_many([Opening(lines, reason, {}, details)])
        dispute = self.create(
            {**self._prepare_empty(customer, company, reason), **details}
        )
        dispute._schedule_activity()
        dispute._log(self.env._("Arrived by e-mail, about no item yet"))
        return dispute

    @api.model
    def _get_mail_owner(self, customer, company):
        """Return who looks at the customer's mails: the collector, where able to."""
        return customer.with_company(company.root_id).ar_collector_id._ar_can_answer(
            company
        )

    @api.model
    def _prepare_empty(self, customer, company, reason):
        routes = self.env["ar.dispute.route"]._get_routes(company)
        lines = self.env["account.move.line"]
        products = self.env["product.product"]
        handling = routes._get_handling(reason, company, products, lines)
        return {
            "name": self._next_numbers(company, 1)[0],
            "company_id": company.id,
            "commercial_partner_id": customer.id or company.partner_id.id,
            "reason_id": reason.id,
            "user_id": handling.owner.filtered(lambda user: not user.share).id,
            "escalation_user_id": handling.escalation_user.id,
            "date_opened": company._ar_today(),
            "date_deadline": reason._get_deadline_in(company, handling.deadline_days),
        }

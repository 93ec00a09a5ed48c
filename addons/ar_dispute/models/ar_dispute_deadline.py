"""Disputes do not rest: who owes the answer is reminded, then somebody else is told."""

from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain

from .ar_dispute import UNDECIDED

GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    @api.model
    def _run_night(self, run):
        """Nightly stage: one batch, as :class:`ar.run` asks for it."""
        company = run.company_id
        of_company = Domain("company_id", "child_of", company.id)
        settled = self._settle(of_company)
        reminded = self._remind_owners(company)
        escalated = self._escalate(company)
        run._count(
            settled=len(settled), reminded=len(reminded), escalated=len(escalated)
        )
        return 0

    @api.model
    def _remind_owners(self, company):
        """Remind owners once of the deadlines that are near, in one message each.

        :param company: res.company, a root
        :return: the disputes
        """
        today = company._ar_today()
        near = self.sudo().search(
            Domain("company_id", "child_of", company.id)
            & Domain("state", "in", UNDECIDED)
            & Domain("reminded_on", "=", False)
            & Domain(
                "date_deadline", "<=", today + timedelta(company.ar_dispute_remind_days)
            )
            & Domain("date_deadline", ">=", today)
            & Domain("user_id.active", "=", True)
        )
        near.write({"reminded_on": today})
        for owner, disputes in near.grouped("user_id").items():
            disputes._notify(
                owner, disputes.with_context(lang=owner.lang)._get_near_subject()
            )
        return near

    def _get_near_subject(self):
        return self.env._("%(count)s disputes are due for an answer", count=len(self))

    @api.model
    def _escalate(self, company):
        """Tell who is in charge of disputes whose deadline passed undecided, as it
        passes and then every so many days; they become urgent.

        :param company: res.company, a root
        :return: the disputes
        """
        today = company._ar_today()
        late = self.sudo().search(
            Domain("company_id", "child_of", company.id)
            & Domain("state", "in", UNDECIDED)
            & Domain("date_deadline", "<", today)
            & self._get_escalation_domain(company, today)
        )
        late.write({"escalated_on": today, "priority": "2"})
        receivers = self._get_receivers(late, company)
        for user, disputes in receivers.items():
            disputes._notify(
                user, disputes.with_context(lang=user.lang)._get_late_subject()
            )
        late._log_many(
            {
                dispute: self.env._(
                    "Escalated to %(users)s: %(days)s days late",
                    users=", ".join(
                        user.name for user, of in receivers.items() if dispute in of
                    )
                    or "-",
                    days=(today - dispute.date_deadline).days,
                )
                for dispute in late
            }
        )
        return late

    @api.model
    def _get_escalation_domain(self, company, today):
        never = Domain("escalated_on", "=", False)
        days = company.ar_dispute_escalate_days
        if not days:
            return never
        return never | Domain("escalated_on", "<=", today - timedelta(days))

    def _get_late_subject(self):
        return self.env._(
            "%(count)s disputes are late: their customers have no answer",
            count=len(self),
        )

    @api.model
    def _get_receivers(self, late, company):
        """Return {res.users: the late disputes that they are told of}: whoever the
        dispute or its company names, else the credit managers."""
        of_company = company.ar_dispute_escalation_user_id._ar_can_answer(company)
        managers = of_company or self._get_managers(company)
        receivers = {}
        for dispute in late:
            named = dispute.escalation_user_id._ar_can_answer(dispute.company_id)
            for user in named or managers:
                receivers[user] = receivers.get(user, self.browse()) | dispute
        return receivers

    @api.model
    def _get_managers(self, company):
        group = self.env.ref(GROUP_MANAGER)
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )

    def _notify(self, user, subject):
        """Send a user one message with links to these disputes."""
        items = Markup().join(
            Markup("<li>%s: %s, %s</li>")
            % (
                dispute._get_html_link(title=dispute.name),
                dispute.commercial_partner_id.display_name,
                dispute.company_currency_id.format(dispute.amount_disputed),
            )
            for dispute in self
        )
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul>") % (subject, items),
            email_layout_xmlid="mail.mail_notification_light",
        )

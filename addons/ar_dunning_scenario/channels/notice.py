from .base import Channel


class NoticeChannel(Channel):
    """A colleague is told, by an activity; the customer does not notice it."""

    to_customer = False

    def prepare(self, reminders):
        for step, of_step in reminders.grouped("step_id").items():
            of_step._fill_texts(step.name, step.text)
        told = reminders._schedule_tasks("mail.mail_activity_data_todo")
        told._set_sent()
        (reminders - told)._set_failed(
            self.env._(
                "There is nobody to tell: set a salesperson or a collector on the "
                "customer."
            )
        )

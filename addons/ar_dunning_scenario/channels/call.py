from .base import Channel


class CallChannel(Channel):
    """A collector calls: the reminder is the task, with the script and the items."""

    def prepare(self, reminders):
        for step, of_step in reminders.grouped("step_id").items():
            of_step._fill_texts(step.name, step.text)
        reminders.state = "draft"
        reminders._schedule_tasks("mail.mail_activity_data_call")

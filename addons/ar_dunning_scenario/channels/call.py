from .base import Channel


class CallChannel(Channel):
    """A collector calls: the reminder is the task, with the script and the items."""

    def prepare(self, reminders):
        for step, of_step in reminders.grouped("step_id").items():
            of_step.write({"state": "draft", "subject": step.name, "body": step.text})
        reminders._schedule_tasks("mail.mail_activity_data_call")

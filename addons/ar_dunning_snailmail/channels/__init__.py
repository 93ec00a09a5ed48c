from .snailmail import SnailmailChannel

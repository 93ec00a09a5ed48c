from .base import Channel, Outcome
from .call import CallChannel
from .email import EmailChannel
from .notice import NoticeChannel

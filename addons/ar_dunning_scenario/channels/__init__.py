from .base import Channel, MessageChannel, Outcome, Problem
from .call import CallChannel
from .email import EmailChannel
from .letter import LetterChannel, RegisteredChannel
from .notice import NoticeChannel
from .provider import read_failure
from .sms import SmsChannel
from .unknown import UnknownChannel

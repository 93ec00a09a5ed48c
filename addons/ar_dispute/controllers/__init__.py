from . import account_page, question

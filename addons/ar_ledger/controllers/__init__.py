from . import account_page, account_page_answer, account_page_payment

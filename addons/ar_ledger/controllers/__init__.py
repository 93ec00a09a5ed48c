from . import account_page

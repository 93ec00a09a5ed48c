from . import (
    ar_credit_change_decide,
    ar_credit_change_request,
    ar_credit_hold_decide,
    ar_credit_hold_request,
    ar_credit_limit_set,
    base_partner_merge,
)

from . import (
    ar_credit_exemption_end,
    ar_credit_exemption_grant,
    ar_credit_hold_clear,
    ar_credit_change_decide,
    ar_credit_change_request,
    ar_credit_hold_decide,
    ar_credit_hold_request,
    ar_credit_limit_set,
    ar_credit_offer,
    ar_credit_stop,
    base_partner_merge,
)

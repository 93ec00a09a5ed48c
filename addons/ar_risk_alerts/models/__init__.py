from . import (
    res_company,
    res_config_settings,
    ar_event,
    ar_credit_hold_reason,
    ar_risk_rule,
    ar_risk_alert,
    ar_recheck,
    ar_run,
    res_partner,
)

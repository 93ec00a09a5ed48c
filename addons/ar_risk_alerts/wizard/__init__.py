from . import (
    ar_risk_alert_close,
    ar_risk_alert_snooze,
    ar_risk_backtest,
    ar_risk_override_decide,
    base_partner_merge,
)

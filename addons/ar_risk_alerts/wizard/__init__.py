from . import ar_risk_alert_close, ar_risk_alert_snooze, base_partner_merge

from . import ar_health, ar_suspension_pause, base_partner_merge

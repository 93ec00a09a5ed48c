from . import ar_suspension_pause, base_partner_merge

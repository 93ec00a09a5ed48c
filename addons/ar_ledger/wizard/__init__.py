from . import ar_answer_decide, ar_health, ar_suspension_pause, base_partner_merge

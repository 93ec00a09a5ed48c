from . import (
    res_company,
    res_config_settings,
    ar_risk_class,
    ar_record,
    ar_event,
    ar_suspension,
    ar_open_item,
    ar_position,
    ar_run,
    res_partner,
    ir_ui_menu,
)

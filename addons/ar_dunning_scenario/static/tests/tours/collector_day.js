import {registry} from "@web/core/registry";

const openMenu = (menu) => [
    {
        content: "Open the receivables menu",
        trigger: ".o_menu_sections [data-menu-xmlid='ar_ledger.menu_ar_invoicing']",
        run: "click",
    },
    {
        content: `Go to ${menu}`,
        trigger: `.dropdown-item[data-menu-xmlid='${menu}']`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("ar_dunning_collector_day", {
    steps: () => [
        {
            content: "The largest and oldest debt comes first, and says what to do",
            trigger:
                ".o_data_row:first-child:contains('Tour Wholesale'):contains('Read and confirm')",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains('Tour Wholesale') [name='step_name']",
            run: "click",
        },
        {
            content: "Find better words",
            trigger: ".o_field_widget[name='subject'] input",
            run: "edit Please look at these",
        },
        {
            content: "Look at the items",
            trigger: ".nav-link[name='items']",
            run: "click",
        },
        {
            content: "Take one of them out",
            trigger:
                "[name='line_ids'] .o_data_row:contains('50.00') button[name='action_take_out']",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit Promised on the phone",
        },
        {
            trigger: ".modal button[name='action_cancel']",
            run: "click",
        },
        {
            content: "The total is less",
            trigger: ".o_field_widget[name='amount_net']:contains('1,000.00')",
        },
        {
            content: "Let it leave",
            trigger: ".o_form_view button[name='action_confirm']",
            run: "click",
        },
        {
            content: "It is ready",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Ready')",
        },
        ...openMenu("ar_dunning_scenario.menu_ar_dunning_item"),
        {
            content: "Choose what comes next for another customer",
            trigger:
                ".o_data_row:contains('Tour Retail') .o_list_record_selector input",
            run: "click",
        },
        {
            content: "What can be done with it",
            trigger: ".o_cp_action_menus button:contains('Actions')",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item:contains('Move or Postpone')",
            run: "click",
        },
        {
            content: "Postpone it",
            trigger: ".modal .o_radio_item:contains('Postpone') input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='date'] input",
            run: "edit 03/20/2026",
        },
        {
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit On holiday until then",
        },
        {
            trigger: ".modal button[name='action_move']",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        ...openMenu("ar_dunning_scenario.menu_ar_dunning_preview"),
        {
            content: "What will tonight bring?",
            trigger: ".modal button[name='action_show']",
            run: "click",
        },
        {
            content: "A list by date",
            trigger: ".o_list_view .o_group_header, .o_nocontent_help",
        },
        ...openMenu("ar_ledger.menu_ar_health"),
        {
            content: "What is in the way",
            trigger:
                ".o_data_row:contains('Failed: No usable address'):contains('Act')",
        },
        {
            content: "Look at it",
            trigger:
                ".o_data_row:contains('Failed: No usable address') button[name='action_open']",
            run: "click",
        },
        {
            content: "The message that failed",
            trigger: ".o_data_row:contains('Tour Nameless')",
        },
    ],
});

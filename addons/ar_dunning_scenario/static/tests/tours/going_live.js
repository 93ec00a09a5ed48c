import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ar_dunning_going_live", {
    steps: () => [
        {
            content: "Open the configuration",
            trigger:
                ".o_menu_sections [data-menu-xmlid='account.menu_finance_configuration']",
            run: "click",
        },
        {
            content: "Go live",
            trigger:
                ".dropdown-item[data-menu-xmlid='ar_dunning_scenario.menu_ar_dunning_going_live']",
            run: "click",
        },
        {
            content: "Choose the scenario",
            trigger: ".modal .o_field_widget[name='scenario_id'] input",
            run: "edit Tour Ladder",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains('Tour Ladder')",
            run: "click",
        },
        {
            content: "So many customers a day",
            trigger: ".modal .o_field_widget[name='daily_cap'] input",
            run: "edit 10",
        },
        {
            content: "What would happen?",
            trigger: ".modal button[name='action_preview']",
            run: "click",
        },
        {
            content: "Counts and amounts by step",
            trigger:
                ".modal .o_field_widget[name='line_ids'] .o_data_row:contains('First'):contains('777.00')",
        },
        {
            content: "Go live",
            trigger: ".modal button[name='action_go_live']",
            run: "click",
        },
        {
            content: "What comes next, for every item",
            trigger: ".o_data_row:contains('Tour Wholesale')",
        },
        {
            content: "Open the receivables menu",
            trigger: ".o_menu_sections [data-menu-xmlid='ar_ledger.menu_ar_invoicing']",
            run: "click",
        },
        {
            content: "Look at the runs",
            trigger: ".dropdown-item[data-menu-xmlid='ar_ledger.menu_ar_run']",
            run: "click",
        },
        {
            content: "Run the first night now",
            trigger: "button[name='action_run_now']",
            run: "click",
        },
        {
            content: "It ran",
            trigger: ".o_data_row:contains('Reminders'):contains('Done')",
        },
        {
            content: "Open the receivables menu",
            trigger: ".o_menu_sections [data-menu-xmlid='ar_ledger.menu_ar_invoicing']",
            run: "click",
        },
        {
            content: "Look at the reminders",
            trigger:
                ".dropdown-item[data-menu-xmlid='ar_dunning_scenario.menu_ar_dunning_reminder']",
            run: "click",
        },
        {
            content: "The first one waits to be read",
            trigger:
                ".o_data_row:contains('Tour Wholesale'):contains('Read and confirm')",
        },
    ],
});

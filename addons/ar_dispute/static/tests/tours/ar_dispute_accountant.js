import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const openReceivables = (menu, title) => [
    {
        content: "Open the receivables menu",
        trigger: ".o_menu_sections [data-menu-xmlid='ar_ledger.menu_ar_invoicing']",
        run: "click",
    },
    {
        content: `Go to ${title}`,
        trigger: `.dropdown-item[data-menu-xmlid='${menu}']`,
        run: "click",
    },
    {
        content: `${title} is open`,
        trigger: `.o_breadcrumb .active:contains('${title}')`,
    },
];

registry.category("web_tour.tours").add("ar_dispute_accountant", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open Invoicing",
            trigger: ".o_app[data-menu-xmlid='account.menu_finance']",
            run: "click",
        },
        ...openReceivables("ar_ledger.menu_ar_run", "Nightly Runs"),
        {
            content: "Run the night now",
            trigger: "button[name='action_run_now']",
            run: "click",
        },
        {
            content: "Reminders were planned",
            trigger: ".o_data_row:contains('Reminders') .badge:contains('Done')",
        },
        ...openReceivables("ar_dunning_scenario.menu_ar_dunning_reminder", "Reminders"),
        {
            content: "Both invoices are asked for; open the reminder",
            trigger:
                ".o_data_row:contains('Tour Wholesale'):contains('1,289.00') .o_data_cell[name='step_name']",
            run: "click",
        },
        {
            content: "See its items",
            trigger: ".o_form_view .nav-link[name='items']",
            run: "click",
        },
        {
            content: "Open the invoice",
            trigger:
                ".o_data_row:contains('1,234.00') button[name='action_open_invoice']",
            run: "click",
        },
        {
            content: "It is not disputed yet: dispute it",
            trigger:
                ".o_form_view:not(:has([name='ar_disputed_badge'])) button[name='action_ar_dispute']",
            run: "click",
        },
        {
            content: "Choose what the customer says is wrong",
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Price",
        },
        {
            content: "It is the price",
            trigger: ".o-autocomplete--dropdown-item a:contains('Price')",
            run: "click",
        },
        {
            content: "Note what the customer says",
            trigger: ".modal .o_field_widget[name='description'] textarea",
            run: "edit They agreed on 1,100",
        },
        {
            content: "Open the dispute",
            trigger: ".modal button[name='action_confirm']",
            run: "click",
        },
        {
            content: "It has a number",
            trigger: ".o_form_view .o_field_widget[name='name']:contains('DIS/')",
        },
        {
            content: "Back to the invoice",
            trigger: ".o_back_button a, .breadcrumb-item.o_back_button",
            run: "click",
        },
        {
            content: "It is marked as disputed",
            trigger: ".o_form_view [name='ar_disputed_badge']",
        },
        ...openReceivables("ar_dunning_scenario.menu_ar_dunning_reminder", "Reminders"),
        {
            content: "Only the other invoice is asked for",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains('1,289.00'))) .o_data_row:contains('Tour Wholesale'):contains('55.00')",
        },
    ],
});

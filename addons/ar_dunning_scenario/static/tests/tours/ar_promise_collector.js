import {registry} from "@web/core/registry";

const switchTo = (view) => [
    {
        content: `Look at the ${view}`,
        trigger: `.o_switch_view.o_${view}`,
        run: "click",
    },
    {
        content: `The ${view} shows`,
        trigger: `.o_${view}_view`,
    },
];

registry.category("web_tour.tours").add("ar_promise_collector", {
    steps: () => [
        {
            content: "Open the call",
            trigger: ".o_data_row:contains('Tour Wholesale') [name='step_name']",
            run: "click",
        },
        {
            content: "Say how it ended",
            trigger: "button[name='action_call_result']",
            run: "click",
        },
        {
            content: "They promise a date",
            trigger: ".modal .o_radio_item:contains('Reached: promises a date') input",
            run: "click",
        },
        {
            content: "Note what they said",
            trigger: ".modal .o_field_widget[name='note'] textarea",
            run: "edit When their own customer pays",
        },
        {
            content: "Record the promise",
            trigger: ".modal button[name='action_apply']:contains('Record')",
            run: "click",
        },
        {
            content: "The day that they promise",
            trigger: ".modal .o_field_widget[name='date'] input",
            run: "edit 03/06/2026",
        },
        {
            content: "Record it",
            trigger: ".modal button[name='action_record']",
            run: "click",
        },
        {
            content: "It is recorded",
            trigger: ".o_notification:contains('Recorded')",
        },
        {
            content: "Open the receivables menu",
            trigger: ".o_menu_sections [data-menu-xmlid='ar_ledger.menu_ar_invoicing']",
            run: "click",
        },
        {
            content: "Go to Promises",
            trigger:
                ".dropdown-item[data-menu-xmlid='ar_dunning_scenario.menu_ar_promise']",
            run: "click",
        },
        {
            content: "There it is",
            trigger: ".o_data_row:contains('Tour Wholesale'):contains('1,234.00')",
        },
        ...switchTo("kanban"),
        ...switchTo("calendar"),
        ...switchTo("pivot"),
        ...switchTo("list"),
        {
            content: "Open it",
            trigger: ".o_data_row:contains('Tour Wholesale') [name='date']",
            run: "click",
        },
        {
            content: "Cancel it",
            trigger: "button[name='action_cancel']",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit They called back",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name='action_decide']:contains('Confirm')",
            run: "click",
        },
        {
            content: "The reason stands on it",
            trigger: ".alert:contains('They called back')",
        },
    ],
});

import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ar_credit_limit_request_release", {
    steps: () => [
        {
            content: "The quotation warns before anybody confirms",
            trigger: ".alert-warning:contains(over the credit limit)",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_confirm]:visible:enabled",
            run: "click",
        },
        {
            content: "It is held, with the reasons",
            trigger: ".o_notification:contains(over the credit limit)",
        },
        {
            trigger: ".ribbon:contains(Held for credit)",
        },
        {
            trigger: "button[name=action_request_credit_release]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit They pay on Friday",
        },
        {
            trigger: ".modal button[name=action_request]",
            run: "click",
        },
        {
            content: "The order says that the request is on its way",
            trigger: ".alert-info:contains(The release is requested)",
        },
        {
            trigger:
                "body:not(:has(button[name=action_request_credit_release]:visible))",
        },
    ],
});

registry.category("web_tour.tours").add("ar_credit_limit_release", {
    steps: () => [
        {
            content: "The held order stands in the list, with its request",
            trigger: ".o_data_row:contains(over the credit limit)",
        },
        {
            trigger: ".o_data_row:first .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_control_panel_actions button:contains(Release)",
            run: "click",
        },
        {
            content: "What the salesperson says",
            trigger: ".modal:contains(They pay on Friday)",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Payment announced",
        },
        {
            trigger: ".modal button[name=action_decide]:contains(Release)",
            run: "click",
        },
        {
            content: "Nothing is held any more",
            trigger: ".o_view_nocontent:contains(Nothing is held)",
        },
    ],
});

registry.category("web_tour.tours").add("ar_credit_limit_confirm_released", {
    steps: () => [
        {
            trigger: ".ribbon:contains(Credit released)",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_confirm]:visible:enabled",
            run: "click",
        },
        {
            content: "The order is confirmed",
            trigger: ".o_arrow_button_current[data-value=sale]",
        },
    ],
});

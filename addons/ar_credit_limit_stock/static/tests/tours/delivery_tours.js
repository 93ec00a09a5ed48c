import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ar_credit_limit_stock_stopped", {
    steps: () => [
        {
            content: "The transfer says why it waits",
            trigger: ".alert-danger:contains(stopped for credit)",
        },
        {
            content: "Try all the same",
            trigger: "button[name=button_validate]:enabled",
            run: "click",
        },
        {
            content: "It is refused, with whom to ask",
            trigger: ".modal:contains(stopped for credit)",
        },
        {
            trigger: ".modal-footer button",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});

registry.category("web_tour.tours").add("ar_credit_limit_stock_cleared", {
    steps: () => [
        {
            content: "Nothing in the way any more",
            trigger:
                ".o_form_view:not(:has(.alert-danger)) button[name=button_validate]",
            run: "click",
        },
        {
            content: "Delivered",
            trigger: ".o_arrow_button_current[data-value=done]",
        },
    ],
});

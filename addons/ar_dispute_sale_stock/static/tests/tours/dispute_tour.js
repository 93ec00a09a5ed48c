import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

const decide = (customer, button, steps) => [
    {
        content: "Back to the list of disputes",
        trigger: ".o_kanban_renderer",
    },
    {
        content: "Open the dispute",
        trigger: `.o_kanban_record:contains('${customer}')`,
        run: "click",
    },
    {
        content: "Decide",
        trigger: `.o_form_view button[name='${button}']`,
        run: "click",
    },
    ...steps,
    {
        content: "Confirm the decision",
        trigger: ".modal button[name='action_confirm']",
        run: "click",
    },
];

tours.add("ar_dispute_salesperson", {
    steps: () => [
        {
            content: "The customer refuses to pay for this order: dispute it",
            trigger: ".o_form_view button[name='action_ar_dispute']",
            run: "click",
        },
        {
            content: "Choose what the customer says is wrong",
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Quantity",
        },
        {
            content: "It is the quantity",
            trigger: ".o-autocomplete--dropdown-item a:contains('Quantity')",
            run: "click",
        },
        {
            content: "Logistics has to answer",
            trigger: ".modal .o_field_widget[name='user_id']",
        },
        {
            content: "Note what the customer says",
            trigger: ".modal .o_field_widget[name='description'] textarea",
            run: "edit Two pallets are missing",
        },
        {
            content: "Open the dispute",
            trigger: ".modal button[name='action_confirm']",
            run: "click",
        },
        {
            content: "It has a number, and the delivery beside it",
            trigger: ".o_form_view .o_field_widget[name='name']:contains('DIS/')",
        },
        {
            content: "See the evidence",
            trigger: ".o_form_view .nav-link[name='evidence']",
            run: "click",
        },
        {
            content: "The delivery stands there",
            trigger: ".o_form_view [name='evidence_html'] td:contains('Delivery')",
        },
    ],
});

tours.add("ar_dispute_logistics", {
    steps: () => [
        {
            content: "Open the dispute that waits for an answer",
            trigger: ".o_kanban_record:contains('Tour Accepted')",
            run: "click",
        },
        {
            content: "Look into it",
            trigger: ".o_form_view button[name='action_investigate']",
            run: "click",
        },
        {
            content: "It is looked into",
            trigger: ".o_form_view .o_arrow_button_current:contains('Investigating')",
        },
        {
            content: "Write what was found out",
            trigger: ".o_form_view .nav-link[name='words']",
            run: "click",
        },
        {
            content: "Two pallets were left behind",
            trigger: ".o_form_view .o_field_widget[name='answer'] textarea",
            run: "edit Two pallets stayed on the dock",
        },
        ...stepUtils.saveForm(),
    ],
});

tours.add("ar_dispute_accountant_decides", {
    steps: () => [
        {
            content: "Disputes are open",
            trigger: ".o_breadcrumb .active:contains('Disputes')",
        },
        ...decide("Tour Accepted", "action_decide_accepted", [
            {
                content: "A credit note will be issued",
                trigger: ".modal .o_field_widget[name='is_credited'] input:checked",
            },
        ]),
        {
            content: "It is closed, with its credit note",
            trigger:
                ".o_form_view:has(button[name='action_open_credit_notes']) .o_arrow_button_current:contains('Closed')",
        },
        {
            content: "Back to the disputes",
            trigger: ".o_back_button a, .breadcrumb-item.o_back_button",
            run: "click",
        },
        ...decide("Tour Rejected", "action_decide_rejected", [
            {
                content: "Say why",
                trigger: ".modal .o_field_widget[name='answer'] textarea",
                run: "edit It was signed for",
            },
        ]),
        {
            content: "It is rejected",
            trigger: ".o_form_view .o_arrow_button_current:contains('Rejected')",
        },
    ],
});

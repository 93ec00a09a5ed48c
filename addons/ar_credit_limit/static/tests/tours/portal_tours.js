import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ar_credit_limit_portal_signature", {
    steps: () => [
        {
            content: "Nothing is said about an order that nobody accepted",
            trigger: "#quote_content:not(:has(#ar_credit_notice))",
        },
        {
            trigger: ".o_portal_sale_sidebar a:contains(Sign)",
            run: "click",
        },
        {
            trigger: ".modal .o_web_sign_name_and_signature input",
            run: "edit The Buyer",
        },
        {
            trigger: ".modal canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The signature arrived, and the order is under review",
            trigger: "#ar_credit_notice:contains(We are reviewing it)",
        },
        {
            content: "Neither a figure nor a reason",
            trigger: "#ar_credit_notice:not(:contains(limit))",
        },
        {
            content: "There is nothing to sign any more",
            trigger:
                ".o_portal_sale_sidebar:not(:has(a[data-bs-target='#modalaccept']))",
        },
    ],
});

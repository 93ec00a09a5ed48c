import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ar_account_page_customer", {
    steps: () => [
        {
            content: "Choose the oldest invoice",
            trigger: "#ar_account tr[name='ar_item']:first-child input[name='items']",
            run: "click",
        },
        {
            content: "Say that it is paid",
            trigger: "#ar_kind_paid",
            run: "click",
        },
        {
            content: "Only what belongs to this answer is shown",
            trigger: "#ar_day_paid:visible",
            run() {
                const other = document.querySelector("#ar_contact_name");
                if (other.offsetParent !== null) {
                    throw new Error("The fields of another answer are shown");
                }
                const page = document.documentElement;
                if (page.scrollWidth > page.clientWidth) {
                    const wide = [...document.querySelectorAll("#ar_account *")]
                        .filter(
                            (e) => e.getBoundingClientRect().right > page.clientWidth
                        )
                        .map((e) => `${e.tagName}.${e.className}#${e.id}`);
                    throw new Error(
                        `Wider than ${page.clientWidth}: ${wide.slice(-6)}`
                    );
                }
            },
        },
        {
            content: "There is room for a remark",
            trigger: "#ar_text_paid:visible",
            run() {
                this.anchor.value = "By transfer";
            },
        },
        {
            content: "Send without the day",
            trigger: "button[name='ar_send']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What is wrong is said, and the answer still chosen",
            trigger: "[name='ar_problem'][role='alert']:contains('Enter the day')",
        },
        {
            content: "Enter the day",
            trigger: "#ar_day_paid:visible",
            run() {
                this.anchor.value = "2026-02-27";
            },
        },
        {
            content: "Send",
            trigger: "button[name='ar_send']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It has arrived",
            trigger: "[name='ar_thanks'][role='status']",
        },
        {
            content: "It stands with the invoice",
            trigger: "[name='ar_answered']:contains('I have paid')",
        },
    ],
});

registry.category("web_tour.tours").add("ar_answer_collector", {
    steps: () => [
        {
            content: "Open the answer",
            trigger: ".o_data_row:contains('Has paid') [name='commercial_partner_id']",
            run: "click",
        },
        {
            content: "The day it was paid on is shown",
            trigger: ".o_form_view [name='day']:contains('Feb 27')",
        },
        {
            content: "Accept it",
            trigger: "button[name='action_accept']",
            run: "click",
        },
        {
            content: "What followed is shown",
            trigger: ".o_form_view [name='result']:contains('left alone for 10 days')",
        },
    ],
});

import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("ar_dunning_send_all", {
    steps: () => [
        {
            content: "Reminders wait",
            trigger: ".o_data_row:contains(Second notice)",
        },
        {
            trigger: "button[name=action_send_all]",
            run: "click",
        },
        {
            content: "All had their turn",
            trigger: ".o_ar_dunning_send_all:contains(3 of 3)",
        },
        {
            content: "What became of them",
            trigger: ".o_ar_dunning_send_all li:contains(Sent / Done: 3)",
        },
        {
            trigger: ".o_ar_dunning_send_all button:contains(Close)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.o_ar_dunning_send_all))",
        },
    ],
});

import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

// So many leave before the bar moves on and a click on Stop is heard.
const REMINDERS_PER_CALL = 5;

/** Sends all reminders that are ready, shows how far it is, and can be stopped. */
export class SendAll extends Component {
    static template = "ar_dunning_scenario.SendAll";
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ids = this.props.action.params.reminder_ids;
        this.stopped = false;
        this.state = useState({done: 0, running: true, outcomes: {}});
        onMounted(() => this.run());
        onWillUnmount(() => this.stop());
    }

    get percent() {
        return Math.round((100 * this.state.done) / this.ids.length);
    }

    async run() {
        try {
            while (!this.stopped && this.state.done < this.ids.length) {
                await this.sendSome();
            }
        } finally {
            this.state.running = false;
        }
    }

    async sendSome() {
        const end = this.state.done + REMINDERS_PER_CALL;
        const ids = this.ids.slice(this.state.done, end);
        const outcomes = await this.orm.call(
            "ar.dunning.reminder",
            "action_send_some",
            [ids]
        );
        for (const [label, count] of Object.entries(outcomes)) {
            this.state.outcomes[label] = (this.state.outcomes[label] || 0) + count;
        }
        this.state.done += ids.length;
    }

    stop() {
        this.stopped = true;
    }

    async close() {
        await this.action.doAction({type: "ir.actions.act_window_close"});
        await this.action.doAction("soft_reload");
    }
}

registry.category("actions").add("ar_dunning_send_all", SendAll);

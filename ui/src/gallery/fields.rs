//! Fields of forms and fields in place.

use yew::prelude::*;

use crate::components::{
    DateField, InlineField, MoneyField, Select, Standing, TextArea, TextField,
};

pub(super) fn fields() -> Html {
    let options = ["E-mail", "Phone", "Visit", "Message"];
    let options = options.map(|it| (AttrValue::from(it), AttrValue::from(it))).to_vec();
    html! {
        <div class="gallery-grid">
            <TextField id="g-name" label="Name" value="Acme Logistics" required=true />
            <TextField
                id="g-hint" label="Device name" value="" hint="People see it beside what you do"
            />
            <TextField
                id="g-wrong" label="Server" value="crm example"
                problem="This is no address; write it like https://crm.example"
            />
            <TextField
                id="g-secret" label="Password" kind="password" value="secret"
                autocomplete="current-password"
            />
            <TextField id="g-off" label="Territory" value="North" disabled=true />
            <Select
                id="g-channel" label="Preferred channel" options={options.clone()} value="Visit"
            />
            <Select
                id="g-none" label="Preferred channel" {options} value="" empty="None"
                problem="Choose one"
            />
            <MoneyField id="g-amount" label="Amount" value="12,000.50" currency="EUR" />
            <MoneyField id="g-bad" label="Amount" value="a lot" currency="EUR" />
            <DateField id="g-day" label="Close date" value="2026-12-31" />
            <TextArea
                id="g-note" label="Note" value="They want a longer payment term."
                hint="Markdown is not needed"
            />
        </div>
    }
}

pub(super) fn in_place() -> Html {
    let field = |label: &'static str, text: &'static str, standing: Standing| {
        html! {
            <InlineField
                {label} {text} shown={html! { text }} {standing}
                on_mark={Some(Callback::noop())}
            />
        }
    };
    html! {
        <dl class="facts">
            { field("Name", "Acme Logistics", Standing::Accepted) }
            { field("Next step", "Send the revised offer", Standing::Saved) }
            { field("Payment term", "45 days", Standing::Sending) }
            { field("Owner", "Ben Okafor", Standing::Requested) }
            { field("Website", "acme example", Standing::NeedsYou) }
            { field("Amount", "14,000 EUR", Standing::Disputed) }
            { field("Nickname", "", Standing::Accepted) }
            <InlineField
                label="Weighted amount" text="11,200 EUR" shown={html! { "11,200 EUR" }}
                standing={Standing::Accepted} editable=false
            />
        </dl>
    }
}

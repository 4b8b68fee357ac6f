//! What one conflict looks like: before, the sides, the result; from plain values.

use roadbook_api::views::{ConflictView, NamedValue, SideView};
use roadbook_domain::Money;
use yew::prelude::*;

use super::words;
use crate::components::{
    Amount, Avatar, Button, ButtonKind, Diff, Glyph, Icon, IconButton, RecordName, Section,
    TextField, When,
};
use crate::state::decision::{Chosen, Decision, DecisionAction};
use crate::words::Wall;

/// One conflict, and the decision as far as it is made.
#[derive(Properties, PartialEq)]
pub struct ConflictDetailProps {
    /// The conflict.
    pub conflict: ConflictView,
    /// What is chosen.
    pub decision: Decision,
    /// Now.
    pub wall: Wall,
    /// Something was chosen or typed.
    #[prop_or_default]
    pub on_act: Callback<DecisionAction>,
    /// The decision is made.
    #[prop_or_default]
    pub on_decide: Callback<()>,
    /// The people shall be asked.
    #[prop_or_default]
    pub on_ask: Callback<()>,
    /// On to the next one, if there is one.
    #[prop_or_default]
    pub on_next: Option<Callback<()>>,
    /// Back to the one before, if there is one.
    #[prop_or_default]
    pub on_previous: Option<Callback<()>>,
}

/// One conflict.
#[function_component]
pub fn ConflictDetail(props: &ConflictDetailProps) -> Html {
    let conflict = &props.conflict;
    html! {
        <article class="conflict" aria-label={format!("{} of {}", conflict.label, conflict.link.title)}>
            { head(props) }
            <p class="conflict-story">
                { words::story(conflict, props.wall) }{ " " }
                <span class="quiet">{ words::rule(&conflict.rule) }</span>
            </p>
            <div class="conflict-sides" role="group" aria-label="Values">
                { before(conflict) }
                { for conflict.sides.iter().map(|it| side(props, it)) }
                { result(props) }
            </div>
            { proposals(props) }
            { settled(conflict) }
        </article>
    }
}

fn head(props: &ConflictDetailProps) -> Html {
    let conflict = &props.conflict;
    let stake: Option<Money> = conflict.stake.as_ref().and_then(|it| it.text.parse().ok());
    let walk = |icon, name: &'static str, press: &Option<Callback<()>>| {
        let on_press = press.clone().unwrap_or_default();
        html! { <IconButton {icon} {name} disabled={press.is_none()} {on_press} /> }
    };
    html! {
        <header class="conflict-head">
            <div class="conflict-names">
                <h1>{ &conflict.label }</h1>
                <p class="conflict-record">
                    if let Some(account) = &conflict.account {
                        <RecordName record={account.record.to_string()} title={account.title.clone()} />
                        <span class="quiet" aria-hidden="true">{ "/" }</span>
                    }
                    <RecordName
                        record={conflict.link.record.to_string()} title={conflict.link.title.clone()}
                    />
                </p>
            </div>
            if let Some(money) = stake {
                <p class="conflict-stake">
                    <span class="small quiet">{ "Money at stake" }</span><Amount {money} />
                </p>
            }
            <div class="conflict-walk">
                { walk(Icon::Back, "The one before (K)", &props.on_previous) }
                <span class="small quiet number">{ format!("{} of {}", conflict.position, conflict.of) }</span>
                { walk(Icon::Next, "The next one (J)", &props.on_next) }
            </div>
        </header>
    }
}

fn before(conflict: &ConflictView) -> Html {
    html! {
        <section class="value-card value-before" aria-label="Before">
            <h2 class="value-who">{ "Before" }</h2>
            <p class="value-text">{ words::value(&conflict.base) }</p>
            if let Some(by) = &conflict.base_by {
                <p class="value-about small quiet">
                    <When at_ms={by.at_ms} />{ format!(", {}", words::first_name(&by.who)) }
                </p>
            }
        </section>
    }
}

fn side(props: &ConflictDetailProps, side: &SideView) -> Html {
    let chosen = props.decision.chosen == Chosen::Side(side.side);
    let who = words::maker(side.made_by.as_ref(), side.side);
    let onclick = {
        let (on_act, number) = (props.on_act.clone(), side.side);
        Callback::from(move |_: MouseEvent| on_act.emit(DecisionAction::Take(number)))
    };
    let text = words::value(&side.value);
    html! {
        <button
            key={side.side} type="button" class="value-card value-side" {onclick}
            aria-pressed={chosen.to_string()} disabled={props.decision.busy}
        >
            <span class="value-who">
                <Avatar name={who.clone()} named_beside=true />
                <span class="truncate">{ &who }</span>
                <kbd aria-hidden="true">{ side.side }</kbd>
            </span>
            <span class="value-text">{ differing(&props.conflict.base, &text) }</span>
            if let Some(by) = &side.made_by {
                <span class="value-about small quiet">
                    <When at_ms={by.at_ms} />{ format!(", {}", words::circumstances(by)) }
                </span>
                if let Some(why) = &by.rationale {
                    <span class="value-why small">{ format!("“{why}”") }</span>
                }
            }
            if !side.agreed.is_empty() {
                <span class="small quiet">
                    { format!("also {}", side.agreed.iter().map(|by| words::first_name(&by.who)).collect::<Vec<_>>().join(", ")) }
                </span>
            }
            if chosen {
                <span class="value-chosen"><Glyph icon={Icon::Check} size={16} />{ "Taken" }</span>
            }
        </button>
    }
}

/// Long texts are compared word by word; short values stand as they are.
fn differing(base: &NamedValue, text: &str) -> Html {
    if text.split_whitespace().count() > 4 {
        return html! { <Diff before={base.text.clone()} after={text.to_owned()} /> };
    }
    html! { text }
}

fn result(props: &ConflictDetailProps) -> Html {
    let (conflict, decision) = (&props.conflict, &props.decision);
    let value: AttrValue = match &decision.chosen {
        Chosen::Nothing => AttrValue::default(),
        Chosen::Typed(text) => text.clone(),
        Chosen::Side(number) => conflict
            .sides
            .iter()
            .find(|it| it.side == *number)
            .map(|it| it.value.text.clone().into())
            .unwrap_or_default(),
    };
    let on_change = props.on_act.reform(DecisionAction::Type);
    let on_why = props.on_act.reform(DecisionAction::Why);
    let onsubmit = {
        let on_decide = props.on_decide.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on_decide.emit(());
        })
    };
    let why = if conflict.can_decide { "Why (optional)" } else { "Why" };
    let verb = if conflict.can_decide { "Decide" } else { "Propose" };
    html! {
        <form class="value-card value-result" aria-label="Result" {onsubmit}>
            <TextField
                id="result" label="Result" {value} {on_change} disabled={decision.busy}
                problem={decision.problem.clone()}
            />
            <TextField
                id="why" label={why} value={decision.why.clone()} on_change={on_why}
                disabled={decision.busy} required={!conflict.can_decide}
            />
            <div class="value-actions">
                <Button
                    label={verb} kind={ButtonKind::Primary} submits=true busy={decision.busy}
                    keys="Enter"
                />
                <Button label="Ask them" keys="A" on_press={props.on_ask.clone()} />
            </div>
        </form>
    }
}

fn proposals(props: &ConflictDetailProps) -> Html {
    let proposals = &props.conflict.proposals;
    if proposals.is_empty() {
        return Html::default();
    }
    let line = |it: &roadbook_api::views::ProposalView| {
        let who = it.made_by.as_ref().map_or("Somebody", |by| by.who.as_str());
        let text: AttrValue = it.value.text.clone().into();
        let on_press = {
            let on_act = props.on_act.clone();
            Callback::from(move |()| on_act.emit(DecisionAction::Type(text.clone())))
        };
        html! {
            <li class="proposal" key={it.intent.to_string()}>
                <span class="spread">
                    { format!("{who} proposes {}: “{}”", words::value(&it.value), it.why) }
                </span>
                <Button label="Take it" kind={ButtonKind::Quiet} {on_press} />
            </li>
        }
    };
    html! {
        <Section title="Proposals">
            <ul class="plain-list">{ for proposals.iter().map(line) }</ul>
        </Section>
    }
}

fn settled(conflict: &ConflictView) -> Html {
    if conflict.settled.is_empty() {
        return Html::default();
    }
    let number = conflict.settled.len().try_into().unwrap_or(u64::MAX);
    html! {
        <Section title="Merged by itself beside it" count={Some(number)}>
            <ul class="settled">
                { for conflict.settled.iter().map(|it| html! {
                    <li class="settled-line">
                        <Glyph icon={Icon::Check} size={16} /><span>{ words::settled(it) }</span>
                    </li>
                }) }
            </ul>
        </Section>
    }
}

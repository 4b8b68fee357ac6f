//! What one conflict looks like: before, the sides, the result; from plain values.

use roadbook_api::views::{ConflictView, NamedValue, SideView};
use roadbook_domain::Money;
use yew::prelude::*;

use super::comments::{Comment, CommentList};
use super::result::{ResultCard, both};
use super::words;
use crate::components::{Amount, Avatar, Diff, Glyph, Icon, IconButton, RecordName, Section, When};
use crate::state::decision::{Chosen, Decision, DecisionAction};
use crate::words::Wall;

/// One conflict, and the decision as far as it is made.
#[derive(Properties, PartialEq)]
pub struct ConflictDetailProps {
    /// The conflict.
    pub conflict: ConflictView,
    /// What is chosen.
    pub decision: Decision,
    /// What was said about it, oldest first.
    #[prop_or_default]
    pub comments: Vec<Comment>,
    /// Now.
    pub wall: Wall,
    /// Something was chosen or typed.
    #[prop_or_default]
    pub on_act: Callback<DecisionAction>,
    /// The decision is made.
    #[prop_or_default]
    pub on_decide: Callback<()>,
    /// Both sides shall be taken.
    #[prop_or_default]
    pub on_both: Callback<()>,
    /// Something shall be said without deciding.
    #[prop_or_default]
    pub on_comment: Callback<()>,
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
                <ResultCard
                    conflict={conflict.clone()} decision={props.decision.clone()}
                    on_act={props.on_act.clone()}
                    on_decide={props.on_decide.clone()} on_both={props.on_both.clone()}
                    on_comment={props.on_comment.clone()} on_ask={props.on_ask.clone()}
                />
            </div>
            { keys(props) }
            <CommentList
                comments={props.comments.clone()} on_take={props.on_act.reform(DecisionAction::Type)}
            />
            { settled(conflict) }
            { support(conflict, props.wall) }
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

/// The keys of the screen; a phone has none.
fn keys(props: &ConflictDetailProps) -> Html {
    let conflict = &props.conflict;
    let verb = if conflict.can_decide { "decide" } else { "propose" };
    let take = |side: &SideView| {
        let who = words::maker(side.made_by.as_ref(), side.side);
        (side.side.to_string(), format!("take {}", words::first_name(&who)))
    };
    let mut lines: Vec<(String, String)> = conflict.sides.iter().take(2).map(take).collect();
    let mut line = |keys: &str, words: &str| lines.push((keys.to_owned(), words.to_owned()));
    if both(conflict).is_some() {
        line("B", "take both");
    }
    for (keys, words) in [
        ("E", "edit"),
        ("C", "comment"),
        ("A", "ask them"),
        ("Enter", verb),
        ("U", "undo"),
        ("J K", "next, before"),
    ] {
        line(keys, words);
    }
    html! {
        <ul class="conflict-keys small quiet" aria-label="Keys">
            { for lines.into_iter().map(|(keys, words)| html! {
                <li key={keys.clone()}>
                    { for keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }{ " " }{ words }
                </li>
            }) }
        </ul>
    }
}

/// What stands behind a value that only support asks for: the client and the policies it went by.
fn support(conflict: &ConflictView, wall: Wall) -> Html {
    let line = |label: &str, text: String| {
        html! { <div><dt>{ label }</dt><dd>{ text }</dd></div> }
    };
    let side = |side: &SideView| {
        let who = words::maker(side.made_by.as_ref(), side.side);
        let lines = words::provenance(side.made_by.as_ref(), wall);
        html! {
            <section key={side.side}>
                <h3 class="small">{ format!("{who}: {}", words::value(&side.value)) }</h3>
                <dl>{ for lines.into_iter().map(|(label, text)| line(label, text)) }</dl>
            </section>
        }
    };
    html! {
        <details class="queue-details conflict-support small">
            <summary>{ "Details for support" }</summary>
            { for conflict.sides.iter().map(side) }
            <dl>{ line("Conflict", conflict.named.clone()) }{ line("Rule", conflict.rule.clone()) }</dl>
        </details>
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

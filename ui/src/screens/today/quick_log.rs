//! Logging a visit or call: the account is suggested, so one tap on the outcome saves.

use jiff::civil::Date;
use roadbook_api::views::{AgendaItemView, SuggestedAccountView};
use roadbook_domain::{Entity, Schema};
use yew::prelude::*;

use super::words::suggestion;
use crate::components::{Avatar, ChoiceChips, DateField, Dialog, TextArea, TextField};
use crate::context::{Draft, use_draft, use_wall};
use crate::screens::offers::use_offers;

/// What is to be logged, as far as it is known when the dialog opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    kind: AttrValue,
    planned: Option<AttrValue>,
    account: Option<(AttrValue, AttrValue)>,
}

impl Target {
    /// Something of a kind, with an account to be chosen.
    #[must_use]
    pub fn of_kind(kind: &'static str) -> Self {
        Self { kind: kind.into(), planned: None, account: None }
    }

    /// Something that was planned.
    #[must_use]
    pub fn planned(item: &AgendaItemView) -> Self {
        let account = item.account.as_ref();
        Self {
            kind: item.kind.clone().into(),
            planned: (item.link.entity == Entity::Activity)
                .then(|| item.link.record.to_string().into()),
            account: account.map(|it| (it.record.to_string().into(), it.title.clone().into())),
        }
    }
}

/// What was logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// `visit`, `call` or `meeting`.
    pub kind: AttrValue,
    /// The planned activity, where there was one.
    pub planned: Option<AttrValue>,
    /// The record that it is about, mostly an account, and its name; what was planned may have none.
    pub about: Option<(AttrValue, AttrValue)>,
    /// The outcome.
    pub outcome: AttrValue,
    /// A note; may be empty.
    pub note: AttrValue,
    /// What comes next with the account; may be empty.
    pub next_step: AttrValue,
    /// When it was, in the form that records take; `None` for now.
    pub at: Option<String>,
    /// Is told whether it was saved: what was typed is kept for the next try.
    pub noted: Callback<bool>,
    /// Is told whether the next step was.
    pub stepped: Callback<bool>,
}

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct QuickLogProps {
    /// What is to be logged.
    pub target: Target,
    /// Accounts that are likely, the likeliest first.
    pub suggested: Vec<SuggestedAccountView>,
    /// What it is about has a next step.
    #[prop_or(true)]
    pub with_next_step: bool,
    /// It was logged.
    pub on_logged: Callback<Logged>,
    /// It closes.
    pub on_close: Callback<()>,
}

const KINDS: [(&str, &str); 3] = [("visit", "Visit"), ("call", "Call"), ("meeting", "Meeting")];
const OUTCOMES: [&str; 4] = ["Met", "No one there", "Call back", "Order"];

/// What is said where the day is still to come.
const TO_COME: &str = "This day is still to come. Plan it as a task; log it when it was.";

/// An account: its id and its name.
type Account = (AttrValue, AttrValue);

/// An account that can be chosen: its id, its name, and why it is offered.
type Offer = (AttrValue, AttrValue, AttrValue);

/// The dialog.
#[function_component]
pub fn QuickLog(props: &QuickLogProps) -> Html {
    let wall = use_wall();
    let kind = use_state(|| props.target.kind.clone());
    let chosen = use_state(|| props.target.account.clone());
    let likeliest = props.suggested.first().map(|it| it.link.record.to_string());
    let planned = props.target.planned.as_ref().map(ToString::to_string);
    let of = planned.or(likeliest).unwrap_or_default();
    let note = use_draft(&format!("note {of}"), AttrValue::default);
    let next_step = use_draft(&format!("next {of}"), AttrValue::default);
    let day = use_state(|| AttrValue::from(wall.today().to_string()));
    let typed = use_state(AttrValue::default);
    let search = typed.trim().to_owned();
    let schema = Schema::crm();
    let field = schema.field(Entity::Activity, "account");
    let found = use_offers(Entity::Activity, field, (!search.is_empty()).then_some(&*search));
    let suggested = props.suggested.iter().map(|it| -> Offer {
        let why = suggestion(&it.reason, wall);
        (it.link.record.to_string().into(), it.link.title.clone().into(), why.into())
    });
    let offers: Vec<Offer> = if search.is_empty() {
        suggested.take(4).collect()
    } else {
        // What fits an earlier text is not offered: one tap would log it.
        let fitting = found.list.into_iter().filter(|_| !found.late);
        fitting.map(|it| (it.value, it.text, it.hint.unwrap_or_default())).take(4).collect()
    };
    let account = about(&props.target, (*chosen).as_ref(), &offers);
    let pick = {
        let (chosen, note, next_step) = (chosen.clone(), note.clone(), next_step.clone());
        Callback::from(move |account: Account| {
            // What was written may be about the other one: it is not kept for it.
            note.forget();
            next_step.forget();
            chosen.set(Some(account));
        })
    };
    let search_for = {
        let (typed, chosen) = (typed.clone(), chosen);
        Callback::from(move |text: AttrValue| {
            // An account that is not shown any more is not the one.
            chosen.set(None);
            typed.set(text);
        })
    };
    let is_planned = props.target.planned.is_some();
    // What was planned without an account has nothing that a next step could stand on.
    let with_next_step = props.with_next_step && (account.is_some() || !is_planned);
    let chosen_day = day.parse::<Date>().ok();
    let is_to_come = chosen_day.is_some_and(|day| day > wall.today());
    let at = chosen_day.filter(|day| *day < wall.today()).map(|day| wall.noon(day));
    let outcome = |name: &'static str| {
        let (on_logged, about) = (props.on_logged.clone(), account.clone());
        let (next_step, at) = (next_step.clone(), at.clone());
        let (kind, note, planned) = (kind.clone(), note.clone(), props.target.planned.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            on_logged.emit(Logged {
                kind: (*kind).clone(),
                planned: planned.clone(),
                about: about.clone(),
                outcome: name.into(),
                note: (*note).clone(),
                next_step: (*next_step).clone(),
                at: at.clone(),
                noted: note.send(),
                stepped: next_step.send(),
            });
        });
        html! {
            <button
                type="button" class="outcome" key={name} {onclick}
                disabled={(account.is_none() && !is_planned) || is_to_come}
                autofocus={name == OUTCOMES[0]}
            >
                { name }
            </button>
        }
    };
    let setter = |state: &UseStateHandle<AttrValue>| {
        let state = state.clone();
        Callback::from(move |text: AttrValue| state.set(text))
    };
    let write = |draft: &Draft<AttrValue>| {
        let draft = draft.clone();
        Callback::from(move |text: AttrValue| draft.set(text))
    };
    let kinds = KINDS.map(|(value, label)| (AttrValue::from(value), AttrValue::from(label)));
    html! {
        <Dialog title="Log it" on_close={props.on_close.clone()}>
            <div class="quick">
                if !is_planned {
                    <ChoiceChips
                        name="What it was" options={kinds.to_vec()} chosen={vec![(*kind).clone()]}
                        on_press={setter(&kind)}
                    />
                    { accounts(&offers, account.as_ref(), &pick) }
                    <TextField
                        id="quick-account" label="Another account" value={(*typed).clone()}
                        on_change={search_for}
                    />
                } else if let Some((_, name)) = &account {
                    <p class="quick-account">{ name }</p>
                }
                <div class="outcomes" role="group" aria-label="How it went">
                    { for OUTCOMES.map(outcome) }
                </div>
                <TextArea
                    id="quick-note" label="Note, if you like" value={(*note).clone()}
                    hint="One tap on how it went saves it all." on_change={write(&note)}
                />
                if with_next_step {
                    <TextField
                        id="quick-next" label="Next step, if you like" value={(*next_step).clone()}
                        on_change={write(&next_step)}
                    />
                }
                if !is_planned {
                    <DateField
                        id="quick-day" label="When" value={(*day).clone()} on_change={setter(&day)}
                        problem={is_to_come.then(|| AttrValue::from(TO_COME))}
                    />
                }
            </div>
        </Dialog>
    }
}

/// Which account it is about: of what was planned its own or none, else the one that is chosen, else
/// the likeliest.
fn about(target: &Target, chosen: Option<&Account>, offers: &[Offer]) -> Option<Account> {
    if target.planned.is_some() {
        return target.account.clone();
    }
    let likeliest = offers.first().map(|(record, title, _)| (record.clone(), title.clone()));
    chosen.cloned().or(likeliest)
}

fn accounts(offers: &[Offer], chosen: Option<&Account>, pick: &Callback<Account>) -> Html {
    let offer = |(record, title, why): &Offer| {
        let on = chosen.is_some_and(|(chosen, _)| chosen == record);
        let (pick, account) = (pick.clone(), (record.clone(), title.clone()));
        let onclick = Callback::from(move |_: MouseEvent| pick.emit(account.clone()));
        html! {
            <button
                key={record.as_str()} type="button" class="offer" aria-pressed={on.to_string()} {onclick}
            >
                <Avatar name={title.clone()} named_beside=true />
                <span class="offer-words">
                    <span class="offer-name" dir="auto">{ title }</span>
                    <span class="quiet small truncate" title={why.clone()}>{ why }</span>
                </span>
            </button>
        }
    };
    html! {
        <div class="offers" role="group" aria-label="Account">
            { for offers.iter().map(offer) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_planned_is_about_its_own_account_or_about_none() {
        let offers: Vec<Offer> = vec![("1".into(), "Acme".into(), "Due".into())];
        let (acme, bolt) = (("1".into(), "Acme".into()), ("2".into(), "Bolt".into()));
        let mut target = Target::of_kind("visit");
        assert_eq!(about(&target, None, &offers), Some(acme), "the likeliest");
        assert_eq!(about(&target, Some(&bolt), &offers), Some(bolt.clone()));
        target.planned = Some("3".into());
        assert_eq!(about(&target, None, &offers), None, "not somebody else's");
        target.account = Some(bolt.clone());
        assert_eq!(about(&target, None, &offers), Some(bolt));
    }
}

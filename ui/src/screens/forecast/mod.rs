//! The forecast of the quarter: what is closed, promised and possible against the quota, how the
//! quarter may end, revenue by month, what moved this week, and how earlier forecasts did.
//!
//! This file is the page: it asks, and writes adjustments. [`view`] puts the parts together;
//! [`quarter`], [`revenue`], [`week`], [`roll_up`] and [`accuracy`] are the parts; [`adjust`] is the
//! dialog.

pub mod accuracy;
pub mod adjust;
pub mod quarter;
pub mod revenue;
pub mod roll_up;
pub mod view;
pub mod week;

use roadbook_api::commands::planning::{AdjustForecast, ShowForecast};
use roadbook_api::views::planning::ForecastView;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use self::adjust::AdjustDialog;
use self::view::ForecastBody;
use super::planning::{PlanNav, state_of};
use crate::components::field::read_money;
use crate::components::{
    Button, ButtonKind, ChoiceChips, DateField, Icon, MoneyField, PageHead, Skeleton,
};
use crate::context::{use_bridge, use_plan, use_session, use_toast};
use crate::words::sentence;

/// The word of the app for the user.
const ME: &str = "me";

/// Whom a forecast is about: the word of the app, and the name.
#[derive(Debug, Clone, PartialEq)]
pub struct Whom {
    /// The record, or `me`.
    pub whose: AttrValue,
    /// The name.
    pub name: AttrValue,
}

/// What was asked for on the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// The forecast of somebody, or of all.
    Whose(Option<Whom>),
    /// The dialog for an adjustment.
    Adjust,
    /// Removing an adjustment.
    Remove(u32),
}

/// What the person chose.
#[derive(Debug, Clone, Default, PartialEq)]
struct Options {
    whose: Option<Whom>,
    today: AttrValue,
    quota: AttrValue,
}

impl Options {
    fn request(&self, currency: &str) -> ShowForecast {
        let day = Some(self.today.trim().to_owned()).filter(|it| !it.is_empty());
        ShowForecast {
            today: day,
            whose: self.whose.as_ref().map(|whom| whom.whose.to_string()),
            quota: read_money(&self.quota, currency).map(|money| money.to_string()),
            months: None,
        }
    }
}

/// The forecast.
#[function_component]
pub fn Forecast() -> Html {
    let session = use_session();
    let Some(view) = session.view() else {
        return html! { <><PageHead title="Forecast" /><PlanNav /><Skeleton lines={10} /></> };
    };
    let mine = !view.can_review;
    html! { <Page key={mine.to_string()} {mine} /> }
}

#[derive(Properties, PartialEq)]
struct PageProps {
    /// It begins with the user's own forecast.
    mine: bool,
}

#[function_component]
fn Page(props: &PageProps) -> Html {
    let me = Whom { whose: ME.into(), name: "Mine".into() };
    let mine = props.mine.then_some(me);
    let options = use_state(|| Options { whose: mine, ..Options::default() });
    let typed = use_state(|| (*options).clone());
    let currency = use_state_eq(|| AttrValue::from("EUR"));
    let plan = use_plan(Some(options.request(&currency)));
    if let Some(view) = &plan.data {
        currency.set(view.currency.clone().into());
    }
    let adjusting = use_state(|| false);
    let change = use_changing(plan.again.clone());
    let on_ask = {
        let (options, typed, adjusting) = (options.clone(), typed.clone(), adjusting.clone());
        let change = change.clone();
        Callback::from(move |asked: Asked| match asked {
            Asked::Whose(whose) => {
                let next = Options { whose, ..(*options).clone() };
                typed.set(next.clone());
                options.set(next);
            }
            Asked::Adjust => adjusting.set(true),
            Asked::Remove(number) => {
                let removed = "Adjustment removed";
                change.emit((AdjustForecast::Remove { number }, removed, Callback::noop()));
            }
        })
    };
    let note = plan.data.as_ref().map(|view| heading(view, options.whose.as_ref()));
    let adjust = on_ask.reform(|()| Asked::Adjust);
    let kept = !use_session().is_hosted();
    let actions = html! {
        if kept {
            <Button label="Adjust" kind={ButtonKind::Primary} icon={Icon::Edit} on_press={adjust} />
        }
    };
    let close = {
        let adjusting = adjusting.clone();
        Callback::from(move |()| adjusting.set(false))
    };
    let on_add = {
        let close = close.clone();
        // What was typed stays until it is kept.
        Callback::from(move |command: AdjustForecast| {
            change.emit((command, "Adjusted, on this device", close.clone()));
        })
    };
    html! {
        <div class="plan forecast">
            <PageHead title="Forecast" note={html! { note.unwrap_or_default() }} {actions} />
            <PlanNav />
            { choices(&options, &typed, &currency, &on_ask) }
            { state_of(&plan, "the forecast") }
            if let Some(view) = &plan.data {
                <ForecastBody view={view.clone()} on_ask={on_ask.clone()} />
            } else if plan.error.is_none() {
                <Skeleton lines={10} />
            }
            if let (true, Some(view)) = (*adjusting, &plan.data) {
                <AdjustDialog view={view.clone()} {on_add} on_close={close} />
            }
        </div>
    }
}

/// Whom it is about, for which quarter.
fn heading(view: &ForecastView, whose: Option<&Whom>) -> String {
    let whose = whose.map_or("everybody here", |whom| whom.name.as_str());
    format!("{} \u{b7} {whose} \u{b7} {}", view.quarter.replace('-', " "), view.currency)
}

/// A change of adjustments, what is said of it, and who is told when it is kept.
type Change = (AdjustForecast, &'static str, Callback<()>);

/// Carries a change of adjustments out and computes again. One at a time: a second press while the
/// first is on its way is no second change.
#[hook]
fn use_changing(again: Callback<()>) -> Callback<Change> {
    let (bridge, say) = (use_bridge(), use_toast());
    let busy = use_mut_ref(|| false);
    Callback::from(move |(command, words, kept): Change| {
        let Some(bridge) = bridge.clone() else {
            return;
        };
        if busy.replace(true) {
            return;
        }
        let (say, again, busy) = (say.clone(), again.clone(), busy.clone());
        spawn_local(async move {
            let answer = bridge.write(command).await;
            busy.replace(false);
            match answer {
                Ok(_) => {
                    kept.emit(());
                    say.done(words, None);
                    again.emit(());
                }
                Err(error) => say.problem(sentence(&error.message)),
            }
        });
    })
}

/// Whose forecast, as of which day, against which quota.
fn choices(
    options: &UseStateHandle<Options>,
    typed: &UseStateHandle<Options>,
    currency: &AttrValue,
    on_ask: &Callback<Asked>,
) -> Html {
    let whose = options.whose.as_ref();
    let mut whom = vec![(AttrValue::from(ME), AttrValue::from("Mine")), ("".into(), "All".into())];
    if let Some(other) = whose.filter(|whom| whom.whose != ME) {
        whom.push((other.whose.clone(), other.name.clone()));
    }
    let chosen = vec![whose.map_or_else(AttrValue::default, |whom| whom.whose.clone())];
    let on_press = on_ask.reform(|value: AttrValue| {
        let me = Whom { whose: ME.into(), name: "Mine".into() };
        Asked::Whose((value == ME).then_some(me))
    });
    let put = |with: fn(&mut Options, AttrValue)| {
        let typed = typed.clone();
        Callback::from(move |text: AttrValue| {
            let mut next = (*typed).clone();
            with(&mut next, text);
            typed.set(next);
        })
    };
    let onsubmit = {
        let (options, typed) = (options.clone(), typed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            options.set((*typed).clone());
        })
    };
    html! {
        <form class="plan-choices" {onsubmit}>
            <ChoiceChips name="Whose forecast" options={whom} {chosen} {on_press} />
            <DateField
                id="forecast-day" label="As of" value={typed.today.clone()}
                on_change={put(|options, text| options.today = text)}
            />
            <MoneyField
                id="forecast-quota" label="Quota of the quarter" value={typed.quota.clone()}
                currency={currency.clone()} on_change={put(|options, text| options.quota = text)}
            />
            <Button label="Compute" submits=true disabled={**typed == **options} />
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_empty_is_not_asked_for() {
        assert_eq!(Options::default().request("EUR"), ShowForecast::default());
        let whose = Some(Whom { whose: ME.into(), name: "Mine".into() });
        let asked = Options { whose, today: " 2017-10-15 ".into(), quota: "5000".into() };
        let request = asked.request("USD");
        assert_eq!(request.whose.as_deref(), Some("me"));
        assert_eq!(request.today.as_deref(), Some("2017-10-15"));
        assert_eq!(request.quota.as_deref(), Some("5000 USD"));
    }
}

//! Quota what-if: a goal shared out to reps and products, amounts fixed by hand, and sums that
//! always add up, beside what was sold in the year before.

use std::rc::Rc;

use roadbook_api::ErrorCode;
use roadbook_api::commands::planning::{AllocateQuotas, QuotaEdit};
use roadbook_api::views::planning::{QuotaRepView, QuotaTotalView, QuotasView};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{AsOf, PlanNav, proof, state_of};
use crate::components::chart::{ChartFigure, Part, Stack};
use crate::components::field::read_money;
use crate::components::{
    Button, ButtonKind, DateField, Icon, PageHead, Section, Skeleton, TextField,
};
use crate::context::{use_bridge, use_plan, use_session, use_toast, use_wall};
use crate::state::quota::{EditAction, Edits};
use crate::words::{change_short, figure_short, percent, plain_figure, sentence};

/// The goal that is tried first.
const FIRST_GOAL: &str = "+10%";
/// What the app calls deals without a product; nothing can be fixed there.
const NO_PRODUCT: &str = "No product";

/// What is tried out.
#[derive(Debug, Clone, PartialEq)]
struct Trial {
    goal: AttrValue,
    effective: AttrValue,
    today: AttrValue,
}

impl Trial {
    fn request(&self, edits: &Edits, currency: &str) -> AllocateQuotas {
        let given = |text: &AttrValue| Some(text.to_string()).filter(|it| !it.is_empty());
        let money = read_money(&self.goal, currency).map(|money| money.to_string());
        AllocateQuotas {
            goal: money.unwrap_or_else(|| self.goal.trim().to_owned()),
            edits: edits.all.clone(),
            effective: given(&self.effective),
            today: given(&self.today),
            keep: false,
        }
    }
}

/// Quota what-if.
#[function_component]
pub fn Quotas() -> Html {
    let empty = AttrValue::default();
    let trial = use_state(|| Trial {
        goal: FIRST_GOAL.into(),
        effective: empty.clone(),
        today: empty.clone(),
    });
    let typed = use_state(|| (*trial).clone());
    let edits = use_reducer(Edits::default);
    let currency = use_state_eq(|| AttrValue::from("EUR"));
    let request = trial.request(&edits, &currency);
    let plan = use_plan(Some(request.clone()));
    if let Some(view) = &plan.data {
        currency.set(view.currency.clone().into());
    }
    let keep = use_keeping(request);
    let on_edit = {
        let edits = edits.dispatcher();
        Callback::from(move |edit: EditAction| edits.dispatch(edit))
    };
    let clash = plan.error.as_ref().is_some_and(|error| error.code == ErrorCode::Infeasible);
    let last = edits.all.last().filter(|_| clash).cloned();
    let kept = !use_session().is_hosted();
    let actions = html! {
        if kept {
            <Button
                label="Keep" kind={ButtonKind::Primary} icon={Icon::Check}
                disabled={plan.current().is_none()} on_press={keep}
            />
        }
    };
    html! {
        <div class="plan">
            <PageHead title="Quotas" note={html! { currency.to_string() }} {actions} />
            <PlanNav />
            { choices(&trial, &typed) }
            { state_of(&plan, "quotas") }
            if let Some(edit) = last {
                <div class="plan-state plan-note">
                    <span>{ format!("The last amount that was fixed: {} for {}, {}.", edit.amount, who(plan.data.as_deref(), &edit.rep), edit.product) }</span>
                    <Button
                        label="Let it go" icon={Icon::Undo}
                        on_press={on_edit.reform(move |()| EditAction::Free { rep: edit.rep.clone(), product: edit.product.clone() })}
                    />
                </div>
            }
            if let Some(view) = &plan.data {
                <QuotasBody view={view.clone()} edits={(*edits).clone()} {on_edit} />
            } else if plan.error.is_none() {
                <Skeleton lines={8} />
            }
        </div>
    }
}

/// The name of the rep of an edit, who is told by id.
fn who(view: Option<&QuotasView>, rep: &str) -> String {
    let reps = view.map(|view| view.reps.as_slice()).unwrap_or_default();
    let found = reps.iter().find(|it| it.rep.record.to_string() == rep);
    found.map_or_else(|| rep.to_owned(), |it| it.rep.title.clone())
}

/// Keeps quotas on this device.
#[hook]
fn use_keeping(request: AllocateQuotas) -> Callback<()> {
    let (bridge, say, wall) = (use_bridge(), use_toast(), use_wall());
    Callback::from(move |()| {
        let Some(bridge) = bridge.clone() else {
            return;
        };
        let (say, request) = (say.clone(), AllocateQuotas { keep: true, ..request.clone() });
        spawn_local(async move {
            match bridge.call(request).await {
                Ok(kept) => {
                    let from = kept.effective.parse().map_or(kept.effective, |it| wall.day(it));
                    say.done(
                        format!("Kept on this device; forecasts count against them from {from}"),
                        None,
                    );
                }
                Err(error) => say.problem(sentence(&error.message)),
            }
        });
    })
}

fn choices(trial: &UseStateHandle<Trial>, typed: &UseStateHandle<Trial>) -> Html {
    let put = |with: fn(&mut Trial, AttrValue)| {
        let typed = typed.clone();
        Callback::from(move |text: AttrValue| {
            let mut next = (*typed).clone();
            with(&mut next, text);
            typed.set(next);
        })
    };
    let onsubmit = {
        let (trial, typed) = (trial.clone(), typed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            trial.set((*typed).clone());
        })
    };
    html! {
        <form class="plan-choices" {onsubmit}>
            <TextField
                id="quota-goal" label="Goal of the year" value={typed.goal.clone()} required=true
                hint={Some(AttrValue::from("An amount, or growth such as +10%"))}
                on_change={put(|trial, text| trial.goal = text)}
            />
            <DateField
                id="quota-effective" label="Holds from" value={typed.effective.clone()}
                on_change={put(|trial, text| trial.effective = text)}
            />
            <DateField
                id="quota-today" label="As of" value={typed.today.clone()}
                on_change={put(|trial, text| trial.today = text)}
            />
            <Button label="Compute" submits=true disabled={**typed == **trial} />
        </form>
    }
}

/// Quotas.
#[derive(Properties, PartialEq)]
pub struct QuotasBodyProps {
    /// The quotas.
    pub view: Rc<QuotasView>,
    /// Amounts fixed by hand.
    pub edits: Edits,
    /// An amount is fixed or let go.
    #[prop_or_default]
    pub on_edit: Callback<EditAction>,
}

/// Quotas before and after, and a table in which amounts are fixed.
#[function_component]
pub fn QuotasBody(props: &QuotasBodyProps) -> Html {
    let view = &props.view;
    let sold: f64 = view.products.iter().map(|product| product.history).sum();
    let growth = if sold > 0.0 {
        let by = percent(view.goal / sold - 1.0);
        format!(", {} beside {} in the year before", by, plain_figure(sold))
    } else {
        String::new()
    };
    let clear = props.on_edit.reform(|()| EditAction::Clear);
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small"><AsOf as_of={view.as_of.clone()} /></p>
            <p class="plan-part plan-lead">
                { format!("{} {} to share out{growth}. Rows and columns add up to it, to the unit. ", plain_figure(view.goal), view.currency) }
                { proof(&view.quality) }
            </p>
            <div class="plan-columns">
                <Section title="By territory">{ totals("By territory", &view.territories) }</Section>
                <Section title="By product">{ totals("By product", &view.products) }</Section>
            </div>
            <Section title="By person" count={view.reps.len() as u64}>
                <div class="plan-part plan-note">
                    <span class="quiet small">
                        { "Type an amount to fix it; empty it to let it go. The rest is shared out again around it." }
                    </span>
                    if !props.edits.all.is_empty() {
                        <Button label="Let all go" kind={ButtonKind::Quiet} icon={Icon::Undo} on_press={clear} />
                    }
                </div>
                { grid(view, &props.edits, &props.on_edit) }
            </Section>
        </div>
    }
}

fn totals(title: &'static str, totals: &[QuotaTotalView]) -> Html {
    let most = totals.iter().map(|it| it.history.max(it.quota)).fold(0.0, f64::max);
    let bar = |shade, value| html! { <Stack parts={vec![Part { shade, value }]} {most} /> };
    let row = |it: &QuotaTotalView| {
        let label = if it.label.is_empty() { "No territory" } else { it.label.as_str() };
        html! {
            <li class="balance" key={it.label.clone()}>
                <span class="truncate" title={label.to_owned()}>{ label.to_owned() }</span>
                <span class="balance-two">{ bar(4, it.history) }{ bar(1, it.quota) }</span>
                <span class="number">{ format!("{} ({})", figure_short(it.quota), change_short(it.quota - it.history)) }</span>
            </li>
        }
    };
    let line = |it: &QuotaTotalView| {
        vec![
            html! { it.label.clone() },
            html! { plain_figure(it.history) },
            html! { plain_figure(it.quota) },
            html! { change_short(it.quota - it.history) },
        ]
    };
    let heads = ["What", "Year before", "Quota", "Change"].map(AttrValue::from).to_vec();
    html! {
        <div class="plan-part">
            <ChartFigure
                title={format!("{title}: sold in the year before (light), quota (dark)")} {heads}
                lines={totals.iter().map(line).collect::<Vec<_>>()}
            >
                <ul class="balances">{ for totals.iter().map(row) }</ul>
            </ChartFigure>
        </div>
    }
}

fn grid(view: &QuotasView, edits: &Edits, on_edit: &Callback<EditAction>) -> Html {
    let sums = view.products.iter().map(|product| {
        html! { <td class="number" key={product.label.clone()}>{ plain_figure(product.quota) }</td> }
    });
    let sold: f64 = view.reps.iter().map(|rep| rep.history).sum();
    html! {
        <div class="plan-part chart-scroll" tabindex="0" role="group" aria-label="Quotas by person and product">
            <table class="plain-table quota-grid">
                <thead>
                    <tr>
                        <th scope="col">{ "Whose" }</th>
                        <th scope="col">{ "Year before" }</th>
                        <th scope="col">{ "Quota" }</th>
                        <th scope="col">{ "Of potential" }</th>
                        { for view.products.iter().map(|product| html! {
                            <th scope="col" key={product.label.clone()}>{ &product.label }</th>
                        }) }
                    </tr>
                </thead>
                <tbody>
                    { for view.reps.iter().map(|rep| line(rep, &view.currency, edits, on_edit)) }
                </tbody>
                <tfoot>
                    <tr>
                        <th scope="row">{ "All" }</th>
                        <td class="number">{ plain_figure(sold) }</td>
                        <td class="number">{ plain_figure(view.goal) }</td>
                        <td></td>
                        { for sums }
                    </tr>
                </tfoot>
            </table>
        </div>
    }
}

fn line(rep: &QuotaRepView, currency: &str, edits: &Edits, on_edit: &Callback<EditAction>) -> Html {
    let cells = rep.products.iter().map(|cell| {
        let name = rep.rep.record.to_string();
        let fixed = edits.of(&name, &cell.product).is_some();
        let onchange = {
            let (on_edit, currency) = (on_edit.clone(), currency.to_owned());
            let (rep, product) = (name, cell.product.clone());
            Callback::from(move |event: Event| {
                let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
                let text = input.map(|input| input.value()).unwrap_or_default();
                let (rep, product) = (rep.clone(), product.clone());
                on_edit.emit(match read_money(&text, &currency) {
                    Some(money) => EditAction::Fix(QuotaEdit { rep, product, amount: money.to_string() }),
                    None => EditAction::Free { rep, product },
                });
            })
        };
        let label = format!("{}, {}: {}", rep.rep.title, cell.product, cell.reason);
        html! {
            <td key={cell.product.clone()} class={classes!("number", fixed.then_some("quota-fixed"))}>
                <input
                    class="quota-cell number" inputmode="numeric" value={plain_figure(cell.quota)}
                    aria-label={label.clone()} title={label} {onchange}
                    disabled={cell.product == NO_PRODUCT}
                />
            </td>
        }
    });
    html! {
        <tr key={rep.rep.record.to_string()}>
            <th scope="row">
                { &rep.rep.title }
                <span class="quiet small plan-under">{ &rep.territory }</span>
            </th>
            <td class="number">{ plain_figure(rep.history) }</td>
            <td class="number">{ plain_figure(rep.quota) }</td>
            <td class="number">{ percent(rep.stretch) }</td>
            { for cells }
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_an_amount_or_growth() {
        let trial = |goal: &'static str| Trial {
            goal: goal.into(),
            effective: "2027-01-01".into(),
            today: AttrValue::default(),
        };
        let asked = |goal| trial(goal).request(&Edits::default(), "EUR");
        assert_eq!(asked("+10%").goal, "+10%");
        assert_eq!(asked("1,200,000").goal, "1200000 EUR");
        assert_eq!(asked("soon").goal, "soon", "the app says what is wrong with it");
        assert_eq!(asked("+10%").effective.as_deref(), Some("2027-01-01"));
        assert_eq!(asked("+10%").today, None);
    }
}

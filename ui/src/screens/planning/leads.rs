//! Lead assignment: who should get which open lead, with a reason for each, and how full everybody
//! is before and after.

use std::rc::Rc;

use roadbook_api::ApiError;
use roadbook_api::commands::planning::AssignLeads;
use roadbook_api::views::planning::{AssignedLeadView, AssignmentView, RepLoadView};
use yew::prelude::*;

use super::apply::{Handover, commands};
use super::{AsOf, Asked, PlanNav, nothing, proof, state_of};
use crate::components::chart::{ChartFigure, Part, Stack};
use crate::components::{
    Button, ButtonKind, ChoiceChips, Icon, PageHead, RecordName, Section, Skeleton,
};
use crate::context::{use_plan, use_write};
use crate::state::tally::Many;
use crate::words::{count, counted, figure_short, plain_figure};

/// Fairness that can be chosen: the share of the average that everybody gets at least.
const FAIRNESS: [(&str, &str, Option<f64>); 3] =
    [("0", "Value only", None), ("50", "Half each", Some(0.5)), ("80", "Nearly even", Some(0.8))];

/// Lead assignment.
#[function_component]
pub fn Assignment() -> Html {
    let fairness = use_state(|| AttrValue::from("0"));
    let all = use_state(|| AttrValue::from("new"));
    let requested = use_state(|| 0_usize);
    let request = AssignLeads {
        lead: None,
        all: *all == "all",
        capacity: None,
        fairness: FAIRNESS.iter().find(|it| it.0 == fairness.as_str()).and_then(|it| it.2),
    };
    let plan = use_plan(Some(request));
    let write = use_write();
    let moved = plan.current().map(|view| handovers(view)).unwrap_or_default();
    let apply = {
        let (moved, requested) = (moved.clone(), requested.clone());
        Callback::from(move |()| {
            let what = Many::new("lead", "leads", "requested for their new reps");
            write.run_all(commands(&moved), what);
            requested.set(moved.len());
        })
    };
    let choose = |state: &UseStateHandle<AttrValue>| {
        let (state, requested) = (state.clone(), requested.clone());
        Callback::from(move |value: AttrValue| {
            state.set(value);
            requested.set(0);
        })
    };
    let whom =
        vec![("new".into(), "Leads without a rep".into()), ("all".into(), "All open leads".into())];
    let fair = FAIRNESS.map(|(value, label, _)| (AttrValue::from(value), AttrValue::from(label)));
    let actions = html! {
        <Button
            label={format!("Request {}", counted(moved.len() as u64, "change", "changes"))}
            kind={ButtonKind::Primary} icon={Icon::Check}
            disabled={moved.is_empty() || *requested > 0} on_press={apply}
        />
    };
    html! {
        <div class="plan">
            <PageHead title="Lead assignment" {actions} />
            <PlanNav />
            <div class="plan-choices">
                <ChoiceChips name="Which leads" options={whom} chosen={vec![(*all).clone()]} on_press={choose(&all)} />
                <ChoiceChips name="Fairness" options={fair.to_vec()} chosen={vec![(*fairness).clone()]} on_press={choose(&fairness)} />
            </div>
            if is_done(plan.error.as_deref()) {
                { nothing(
                    "Every open lead has a rep",
                    "Leads that nobody has stand here with the rep who makes most of them. All \
                     open leads can be assigned anew, above.",
                ) }
            } else {
                { state_of(&plan, "the assignment") }
            }
            if *requested > 0 {
                <Asked what="a lead" />
            }
            if let Some(view) = &plan.data {
                <AssignmentBody view={view.clone()} />
            } else if plan.error.is_none() {
                <Skeleton lines={8} />
            }
        </div>
    }
}

/// Less than this between two reps is no difference, in the currency of amounts.
const LITTLE: f64 = 0.5;

/// Whether the app says that no lead waits for anybody.
fn is_done(error: Option<&ApiError>) -> bool {
    error.is_some_and(|error| error.fields.iter().any(|it| it.field == "leads"))
}

/// The leads that get another rep.
#[must_use]
pub fn handovers(view: &AssignmentView) -> Vec<Handover> {
    let one = |it: &AssignedLeadView| {
        Some(Handover {
            record: it.lead.clone(),
            to: it.rep.clone().filter(|rep| it.had.as_ref() != Some(rep))?,
            why: format!("Lead assignment: {}", it.reason),
        })
    };
    view.leads.iter().filter_map(one).collect()
}

/// An assignment.
#[derive(Properties, PartialEq)]
pub struct AssignmentBodyProps {
    /// The assignment.
    pub view: Rc<AssignmentView>,
}

/// An assignment: how full everybody is, and every lead with its reason.
#[function_component]
pub fn AssignmentBody(props: &AssignmentBodyProps) -> Html {
    let view = &props.view;
    let out = view.leads.iter().filter(|lead| lead.rep.is_none()).count() as u64;
    let fair = (view.cost_of_fairness > 0.5).then(|| {
        format!(" Fairness costs {} {}.", plain_figure(view.cost_of_fairness), view.currency)
    });
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small"><AsOf as_of={view.as_of.clone()} /></p>
            <p class="plan-part plan-lead">
                { format!(
                    "{}, expected to be worth {} {}. {}",
                    counted(view.leads.len() as u64, "lead", "leads"),
                    plain_figure(view.quality.objective), view.currency, proof(&view.quality)
                ) }
                { fair.unwrap_or_default() }
                if out > 0 {
                    { format!(" {} without a place: nobody has room.", count(out)) }
                }
            </p>
            <Section title="How full everybody is">{ loads(&view.reps) }</Section>
            <Section title="Leads" count={view.leads.len() as u64}>
                <ul class="plan-part assigned">
                    { for view.leads.iter().map(|it| lead(it, &view.currency)) }
                </ul>
            </Section>
        </div>
    }
}

fn loads(reps: &[RepLoadView]) -> Html {
    let most = reps.iter().map(|rep| rep.today.max(rep.capacity) + rep.gets).max().unwrap_or(1);
    let line = |rep: &RepLoadView| {
        vec![
            html! { &rep.rep.title },
            html! { rep.today },
            html! { rep.gets },
            html! { rep.capacity },
        ]
    };
    let row = |rep: &RepLoadView| {
        let parts = vec![
            Part { shade: 1, value: f64::from(rep.today) },
            Part { shade: 3, value: f64::from(rep.gets) },
        ];
        html! {
            <li class="balance" key={rep.rep.record.to_string()}>
                <span class="truncate">{ &rep.rep.title }</span>
                <Stack {parts} most={f64::from(most)} />
                <span class="number">{ format!("{} + {}", rep.today, rep.gets) }</span>
            </li>
        }
    };
    let heads = ["Rep", "Open leads today", "Gets", "Places left"].map(AttrValue::from).to_vec();
    html! {
        <div class="plan-part">
            <ChartFigure
                title="Open leads: today (dark), new ones (light)" {heads}
                lines={reps.iter().map(line).collect::<Vec<_>>()}
            >
                <ul class="balances">{ for reps.iter().map(row) }</ul>
            </ChartFigure>
        </div>
    }
}

fn lead(it: &AssignedLeadView, currency: &str) -> Html {
    let second = it.runner_up.as_ref().map(|second| {
        if it.margin.abs() < LITTLE {
            return format!("; {} would make as much of it", second.title);
        }
        format!("; next best {}, {} {currency} less", second.title, plain_figure(it.margin))
    });
    let to = match &it.rep {
        None => "\u{2192} Nobody".to_owned(),
        Some(rep) if it.had.as_ref() == Some(rep) => format!("stays with {}", rep.title),
        Some(rep) => format!("\u{2192} {}", rep.title),
    };
    html! {
        <li key={it.lead.record.to_string()}>
            <span class="assigned-lead">
                <RecordName record={it.lead.record.to_string()} title={it.lead.title.clone()} />
            </span>
            <span class="assigned-rep">{ to }</span>
            <span class="quiet small assigned-why">{ &it.reason }{ second.unwrap_or_default() }</span>
            <span class="number quiet small">{ figure_short(it.value) }</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn only_leads_with_a_rep_are_handed_over_and_each_says_why() {
        let view = sample::planning::assignment(sample::WALL);
        let moved = handovers(&view);
        let with = view.leads.iter().filter(|lead| lead.rep.is_some()).count();
        assert!(with < view.leads.len(), "the sample has one without a place");
        assert_eq!(moved.len(), with - 1, "and one that stays where it is");
        assert!(moved.iter().all(|it| it.why.starts_with("Lead assignment: ")));
    }
}

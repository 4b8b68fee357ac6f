//! Converting a lead: what it becomes is shown before it is made.

use roadbook_api::ApiError;
use roadbook_api::commands::queries::PlanConversion;
use roadbook_api::commands::writes::{ConvertLead, ConvertTo};
use roadbook_api::views::{ConversionView, ConvertedView};
use yew::prelude::*;

use crate::components::{Button, ButtonKind, Dialog, Problem, Select, Skeleton, TextField};
use crate::context::{Watch, Written, use_draft, use_query, use_write};

/// The choice of a new account.
const NEW: &str = "new";

impl Written for ConvertedView {
    fn intent(&self) -> Option<AttrValue> {
        Some(self.intent.to_string().into())
    }
}

/// The dialog in which a lead is converted.
#[derive(Properties, PartialEq)]
pub struct ConvertDialogProps {
    /// The lead.
    pub lead: AttrValue,
    /// It closes.
    pub on_close: Callback<()>,
}

/// The dialog in which a lead is converted: asks what it would become.
#[function_component]
pub fn ConvertDialog(props: &ConvertDialogProps) -> Html {
    let request = PlanConversion { lead: props.lead.to_string() };
    let found = use_query(Some(request), Watch::Nothing);
    match (&found.data, &found.error) {
        (Some(plan), _) => html! {
            <ConvertForm plan={(**plan).clone()} on_close={props.on_close.clone()} />
        },
        (None, Some(error)) => html! {
            <Dialog title="Convert the lead" on_close={props.on_close.clone()}>
                <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
            </Dialog>
        },
        (None, None) => html! {
            <Dialog title="Convert the lead" on_close={props.on_close.clone()}>
                <Skeleton lines={4} />
            </Dialog>
        },
    }
}

/// What a lead would become.
#[derive(Properties, PartialEq)]
pub struct ConvertFormProps {
    /// It.
    pub plan: ConversionView,
    /// It closes.
    pub on_close: Callback<()>,
}

/// What a lead would become; the account and the name of the deal can be chosen.
#[function_component]
pub fn ConvertForm(props: &ConvertFormProps) -> Html {
    let plan = &props.plan;
    let account = use_state(|| first_choice(plan));
    let about = format!("convert {}", plan.lead.record);
    let name = use_draft(&about, || AttrValue::from(plan.opportunity.clone()));
    let write = use_write();
    let send = {
        let (plan, account, name) = (plan.clone(), account.clone(), name.clone());
        let close = props.on_close.clone();
        Callback::from(move |()| {
            let command = ConvertLead {
                lead: plan.lead.record.to_string(),
                to: to(&account),
                opportunity: Some(name.trim().to_owned()),
                why: None,
            };
            let words = format!("{} converted to the deal {}", plan.lead.title, name.trim());
            let then = name.send().reform(|answer: Result<(), ApiError>| answer.is_ok());
            write.run_then(command, words, then);
            close.emit(());
        })
    };
    let submit = send.reform(|event: SubmitEvent| event.prevent_default());
    let actions = html! {
        <Button
            label="Convert" kind={ButtonKind::Primary} disabled={name.trim().is_empty()}
            on_press={send}
        />
    };
    let choose = {
        let account = account.setter();
        Callback::from(move |value| account.set(value))
    };
    let rename = {
        let name = name.clone();
        Callback::from(move |text| name.set(text))
    };
    let there = plan.accounts.iter().map(|it| {
        (
            AttrValue::from(it.record.to_string()),
            AttrValue::from(format!("{}, there already", it.title)),
        )
    });
    let new = (AttrValue::from(NEW), AttrValue::from(format!("New account {}", plan.company)));
    let options: Vec<_> = there.chain(std::iter::once(new)).collect();
    let hint = (!plan.accounts.is_empty())
        .then(|| AttrValue::from("An account of that name is there: the deal goes to it."));
    html! {
        <Dialog title="Convert the lead" on_close={props.on_close.clone()} {actions}>
            <form class="form" onsubmit={submit}>
                <Select
                    id="convert-account" label="Account" {options} value={(*account).clone()} {hint}
                    on_change={choose}
                />
                <TextField
                    id="convert-deal" label="Opportunity" value={(*name).clone()} required=true
                    on_change={rename}
                />
                <p class="quiet small">
                    { format!(
                        "{} becomes a contact of the account, and the lead is marked as Qualified. \
                         One undo takes all of it back.", plan.contact
                    ) }
                </p>
            </form>
        </Dialog>
    }
}

/// The account that is chosen first: the one that is there.
fn first_choice(plan: &ConversionView) -> AttrValue {
    plan.accounts.first().map_or_else(|| NEW.into(), |it| it.record.to_string().into())
}

fn to(account: &str) -> ConvertTo {
    match account {
        NEW => ConvertTo::NewAccount,
        account => ConvertTo::Account { account: account.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use roadbook_domain::Entity;

    use super::*;
    use crate::sample::link;

    #[test]
    fn an_account_that_is_there_is_chosen_first() {
        let mut plan = ConversionView {
            lead: link(40, Entity::Lead, "Wiebke"),
            company: "Hafen GmbH".into(),
            accounts: vec![],
            contact: "Wiebke".into(),
            opportunity: "Hafen GmbH".into(),
        };
        assert_eq!(to(&first_choice(&plan)), ConvertTo::NewAccount);
        let there = link(41, Entity::Account, "Hafen GmbH");
        plan.accounts = vec![there.clone()];
        let account = there.record.to_string();
        assert_eq!(to(&first_choice(&plan)), ConvertTo::Account { account });
    }
}

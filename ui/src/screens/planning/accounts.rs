//! The accounts of a territory design as tables: those that change, and all of them, so that what
//! the map shows can be read, and any account can be held where it is.

use std::rc::Rc;

use roadbook_api::views::planning::{TerritoriesView, TerritoryAccountView};
use yew::prelude::*;

use crate::components::{Button, ButtonKind, RecordName, TextField};
use crate::words::{count, counted};

/// Rows of the table of all accounts before more are asked for: there may be thousands.
const ROWS: usize = 100;

/// The accounts of a design.
#[derive(Properties, PartialEq)]
pub struct AccountsProps {
    /// The design.
    pub view: Rc<TerritoriesView>,
    /// Accounts that stay with their rep.
    pub pinned: Vec<String>,
    /// An account is to stay, or may change again.
    #[prop_or_default]
    pub on_pin: Callback<String>,
}

/// The accounts that change, and those that are held.
#[function_component]
pub fn Changes(props: &AccountsProps) -> Html {
    let is_held =
        |it: &&TerritoryAccountView| props.pinned.contains(&it.account.record.to_string());
    let shown = props.view.accounts.iter().filter(|it| it.changes || is_held(it));
    html! { <div class="plan-part">{ table("Accounts that change", shown, props) }</div> }
}

/// Every account, behind a fold, by a part of its name or of a rep's.
#[function_component]
pub fn AllAccounts(props: &AccountsProps) -> Html {
    let typed = use_state(AttrValue::default);
    let most = use_state(|| ROWS);
    let found = found(&props.view.accounts, &typed);
    let left = found.len().saturating_sub(*most);
    let on_change = {
        let (typed, most) = (typed.clone(), most.clone());
        Callback::from(move |text| {
            typed.set(text);
            most.set(ROWS);
        })
    };
    let more = {
        let most = most.clone();
        Callback::from(move |()| most.set(*most + ROWS))
    };
    let all = counted(props.view.accounts.len() as u64, "account", "accounts");
    html! {
        <details class="chart-behind">
            <summary>{ format!("All {all} as a table") }</summary>
            <div class="plan-pick">
                <TextField
                    id="territory-account" label="Find an account or a person"
                    value={(*typed).clone()} {on_change}
                />
            </div>
            if found.is_empty() {
                <p class="quiet">{ format!("None of {all} is called so.") }</p>
            } else {
                { table("All accounts", found.into_iter().take(*most), props) }
            }
            if left > 0 {
                <Button
                    label={format!("Show {} more", count(left.min(ROWS) as u64))}
                    kind={ButtonKind::Plain} on_press={more}
                />
            }
        </details>
    }
}

/// The accounts in whose name, or in that of whose rep, a text is found; capitals count as small.
fn found<'a>(all: &'a [TerritoryAccountView], text: &str) -> Vec<&'a TerritoryAccountView> {
    let text = text.trim().to_lowercase();
    let is_called = |it: &&TerritoryAccountView| {
        let reps = it.today.iter().chain(std::iter::once(&it.rep));
        let mut names = std::iter::once(&it.account).chain(reps);
        names.any(|link| link.title.to_lowercase().contains(&text))
    };
    all.iter().filter(is_called).collect()
}

fn table<'a>(
    name: &'static str,
    shown: impl Iterator<Item = &'a TerritoryAccountView>,
    props: &AccountsProps,
) -> Html {
    let row = |it: &TerritoryAccountView| {
        let record = it.account.record.to_string();
        let onchange = {
            let record = record.clone();
            props.on_pin.reform(move |_: Event| record.clone())
        };
        html! {
            <tr key={record.clone()}>
                <th scope="row"><RecordName record={record.clone()} title={it.account.title.clone()} /></th>
                <td class="plan-words">{ it.today.as_ref().map_or("Nobody", |rep| rep.title.as_str()).to_owned() }</td>
                <td class="plan-words">{ &it.rep.title }</td>
                <td class="number">{ format!("{:.1}", it.work) }</td>
                <td>
                    <label class="pin">
                        <input type="checkbox" checked={props.pinned.contains(&record)} {onchange} />
                        <span class="unseen">{ format!("{} stays with its rep", it.account.title) }</span>
                    </label>
                </td>
            </tr>
        }
    };
    html! {
        <div class="chart-scroll" tabindex="0" role="group" aria-label={name}>
            <table class="plain-table">
                <thead>
                    <tr>
                        <th scope="col">{ "Account" }</th><th scope="col" class="plan-words">{ "Today" }</th>
                        <th scope="col" class="plan-words">{ "Design" }</th><th scope="col">{ "Visits a month" }</th>
                        <th scope="col">{ "Stays" }</th>
                    </tr>
                </thead>
                <tbody>{ for shown.map(row) }</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn an_account_is_found_by_its_name_and_by_those_of_its_reps() {
        let view = sample::planning::territories(sample::WALL);
        let names = |text: &str| -> Vec<&str> {
            found(&view.accounts, text).iter().map(|it| it.account.title.as_str()).collect()
        };
        assert_eq!(names("").len(), view.accounts.len());
        assert_eq!(names(" lübeck "), ["Lübeck Foods"]);
        // Today with one, in the design with the other: found by both.
        let change = view.accounts.iter().find(|it| it.changes && it.today.is_some()).unwrap();
        for rep in change.today.iter().chain(std::iter::once(&change.rep)) {
            assert!(names(&rep.title).contains(&change.account.title.as_str()), "{}", rep.title);
        }
        assert!(names("nobody of that name").is_empty());
    }
}

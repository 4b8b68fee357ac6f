//! The same choice for several conflicts: what is offered for them all, and the bar that offers it.

use roadbook_api::commands::conflicts::{Choice, ResolveConflict};
use roadbook_api::views::{ConflictView, MadeByView, SideView};
use yew::prelude::*;

use crate::components::{Button, ButtonKind, Menu, MenuItem};
use crate::context::use_write;
use crate::state::tally::Many;
use crate::words::count;

/// A choice that can be made in each of several conflicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// What it is called: `Newest values`, `Values of Ana Adler`.
    pub(crate) label: String,
    /// What settles each conflict, in their order.
    pub(crate) commands: Vec<ResolveConflict>,
}

/// The choices that can be made in each of the conflicts: the newest value, the oldest one, and
/// the value of each person who stands behind one side of every conflict.
#[must_use]
pub(crate) fn ways(conflicts: &[&ConflictView]) -> Vec<Way> {
    let Some(first) = conflicts.first() else {
        return Vec::new();
    };
    let newest = way("Newest values".to_owned(), conflicts, |it| it.sides.last());
    let oldest = way("Oldest values".to_owned(), conflicts, |it| it.sides.first());
    let mut people: Vec<&MadeByView> = Vec::new();
    for by in first.sides.iter().flat_map(makers) {
        if !people.iter().any(|known| known.user == by.user) {
            people.push(by);
        }
    }
    let of_people = people.into_iter().map(|person| {
        let label = format!("Values of {}", person.who);
        way(label, conflicts, |it| {
            let mut own =
                it.sides.iter().filter(|side| makers(side).any(|by| by.user == person.user));
            own.next().filter(|_| own.next().is_none())
        })
    });
    of_people.chain([newest, oldest]).flatten().collect()
}

fn makers(side: &SideView) -> impl Iterator<Item = &MadeByView> {
    side.made_by.iter().chain(&side.agreed)
}

/// A choice, where it can be made in every conflict.
fn way<'a>(
    label: String,
    conflicts: &[&'a ConflictView],
    chosen: impl Fn(&'a ConflictView) -> Option<&'a SideView>,
) -> Option<Way> {
    let settle = |conflict: &&'a ConflictView| {
        chosen(conflict).map(|side| ResolveConflict {
            conflict: conflict.named.clone(),
            choice: Choice::Side { side: side.side },
            why: None,
            seen: conflict.sides.iter().map(|side| side.value.value.clone()).collect(),
        })
    };
    let commands = conflicts.iter().map(settle).collect::<Option<Vec<_>>>()?;
    Some(Way { label, commands })
}

/// What can be done with the conflicts that are selected.
#[derive(Properties, PartialEq)]
pub(crate) struct TogetherProps {
    /// Them.
    pub(crate) conflicts: Vec<ConflictView>,
    /// It is done, or nothing shall be selected.
    #[prop_or_default]
    pub(crate) on_done: Callback<()>,
}

/// The bar with what can be done with the conflicts that are selected; one undo for all.
#[function_component]
pub(crate) fn Together(props: &TogetherProps) -> Html {
    let write = use_write();
    let conflicts: Vec<&ConflictView> = props.conflicts.iter().collect();
    let barred = conflicts.iter().filter(|it| !it.can_decide).count();
    let take = |way: Way| {
        let (write, done, commands) = (write.clone(), props.on_done.clone(), way.commands);
        let decide = Callback::from(move |()| {
            write.run_all(commands.clone(), Many::new("conflict", "conflicts", "decided"));
            done.emit(());
        });
        MenuItem::new(way.label, decide)
    };
    let items: Vec<MenuItem> = ways(&conflicts).into_iter().map(take).collect();
    let chosen = u64::try_from(conflicts.len()).unwrap_or(u64::MAX);
    html! {
        <div class="bulk" role="toolbar" aria-label="Actions on what is selected">
            <span class="number" role="status">{ format!("{} selected", count(chosen)) }</span>
            if barred > 0 {
                <span class="quiet small">
                    { format!("{barred} of them you may not decide; open them to propose a value") }
                </span>
            } else {
                <span class="bulk-menu"><Menu name="Take for all" label="Take for all" {items} /></span>
            }
            <Button label="Clear" kind={ButtonKind::Quiet} on_press={props.on_done.clone()} />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn labels(conflicts: &[&ConflictView]) -> Vec<String> {
        ways(conflicts).into_iter().map(|way| way.label).collect()
    }

    #[test]
    fn a_choice_is_offered_where_every_conflict_has_it() {
        let all = sample::review::conflicts(sample::WALL);
        let mut other = all[0].clone();
        let who = |side: usize| all[0].sides[side].made_by.clone().unwrap();
        let both = [format!("Values of {}", who(0).who), format!("Values of {}", who(1).who)];
        let ends = ["Newest values".to_owned(), "Oldest values".to_owned()];
        assert_eq!(labels(&[&all[0], &other]), [&both[..], &ends[..]].concat());
        // The first person stands behind both sides there: no choice of theirs.
        other.sides[1].made_by = Some(who(0));
        assert_eq!(labels(&[&all[0], &other]), ends);
        // Where somebody else has set it, too, the side is theirs as well.
        other.sides[1].made_by = Some(who(1));
        other.sides[1].agreed = vec![who(1)];
        assert_eq!(labels(&[&all[0], &other]), [&both[..], &ends[..]].concat());
        assert!(ways(&[]).is_empty());
    }

    #[test]
    fn what_was_seen_goes_along_and_each_conflict_takes_the_side_that_is_meant() {
        let all = sample::review::conflicts(sample::WALL);
        let mut turned = all[0].clone();
        turned.named = "turned".to_owned();
        let (first, second) = (turned.sides[0].made_by.clone(), turned.sides[1].made_by.clone());
        turned.sides[0].made_by = second;
        turned.sides[1].made_by = first;
        let ways = ways(&[&all[0], &turned]);
        let sides = |way: &Way| -> Vec<Choice> {
            way.commands.iter().map(|command| command.choice.clone()).collect()
        };
        let (one, two) = (Choice::Side { side: 1 }, Choice::Side { side: 2 });
        assert_eq!(sides(&ways[0]), [one.clone(), two.clone()], "{}", ways[0].label);
        assert_eq!(sides(&ways[1]), [two.clone(), one.clone()], "{}", ways[1].label);
        assert_eq!(sides(&ways[2]), [two.clone(), two], "the newest");
        assert_eq!(sides(&ways[3]), [one.clone(), one], "the oldest");
        assert_eq!(ways[0].commands[1].conflict, "turned");
        assert_eq!(ways[0].commands[1].seen.len(), 2);
    }
}

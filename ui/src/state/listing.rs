//! What a list shows: its filters, finished or not, its order, and the view that this makes.

use std::rc::Rc;

use jiff::ToSpan as _;
use jiff::civil::Date;
use roadbook_api::commands::queries::{Finished, ListRecords, Trash};
use roadbook_api::views::SavedView;
use roadbook_domain::{Entity, Schema};
use yew::Reducible;

use super::grid::{Direction, Sort};

/// What a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its filters, as `list_records` takes them.
    pub filters: Vec<String>,
    /// Finished records or not.
    pub finished: Finished,
    /// Records in the trash or not; no part of a saved view.
    pub trash: Trash,
    /// Its order; newest edit first where absent.
    pub sort: Option<Sort>,
    /// A part of the name that was typed; no part of a saved view.
    pub find: String,
}

/// What happens to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListingAction {
    /// Shows a view.
    Show(Listing),
    /// One more filter; another on the same field and comparison takes its place.
    Add(String),
    /// A filter goes.
    Drop(String),
    /// Finished records or not.
    Finish(Finished),
    /// Another order.
    Sort(Option<Sort>),
    /// Another part of the name.
    Find(String),
}

/// A view that every list has: its name and what it shows.
pub type NamedListing = (String, Listing);

/// A filter in its parts: field, comparison, value. `None` if it is no filter.
#[must_use]
pub fn parts(filter: &str) -> Option<(&str, &str, &str)> {
    let at = filter.find(['=', '<', '>', '~', '!'])?;
    let (field, rest) = filter.split_at(at);
    let sign = if rest.starts_with("!=") { 2 } else { 1 };
    Some((field.trim(), rest.get(..sign)?, rest.get(sign..)?.trim()))
}

/// The views that every list of a kind has, the first one shown at the start.
#[must_use]
pub fn built_in(entity: Entity) -> Vec<NamedListing> {
    let of = |name: &str, filters: &[&str], finished| {
        let filters = filters.iter().map(|it| (*it).to_owned()).collect();
        (name.to_owned(), Listing { filters, finished, ..Listing::default() })
    };
    let schema = Schema::crm();
    let machine = schema.entity(entity).state_field().and_then(|field| field.machine());
    let trash = ("Trash".to_owned(), Listing { trash: Trash::Only, ..Listing::default() });
    if machine.is_none() {
        return vec![
            of("All", &[], Finished::Any),
            of("Mine", &["owner=me"], Finished::Any),
            trash,
        ];
    }
    let closed = if entity == Entity::Task { "Done" } else { "Closed" };
    vec![
        of("Open", &[], Finished::Open),
        of("Mine", &["owner=me"], Finished::Open),
        of(closed, &[], Finished::Closed),
        of("All", &[], Finished::Any),
        trash,
    ]
}

/// The views that every board has, the first one shown at the start. `today` is the day at the
/// person's place.
#[must_use]
pub fn built_in_of_board(today: Date) -> Vec<NamedListing> {
    let of = |name: &str, filters: Vec<String>| {
        (name.to_owned(), Listing { filters, finished: Finished::Any, ..Listing::default() })
    };
    let first_month = (today.month() - 1) / 3 * 3 + 1;
    let first = today.with().month(first_month).day(1).build().unwrap_or(today);
    let before = first.yesterday().unwrap_or(first);
    let after = first.checked_add(3.months()).unwrap_or(first);
    let quarter = vec![format!("close_date>{before}"), format!("close_date<{after}")];
    vec![
        of("All", Vec::new()),
        of("Mine", vec!["owner=me".to_owned()]),
        of("This quarter", quarter),
    ]
}

impl From<&SavedView> for Listing {
    fn from(view: &SavedView) -> Self {
        let sort = view.order.as_deref().map(|order| match order.strip_prefix('-') {
            Some(field) => Sort { field: field.to_owned(), direction: Direction::Down },
            None => Sort { field: order.to_owned(), direction: Direction::Up },
        });
        Self {
            filters: view.filters.clone(),
            finished: view.finished,
            trash: Trash::Hidden,
            sort,
            find: String::new(),
        }
    }
}

impl Listing {
    /// It shows what is in the trash.
    #[must_use]
    pub fn is_trash(&self) -> bool {
        self.trash == Trash::Only
    }

    /// The name of the view that shows the same, if one does.
    #[must_use]
    pub fn name_in<'a>(&self, views: &'a [NamedListing]) -> Option<&'a str> {
        let bare = Self { find: String::new(), ..self.clone() };
        views.iter().find(|(_, listing)| *listing == bare).map(|(name, _)| name.as_str())
    }

    /// Its filters with the part of the name that was typed, as `list_records` and `show_board`
    /// take them.
    #[must_use]
    pub fn asked(&self, entity: Entity) -> Vec<String> {
        let mut filters = self.filters.clone();
        if !self.find.trim().is_empty() {
            let title = Schema::crm().entity(entity).title;
            filters.push(format!("{title}~{}", self.find.trim()));
        }
        filters
    }

    /// The command that asks for it.
    #[must_use]
    pub fn request(&self, entity: Entity, fields: Vec<String>) -> ListRecords {
        let schema = Schema::crm();
        let definition = schema.entity(entity);
        // What is in the trash adds up to nothing.
        let summed = definition.field("amount").filter(|_| !self.is_trash());
        let totals = summed.map(|field| field.name.to_owned());
        ListRecords {
            filters: self.asked(entity),
            finished: self.finished,
            trash: self.trash,
            order: self.sort.as_ref().map(Sort::order),
            fields,
            totals: totals.into_iter().collect(),
            ..ListRecords::newest(entity.name(), 0)
        }
    }
}

impl Reducible for Listing {
    type Action = ListingAction;

    fn reduce(self: Rc<Self>, action: ListingAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ListingAction::Show(listing) => next = listing,
            ListingAction::Add(filter) => {
                let same = |it: &String| match (parts(it), parts(&filter)) {
                    (Some(a), Some(b)) => a.0 == b.0 && a.1 == b.1,
                    _ => false,
                };
                next.filters.retain(|it| !same(it));
                next.filters.push(filter);
            }
            ListingAction::Drop(filter) => next.filters.retain(|it| *it != filter),
            ListingAction::Finish(finished) => next.finished = finished,
            ListingAction::Sort(sort) => next.sort = sort,
            ListingAction::Find(text) => next.find = text,
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_on_the_same_field_takes_the_place_of_the_one_before() {
        let add = |text: &str| ListingAction::Add(text.to_owned());
        let list = Rc::new(Listing::default());
        let list = list.reduce(add("city=Kiel")).reduce(add("amount>1000 EUR"));
        let list = list.reduce(add("city=Malmö")).reduce(add("amount<9000 EUR"));
        assert_eq!(list.filters, ["amount>1000 EUR", "city=Malmö", "amount<9000 EUR"]);
        let list = list.reduce(ListingAction::Drop("city=Malmö".into()));
        assert_eq!(list.filters.len(), 2);
    }

    #[test]
    fn a_list_is_named_by_the_view_that_shows_the_same() {
        let views = built_in(Entity::Opportunity);
        let list = Rc::new(views[0].1.clone());
        assert_eq!(list.name_in(&views), Some("Open"));
        let mine = Rc::clone(&list).reduce(ListingAction::Add("owner=me".into()));
        assert_eq!(mine.name_in(&views), Some("Mine"));
        let found = mine.reduce(ListingAction::Find("ren".into()));
        assert_eq!(found.name_in(&views), Some("Mine"), "looking for a name is no other view");
        let sort = Some(Sort { field: "amount".into(), direction: Direction::Down });
        let sorted = found.reduce(ListingAction::Sort(sort));
        assert_eq!(sorted.name_in(&views), None);
        let request = sorted.request(Entity::Opportunity, vec!["name".into()]);
        assert_eq!(request.filters, ["owner=me", "name~ren"]);
        assert_eq!(request.order.as_deref(), Some("-amount"));
        assert_eq!(request.totals, ["amount"]);
    }

    #[test]
    fn every_list_has_a_view_of_its_trash_and_none_begins_with_it() {
        for entity in [Entity::Account, Entity::Opportunity, Entity::Task] {
            let views = built_in(entity);
            assert!(!views[0].1.is_trash(), "{entity}");
            let (_, trash) = views.iter().find(|(name, _)| name == "Trash").unwrap();
            let request = trash.request(entity, vec![]);
            assert_eq!((request.trash, request.totals.len()), (Trash::Only, 0), "{entity}");
            assert_eq!(trash.name_in(&views), Some("Trash"));
        }
    }

    #[test]
    fn a_board_has_the_quarter_that_the_day_is_in() {
        let quarter = |day: &str| {
            let views = built_in_of_board(day.parse().unwrap());
            views.iter().find(|(name, _)| name == "This quarter").unwrap().1.filters.clone()
        };
        let fourth = ["close_date>2026-09-30", "close_date<2027-01-01"];
        assert_eq!(quarter("2026-12-31"), fourth);
        assert_eq!(quarter("2026-10-01"), fourth);
        assert_eq!(quarter("2028-02-29"), ["close_date>2027-12-31", "close_date<2028-04-01"]);
        let found = Listing { find: " ren ".into(), ..Listing::default() };
        assert_eq!(found.asked(Entity::Opportunity), ["name~ren"]);
    }

    #[test]
    fn filters_come_apart_at_their_first_sign() {
        assert_eq!(parts("stage!=Closed won"), Some(("stage", "!=", "Closed won")));
        assert_eq!(parts("next_step~a=b"), Some(("next_step", "~", "a=b")));
        assert_eq!(parts("nothing"), None);
    }

    #[test]
    fn a_saved_view_comes_back_as_it_was() {
        let view = SavedView {
            entity: Entity::Opportunity,
            name: "Big".into(),
            filters: vec!["amount>10000EUR".into()],
            finished: Finished::Open,
            order: Some("-amount".into()),
            fields: vec![],
            layout: roadbook_api::views::Layout::List,
        };
        let listing = Listing::from(&view);
        assert_eq!(listing.sort.as_ref().map(Sort::order), view.order);
    }
}

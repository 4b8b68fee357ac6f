//! Forecasts of an office that add up: territories, people, teams and products.

use roadbook_api::views::planning::{ForecastView, SeriesView};
use roadbook_domain::{Entity, RecordId, Value};

use super::super::book::{Book, Entry};
use super::super::forecast::{Ask, forecast};
use super::super::in_force::Kept;
use super::super::whose::Whose;
use super::staffed;
use crate::testing;

/// North with the first two reps, its patch Coast with the third; the fourth is at home nowhere.
/// The first and the third are a team. Some deals are nobody's who is known here.
fn regions() -> Book {
    let mut book = staffed();
    let text = |text: &str| Value::Text(text.to_owned());
    let north = Entry::made(Entity::Territory, 1, &[("name", text("North"))]);
    let north_id = north.id;
    let values = [("name", text("Coast")), ("parent", Value::Reference(north_id))];
    let coast = Entry::made(Entity::Territory, 2, &values);
    let empty = Entry::made(Entity::Territory, 3, &[("name", text("Empty"))]);
    let home = |n: u8| match n {
        1 | 2 => Value::Reference(north_id),
        3 => Value::Reference(coast.id),
        _ => Value::Null,
    };
    let rep = |n: u8| {
        let name = text(&format!("Rep {n}"));
        let values = [("name", name), ("role", text("Rep")), ("territory", home(n))];
        Entry::made(Entity::User, n, &values)
    };
    let reps: Vec<Entry> = (1..=4).map(rep).collect();
    let members = Value::Set(vec![reps[0].id.to_string(), reps[2].id.to_string()]);
    book.teams = vec![Entry::made(Entity::Team, 1, &[("name", text("Two")), ("members", members)])];
    book.hire(reps);
    book.territories = vec![north, coast, empty];
    for deal in book.deals.iter_mut().step_by(11) {
        deal.owner = Some(RecordId::from_bytes([77; 16]));
    }
    book
}

fn seen(book: &Book) -> ForecastView {
    let app = testing::device("Rep");
    let ask = Ask { whose: &Whose::All, quota: None, months: 3 };
    app.desk.run(|watch| forecast(book, &Kept::default(), &ask, watch)).unwrap()
}

/// Every value of a series, what was and what is expected.
fn values(series: &SeriesView) -> Vec<f64> {
    let was = series.history.iter().map(|point| point.value);
    was.chain(series.forecast.iter().map(|band| band.mean)).collect()
}

fn add_up(whole: &SeriesView, parts: &[&SeriesView]) {
    for (at, value) in values(whole).into_iter().enumerate() {
        let sum: f64 = parts.iter().map(|part| values(part)[at]).sum();
        let names: Vec<&str> = parts.iter().map(|part| part.label.as_str()).collect();
        assert!((sum - value).abs() < 1e-6 * value.max(1.0), "{}: {names:?}", whole.label);
    }
}

#[test]
fn territories_people_teams_and_products_add_up() {
    let view = seen(&regions());
    assert_eq!(view.revenue.forecast.len(), 3);
    let rows: Vec<(&str, u32)> =
        view.people.iter().map(|row| (row.label.as_str(), row.depth)).collect();
    let wanted = [
        ("Rep 4", 1),
        ("Other", 1),
        ("North", 1),
        ("Rep 1", 2),
        ("Rep 2", 2),
        ("Coast", 2),
        ("Rep 3", 3),
    ];
    assert_eq!(rows, wanted);
    for (at, row) in view.people.iter().enumerate() {
        let below = view.people[at + 1..].iter().take_while(|it| it.depth > row.depth);
        let below: Vec<&SeriesView> = below.filter(|it| it.depth == row.depth + 1).collect();
        if !below.is_empty() {
            add_up(row, &below);
        }
        assert_eq!(row.link.is_some(), row.label != "Other", "{}", row.label);
        for band in &row.forecast {
            let rising = [0.0, band.lo95, band.lo80, band.hi80, band.hi95];
            assert!(rising.windows(2).all(|pair| pair[0] <= pair[1]), "{}: {band:?}", row.label);
        }
    }
    let first = view.people.iter().filter(|row| row.depth == 1).collect::<Vec<_>>();
    add_up(&view.revenue, &first);
    add_up(&view.revenue, &view.products.iter().collect::<Vec<_>>());
    let [team] = view.teams.as_slice() else { panic!("one team: {:?}", view.teams) };
    let members = view.people.iter().filter(|row| ["Rep 1", "Rep 3"].contains(&&*row.label));
    add_up(team, &members.collect::<Vec<_>>());
}

#[test]
fn one_seller_alone_has_no_parts_but_products() {
    let mut book = regions();
    let first = book.users[0].id;
    book.deals.retain(|deal| deal.owner == Some(first));
    let view = seen(&book);
    assert!(view.people.is_empty() && view.teams.is_empty());
    add_up(&view.revenue, &view.products.iter().collect::<Vec<_>>());
}

//! Assignment, territories, quotas and routes of an office of four reps.

use jiff::civil::date;
use roadbook_api::ErrorCode;
use roadbook_api::commands::planning::{
    AllocateQuotas, AssignLeads, DesignTerritories, KeepPlaces, Place, PlanRoute,
};
use roadbook_api::views::planning::AssignmentView;
use roadbook_domain::{Entity, RecordId, Value};

use super::super::book::{Book, Deal, Entry, Standing};
use super::super::kept::KeptPrices;
use super::super::{assign, quotas, territories, worth};
use super::{office, staffed};
use crate::Run as _;
use crate::planning::PlanWatch;
use crate::testing::{self, create};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn leads_go_to_reps_within_their_places_and_each_has_a_reason() {
    let book = staffed();
    let ask = |capacity: u32, fairness: Option<f64>| {
        let command = AssignLeads { capacity: Some(capacity), fairness, ..AssignLeads::default() };
        assign::assignment(&book, None, &command).unwrap()
    };
    let view = ask(3, None);
    assert!(view.leads.iter().all(|lead| lead.rep.is_some() && !lead.reason.is_empty()));
    assert!(view.reps.iter().all(|rep| rep.gets <= 3) && view.quality.gap < 1e-9);
    let tight = ask(2, None);
    assert_eq!(tight.leads.iter().filter(|lead| lead.why == "left_out").count(), 2);
    let fair = ask(10, Some(0.8));
    assert!(fair.reps.iter().all(|rep| rep.gets >= 2), "{:?}", fair.reps);
    let free = ask(10, None);
    let given_up = free.quality.objective - fair.quality.objective;
    assert!(given_up > 1.0, "one rep would make most of all");
    assert!((fair.cost_of_fairness - given_up).abs() < 0.02, "{given_up}");
}

/// Territories North and South; the first two reps are at home in North, the third in South, the
/// fourth nowhere.
fn at_home() -> (Book, [RecordId; 2]) {
    let mut book = staffed();
    let territory = |n: u8, name: &str| Entry::made(Entity::Territory, n, &[("name", text(name))]);
    book.territories = vec![territory(1, "North"), territory(2, "South")];
    let [north, south] = [0, 1].map(|at: usize| book.territories[at].id);
    let homes = [north, north, south].map(Value::Reference);
    let rep = |n: u8| {
        let home = homes.get(usize::from(n) - 1).cloned().unwrap_or(Value::Null);
        let name = text(&format!("Rep {n}"));
        let values = [("name", name), ("role", text("Rep")), ("territory", home)];
        Entry::made(Entity::User, n, &values)
    };
    book.hire((1..=4).map(rep).collect());
    (book, [north, south])
}

/// Who gets the only lead, and who would be next.
fn of_one(view: &AssignmentView) -> [String; 2] {
    let lead = &view.leads[0];
    [&lead.rep, &lead.runner_up]
        .map(|link| link.as_ref().map_or_else(|| "nobody".to_owned(), |link| link.title.clone()))
}

#[test]
fn a_lead_goes_to_those_who_are_at_home_in_its_territory() {
    let (mut book, [north, south]) = at_home();
    let account = [("name", text("Acme Logistics")), ("territory", Value::Reference(south))];
    book.accounts.push(Entry::made(Entity::Account, 9, &account));
    let west = Entry::made(Entity::Territory, 3, &[("name", text("West"))]).id;
    let mut chosen = |field: &'static str, value: Value| {
        let values = [("name", text("Lead")), ("status", text("New")), (field, value)];
        book.leads = vec![Entry::made(Entity::Lead, 1, &values)];
        of_one(&assign::assignment(&book, None, &AssignLeads::default()).unwrap())
    };
    let mut two = chosen("territory", Value::Reference(north));
    two.sort();
    assert_eq!(two, ["Rep 1", "Rep 2"]);
    assert_eq!(chosen("territory", Value::Reference(south)), ["Rep 3", "nobody"]);
    assert_eq!(chosen("company", text(" acme logistics")), ["Rep 3", "nobody"], "by its account");
    // Where nobody is at home, anybody may take it.
    for anywhere in
        [chosen("territory", Value::Reference(west)), chosen("company", text("Nobody knows"))]
    {
        assert!(!anywhere.contains(&"nobody".to_owned()), "{anywhere:?}");
    }
}

#[test]
fn a_lead_whose_reps_are_full_waits() {
    let (mut book, [_, south]) = at_home();
    let lead = |n: u8, owner: Value| {
        let values = [
            ("name", text(&format!("Lead {n}"))),
            ("status", text("New")),
            ("territory", Value::Reference(south)),
            ("owner", owner),
        ];
        Entry::made(Entity::Lead, n, &values)
    };
    let third = book.users[2].id;
    book.leads = vec![lead(1, Value::Reference(third)), lead(2, Value::Null)];
    let command = AssignLeads { capacity: Some(1), ..AssignLeads::default() };
    let view = assign::assignment(&book, None, &command).unwrap();
    assert_eq!((view.leads.len(), view.leads[0].why.as_str()), (1, "left_out"));
    let clash = assign::at_once(&book, None, &command, book.leads[1].id, None).unwrap_err();
    assert_eq!(clash.code, ErrorCode::Infeasible);
    assert!(clash.message.contains("Lead 2") && clash.message.contains("Rep 3"), "{clash}");
}

#[test]
fn the_worth_of_a_lead_is_its_score_times_how_the_rep_does_with_its_source() {
    let mut book = staffed();
    // Without deals everybody sells alike.
    book.deals.clear();
    let reps: Vec<RecordId> = book.users.iter().map(|user| user.id).collect();
    let lead = |n: u8, status: &str, source: &str, owner: Option<RecordId>| {
        let owner = owner.map_or(Value::Null, Value::Reference);
        let values = [
            ("name", text(&format!("Lead {n}"))),
            ("status", text(status)),
            ("source", text(source)),
            ("owner", owner),
        ];
        Entry::made(Entity::Lead, n, &values)
    };
    // The first rep qualifies all leads from fairs, the second none; the others had none.
    book.leads = (1..=20).map(|n| lead(n, "Qualified", "Fair", Some(reps[0]))).collect();
    book.leads.extend((21..=40).map(|n| lead(n, "Unqualified", "Fair", Some(reps[1]))));
    book.leads.push(lead(41, "New", "Fair", None));
    let command = AssignLeads::default();
    let view = assign::assignment(&book, None, &command).unwrap();
    // Half of all are qualified; the rep's own share is drawn half of the way to that.
    let first = &view.leads[0];
    assert_eq!(of_one(&view)[0], "Rep 1");
    assert!((first.chance - 0.75).abs() < 1e-9 && (first.value - 375.0).abs() < 1e-6, "{first:?}");
    assert!((first.margin - 125.0).abs() < 1e-6, "the next has the usual chance: {first:?}");
    // From another source nobody is known to be better, and the score is that of all leads.
    book.leads.pop();
    book.leads.push(lead(41, "New", "Web", None));
    let view = assign::assignment(&book, None, &command).unwrap();
    let first = &view.leads[0];
    assert!((first.chance - 0.5).abs() < 1e-9 && first.margin.abs() < 1e-9, "{first:?}");
}

#[test]
fn what_a_lead_brings_is_what_deals_bring_the_rep_in_its_territory() {
    let (mut book, [north, south]) = at_home();
    let [first, second] = [0, 1].map(|at: usize| book.users[at].id);
    let sample = book.deals[0].clone();
    let deals = |owner: RecordId, territory: RecordId, standing: Standing| {
        let deal = Deal {
            standing,
            owner: Some(owner),
            territory: Some(territory),
            amount: Some(1_000.0),
            ..sample.clone()
        };
        std::iter::repeat_n(deal, 20)
    };
    book.deals = deals(first, north, Standing::Won)
        .chain(deals(first, south, Standing::Lost))
        .chain(deals(second, north, Standing::Lost))
        .chain(deals(second, south, Standing::Won))
        .collect();
    let found = worth::Deals::of(&book);
    for (rep, territory, wanted) in [
        (None, None, 500.0),
        (None, Some(north), 500.0),
        (Some(first), None, 500.0),
        (Some(first), Some(north), 750.0),
        (Some(first), Some(south), 250.0),
        (Some(second), Some(north), 250.0),
        (Some(book.users[3].id), Some(north), 500.0),
    ] {
        let worth = found.worth(rep, territory);
        assert!((worth - wanted).abs() < 1e-6, "{rep:?} in {territory:?}: {worth}");
    }
}

#[test]
fn one_lead_gets_a_rep_at_once_beside_what_places_are_worth_to_others() {
    let book = staffed();
    let command = AssignLeads::default();
    let lead = book.leads[4].id;
    let ask =
        |prices: Option<&KeptPrices>| assign::at_once(&book, None, &command, lead, prices).unwrap();
    let free = ask(None);
    assert_eq!((free.leads.len(), free.leads[0].lead.record), (1, lead));
    assert_eq!(free.reps.iter().map(|rep| rep.gets).sum::<u32>(), 1);
    let all = AssignLeads { capacity: Some(50), ..AssignLeads::default() };
    let batch = assign::assignment(&book, None, &all).unwrap();
    assert_eq!(batch.leads[4].rep, free.leads[0].rep, "where there is room for all");
    let best = free.leads[0].rep.clone().unwrap().record;
    let prices = |currency: &str| KeptPrices {
        currency: currency.into(),
        reps: vec![(best, free.leads[0].margin + 1.0)],
    };
    let dear = ask(Some(&prices("USD")));
    assert_eq!(dear.leads[0].rep, free.leads[0].runner_up, "a place of the best is worth more");
    assert_eq!(dear.leads[0].why, "first_choice_full");
    assert_eq!(ask(Some(&prices("EUR"))).leads[0].rep, free.leads[0].rep, "in other money");
    let mut book = staffed();
    let values = [("name", text("Old")), ("status", text("Qualified"))];
    book.leads = vec![Entry::made(Entity::Lead, 1, &values)];
    let decided = assign::at_once(&book, None, &command, book.leads[0].id, None).unwrap_err();
    assert_eq!(decided.fields[0].remedy, "name an open lead");
}

#[test]
fn territories_are_designed_beside_today_and_pins_hold() {
    let book = staffed();
    let app = testing::device("Administrator");
    let places = app.with(|replica| territories::Places::read(replica)).unwrap();
    let pinned = [book.accounts[0].id, book.accounts[1].id];
    let view = territories::designed(
        &book,
        &places,
        &pinned,
        &DesignTerritories::default(),
        &PlanWatch::UNWATCHED,
    )
    .unwrap();
    assert_eq!(view.distance, "relation");
    assert!(view.imbalance.1 <= view.balance + 1e-9);
    for account in view.accounts.iter().filter(|a| pinned.contains(&a.account.record)) {
        assert!(!account.changes, "{account:?}");
    }
    let counted: u32 = view.reps.iter().map(|rep| rep.accounts.1).sum();
    assert_eq!(counted, 20);
    let signed = view.reps.iter().find(|rep| rep.work.0.is_sign_negative());
    assert!(signed.is_none(), "no work is zero, not minus zero: {signed:?}");
}

#[test]
fn quotas_add_up_to_the_goal_with_edits_and_clashes_are_named() {
    use roadbook_planning::optimise::quota::Edit;
    let mut book = staffed();
    // A year in which something was sold.
    book.today = date(2023, 3, 1);
    let table = quotas::table(&book).unwrap();
    let edit = Edit { rep: 0, product: 0, amount: 4_321.0 };
    let view = quotas::allocated(&book, &table, 200_000.0, &[edit]).unwrap();
    let sum: f64 = view.reps.iter().map(|rep| rep.quota).sum();
    assert!((sum - 200_000.0).abs() < 1e-6 && (view.goal - 200_000.0).abs() < 1e-6);
    let cell = &view.reps[0].products[0];
    assert!(cell.edited && (cell.quota - 4_321.0).abs() < 1e-9);
    for rep in &view.reps {
        let parts: f64 = rep.products.iter().map(|cell| cell.quota).sum();
        assert!((parts - rep.quota).abs() < 1e-6);
    }
    let absurd = Edit { amount: 1e7, ..edit };
    let clash = quotas::allocated(&book, &table, 200_000.0, &[absurd]).unwrap_err();
    assert_eq!(clash.code, ErrorCode::Infeasible);
    let wanted = format!("the goal of product {} is ", view.products[0].label);
    assert!(clash.message.contains(&wanted), "{clash}");
    assert!(clash.message.contains("less than its reps must carry"), "{clash}");
    let grown = quotas::goal("+10%", &book, &table).unwrap();
    let level = quotas::goal("0%", &book, &table).unwrap();
    assert!(level > 0.0 && (grown - 1.1 * level).abs() < 1.0, "{grown} is not a tenth more");
    for odd in ["NaN%", "inf%", "-inf%", "much%", "%"] {
        assert_eq!(
            quotas::goal(odd, &book, &table).unwrap_err().code,
            ErrorCode::BadInput,
            "{odd}"
        );
    }
    let app = office();
    let words = AllocateQuotas {
        goal: "a lot".into(),
        edits: vec![],
        effective: None,
        today: None,
        keep: false,
    };
    assert_eq!(app.run(words).unwrap_err().code, ErrorCode::BadInput);
}

#[test]
fn a_route_goes_by_windows_and_names_accounts_without_a_place() {
    let app = testing::device("Rep");
    for name in ["name=North", "name=South", "name=Nowhere"] {
        create(&app, "account", &[name]);
    }
    let place = |name: &str, latitude: f64| Place { name: name.into(), latitude, longitude: 13.4 };
    let places = vec![place("North", 52.6), place("South", 52.4), place("Home", 52.5)];
    app.run(KeepPlaces { places }).unwrap();
    let plan = |accounts: &[&str], start: Option<&str>| {
        app.run(PlanRoute {
            accounts: accounts.iter().map(|account| (*account).to_owned()).collect(),
            start: start.map(str::to_owned),
            ..PlanRoute::default()
        })
    };
    let view = plan(&["North", "South@08:00-09:00", "Nowhere"], Some("Home")).unwrap();
    let order: Vec<&str> = view.stops.iter().map(|stop| stop.account.title.as_str()).collect();
    assert_eq!(order, ["South", "North"]);
    assert_eq!(view.without_place[0].title, "Nowhere");
    assert!(view.proven && view.quality.gap < 1e-9);
    let late = plan(&["South@08:00-08:05"], Some("Home")).unwrap_err();
    assert_eq!(late.code, ErrorCode::Infeasible);
    assert!(late.message.contains("South"), "{late}");
    assert!(plan(&["South"], None).unwrap_err().message.contains("your place"));
    assert!(plan(&["South"], Some("99,200")).is_err());
}

#[test]
fn territories_hang_together_where_that_is_asked_for_and_places_are_known() {
    let book = staffed();
    let app = testing::device("Administrator");
    let command = DesignTerritories {
        balance: Some(0.35),
        // Dear enough that today's accounts, strewn over the map, stay.
        change_penalty: Some(1_000.0),
        contiguous: true,
        ..DesignTerritories::default()
    };
    let places = || app.with(|replica| territories::Places::read(replica)).unwrap();
    let nowhere =
        territories::designed(&book, &places(), &[], &command, &PlanWatch::UNWATCHED).unwrap_err();
    assert_eq!(nowhere.code, ErrorCode::BadInput);
    assert!(nowhere.message.contains("--places"), "{nowhere}");
    let place = |(at, name): (usize, String)| Place {
        name,
        latitude: 50.0 + (at % 5) as f64,
        longitude: 8.0 + (at / 5) as f64,
    };
    let named = book.accounts.iter().map(|account| account.name.clone());
    let reps = (1..=4).map(|rep| format!("Rep {rep}"));
    let all = named.chain(reps).enumerate().map(place).collect();
    app.run(KeepPlaces { places: all }).unwrap();
    let any = DesignTerritories { contiguous: false, ..command.clone() };
    let loose = territories::designed(&book, &places(), &[], &any, &PlanWatch::UNWATCHED).unwrap();
    assert_eq!((loose.distance.as_str(), loose.apart), ("kilometres", None));
    let whole =
        territories::designed(&book, &places(), &[], &command, &PlanWatch::UNWATCHED).unwrap();
    let Some((Some(before), after)) = whole.apart else { panic!("{:?}", whole.apart) };
    assert!(before > 0 && after < before, "{after} after, {before} before");
    assert!(whole.changes > loose.changes, "some changed for it");
}

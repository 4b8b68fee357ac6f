//! Tests of converting leads.

use roadbook_api::commands::queries::{PlanConversion, ShowRecord};
use roadbook_api::commands::queue::{RetryIntent, ShowQueue, UndoIntent};
use roadbook_api::commands::writes::{ConvertLead, ConvertTo};
use roadbook_api::views::{AccountWas, RecordView};
use roadbook_api::{Assignment, ErrorCode};
use roadbook_domain::RecordId;

use crate::testing::{Log, create, deny, device, device_of};
use crate::{App, Run as _};

fn convert(to: ConvertTo, lead: RecordId) -> ConvertLead {
    ConvertLead { lead: lead.to_string(), to, opportunity: None, why: None }
}

fn show(app: &App, record: RecordId) -> RecordView {
    app.run(ShowRecord { entity: None, record: record.to_string() }).unwrap()
}

fn text(record: &RecordView, field: &str) -> String {
    record.fields.get(field).map(|field| field.text.clone()).unwrap_or_default()
}

#[test]
fn a_lead_becomes_an_account_a_contact_and_an_opportunity_and_all_is_undone_together() {
    let app = device("Rep");
    let lead = create(&app, "lead", &["name=Wiebke", "company=Hafen GmbH", "phones=040 11"]);
    let plan = app.run(PlanConversion { lead: lead.to_string() }).unwrap();
    assert_eq!((plan.company.as_str(), plan.accounts.len()), ("Hafen GmbH", 0));
    let done = app.run(convert(ConvertTo::ItsName, lead)).unwrap();
    assert_eq!(done.account_was, AccountWas::Made);
    assert_eq!(done.account.title, "Hafen GmbH");
    let contact = show(&app, done.contact.record);
    assert_eq!(
        (text(&contact, "name"), text(&contact, "account")),
        ("Wiebke".into(), "Hafen GmbH".into())
    );
    assert_eq!(text(&contact, "phones"), "040 11");
    let deal = show(&app, done.opportunity.record);
    assert_eq!(text(&deal, "account"), "Hafen GmbH");
    let now = show(&app, lead);
    assert_eq!(text(&now, "status"), "Qualified");
    assert_eq!(text(&now, "converted_to"), done.opportunity.title);
    let again = app.run(convert(ConvertTo::ItsName, lead)).unwrap_err();
    assert_eq!(again.code, ErrorCode::NothingToDo);
    app.run(UndoIntent { intent: done.intent.to_string(), record: None }).unwrap();
    let back = show(&app, lead);
    assert_eq!(text(&back, "converted_to"), "");
    assert_ne!(text(&back, "status"), "Qualified");
    assert!(app.run(ShowRecord { entity: None, record: done.account.record.to_string() }).is_err());
}

#[test]
fn the_contact_is_the_person_of_the_lead_where_one_is_named() {
    let app = device("Rep");
    let fields = ["name=Pumps for the harbour", "person=Wiebke Voss", "company=Hafen GmbH"];
    let lead = create(&app, "lead", &fields);
    let plan = app.run(PlanConversion { lead: lead.to_string() }).unwrap();
    assert_eq!(plan.contact, "Wiebke Voss");
    let done = app.run(convert(ConvertTo::ItsName, lead)).unwrap();
    assert_eq!(done.contact.title, "Wiebke Voss");
}

#[test]
fn an_account_of_the_same_name_is_shown_and_taken_unless_another_is_asked_for() {
    let app = device("Rep");
    let there = create(&app, "account", &["name=Bolt AB"]);
    let first = create(&app, "lead", &["name=Nils", "company=bolt ab"]);
    let plan = app.run(PlanConversion { lead: first.to_string() }).unwrap();
    assert_eq!(plan.accounts.iter().map(|it| it.record).collect::<Vec<_>>(), [there]);
    let done = app.run(convert(ConvertTo::ItsName, first)).unwrap();
    assert_eq!((done.account.record, done.account_was), (there, AccountWas::There));
    let second = create(&app, "lead", &["name=Ida", "company=Bolt AB"]);
    let done = app.run(convert(ConvertTo::NewAccount, second)).unwrap();
    assert_ne!(done.account.record, there);
    let third = create(&app, "lead", &["name=Ole", "company=Bolt AB"]);
    let unclear = app.run(convert(ConvertTo::ItsName, third)).unwrap_err();
    assert_eq!(unclear.code, ErrorCode::Ambiguous, "two are called so now");
    let to = ConvertTo::Account { account: there.to_string() };
    assert_eq!(app.run(convert(to, third)).unwrap().account.record, there);
}

#[test]
fn what_is_refused_in_the_middle_leaves_nothing_behind() {
    let (ben, ana) = (device("Rep"), device_of(1, "Ana", "Rep"));
    let mut log = Log::default();
    let lead = create(&ben, "lead", &["name=Wiebke", "company=Hafen GmbH"]);
    log.accept(&ben, 0);
    log.read(&ana);
    let refused = ana.run(convert(ConvertTo::ItsName, lead)).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Refused, "it is Ben's lead");
    let plan = ana.run(PlanConversion { lead: lead.to_string() }).unwrap();
    assert_eq!(plan.accounts.len(), 0);
}

#[test]
fn a_conversion_that_was_sent_is_taken_back_whole_and_others_see_both() {
    let (ben, mia) = (device("Rep"), device_of(1, "Mia", "Manager"));
    let mut log = Log::default();
    let lead = create(&ben, "lead", &["name=Wiebke", "company=Hafen GmbH"]);
    let done = ben.run(convert(ConvertTo::ItsName, lead)).unwrap();
    assert_eq!(ben.run(ShowQueue {}).unwrap().pending.len(), 2, "the lead, and what it became");
    log.accept(&ben, 0);
    log.read(&mia);
    let made = [done.account.record, done.contact.record, done.opportunity.record];
    for record in made {
        assert!(!show(&mia, record).deleted);
    }
    ben.run(UndoIntent { intent: done.intent.to_string(), record: None }).unwrap();
    log.accept(&ben, 0);
    log.read(&mia);
    for record in made {
        assert!(show(&mia, record).deleted, "in the trash");
    }
    let lead = show(&mia, lead);
    assert_eq!((text(&lead, "status"), text(&lead, "converted_to")), ("New".into(), "".into()));
}

#[test]
fn a_denied_conversion_goes_again_as_it_is_and_no_value_goes_to_another_record() {
    let app = device("Rep");
    let mut log = Log::default();
    let lead = create(&app, "lead", &["name=Wiebke", "company=Hafen GmbH"]);
    log.accept(&app, 0);
    let done = app.run(convert(ConvertTo::ItsName, lead)).unwrap();
    deny(&app, done.intent);
    let retry = |assignments| {
        app.run(RetryIntent { intent: done.intent.to_string(), assignments, why: None })
    };
    let name = Assignment::set("name", "Cranes");
    let refused = retry(vec![name]).unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadInput, "{refused}");
    let queue = retry(Vec::new()).unwrap();
    assert_eq!((queue.pending.len(), queue.needs_you.len()), (1, 0));
}

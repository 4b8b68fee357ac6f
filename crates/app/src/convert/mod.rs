//! Converting a lead: the account, the contact and the opportunity that it becomes.
//!
//! One intent makes them all, so that a conversion is saved, taken in and undone whole or not at
//! all, whatever ends the program meanwhile.

use roadbook_api::commands::queries::PlanConversion;
use roadbook_api::commands::writes::{ConvertLead, ConvertTo};
use roadbook_api::views::{AccountWas, ConversionView, ConvertedView, RecordLink};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Entity, FirstValues, Intent, RecordId, Value};
use roadbook_replica::{Replica, Row};

use crate::errors::ApiResult;
use crate::records::Names;
use crate::{App, Run, lookup, writes};

/// What a contact has of its lead.
const OF_CONTACT: [&str; 3] = ["emails", "phones", "description"];

/// Who and where: what comes from the lead has what the lead has.
const PLACE: [&str; 2] = ["owner", "territory"];

impl Run<PlanConversion> for App {
    fn run(&self, command: PlanConversion) -> ApiResult<ConversionView> {
        self.with(|replica| {
            let lead = open_lead(replica, &command.lead)?;
            let company = company(replica, &lead);
            let names = Names::new(replica);
            let known = lookup::named(replica, Entity::Account, &company)?;
            let accounts: ApiResult<Vec<RecordLink>> =
                known.iter().map(|row| names.link(row.record, Entity::Account)).collect();
            Ok(ConversionView {
                lead: names.link(lead.record, Entity::Lead)?,
                accounts: accounts?,
                contact: person(replica, &lead),
                opportunity: company.clone(),
                company,
            })
        })
    }
}

impl Run<ConvertLead> for App {
    fn run(&self, command: ConvertLead) -> ApiResult<ConvertedView> {
        self.with(|replica| {
            let lead = open_lead(replica, &command.lead)?;
            let company = company(replica, &lead);
            let taken = taken(replica, &command.to, &company)?;
            let named = command.opportunity.as_deref().map(str::trim);
            let named = named.filter(|name| !name.is_empty()).unwrap_or(&company);
            let account = taken.unwrap_or_else(|| self.new_record());
            let made = Made { account, contact: self.new_record(), opportunity: self.new_record() };
            let intent = intent(replica, &lead, &made, taken.is_none(), &company, named)?;
            let saved = self.save(replica, &intent, command.why.as_deref())?;
            let names = Names::new(replica);
            Ok(ConvertedView {
                intent: saved.intent,
                lead: names.link(lead.record, Entity::Lead)?,
                account: names.link(made.account, Entity::Account)?,
                account_was: if taken.is_some() { AccountWas::There } else { AccountWas::Made },
                contact: names.link(made.contact, Entity::Contact)?,
                opportunity: names.link(made.opportunity, Entity::Opportunity)?,
            })
        })
    }
}

/// The records that a lead becomes.
struct Made {
    account: RecordId,
    contact: RecordId,
    opportunity: RecordId,
}

/// The lead of a name or an id, if it can be converted.
fn open_lead(replica: &Replica, named: &str) -> ApiResult<Row> {
    let lead = lookup::record(replica, Some(Entity::Lead), named)?;
    if !lead.alive {
        let message = "the lead is in the trash; restore it first";
        return Err(ApiError::new(ErrorCode::Deleted, message));
    }
    if lead.value("converted_to").as_reference().is_some() {
        let message = "the lead was converted already; its opportunity stands in “Converted to”";
        return Err(ApiError::new(ErrorCode::NothingToDo, message));
    }
    Ok(lead)
}

/// The company of a lead; a lead without one is named like it.
fn company(replica: &Replica, lead: &Row) -> String {
    let company = lead.value("company").as_text().unwrap_or_default().trim().to_owned();
    if company.is_empty() { lookup::title(replica, lead) } else { company }
}

/// The person behind a lead: who is named as such, else whom the lead is named after.
fn person(replica: &Replica, lead: &Row) -> String {
    let person = lead.value("person").as_text().unwrap_or_default().trim().to_owned();
    if person.is_empty() { lookup::title(replica, lead) } else { person }
}

/// The account that is taken; `None` where one is made.
fn taken(replica: &Replica, to: &ConvertTo, company: &str) -> ApiResult<Option<RecordId>> {
    match to {
        ConvertTo::NewAccount => Ok(None),
        ConvertTo::Account { account } => {
            Ok(Some(lookup::record(replica, Some(Entity::Account), account)?.record))
        }
        ConvertTo::ItsName => match lookup::named(replica, Entity::Account, company)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.record)),
            many => {
                let listed: Vec<String> =
                    many.iter().take(5).map(|row| row.record.to_string()).collect();
                let message = format!(
                    "{} accounts are called “{company}”; name one of: {}",
                    many.len(),
                    listed.join(", ")
                );
                Err(ApiError::new(ErrorCode::Ambiguous, message))
            }
        },
    }
}

fn intent(
    replica: &Replica,
    lead: &Row,
    made: &Made,
    makes_account: bool,
    company: &str,
    opportunity: &str,
) -> ApiResult<Intent> {
    let text = |text: &str| Value::Text(text.to_owned());
    let of_lead = |names: &[&'static str]| -> Vec<(String, Value)> {
        let filled = names.iter().filter(|name| !lead.value(name).is_null());
        filled.map(|name| ((*name).to_owned(), lead.value(name).clone())).collect()
    };
    let account = ("account".to_owned(), Value::Reference(made.account));
    let mut all = Vec::new();
    let mut make = |record, entity, mut fields: Vec<(String, Value)>| -> ApiResult<()> {
        let has_place = replica.schema().entity(entity).parent.is_none();
        fields.extend(of_lead(if has_place { &PLACE } else { &PLACE[..1] }));
        writes::own(replica, entity, &mut fields)?;
        all.push(FirstValues { record, entity, fields });
        Ok(())
    };
    if makes_account {
        make(made.account, Entity::Account, vec![("name".to_owned(), text(company))])?;
    }
    let mut contact = vec![("name".to_owned(), text(&person(replica, lead))), account.clone()];
    contact.extend(of_lead(&OF_CONTACT));
    make(made.contact, Entity::Contact, contact)?;
    let deal = vec![("name".to_owned(), text(opportunity)), account];
    make(made.opportunity, Entity::Opportunity, deal)?;
    let from = lead.value("status").clone();
    let opportunity = made.opportunity;
    Ok(Intent::ConvertLead { lead: lead.record, from, made: all, opportunity })
}

#[cfg(test)]
mod tests;

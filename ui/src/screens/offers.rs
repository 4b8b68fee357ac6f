//! The records that fit what a person types into a field that names one.

use roadbook_api::commands::queries::ListChoices;
use roadbook_domain::{Entity, FieldDef, ValueType};
use yew::prelude::*;

use crate::components::{Offer, Offers};
use crate::context::{Watch, use_query};

/// So many are offered at once.
const OFFERED: u32 = 8;

/// The records that fit. Without a text, and for fields that name no record, nothing is asked.
#[hook]
pub(crate) fn use_offers(
    entity: Entity,
    definition: Option<&FieldDef>,
    text: Option<&str>,
) -> Offers {
    let names_one =
        |it: &&FieldDef| matches!(it.value_type, ValueType::Reference(_) | ValueType::AnyReference);
    let request = definition.filter(names_one).zip(text).map(|(definition, text)| ListChoices {
        entity: entity.name().to_owned(),
        field: definition.name.to_owned(),
        text: text.to_owned(),
        limit: OFFERED,
    });
    let asked = request.is_some();
    let found = use_query(request, Watch::Nothing);
    let failed = found.error.is_some();
    // Those of an earlier text stand until the new ones come; where none will come, they are wrong.
    let stands = asked && (found.is_of_this || !failed);
    let choices = found.data.iter().filter(|_| stands).flat_map(|list| list.iter());
    let list = choices.map(|choice| Offer {
        value: choice.value.clone().into(),
        text: choice.text.clone().into(),
        hint: choice.hint.clone().map(AttrValue::from),
    });
    Offers { list: list.collect(), late: asked && !found.is_of_this && !failed }
}

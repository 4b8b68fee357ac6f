//! `config check`: says whether the configuration can be used, and what is in force.

use serde_json::json;

use super::arguments::Common;
use super::failure::Failure;
use super::output::{Answer, table};
use super::{Host, configuration};

pub(super) fn check(common: &Common, host: &Host<'_>) -> Result<Answer, Failure> {
    let (_, effective) = configuration(common, host, Vec::new())?;
    let rows: Vec<_> = effective
        .iter()
        .map(|setting| {
            let value = if setting.value.is_empty() { "-" } else { &setting.value };
            vec![setting.key.to_owned(), value.to_owned(), setting.origin.to_string()]
        })
        .collect();
    let settings: Vec<_> = effective
        .iter()
        .map(|setting| {
            json!({
                "key": setting.key,
                "value": setting.value,
                "from": setting.origin.to_string(),
            })
        })
        .collect();
    Ok(Answer {
        text: format!("the configuration is good\n\n{}", table(&["key", "value", "from"], &rows)),
        json: json!({ "settings": settings }),
    })
}

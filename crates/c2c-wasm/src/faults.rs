//! The faults of a document on their way to JavaScript.

use c2c::schema::Violation;
use serde_json::{Value, json};

/// Faults as JSON.
pub fn listed(found: &[Violation]) -> String {
    let rows: Vec<Value> = found
        .iter()
        .map(|violation| {
            json!({
                "code": violation.code,
                "path": violation.path,
                "line": violation.line,
                "column": violation.column,
                "value": violation.value,
                "message": violation.message,
                "hint": violation.hint,
            })
        })
        .collect();
    Value::from(rows).to_string()
}

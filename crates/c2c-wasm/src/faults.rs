//! The faults of a document on their way to JavaScript.

use c2c::schema::Violation;

use crate::json;

/// Faults as JSON.
pub fn listed(found: &[Violation]) -> String {
    let mut rows = String::new();
    json::list(&mut rows, found, row);
    rows
}

fn row(into: &mut String, fault: &Violation) {
    into.push_str("{\"code\":");
    json::text(into, fault.code.as_str());
    for (name, value) in [
        (",\"path\":", &fault.path),
        (",\"value\":", &fault.value),
        (",\"message\":", &fault.message),
        (",\"hint\":", &fault.hint),
    ] {
        into.push_str(name);
        json::text(into, value);
    }
    into.push_str(",\"line\":");
    json::plain(into, fault.line);
    into.push_str(",\"column\":");
    json::plain(into, fault.column);
    into.push('}');
}

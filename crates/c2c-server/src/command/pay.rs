//! `c2c pay`, on a running server.

use c2c::snapshot::PaymentView;
use serde_json::json;

use super::Out;
use super::remote::Remote;
use crate::args::Pay;
use crate::error::Error;

/// Pays, and shows the receipt or the reason.
pub async fn run(arguments: &Pay, out: Out) -> Result<(), Error> {
    let body = json!({
        "id": arguments.id,
        "from": arguments.from,
        "destination": arguments.destination,
        "destination_amount": arguments.amount.to_string(),
        "condition": arguments.condition,
        "source_amount": arguments.source_amount.map(|units| units.to_string()),
        "expires_at": arguments.expires_at,
    });
    let remote = Remote::new(&arguments.server)?;
    let view: PaymentView = remote.post(&["payments"], &body).await?;
    out.print(&view, || line(&view));
    match view.state.as_str() {
        "executed" => Ok(()),
        _ => Err(Error::Found),
    }
}

fn line(view: &PaymentView) -> String {
    let head = format!(
        "{} {}: {} from {} → {} at {}",
        view.state,
        view.id,
        view.source_amount,
        view.from,
        view.destination_amount,
        view.destination
    );
    let told = |name: &str| {
        let reason = view.reason.as_ref()?;
        Some(reason.get(name)?.as_str()?.to_owned())
    };
    match (&view.fulfillment, told("code")) {
        (Some(fulfillment), _) => format!("{head}\nreceipt {fulfillment}"),
        (None, Some(code)) => {
            let message = told("message").unwrap_or_default();
            format!("{head}\n{code}: {message}")
        }
        (None, None) => head,
    }
}

//! `POST /peers/{prefix}/reconcile`: do both sides of a ledger count the same, and where do they not?

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use c2c::address::LedgerPrefix;
use c2c::snapshot::{CheckStep, ReconciliationView};

use super::peers;
use crate::app::App;
use crate::error::Refusal;

/// How often the peer is asked, as long as the two are apart: a payment may have passed in between.
const QUESTIONS: u32 = 4;
/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(400);

/// Asks the peer for its balance, again if it is another one, and answers with the comparison.
pub async fn reconcile(
    State(app): State<Arc<App>>,
    Path(prefix): Path<String>,
) -> Result<Json<ReconciliationView>, Refusal> {
    let prefix = peers::known(&prefix)?;
    peers::view(&app, &prefix)?;
    compare(&app, &prefix).await.map(Json)
}

async fn compare(app: &App, prefix: &LedgerPrefix) -> Result<ReconciliationView, Refusal> {
    let mut question = 0;
    loop {
        app.driver.ask_balance(prefix).await?;
        question += 1;
        let view = app
            .driver
            .look(|engine, _| engine.reconciliation(prefix))
            .ok_or_else(|| peers::unknown(prefix.as_str()))?;
        if view.ok || view.peer_balance.is_none() || question == QUESTIONS {
            return Ok(view);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same as one step of a check.
pub async fn step(app: &App, prefix: &LedgerPrefix) -> Result<CheckStep, Refusal> {
    let view = compare(app, prefix).await?;
    let code = match view.difference {
        Some(_) => "BALANCES_DIFFER",
        None => "NO_BALANCE",
    };
    Ok(CheckStep {
        name: "balances".to_owned(),
        ok: view.ok,
        code: (!view.ok).then(|| code.to_owned()),
        message: view.message,
        hint: view.hint,
    })
}

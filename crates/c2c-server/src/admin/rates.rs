//! `GET|PUT /rates`: what is traded, and at which rate.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use c2c::connector::Rates;
use c2c::snapshot::RatesView;

use crate::app::App;
use crate::error::Refusal;

/// `GET /rates`.
pub async fn list(State(app): State<Arc<App>>) -> Json<RatesView> {
    let now = app.driver.look(|_, now| now);
    Json(app.rates.view(now))
}

/// `PUT /rates`: `{"rates": [{"from", "to", "rate"}, …]}`, in the form of a feed. They hold over the
/// configuration and the feed, in the place of what was put before, also after a restart; none at all takes
/// them back.
pub async fn set(State(app): State<Arc<App>>, body: Bytes) -> Result<Json<RatesView>, Refusal> {
    let rates = Rates::read_feed(&body).map_err(|error| {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "RATES", error.to_string())
            .at(&error.path)
            .with_hint(
                "Send {\"rates\": [{\"from\": \"USD\", \"to\": \"EUR\", \"rate\": \"0.92\"}]}.",
            )
    })?;
    app.rates.set(&app.driver, rates).await?;
    Ok(list(State(app)).await)
}

//! Routes: which there are, who carries what and why, what was refused, and everything at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use c2c::address::IlpAddress;
use c2c::amount::Amount;
use c2c::connector::Asked;
use c2c::snapshot::{RefusedView, RoutesView, SnapshotView, WhyView};
use serde::Deserialize;

use super::good_query;
use crate::app::App;
use crate::error::Refusal;

/// The query of `GET /routes`.
#[derive(Deserialize)]
pub struct ListQuery {
    source: Option<String>,
    search: Option<String>,
}

/// `GET /routes?source=PREFIX&search=PREFIX`; an empty parameter is none.
pub async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<RoutesView>, Refusal> {
    let query = good_query(query)?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (source, search) = (given(query.source), given(query.search));
    let view = app
        .driver
        .look(|engine, _| engine.routes(source.as_deref(), search.as_deref()));
    Ok(Json(view))
}

/// The query of `GET /routes/why`.
#[derive(Deserialize)]
pub struct WhyQuery {
    source: Option<String>,
    destination: Option<String>,
    source_amount: Option<String>,
    destination_amount: Option<String>,
}

/// `GET /routes/why`, by one of the two amounts.
pub async fn why(
    State(app): State<Arc<App>>,
    query: Result<Query<WhyQuery>, QueryRejection>,
) -> Result<Json<WhyView>, Refusal> {
    let query = good_query(query)?;
    let source = address("source", query.source.as_deref())?;
    let destination = address("destination", query.destination.as_deref())?;
    let asked = match (query.source_amount, query.destination_amount) {
        (Some(text), None) => Asked::Source(amount("source_amount", &text)?),
        (None, Some(text)) => Asked::Destination(amount("destination_amount", &text)?),
        _ => {
            let text = "Give source_amount or destination_amount, one of the two.";
            return Err(Refusal::field("source_amount", "AMOUNT_FORMAT", text));
        }
    };
    let view = app
        .driver
        .look(|engine, _| engine.why(source.as_str(), destination.as_str(), asked));
    Ok(Json(view))
}

/// `GET /routes/refused`.
pub async fn refused(State(app): State<Arc<App>>) -> Json<RefusedView> {
    Json(app.driver.look(|engine, _| engine.refused()))
}

/// `GET /snapshot`.
pub async fn snapshot(State(app): State<Arc<App>>) -> Json<SnapshotView> {
    Json(app.driver.look(|engine, _| engine.snapshot()))
}

fn address(name: &str, text: Option<&str>) -> Result<IlpAddress, Refusal> {
    IlpAddress::new(text.unwrap_or_default())
        .map_err(|error| Refusal::field(name, "ADDRESS_FORMAT", error.to_string()))
}

fn amount(name: &str, text: &str) -> Result<u64, Refusal> {
    text.parse::<Amount>()
        .map(Amount::units)
        .map_err(|error| Refusal::field(name, "AMOUNT_FORMAT", error.to_string()))
}

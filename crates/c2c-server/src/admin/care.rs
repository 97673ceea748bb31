//! `GET /bundle` and `POST /backup`: what an operator takes along.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;

use crate::app::App;
use crate::backup::{self, Backup};
use crate::bundle;
use crate::error::Refusal;

/// `GET /bundle`: what a diagnosis needs, without secrets.
pub async fn bundle(State(app): State<Arc<App>>) -> Result<Json<Value>, Refusal> {
    let made = tokio::task::spawn_blocking(move || bundle::bundle(&app)).await;
    made.map(Json).map_err(|error| {
        let text = format!("The bundle could not be made: {error}.");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "BUNDLE", text)
    })
}

/// `POST /backup`: a copy of the database, in the folder that the settings name on the server's machine.
pub async fn backup(State(app): State<Arc<App>>) -> Result<(StatusCode, Json<Backup>), Refusal> {
    match backup::make(&app).await {
        Ok(made) => Ok((StatusCode::CREATED, Json(made))),
        Err(error) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Err(Refusal::new(status, "BACKUP", error.to_string())
                .with_hint("Nothing was kept. Look at backup_folder and at the disk, then retry."))
        }
    }
}

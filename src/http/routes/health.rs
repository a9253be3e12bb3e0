//! `GET /health`

use axum::extract::State;

use crate::http::{
    app::{App, Host},
    error::ApiError,
};

/// `Healthy`, if the store answers.
pub(super) async fn show<H: Host>(State(app): State<App<H>>) -> Result<&'static str, ApiError> {
    app.stores()?.check()?;
    Ok("Healthy")
}

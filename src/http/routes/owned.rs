//! What the routes below `/order/{id}` have in common: whose order it is.

use std::sync::Arc;

use axum::extract::{Path, rejection::PathRejection};
use http::HeaderMap;

use crate::{
    config::Config,
    http::{
        app::{App, Host},
        authentication,
        error::ApiError,
    },
    order::{Order, OrderId, Violations},
    store::Stores,
};

/// The id in a path, as it was written.
pub(super) type PathId = Result<Path<String>, PathRejection>;

/// An order that belongs to whoever asks for it.
pub(super) struct Owned<'a, H: Host> {
    pub(super) order: Order,
    pub(super) stores: &'a Stores<H::Store>,
    pub(super) config: Arc<Config>,
}

impl<'a, H: Host> Owned<'a, H> {
    /// Finds it; another creator's order is as unknown as one that does not exist.
    pub(super) async fn find(
        app: &'a App<H>,
        id: PathId,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let config = app.config().await?;
        let grant = authentication::grant(app, headers, &config).await?;
        let id = id
            .ok()
            .and_then(|Path(text)| OrderId::parse(&text))
            .ok_or_else(|| Violations::of("id", "The order's id must be a UUID."))?;
        let creator = authentication::creator(grant, &config)?;
        let stores = app.stores()?;
        let order = stores
            .orders
            .get(id)?
            .filter(|order| order.creator == creator)
            .ok_or(ApiError::UnknownOrder)?;
        Ok(Self {
            order,
            stores,
            config,
        })
    }
}

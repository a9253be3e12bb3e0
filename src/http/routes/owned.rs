//! The order of a path below `/order/{id}`.

use std::sync::Arc;

use crate::{
    config::Config,
    http::{app::Host, authentication, context::RequestContext, error::ApiError, failure::Failure},
    order::{Order, OrderId, Violations},
    store::Stores,
};

/// An order that belongs to the creator of the request.
pub(super) struct Owned<'a, H: Host> {
    pub(super) order: Order,
    pub(super) stores: &'a Stores<H::Store>,
    pub(super) config: Arc<Config>,
}

impl<'a, H: Host> Owned<'a, H> {
    /// Returns the order of the path. An order of another creator is unknown, like one that does not
    /// exist.
    pub(super) async fn find(context: &'a RequestContext<H>) -> Result<Self, Failure> {
        let config = context.config().await?;
        let grant = authentication::grant(context, &config).await?;
        let id = context.path_parameter.as_deref().and_then(OrderId::parse);
        let id = id.ok_or_else(|| Violations::of("id", "The order's id must be a UUID."))?;
        let creator = authentication::creator(context, grant, &config)?;
        let stores = context.stores()?;
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

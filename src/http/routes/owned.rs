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
        Self::find_of(context, false).await
    }

    /// Returns the order of the path: of any creator with the trigger key, else as [`Self::find`].
    pub(super) async fn find_by_owner_or_key(
        context: &'a RequestContext<H>,
    ) -> Result<Self, Failure> {
        let has_key = authentication::require_trigger_key(context).await.is_ok();
        Self::find_of(context, has_key).await
    }

    async fn find_of(context: &'a RequestContext<H>, any_creator: bool) -> Result<Self, Failure> {
        let config = context.config().await?;
        let grant = if any_creator {
            None
        } else {
            Some(authentication::grant(context, &config).await?)
        };
        let id = context.path_parameter.as_deref().and_then(OrderId::parse);
        let id = id.ok_or_else(|| Violations::of("id", "The order's id must be a UUID."))?;
        let creator = match grant {
            Some(grant) => Some(authentication::creator(context, grant, &config)?),
            None => None,
        };
        let stores = context.stores()?;
        let order = stores
            .orders
            .get(id)?
            .filter(|order| creator.is_none_or(|creator| order.creator == creator))
            .ok_or(ApiError::UnknownOrder)?;
        Ok(Self {
            order,
            stores,
            config,
        })
    }
}

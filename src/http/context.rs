//! The context of a request, as its route sees it.

use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::{HeaderMap, request::Parts};

use super::{
    app::{App, Host},
    endpoint::Endpoint,
    failure::Failure,
    links::Links,
    path::PathForm,
};
use crate::{
    config::{Config, Unusable},
    order::Creator,
    store::{StoreError, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

/// What a route needs of its request, apart from the body.
pub(super) struct RequestContext<H: Host> {
    pub(super) app: App<H>,
    pub(super) head: Parts,
    /// Identifies the request in its problem document and in every line of the log about it.
    pub(super) trace: TraceId,
    pub(super) path_form: PathForm,
    pub(super) endpoint: Endpoint<H>,
    /// When the request arrived.
    pub(super) received: Timestamp,
    /// The value of the parameter in the route's path; None if it is not UTF-8, or there is none.
    pub(super) path_parameter: Option<String>,
    /// The creator whose orders the request is about, once it is known. Log lines name it.
    pub(super) creator: OnceLock<Creator>,
}

impl<H: Host> RequestContext<H> {
    pub(super) async fn new(mut head: Parts, app: App<H>, endpoint: Endpoint<H>) -> Self {
        let path_parameter = if endpoint.route.contains('{') {
            let parameters = RawPathParams::from_request_parts(&mut head, &()).await;
            let first = |parameters: RawPathParams| {
                let (_, value) = parameters.iter().next()?;
                Some(value.to_owned())
            };
            parameters.ok().and_then(first)
        } else {
            None
        };
        Self {
            received: app.host().now(),
            trace: TraceId::of(&head.headers),
            path_form: head.extensions.get().copied().unwrap_or_default(),
            app,
            head,
            endpoint,
            path_parameter,
            creator: OnceLock::new(),
        }
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    pub(super) fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }

    pub(super) fn stores(&self) -> Result<&Stores<H::Store>, StoreError> {
        self.app.stores()
    }

    /// Returns the configuration, at most a few seconds old.
    pub(super) async fn config(&self) -> Result<Arc<Config>, Failure> {
        Ok(self.app.config(self.received).await?)
    }

    /// Returns the links, in the family of paths that the request uses.
    pub(super) fn links<'a>(&self, config: &'a Config) -> Result<Links<'a>, Unusable> {
        Ok(Links::new(config.public_base_url()?, self.path_form.flavor))
    }
}

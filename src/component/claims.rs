//! Claims, by the component that the manifest names.

use std::time::Duration;

use send_wrapper::SendWrapper;

use super::{SpinHost, bindings::email_orders::claims::claims, clock::within};
use crate::store::{ClaimFailure, Claims};

/// The most time that a claim may take, as `wit/claims/claims.wit` says.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(10);

impl Claims for SpinHost {
    async fn claim(&self, name: String, contender: String) -> Result<(), ClaimFailure> {
        // The component is single-threaded, so the future never moves to another thread.
        let claimed = within(TIME_LIMIT, claims::claim(name, contender));
        match SendWrapper::new(claimed).await {
            Some(Ok(())) => Ok(()),
            Some(Err(claims::Failure::Lost)) => Err(ClaimFailure::Lost),
            Some(Err(claims::Failure::Inconclusive(why))) => Err(ClaimFailure::Inconclusive(why)),
            None => Err(ClaimFailure::Inconclusive("no answer in time".to_owned())),
        }
    }
}

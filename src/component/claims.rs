//! Claims, by the component that the manifest names.

use std::time::Duration;

use send_wrapper::SendWrapper;

use super::{SpinHost, bindings::email_orders::claims::claims, clock::within};
use crate::store::{ClaimFailure, Claims};

/// The most time that a call may take, as `wit/claims/claims.wit` says.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The sequence of the writers' numbers.
const WRITERS: &str = "writer";

impl Claims for SpinHost {
    async fn claim(&self, name: String, contender: String) -> Result<(), ClaimFailure> {
        call(name, Some(contender)).await.map(drop)
    }
}

/// Returns the next number of the writers' sequence.
pub(super) async fn next_writer() -> Option<u64> {
    call(WRITERS.to_owned(), None).await.ok()
}

/// Claims a name for a contender, or takes the next number of a sequence. Both in one function, since
/// the time limit is compiled anew for each future.
async fn call(name: String, contender: Option<String>) -> Result<u64, ClaimFailure> {
    let call = async {
        match contender {
            Some(contender) => claims::claim(name, contender).await.map(|()| 0),
            None => claims::next(name).await,
        }
    };
    // The component is single-threaded, so the future never moves to another thread.
    match SendWrapper::new(within(TIME_LIMIT, call)).await {
        Some(Ok(number)) => Ok(number),
        Some(Err(claims::Failure::Lost)) => Err(ClaimFailure::Lost),
        Some(Err(claims::Failure::Inconclusive(why))) => Err(ClaimFailure::Inconclusive(why)),
        None => Err(ClaimFailure::Inconclusive("no answer in time".to_owned())),
    }
}

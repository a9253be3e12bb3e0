//! The WebAssembly component: the claims on a Spin host.

use claims_shared::{Failure, Guest, Name, inconclusive};
use spin_sdk::{experimental::wasi::keyvalue::store::Bucket, time::sleep};
use spin_store::{StoreError, open_default};

use super::{
    claims,
    registers::{Registers, VISIBILITY_DELAY},
};

struct RegisterClaims;

impl Guest for RegisterClaims {
    async fn claim(name: String, contender: String) -> Result<(), Failure> {
        let (name, contender) = (Name::parse(name)?, Name::parse(contender)?);
        claims::claim(open_default()?, &name, &contender).await
    }

    async fn next(_: String) -> Result<u64, Failure> {
        // A number that two instances have would let each hide the other's orders.
        Err(inconclusive("registers cannot count"))
    }
}

claims_shared::bindings::export!(RegisterClaims with_types_in claims_shared::bindings);

impl Registers for Bucket {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(Bucket::get(self, key)?)
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        Ok(Bucket::set(self, key, value.as_bytes())?)
    }

    async fn wait_until_visible(&self) {
        sleep(VISIBILITY_DELAY).await;
    }
}

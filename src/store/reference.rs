//! The index of orders by their sender's reference.

use sha2::{Digest, Sha256};

use super::{Key, KeyValue, Lane, MARKER, StoreError};
use crate::order::{Creator, OrderId};

/// The entries that make an order findable by its creator and reference.
pub(super) fn file(
    store: &impl KeyValue,
    id: &OrderId,
    creator: &Creator,
    reference: &str,
    lane: &Lane,
) -> Result<[(Key, Vec<u8>); 2], StoreError> {
    let root = root(creator, reference);
    let marker = root.child(lane.prefix(1));
    let page_key = marker.child(&lane.prefix(2)[1..]);
    let mut page = store.get(&page_key)?.unwrap_or_default();
    if !ids(&page).any(|known| known == *id) {
        page.extend_from_slice(id.as_bytes());
    }
    Ok([(marker, MARKER.to_vec()), (page_key, page)])
}

/// The ids in a page.
fn ids(page: &[u8]) -> impl Iterator<Item = OrderId> {
    let (ids, _) = page.as_chunks();
    ids.iter().map(|bytes| OrderId::from_bytes(*bytes))
}

/// The key that the reference's markers stand under: hashed, since it is a user's text.
fn root(creator: &Creator, reference: &str) -> Key {
    let mut hash = Sha256::new();
    // The length keeps `a` + `bc` apart from `ab` + `c`.
    hash.update((creator.as_str().len() as u64).to_be_bytes());
    hash.update(creator.as_str());
    hash.update(reference);
    let hash = hash.finalize();
    let mut first_half = [0; 16];
    first_half.copy_from_slice(&hash[..16]);
    Key::of(format_args!("ref:{:032x}", u128::from_be_bytes(first_half)))
}

//! The index of orders by their sender's reference.

use sha2::{Digest, Sha256};

use super::{Key, KeyValue, Lane, MARKER, StoreError, lane::digits, read};
use crate::order::{Creator, OrderId};

/// The entries that make an order findable by its creator and reference.
pub(super) fn file(
    store: &impl KeyValue,
    id: OrderId,
    creator: &Creator,
    reference: &str,
    lane: &Lane,
) -> Result<[(Key, Vec<u8>); 2], StoreError> {
    let [first, second] = lane.first_digits();
    let marker = root(creator, reference).child(first);
    let page_key = marker.child(second);
    let mut page = store.get(&page_key)?.unwrap_or_default();
    if !ids(&page).any(|known| known == id) {
        page.extend_from_slice(id.as_bytes());
    }
    Ok([(marker, MARKER.to_vec()), (page_key, page)])
}

/// The ids of the orders that may have this creator and reference, each once.
pub(super) fn find(
    store: &impl KeyValue,
    creator: &Creator,
    reference: &str,
) -> Result<Vec<OrderId>, StoreError> {
    let root = root(creator, reference);
    let markers = read::present(store, digits().map(|digit| root.child(digit)).collect())?;
    let mut found = Vec::new();
    for marker in markers {
        let pages = digits()
            .map(|digit| marker.child(digit))
            .collect::<Vec<_>>();
        for page in read::all(store, &pages)?.values() {
            found.extend(ids(page));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
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

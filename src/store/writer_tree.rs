//! The tree of markers under a key, by the digits of writers' names.
//!
//! Each marker has 64 possible children, so a reader finds all writers under a key without listing
//! keys.

use std::cmp::Reverse;

use uuid::Uuid;

use super::{
    Key, KeyValue, Pace, Stopped, StoreError, read,
    writer::{DIGITS, NAME_LENGTH},
};
use crate::sorted::sorted;

/// Returns the possible children of these nodes: one digit of a writer's name longer.
pub(super) fn children(root: &Key, nodes: &[Key]) -> Vec<Key> {
    let children = |node: &Key| -> Vec<Key> {
        // Below the root, a node's name is a prefix of a writer's.
        let prefix = node.as_str().strip_prefix(root.as_str()).unwrap_or("");
        let prefix = prefix.trim_start_matches(':');
        let digits = DIGITS.iter().map(|digit| char::from(*digit));
        digits
            .map(|digit| root.child(format_args!("{prefix}{digit}")))
            .collect()
    };
    nodes.iter().flat_map(children).collect()
}

/// Returns the nodes with so many digits that have a marker under this key.
pub(super) fn marked(
    store: &impl KeyValue,
    root: &Key,
    digits: usize,
) -> Result<Vec<Key>, StoreError> {
    let mut nodes = vec![root.clone()];
    for _ in 0..digits {
        nodes = read::present(store, children(root, &nodes))?;
    }
    Ok(nodes)
}

/// A walk to the writers that have a marker under a key.
///
/// It is depth-first, so that a caller that needs only some of many writers finds them soon. Each
/// walk starts in a random place, so that walks that never finish reach all writers in time.
pub(super) struct Walk<'a> {
    root: &'a Key,
    /// The nodes that have a marker and were not visited yet.
    open: Vec<Key>,
    /// Where it begins among the children of a node.
    random: usize,
}

impl<'a> Walk<'a> {
    /// Begins at the root.
    pub(super) fn to_writers_under(root: &'a Key) -> Self {
        Self {
            root,
            open: vec![root.clone()],
            random: usize::from(Uuid::new_v4().into_bytes()[0]),
        }
    }

    /// Returns the key of the next writer, if there is another.
    pub(super) async fn next(
        &mut self,
        store: &impl KeyValue,
        pace: &Pace<'_>,
    ) -> Result<Option<Key>, Stopped> {
        let writer = self.root.as_str().len() + 1 + NAME_LENGTH;
        while let Some(node) = self.open.pop() {
            if node.as_str().len() == writer {
                return Ok(Some(node));
            }
            let mut children = children(self.root, &[node]);
            let markers = read::all_at(pace, store, &children).await?;
            children.retain(|child| markers.contains_key(child.as_str()));
            if let Some(first) = self.random.checked_rem(children.len()) {
                children.rotate_left(first);
            }
            self.open.extend(children);
        }
        Ok(None)
    }
}

/// Returns the markers that lead to these writers under this key, the longest first.
pub(super) fn path<'a>(root: &Key, writers: impl Iterator<Item = &'a Key>) -> Vec<Key> {
    let path = writers
        .filter_map(|writer| {
            writer
                .as_str()
                .strip_prefix(root.as_str())?
                .strip_prefix(':')
        })
        .flat_map(|name| (1..=name.len()).map(|length| root.child(&name[..length])))
        .map(|key| (Reverse(key.as_str().len()), key));
    let path = sorted(path.collect());
    path.into_iter().map(|(_, key)| key).collect()
}

//! The wall around a dependency: in the place of each interface that it does
//! not inherit stands one that says no.
//!
//! The wall is made for the component: it exports the denied interfaces in the
//! very versions that the component imports. Functions that would open or
//! fetch something answer with the interface's own word for "no"
//! (`access-denied`, `undefined`, …), with an empty list, or with nothing;
//! what is left are functions on things that nobody can have, which trap.

mod answer;
mod module;

use std::collections::HashSet;

use anyhow::{Context, bail};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::{IndexMap, InterfaceId, Resolve, World, WorldId, WorldItem};

use super::{capabilities::is_denied, graph};
use crate::manifest::Inherit;

/// Confines a component to what it inherits.
pub(super) fn confine(component: Vec<u8>, inherit: &Inherit) -> anyhow::Result<Vec<u8>> {
    let DecodedWasm::Component(mut resolve, world) = wit_component::decode(&component)? else {
        bail!("it is not a component");
    };
    if turn_around(&mut resolve, world, inherit) == 0 {
        return Ok(component);
    }
    let wall = wall(&resolve, world).context("walling it in")?;
    graph::confine(component, wall)
}

/// Makes the component's world the wall's: what it imports and must not use is
/// exported, and what those interfaces are made of stays imported. Says how
/// many are exported.
fn turn_around(resolve: &mut Resolve, world: WorldId, inherit: &Inherit) -> usize {
    let imports = std::mem::take(&mut resolve.worlds[world].imports);
    let (denied, others): (IndexMap<_, _>, IndexMap<_, _>) = imports
        .into_iter()
        .partition(|(key, _)| is_denied(&resolve.name_world_key(key), inherit));
    let mut needed = HashSet::new();
    for item in denied.values() {
        add_needs(resolve, item, &mut needed);
    }
    let is_needed = |item: &WorldItem| interface(item).is_some_and(|id| needed.contains(&id));
    let World {
        imports, exports, ..
    } = &mut resolve.worlds[world];
    imports.extend(others.into_iter().filter(|(_, item)| is_needed(item)));
    *exports = denied;
    exports.len()
}

fn interface(item: &WorldItem) -> Option<InterfaceId> {
    match item {
        WorldItem::Interface { id, .. } => Some(*id),
        _ => None,
    }
}

/// Adds the interfaces that this one takes types from, and theirs.
fn add_needs(resolve: &Resolve, item: &WorldItem, needed: &mut HashSet<InterfaceId>) {
    let mut open: Vec<_> = interface(item).into_iter().collect();
    while let Some(id) = open.pop() {
        let direct = resolve.interface_direct_deps(id);
        open.extend(direct.filter(|id| needed.insert(*id)));
    }
}

fn wall(resolve: &Resolve, world: WorldId) -> anyhow::Result<Vec<u8>> {
    let mut module = wat::parse_str(module::text(resolve, world)?)?;
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.encode()
}

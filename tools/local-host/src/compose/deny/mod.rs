//! Denies a dependency the interfaces that it does not inherit.
//!
//! An adapter is generated for the component. It exports the denied interfaces in exactly the versions
//! that the component imports. Its functions that would open or fetch something return the interface's
//! own refusal (`access-denied`, `undefined`, …), an empty list, or none. The other functions need a
//! resource that cannot be obtained, and trap.

mod module;
mod refusals;

use std::collections::HashSet;

use anyhow::{Context, bail};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::{IndexMap, InterfaceId, Resolve, World, WorldId, WorldItem};

use super::{capabilities::is_denied, graph};
use crate::manifest::Inherit;

/// Confines a component to what it inherits.
pub(super) fn confine(component: Vec<u8>, inherit: &Inherit) -> anyhow::Result<Vec<u8>> {
    let DecodedWasm::Component(mut resolve, world) = wit_component::decode(&component)? else {
        bail!("not a component");
    };
    if invert_world(&mut resolve, world, inherit) == 0 {
        return Ok(component);
    }
    let adapter = adapter(&resolve, world).context("generating its adapter")?;
    graph::confine(component, adapter)
}

/// Turns the component's world into the adapter's: denied imports become exports, and the imports
/// whose types these use remain. Returns the number of exports.
fn invert_world(resolve: &mut Resolve, world: WorldId, inherit: &Inherit) -> usize {
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

/// Adds the interfaces whose types an interface uses, directly or indirectly.
fn add_needs(resolve: &Resolve, item: &WorldItem, needed: &mut HashSet<InterfaceId>) {
    let mut open: Vec<_> = interface(item).into_iter().collect();
    while let Some(id) = open.pop() {
        let direct = resolve.interface_direct_deps(id);
        open.extend(direct.filter(|id| needed.insert(*id)));
    }
}

fn adapter(resolve: &Resolve, world: WorldId) -> anyhow::Result<Vec<u8>> {
    let mut module = wat::parse_str(module::text(resolve, world)?)?;
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.encode()
}

//! Composes components with wac.

use wac_graph::{
    CompositionGraph, EncodeOptions, NodeId,
    types::{Package, SubtypeChecker, WorldId},
};

use super::error::ComposeError;
use crate::manifest::Dependency;

type Result<T, E = ComposeError> = std::result::Result<T, E>;

/// An instance of a component within the composition.
#[derive(Clone, Copy)]
struct Node {
    world: WorldId,
    instance: NodeId,
}

/// Composes the component of this id with its dependencies.
pub(super) fn compose(
    id: &str,
    main: Vec<u8>,
    dependencies: &[(&Dependency, Vec<u8>)],
) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let main = instantiate(&mut graph, id, main).map_err(ComposeError::Composition)?;
    let imports: Vec<String> = graph.types()[main.world].imports.keys().cloned().collect();
    for (dependency, bytes) in dependencies {
        let matched: Vec<&String> = imports
            .iter()
            .filter(|import| dependency.name.matches(import))
            .collect();
        if matched.is_empty() {
            return Err(ComposeError::Unmatched(dependency.name.to_string()));
        }
        // Refuses a second dependency of the same package, so that no import is satisfied twice.
        let node = instantiate(&mut graph, dependency.name.package(), bytes.clone())
            .map_err(|reason| ComposeError::confine(dependency, reason))?;
        for import in matched {
            satisfy(&mut graph, main, import, dependency, node)?;
        }
    }
    export_all(&mut graph, main).map_err(ComposeError::Composition)?;
    encode(&graph).map_err(ComposeError::Composition)
}

/// Satisfies an import by a dependency's export.
fn satisfy(
    graph: &mut CompositionGraph,
    main: Node,
    import: &str,
    dependency: &Dependency,
    node: Node,
) -> Result<()> {
    let export = dependency.export.as_deref().unwrap_or(import);
    let types = graph.types();
    let exported = types[node.world].exports.get(export).copied();
    let (Some(exported), Some(imported)) = (exported, types[main.world].imports.get(import)) else {
        return Err(ComposeError::MissingExport {
            dependency: dependency.name.to_string(),
            export: export.to_owned(),
            import: import.to_owned(),
        });
    };
    SubtypeChecker::new(&mut std::collections::HashSet::default())
        .is_subtype(exported, types, *imported, types)
        .map_err(|reason| ComposeError::Incompatible {
            dependency: dependency.name.to_string(),
            export: export.to_owned(),
            reason,
        })?;
    plug(graph, main, import, node, export).map_err(ComposeError::Composition)
}

/// Satisfies imports of a component by the adapter's exports of the same names.
pub(super) fn confine(component: Vec<u8>, adapter: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let adapter = instantiate(&mut graph, "adapter", adapter)?;
    let inner = instantiate(&mut graph, "inner", component)?;
    let names: Vec<String> = graph.types()[adapter.world]
        .exports
        .keys()
        .cloned()
        .collect();
    for name in names {
        plug(&mut graph, inner, &name, adapter, &name)?;
    }
    export_all(&mut graph, inner)?;
    encode(&graph)
}

fn instantiate(graph: &mut CompositionGraph, name: &str, bytes: Vec<u8>) -> anyhow::Result<Node> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())?;
    let world = package.ty();
    let package = graph.register_package(package)?;
    Ok(Node {
        world,
        instance: graph.instantiate(package),
    })
}

fn plug(
    graph: &mut CompositionGraph,
    into: Node,
    import: &str,
    from: Node,
    export: &str,
) -> anyhow::Result<()> {
    let alias = graph.alias_instance_export(from.instance, export)?;
    Ok(graph.set_instantiation_argument(into.instance, import, alias)?)
}

fn export_all(graph: &mut CompositionGraph, node: Node) -> anyhow::Result<()> {
    let names: Vec<String> = graph.types()[node.world].exports.keys().cloned().collect();
    for name in names {
        let alias = graph.alias_instance_export(node.instance, &name)?;
        graph.export(alias, &name)?;
    }
    Ok(())
}

fn encode(graph: &CompositionGraph) -> anyhow::Result<Vec<u8>> {
    Ok(graph.encode(EncodeOptions::default())?)
}

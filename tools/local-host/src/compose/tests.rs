use std::{collections::BTreeMap, path::Path};

use wasmtime::{
    Engine, Store,
    component::{Component as Compiled, Linker},
};

use super::ComposeError;
use crate::manifest::{Component, ComponentId, Dependency, Inherit};

/// A component that exports its dependency's `run`.
const MAIN: &str = r#"
    (component
        (import "test:dependency/tool@1.0.0" (instance $tool
            (export "run" (func (result u32)))))
        (alias export $tool "run" (func $run))
        (export "run" (func $run)))
"#;

/// A dependency whose `run` returns 7 plus the number of its environment variables.
const ENVIRONMENT: &str = r#"
    (component
        (import "wasi:cli/environment@0.2.3" (instance $environment
            (export "get-environment" (func (result (list (tuple string string)))))))
        (alias export $environment "get-environment" (func $get))
        (core module $memory
            (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
        (core instance $memory (instantiate $memory))
        (alias core export $memory "memory" (core memory $m))
        (alias core export $memory "realloc" (core func $realloc))
        (core func $get (canon lower (func $get) (memory $m) (realloc $realloc)))
        (core module $main
            (import "" "memory" (memory 1))
            (import "" "get" (func $get (param i32)))
            (func (export "run") (result i32)
                (call $get (i32.const 0))
                (i32.add (i32.const 7) (i32.load (i32.const 4)))))
        (core instance $main (instantiate $main
            (with "" (instance (export "memory" (memory $m)) (export "get" (func $get))))))
        (func $run (result u32) (canon lift (core func $main "run")))
        (instance $tool (export "run" (func $run)))
        (export "test:dependency/tool@1.0.0" (instance $tool)))
"#;

struct Files(tempfile::TempDir);

impl Files {
    fn new(dependency: &str) -> Self {
        Self::of(MAIN, dependency)
    }

    fn of(main: &str, dependency: &str) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        let dependency = wat::parse_str(dependency).unwrap();
        std::fs::write(files.0.path().join("dependency.wasm"), dependency).unwrap();
        let main = wat::parse_str(main).unwrap();
        std::fs::write(files.0.path().join("main.wasm"), main).unwrap();
        files
    }

    fn component(&self, dependencies: &[(&str, Inherit)]) -> Component {
        let path = |name: &str| Path::join(self.0.path(), name);
        let dependency = |(name, inherit): &(&str, Inherit)| Dependency {
            name: name.parse().unwrap(),
            path: path("dependency.wasm"),
            export: None,
            inherit: inherit.clone(),
        };
        Component {
            source: path("main.wasm"),
            description: String::new(),
            variables: BTreeMap::new(),
            environment: BTreeMap::new(),
            allowed_outbound_hosts: Vec::new(),
            key_value_stores: Vec::new(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }
}

/// Composes as Spin does when it loads the component `main`.
fn load(component: &Component) -> Result<Vec<u8>, ComposeError> {
    let id = ComponentId::try_from("main".to_owned()).unwrap();
    super::load(&id, component)
}

fn nothing() -> Inherit {
    Inherit::Only([].into())
}

/// Runs a composition that imports nothing or the environment.
fn run(bytes: &[u8]) -> wasmtime::Result<u32> {
    let engine = Engine::default();
    let component = Compiled::from_binary(&engine, bytes)?;
    let mut linker = Linker::new(&engine);
    linker
        .instance("wasi:cli/environment@0.2.3")?
        .func_wrap("get-environment", |_, (): ()| {
            Ok((vec![("NAME".to_owned(), "value".to_owned())],))
        })?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &component)?;
    let run = instance.get_typed_func::<(), (u32,)>(&mut store, "run")?;
    Ok(run.call(&mut store, ())?.0)
}

fn imports(bytes: &[u8]) -> Vec<String> {
    let engine = Engine::default();
    let component = Compiled::from_binary(&engine, bytes).unwrap();
    let imports = component.component_type();
    imports
        .imports(&engine)
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn inherited_interface_is_the_hosts() {
    let files = Files::new(ENVIRONMENT);
    for inherit in [
        Inherit::All,
        Inherit::Only(["environment".to_owned()].into()),
    ] {
        let component = files.component(&[("test:dependency/tool@1.0.0", inherit)]);
        let composed = load(&component).unwrap();
        assert_eq!(run(&composed).unwrap(), 8, "one variable");
    }
}

#[test]
fn uninherited_interface_is_denied() {
    let files = Files::new(ENVIRONMENT);
    for inherit in [
        nothing(),
        Inherit::Only(["variables".to_owned(), "nonsense".to_owned()].into()),
    ] {
        let component = files.component(&[("test:dependency", inherit)]);
        let composed = load(&component).unwrap();
        assert_eq!(imports(&composed), Vec::<String>::new());
        assert_eq!(run(&composed).unwrap(), 7, "no variable");
    }
}

#[test]
fn unfitting_dependency_is_refused() {
    let files = Files::new(ENVIRONMENT);
    for (name, why) in [
        ("test:other", "matches none of the component's imports"),
        ("test:dependency/tool@1.0.1", "matches none"),
    ] {
        let error = load(&files.component(&[(name, nothing())])).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let mut renamed = files.component(&[("test:dependency", nothing())]);
    renamed.dependencies[0].export = Some("nothing".to_owned());
    let error = load(&renamed).unwrap_err();
    assert!(
        error.to_string().contains("does not export nothing"),
        "{error}"
    );

    let other = Files::new(
        r#"(component (instance $i) (export "test:dependency/tool@1.0.0" (instance $i)))"#,
    );
    let error = load(&other.component(&[("test:dependency", nothing())])).unwrap_err();
    assert!(
        matches!(error, ComposeError::Incompatible { .. }),
        "{error}"
    );
}

/// A component that imports two interfaces of one package, and one of another.
const THREE_IMPORTS: &str = r#"
    (component
        (import "test:dependency/tool@1.0.0" (instance))
        (import "test:dependency/other@1.0.0" (instance))
        (import "test:another/tool@1.0.0" (instance)))
"#;

/// A dependency that exports all of them.
const THREE_EXPORTS: &str = r#"
    (component
        (instance $i)
        (export "test:dependency/tool@1.0.0" (instance $i))
        (export "test:dependency/other@1.0.0" (instance $i))
        (export "test:another/tool@1.0.0" (instance $i)))
"#;

#[test]
fn second_dependency_of_a_package_is_refused() {
    let files = Files::of(THREE_IMPORTS, THREE_EXPORTS);
    let twice = ["test:dependency/tool@1.0.0", "test:dependency/other@1.0.0"];
    let error = load(&files.component(&twice.map(|name| (name, nothing())))).unwrap_err();
    let why = "package `test:dependency` has already been registered in the graph";
    assert!(error.to_string().contains(why), "{error}");
}

#[test]
fn dependencies_of_two_packages_are_composed() {
    let files = Files::of(THREE_IMPORTS, THREE_EXPORTS);
    let each = ["test:dependency", "test:another/tool@1.0.0"];
    let composed = load(&files.component(&each.map(|name| (name, nothing())))).unwrap();
    assert_eq!(imports(&composed), Vec::<String>::new());
}

#[test]
fn missing_file_is_named() {
    let files = Files::new(ENVIRONMENT);
    let mut component = files.component(&[]);
    component.source = "nowhere.wasm".into();
    let error = load(&component).unwrap_err().to_string();
    assert_eq!(
        error,
        "nowhere.wasm does not exist; run `cargo xtask build`"
    );
}

use std::path::Path;

use super::*;

const HEAD: &str = r#"
    spin_manifest_version = 2
    application = { name = "app", version = "1.2.3" }
"#;

fn parse(rest: &str) -> Result<Manifest, ManifestError> {
    Manifest::parse(&format!("{HEAD}{rest}"), Path::new("/app"))
}

/// Parses a manifest of one component with further members.
fn with_members(members: &str) -> Result<Manifest, ManifestError> {
    parse(&format!(
        r#"
        [variables]
        host = {{ default = "example.no" }}
        key = {{ required = true, secret = true }}
        [[trigger.http]]
        route = "/..."
        component = "main"
        [component.main]
        source = "main.wasm"
        {members}
        "#
    ))
}

fn refusal(members: &str) -> String {
    with_members(members).unwrap_err().to_string()
}

#[test]
fn parse_reads_all_members() {
    let manifest = with_members(
        r#"
        description = "does it"
        key_value_stores = ["default"]
        environment = { A = "b" }
        allowed_outbound_hosts = ["https://{{ host }}", "http://self", "*://127.0.0.1:12525"]
        variables = { url = "https://{{ host }}/{{ key }}" }
        build = { command = "make", watch = ["src"] }
        [component.main.dependencies]
        "email:delivery/sender@1.0.0" = { path = "sender.wasm", inherit_configuration = ["variables"] }
        "email:delivery/contacts@1.0.0" = { component = "contacts" }
        [component.contacts]
        source = "contacts.wasm"
        "#,
    )
    .unwrap();
    assert_eq!((&*manifest.name, &*manifest.version), ("app", "1.2.3"));
    assert_eq!(manifest.variables.len(), 2);
    assert_eq!(manifest.routes[0].pattern, "/...");
    assert_eq!(manifest.components.len(), 1, "a dependency has no route");
    let main = manifest.components.values().next().unwrap();
    assert_eq!(main.source, Path::new("/app/main.wasm"));
    assert_eq!(main.allowed_outbound_hosts.len(), 3);
    let [contacts, sender] = &main.dependencies[..] else {
        panic!("two dependencies")
    };
    assert_eq!(contacts.path, Path::new("/app/contacts.wasm"));
    assert_eq!(contacts.inherit, Inherit::Only([].into()));
    assert_eq!(
        sender.inherit,
        Inherit::Only(["variables".to_owned()].into())
    );
}

#[test]
fn parse_refuses_what_spin_refuses() {
    for (members, why) in [
        ("nonsense = 1", "unknown field"),
        (r#"variables = { Url = "x" }"#, "lower-case words"),
        (r#"variables = { a_1 = "x" }"#, "lower-case words"),
        (
            r#"variables = { url = "{{ nobody }}" }"#,
            "unknown variable",
        ),
        (
            r#"key_value_stores = ["other"]"#,
            "unknown key_value_stores label",
        ),
        (r#"allowed_outbound_hosts = ["example.no"]"#, "no scheme"),
        (r#"allowed_outbound_hosts = ["{{ host }}"]"#, "no scheme"),
        (
            r#"dependencies = { "a:b" = { path = "a.wasm" }, "a:b/c" = { path = "c.wasm" } }"#,
            "conflict",
        ),
        (
            r#"dependencies = { "a:b" = { path = "a.wasm", export = "x" } }"#,
            "must not name an export",
        ),
        (
            r#"dependencies = { "a:b" = { component = "main" } }"#,
            "dependencies of its own",
        ),
    ] {
        let refusal = refusal(members);
        assert!(refusal.contains(why), "{members}: {refusal}");
    }
    for (rest, why) in [
        ("[variables]\na = {}", "`required` or have a `default`"),
        (
            "[variables]\na = { required = true, default = '' }",
            "`required` or",
        ),
        (
            "[[trigger.http]]\nroute = '/'\ncomponent = 'x'",
            "no component `x`",
        ),
        ("[[trigger.http]]\nroute = '/'", "has no component"),
    ] {
        let refusal = parse(rest).unwrap_err().to_string();
        assert!(refusal.contains(why), "{rest}: {refusal}");
    }
}

#[test]
fn parse_refuses_unsupported_features() {
    for members in [
        r#"files = ["a"]"#,
        r#"sqlite_databases = ["default"]"#,
        r#"ai_models = ["llama2-chat"]"#,
        r#"dependencies = { "a:b" = ">=1" }"#,
    ] {
        let refusal = refusal(members);
        assert!(refusal.contains("does not support"), "{members}: {refusal}");
    }
    for rest in [
        "[[trigger.redis]]\nchannel = 'x'\ncomponent = 'x'",
        "[[trigger.http]]\nroute = { private = true }\ncomponent = 'x'",
        "[[trigger.http]]\nroute = '/'\nstatic_response = { body = 'x' }",
    ] {
        let refusal = parse(rest).unwrap_err().to_string();
        assert!(refusal.contains("does not support"), "{rest}: {refusal}");
    }
}

#[test]
fn parse_accepts_allowed_host_of_empty_variable() {
    let manifest = parse(
        r#"
        [variables]
        host = { default = "" }
        [[trigger.http]]
        route = "/"
        component = "main"
        [component.main]
        source = "main.wasm"
        allowed_outbound_hosts = ["https://{{ host }}", "{{ host }}"]
        "#,
    );
    assert!(manifest.is_ok(), "{manifest:?}");
}

//! The parts of a configuration that a dependency can inherit, and the interfaces that they need.

use wac_graph::types::are_semver_compatible;

use crate::manifest::Inherit;

/// The parts of a configuration and their interfaces, of any compatible version. Interfaces that this
/// host does not offer are not listed, because a component that imports them cannot be instantiated.
const CAPABILITIES: [(&str, &[&str]); 5] = [
    (
        "allowed_outbound_hosts",
        &[
            "spin:redis/redis@3.0.0",
            "wasi:http/client@0.3.0",
            "wasi:sockets/ip-name-lookup@0.2.6",
            "wasi:sockets/ip-name-lookup@0.3.0",
            "wasi:sockets/tcp@0.2.6",
            "wasi:sockets/tcp-create-socket@0.2.6",
            "wasi:sockets/udp@0.2.6",
            "wasi:sockets/udp-create-socket@0.2.6",
        ],
    ),
    (
        "environment",
        &["wasi:cli/environment@0.2.6", "wasi:cli/environment@0.3.0"],
    ),
    (
        "files",
        &[
            "wasi:filesystem/preopens@0.2.6",
            "wasi:filesystem/preopens@0.3.0",
        ],
    ),
    (
        "key_value_stores",
        &[
            "spin:key-value/key-value@3.0.0",
            "wasi:keyvalue/store@0.2.0-draft2",
        ],
    ),
    ("variables", &["spin:variables/variables@3.0.0"]),
];

/// Returns whether a dependency must not use an import, given what it inherits.
pub(super) fn is_denied(import: &str, inherit: &Inherit) -> bool {
    let Inherit::Only(inherited) = inherit else {
        return false;
    };
    CAPABILITIES
        .iter()
        .filter(|(part, _)| !inherited.contains(*part))
        .flat_map(|(_, interfaces)| *interfaces)
        .any(|interface| *interface == import || are_semver_compatible(interface, import))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(parts: &[&str]) -> Inherit {
        Inherit::Only(parts.iter().map(|part| (*part).to_owned()).collect())
    }

    #[test]
    fn is_denied_of_uninherited_part_is_true() {
        for import in [
            "spin:key-value/key-value@3.0.0",
            "wasi:keyvalue/store@0.2.0-draft2",
            "wasi:sockets/tcp@0.2.0",
            "wasi:cli/environment@0.2.3",
            "wasi:http/client@0.3.0",
        ] {
            assert!(is_denied(import, &only(&[])), "{import}");
            assert!(!is_denied(import, &Inherit::All), "{import}");
        }
        let stores = only(&["key_value_stores"]);
        assert!(!is_denied("spin:key-value/key-value@3.0.0", &stores));
        assert!(is_denied("spin:variables/variables@3.0.0", &stores));
    }

    #[test]
    fn is_denied_of_interface_without_configuration_is_false() {
        for import in [
            "wasi:clocks/wall-clock@0.2.6",
            "wasi:http/types@0.3.0",
            "a:b/c",
        ] {
            assert!(!is_denied(import, &only(&[])), "{import}");
        }
    }
}

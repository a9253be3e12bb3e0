//! Whether an order shall still be sent, by what its condition endpoint says.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::Deserialize;

use crate::auth::FetchError;

/// What a condition endpoint answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    send_notification: bool,
}

/// Whether to send, by the body of an answer; None if it does not say.
pub(super) fn decision(body: &[u8]) -> Option<bool> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    Some(answer.send_notification)
}

/// Why a host gives no addresses for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameLookUpError {
    /// It does not look names up for components, or it says so of this one: see [`require_public_addresses`].
    Refused,
    /// The look-up failed, for the reason in the host's own words.
    Failed(String),
}

/// An address that every host that looks names up gives as it is, without asking anybody.
const LITERAL: &str = "192.0.2.1";

/// Holds that a name leads to public addresses alone, where the host looks names up for components.
///
/// A look-up that fails is an error: the addresses are not known. A host that offers no look-up is
/// none (Spin 4.1 offers none; its setting `block_networks` keeps private networks out). Hosts say
/// both by the same error codes: wasmtime 47 answers `permanent-resolver-failure` where look-ups
/// are not allowed. So the host is asked for an address literal too, which
/// `wasi:sockets/ip-name-lookup` gives back without a request wherever it gives anything.
pub async fn require_public_addresses<F>(
    name: &str,
    look_up: impl Fn(String) -> F,
) -> Result<(), FetchError>
where
    F: Future<Output = Result<Vec<IpAddr>, NameLookUpError>>,
{
    let addresses = match look_up(name.to_owned()).await {
        Ok(addresses) => addresses,
        Err(NameLookUpError::Failed(reason)) => return Err(FetchError::NoAnswer(reason)),
        Err(NameLookUpError::Refused) => {
            return match look_up(LITERAL.to_owned()).await {
                Err(NameLookUpError::Refused) => Ok(()),
                _ => Err(no_answer("the host does not look the name up")),
            };
        }
    };
    if addresses.is_empty() {
        Err(no_answer("the name leads to no address"))
    } else if addresses.into_iter().all(is_public) {
        Ok(())
    } else {
        Err(no_answer("the name leads to an address that is not public"))
    }
}

fn no_answer(reason: &str) -> FetchError {
    FetchError::NoAnswer(reason.to_owned())
}

/// Whether an address is anybody's on the Internet: not this machine's, a private or local
/// network's, or one that is reserved for other uses (RFC 6890, and the registries it set up).
#[must_use]
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

#[expect(clippy::unnested_or_patterns, reason = "a line for each kind")]
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        // This network, private networks, loopback.
        [0 | 10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..]
            // Link-local, and shared by a carrier's customers.
            | [169, 254, ..] | [100, 64..=127, ..]
            // Protocol assignments, benchmarks.
            | [192, 0, 0, _] | [198, 18 | 19, ..]
            // Documentation.
            | [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _]
            // Multicast, reserved, broadcast.
            | [224..=255, ..]
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4 in IPv6: mapped, and translated (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments and documentation within what is otherwise global unicast.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, future::ready};

    use futures_executor::block_on;

    use super::*;

    const NAME: &str = "api.example.no";

    /// Whether the name may be asked on a host that answers a look-up of it, and one of an address
    /// literal, so; and how many look-ups that takes.
    fn held(
        named: Result<&[&str], NameLookUpError>,
        literal: Result<&[&str], NameLookUpError>,
    ) -> (bool, usize) {
        let asked = RefCell::new(Vec::new());
        let addresses = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let look_up = |name: String| {
            let answer = if name == NAME { &named } else { &literal };
            asked.borrow_mut().push(name);
            ready(answer.clone().map(addresses))
        };
        let held = block_on(require_public_addresses(NAME, look_up));
        (held.is_ok(), asked.into_inner().len())
    }

    #[test]
    fn a_name_has_to_lead_to_public_addresses_alone() {
        let literal = || Ok(&["192.0.2.1"][..]);
        for (addresses, expected) in [
            (&["1.1.1.1"][..], true),
            (&["1.1.1.1", "2606:4700:4700::1111"], true),
            (&["127.0.0.1"], false),
            (&["1.1.1.1", "10.0.0.1"], false),
            (&["::1", "1.1.1.1"], false),
            (&[], false),
        ] {
            assert_eq!(
                held(Ok(addresses), literal()),
                (expected, 1),
                "{addresses:?}"
            );
        }
    }

    #[test]
    fn a_look_up_that_fails_is_not_passed_over() {
        let failed = || Err(NameLookUpError::Failed("name-unresolvable".to_owned()));
        assert_eq!(held(failed(), failed()), (false, 1));
        assert_eq!(held(failed(), Err(NameLookUpError::Refused)), (false, 1));
        // The host looks names up, and this one it does not.
        let refused = || Err(NameLookUpError::Refused);
        assert_eq!(held(refused(), Ok(&["192.0.2.1"])), (false, 2));
        assert_eq!(held(refused(), failed()), (false, 2));
    }

    #[test]
    fn a_host_without_look_ups_is_no_failure() {
        let refused = || Err(NameLookUpError::Refused);
        assert_eq!(held(refused(), refused()), (true, 2));
    }

    #[test]
    fn only_true_and_false_decide() {
        for (body, decision_expected) in [
            (r#"{"sendNotification": true}"#, Some(true)),
            (r#"{"sendNotification": false, "x": 1}"#, Some(false)),
            (r#"{"sendNotification": "true"}"#, None),
            (r#"{"sendNotification": null}"#, None),
            (r#"{"SendNotification": true}"#, None),
            ("{}", None),
            ("true", None),
            ("", None),
        ] {
            assert_eq!(decision(body.as_bytes()), decision_expected, "{body}");
        }
    }

    #[test]
    fn public_addresses_are_anybodys() {
        for (address, public) in [
            ("1.1.1.1", true),
            ("100.63.255.255", true),
            ("172.32.0.1", true),
            ("193.0.0.1", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("192.0.2.1", false),
            ("198.19.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("::", false),
            ("::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:1.1.1.1", true),
            ("64:ff9b::a00:1", false),
            ("64:ff9b::101:101", true),
            ("2002:7f00:1::", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }
}

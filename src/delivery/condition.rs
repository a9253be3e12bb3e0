//! Condition endpoints: their responses, and the addresses that may be asked.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::Deserialize;

use crate::auth::FetchError;

/// The response of a condition endpoint.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConditionResponse {
    send_notification: bool,
}

/// Returns whether to send the notifications; None if the body has no decision.
pub(super) fn decision(body: &[u8]) -> Option<bool> {
    let response: ConditionResponse = serde_json::from_slice(body).ok()?;
    Some(response.send_notification)
}

/// Why a host returns no addresses for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameLookUpError {
    /// The host offers no look-up to components, or refuses it for this name: see
    /// [`require_public_addresses`].
    Refused,
    /// The look-up failed. The reason is the host's.
    Failed(String),
}

/// An address literal, which every host with look-ups returns without a request.
const LITERAL: &str = "192.0.2.1";

/// Returns an error unless all addresses of a name are public, if the host offers look-ups.
///
/// A failed look-up is an error, because the addresses are unknown. A host without look-ups is no
/// error: Spin 4.1 offers none, and its setting `block_networks` blocks private networks.
///
/// Workaround: hosts have the same error code for both (wasmtime 47 returns
/// `permanent-resolver-failure` if look-ups are not allowed). After that code, this function looks
/// up an address literal, which `wasi:sockets/ip-name-lookup` returns as it is on hosts with
/// look-ups. Remove it when hosts return `access-denied` for look-ups that are not allowed.
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
                _ => Err(no_answer("the host refuses to look up the name")),
            };
        }
    };
    if addresses.is_empty() {
        Err(no_answer("the name has no address"))
    } else if addresses.into_iter().all(is_public) {
        Ok(())
    } else {
        Err(no_answer("the name has an address that is not public"))
    }
}

fn no_answer(reason: &str) -> FetchError {
    FetchError::NoAnswer(reason.to_owned())
}

/// Tells whether an address is on the public Internet: not on this machine, on a private or local
/// network, or reserved for other uses (RFC 6890 and its registries).
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
        // Protocol assignments and documentation within global unicast.
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

    /// Returns whether the name is accepted, and the number of look-ups, on a host with these results
    /// for the name and for an address literal.
    fn check(
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
        let result = block_on(require_public_addresses(NAME, look_up));
        (result.is_ok(), asked.into_inner().len())
    }

    #[test]
    fn name_with_an_address_that_is_not_public_is_refused() {
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
                check(Ok(addresses), literal()),
                (expected, 1),
                "{addresses:?}"
            );
        }
    }

    #[test]
    fn name_is_refused_if_its_look_up_fails() {
        let failed = || Err(NameLookUpError::Failed("name-unresolvable".to_owned()));
        assert_eq!(check(failed(), failed()), (false, 1));
        assert_eq!(check(failed(), Err(NameLookUpError::Refused)), (false, 1));
        // The host offers look-ups, but not of this name.
        let refused = || Err(NameLookUpError::Refused);
        assert_eq!(check(refused(), Ok(&["192.0.2.1"])), (false, 2));
        assert_eq!(check(refused(), failed()), (false, 2));
    }

    #[test]
    fn name_is_accepted_on_a_host_without_look_ups() {
        let refused = || Err(NameLookUpError::Refused);
        assert_eq!(check(refused(), refused()), (true, 2));
    }

    #[test]
    fn decision_requires_a_boolean() {
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
    fn addresses_of_special_purpose_are_not_public() {
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

//! A sender that hands each email to an SMTP relay (RFC 5321), in the clear.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `smtp_relay` | IP address and port, like `127.0.0.1:1025` or `[::1]:25` | none: every email fails as transient |
//! | `smtp_from_name` | the name beside the sender's address | empty: the address alone |
//!
//! The relay's address must be among the allowed outbound hosts (`*://127.0.0.1:1025`). There is
//! no encryption and no login: the relay is one that trusts this network, and that this network
//! trusts.
//!
//! An email is accepted when the relay has taken it; its `Message-ID`, derived from the
//! notification id, is the provider's id and the same in every repeat. One connection serves one
//! email. Which reply becomes which failure says [`verdict`]; the texts of failures name the reply
//! code and the step, never what the relay wrote, which often holds the address.
//!
//! Sockets are those of WASI 0.3: a slow relay delays nothing but its own email. (Those of
//! `std::net` would hold up every other request of the same instance.)

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/sender",
        world: "sender-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [PartialEq],
    });
}
mod address;
mod body;
mod component;
mod exchange;
mod header;
mod message;
mod reply;
mod settings;
mod tcp;
pub mod verdict;

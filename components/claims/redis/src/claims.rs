//! Claims and sequences on a Redis server.

use claims_shared::{Failure, Name, inconclusive, sequence_number};

use super::server::Server;

/// How long Redis keeps a claim.
const CLAIM_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Claims a name for a contender.
pub async fn claim(server: &impl Server, name: &Name, contender: &Name) -> Result<(), Failure> {
    let key = format!("eo:claim:{name}");
    let is_set = server.set_if_absent(&key, contender.as_str(), CLAIM_SECONDS);
    if is_set.await? {
        return Ok(());
    }
    match server.get(&key).await? {
        Some(winner) if winner == contender.as_str().as_bytes() => Ok(()),
        Some(_) => Err(Failure::Lost),
        None => Err(inconclusive("Redis no longer has the winner of the claim")),
    }
}

/// Takes the next number of a sequence.
pub async fn next(server: &impl Server, sequence: &Name) -> Result<u64, Failure> {
    let number = server.increment(&format!("eo:sequence:{sequence}")).await?;
    sequence_number(number)
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use futures_executor::block_on;

    use super::*;
    use crate::server::ServerError;

    #[derive(Default)]
    struct FakeServer {
        values: RefCell<BTreeMap<String, String>>,
        /// Whether the next call fails after its effect.
        fails: RefCell<bool>,
    }

    impl FakeServer {
        fn respond<T>(&self, response: T) -> Result<T, ServerError> {
            if self.fails.replace(false) {
                Err(ServerError("the connection was closed".to_owned()))
            } else {
                Ok(response)
            }
        }
    }

    impl Server for FakeServer {
        async fn set_if_absent(&self, key: &str, value: &str, _: i64) -> Result<bool, ServerError> {
            let mut values = self.values.borrow_mut();
            let is_absent = !values.contains_key(key);
            let entry = values.entry(key.to_owned());
            entry.or_insert_with(|| value.to_owned());
            self.respond(is_absent)
        }

        async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ServerError> {
            let value = self.values.borrow().get(key).cloned();
            self.respond(value.map(String::into_bytes))
        }

        async fn increment(&self, key: &str) -> Result<i64, ServerError> {
            let mut values = self.values.borrow_mut();
            let number = values.entry(key.to_owned()).or_insert("0".to_owned());
            let sum = number.parse::<i64>().unwrap() + 1;
            *number = sum.to_string();
            self.respond(sum)
        }
    }

    fn name(text: &str) -> Name {
        Name::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn claim_of_first_contender_wins_and_repeats() {
        let server = FakeServer::default();
        let claim = |contender| block_on(claim(&server, &name("x"), &name(contender)));
        assert_eq!(claim("a"), Ok(()));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn claim_after_lost_answer_is_inconclusive_until_repeated() {
        let server = FakeServer::default();
        let claim = |contender| block_on(claim(&server, &name("x"), &name(contender)));
        *server.fails.borrow_mut() = true;
        assert!(matches!(claim("a"), Err(Failure::Inconclusive(_))));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn next_after_lost_answer_skips_a_number() {
        let server = FakeServer::default();
        let next = || block_on(next(&server, &name("s")));
        assert_eq!(next(), Ok(1));
        *server.fails.borrow_mut() = true;
        assert!(matches!(next(), Err(Failure::Inconclusive(_))));
        assert_eq!(next(), Ok(3));
    }
}

//! Claims and sequences on a Redis server.

use claims_shared::{Failure, Word, inconclusive};

use super::server::Server;

/// For how long Redis remembers a claim.
const CLAIM_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Claims a name for a contender.
pub async fn claim(server: &impl Server, name: &Word, contender: &Word) -> Result<(), Failure> {
    let key = format!("eo:claim:{name}");
    let is_set = server.set_if_absent(&key, contender.as_str(), CLAIM_SECONDS);
    if is_set.await? {
        return Ok(());
    }
    match server.get(&key).await? {
        Some(winner) if winner == contender.as_str().as_bytes() => Ok(()),
        Some(_) => Err(Failure::Lost),
        None => Err(inconclusive("Redis has forgotten who was first")),
    }
}

/// Takes the next number of a sequence.
pub async fn next(server: &impl Server, sequence: &Word) -> Result<u64, Failure> {
    let number = server.increment(&format!("eo:sequence:{sequence}")).await?;
    u64::try_from(number).map_err(|_| inconclusive("the sequence is below zero"))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use futures_executor::block_on;

    use super::*;
    use crate::server::ServerError;

    #[derive(Default)]
    struct Memory {
        values: RefCell<BTreeMap<String, String>>,
        /// Whether the next call fails after its effect.
        fails: RefCell<bool>,
    }

    impl Memory {
        fn answer<T>(&self, answer: T) -> Result<T, ServerError> {
            if self.fails.replace(false) {
                Err(ServerError("the connection was closed".to_owned()))
            } else {
                Ok(answer)
            }
        }
    }

    impl Server for Memory {
        async fn set_if_absent(&self, key: &str, value: &str, _: i64) -> Result<bool, ServerError> {
            let mut values = self.values.borrow_mut();
            let is_absent = !values.contains_key(key);
            let kept = values.entry(key.to_owned());
            kept.or_insert_with(|| value.to_owned());
            self.answer(is_absent)
        }

        async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ServerError> {
            let value = self.values.borrow().get(key).cloned();
            self.answer(value.map(String::into_bytes))
        }

        async fn increment(&self, key: &str) -> Result<i64, ServerError> {
            let mut values = self.values.borrow_mut();
            let number = values.entry(key.to_owned()).or_insert("0".to_owned());
            let sum = number.parse::<i64>().unwrap() + 1;
            *number = sum.to_string();
            self.answer(sum)
        }
    }

    fn word(text: &str) -> Word {
        Word::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn the_first_wins_whenever_it_asks() {
        let server = Memory::default();
        let claim = |contender| block_on(claim(&server, &word("x"), &word(contender)));
        assert_eq!(claim("a"), Ok(()));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn an_answer_that_is_lost_is_inconclusive_and_found_out_later() {
        let server = Memory::default();
        let claim = |contender| block_on(claim(&server, &word("x"), &word(contender)));
        *server.fails.borrow_mut() = true;
        assert!(matches!(claim("a"), Err(Failure::Inconclusive(_))));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn sequences_count_and_leave_a_number_out_rather_than_give_it_twice() {
        let server = Memory::default();
        let next = || block_on(next(&server, &word("s")));
        assert_eq!(next(), Ok(1));
        *server.fails.borrow_mut() = true;
        assert!(matches!(next(), Err(Failure::Inconclusive(_))));
        assert_eq!(next(), Ok(3));
    }
}

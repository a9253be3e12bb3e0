//! Claims and sequences on registers.

use claims_shared::{Failure, Word, inconclusive};
use uuid::Uuid;

use super::registers::Registers;

/// Claims a name for a contender.
pub async fn claim(
    registers: &impl Registers,
    name: &Word,
    contender: &Word,
) -> Result<(), Failure> {
    let key = format!("eo:register:claim:{name}");
    let contender = contender.as_str();
    match registers.get(&key)? {
        Some(winner) if winner == contender.as_bytes() => Ok(()),
        Some(_) => Err(Failure::Lost),
        None => write_and_look(registers, &key, contender).await,
    }
}

/// Takes the next number of a sequence.
pub async fn next(registers: &impl Registers, sequence: &Word) -> Result<u64, Failure> {
    let key = format!("eo:register:sequence:{sequence}");
    let last = match registers.get(&key)? {
        Some(value) => {
            number(&value).ok_or_else(|| inconclusive("the sequence holds something else"))?
        }
        None => 0,
    };
    let number = last + 1;
    let taken = format!("{number}:{}", Uuid::new_v4());
    write_and_look(registers, &key, &taken).await?;
    Ok(number)
}

/// Writes a value, and returns whether it has stayed.
async fn write_and_look(registers: &impl Registers, key: &str, value: &str) -> Result<(), Failure> {
    registers.set(key, value)?;
    registers.settle().await;
    match registers.get(key)? {
        Some(found) if found == value.as_bytes() => Ok(()),
        Some(_) => Err(Failure::Lost),
        None => Err(inconclusive("what was written cannot be read yet")),
    }
}

/// The number in front of who took it.
fn number(value: &[u8]) -> Option<u64> {
    let (number, _) = std::str::from_utf8(value).ok()?.split_once(':')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
        future::poll_fn,
        task::Poll,
    };

    use futures_executor::block_on;

    use super::*;
    use crate::registers::StoreError;

    #[derive(Default)]
    struct Memory {
        values: RefCell<BTreeMap<String, String>>,
        /// Whether the next write fails after its effect.
        fails: Cell<bool>,
        /// What another instance writes while this one waits.
        meanwhile: RefCell<Option<(String, String)>>,
    }

    impl Registers for Memory {
        fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
            let value = self.values.borrow().get(key).cloned();
            Ok(value.map(String::into_bytes))
        }

        fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
            let mut values = self.values.borrow_mut();
            values.insert(key.to_owned(), value.to_owned());
            if self.fails.take() {
                return Err(StoreError("simulated".to_owned()));
            }
            Ok(())
        }

        async fn settle(&self) {
            let mut turns = 3;
            poll_fn(|context| {
                turns -= 1;
                if turns == 0 {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            if let Some((key, value)) = self.meanwhile.take() {
                self.values.borrow_mut().insert(key, value);
            }
        }
    }

    fn word(text: &str) -> Word {
        Word::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn the_first_wins_whenever_it_asks() {
        let registers = Memory::default();
        let claim = |contender| block_on(claim(&registers, &word("x"), &word(contender)));
        assert_eq!(claim("a"), Ok(()));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn of_two_who_write_at_once_the_last_wins() {
        let registers = Memory::default();
        let other = ("eo:register:claim:x".to_owned(), "b".to_owned());
        *registers.meanwhile.borrow_mut() = Some(other);
        let claim = |contender| block_on(claim(&registers, &word("x"), &word(contender)));
        assert_eq!(claim("a"), Err(Failure::Lost));
        assert_eq!(claim("b"), Ok(()));
    }

    #[test]
    fn a_write_that_fails_is_inconclusive_and_found_out_later() {
        let registers = Memory::default();
        let claim = |contender| block_on(claim(&registers, &word("x"), &word(contender)));
        registers.fails.set(true);
        assert!(matches!(claim("a"), Err(Failure::Inconclusive(_))));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn sequences_count() {
        let registers = Memory::default();
        let next = || block_on(next(&registers, &word("s")));
        assert_eq!(next(), Ok(1));
        assert_eq!(next(), Ok(2));
        let other = ("eo:register:sequence:s".to_owned(), "3:another".to_owned());
        *registers.meanwhile.borrow_mut() = Some(other);
        assert_eq!(next(), Err(Failure::Lost));
        assert_eq!(next(), Ok(4));
    }
}

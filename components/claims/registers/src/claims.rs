//! Claims on registers.

use claims_shared::{Failure, Name, inconclusive};

use super::registers::Registers;

/// Claims a name for a contender.
pub async fn claim(
    registers: &impl Registers,
    name: &Name,
    contender: &Name,
) -> Result<(), Failure> {
    let key = format!("eo:register:claim:{name}");
    let contender = contender.as_str();
    match registers.get(&key)? {
        Some(winner) if winner == contender.as_bytes() => Ok(()),
        Some(_) => Err(Failure::Lost),
        None => write_and_verify(registers, &key, contender).await,
    }
}

/// Writes a value, waits, and checks that the value is still there.
async fn write_and_verify(
    registers: &impl Registers,
    key: &str,
    value: &str,
) -> Result<(), Failure> {
    registers.set(key, value)?;
    registers.wait_until_visible().await;
    match registers.get(key)? {
        Some(found) if found == value.as_bytes() => Ok(()),
        Some(_) => Err(Failure::Lost),
        None => Err(inconclusive("the written value cannot be read yet")),
    }
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
    struct FakeRegisters {
        values: RefCell<BTreeMap<String, String>>,
        /// Whether the next write fails after its effect.
        fails: Cell<bool>,
        /// The write of another instance while this one waits.
        concurrent_write: RefCell<Option<(String, String)>>,
    }

    impl Registers for FakeRegisters {
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

        async fn wait_until_visible(&self) {
            let mut polls_left = 3;
            poll_fn(|context| {
                polls_left -= 1;
                if polls_left == 0 {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            if let Some((key, value)) = self.concurrent_write.take() {
                self.values.borrow_mut().insert(key, value);
            }
        }
    }

    fn name(text: &str) -> Name {
        Name::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn claim_of_first_contender_wins_and_repeats() {
        let registers = FakeRegisters::default();
        let claim = |contender| block_on(claim(&registers, &name("x"), &name(contender)));
        assert_eq!(claim("a"), Ok(()));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }

    #[test]
    fn claim_with_concurrent_write_last_writer_wins() {
        let registers = FakeRegisters::default();
        let other = ("eo:register:claim:x".to_owned(), "b".to_owned());
        *registers.concurrent_write.borrow_mut() = Some(other);
        let claim = |contender| block_on(claim(&registers, &name("x"), &name(contender)));
        assert_eq!(claim("a"), Err(Failure::Lost));
        assert_eq!(claim("b"), Ok(()));
    }

    #[test]
    fn claim_after_failed_write_is_inconclusive_until_repeated() {
        let registers = FakeRegisters::default();
        let claim = |contender| block_on(claim(&registers, &name("x"), &name(contender)));
        registers.fails.set(true);
        assert!(matches!(claim("a"), Err(Failure::Inconclusive(_))));
        assert_eq!(claim("b"), Err(Failure::Lost));
        assert_eq!(claim("a"), Ok(()));
    }
}

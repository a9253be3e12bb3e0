//! The lines that the application logs, kept by case.

use std::cell::RefCell;

thread_local! {
    /// What the case of this thread has logged.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Keeps lines from now on, in place of writing them to standard error.
pub(crate) fn capture() {
    email_orders::log::capture(|line| LOG.with_borrow_mut(|log| log.extend_from_slice(line)));
}

/// Returns the length of the log.
pub(crate) fn length() -> usize {
    LOG.with_borrow(Vec::len)
}

/// Returns the log after this length.
pub(crate) fn since(length: usize) -> String {
    LOG.with_borrow(|log| String::from_utf8_lossy(&log[length..]).into_owned())
}

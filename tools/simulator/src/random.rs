//! Randomness that a seed decides.
//!
//! The application takes random bytes from the operating system, as ids and as the seeds of hash maps.
//! This crate defines the C library's `getrandom` anew, as [madsim](https://docs.rs/madsim) does: on a
//! thread that simulates, the bytes follow from the seed; on every other thread they are the kernel's.
//! That works on Linux. Elsewhere ids differ from run to run, so that a seed does not decide everything.

use std::cell::Cell;

thread_local! {
    /// The state of this thread's generator; None if it does not simulate.
    static STATE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Makes all random bytes of this thread follow from a seed.
pub(crate) fn seed_thread(seed: u64) {
    STATE.set(Some(seed));
}

/// Returns the next 8 bytes of this thread's generator (SplitMix64); None if it has none.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn next() -> Option<u64> {
    let state = STATE.get()?.wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(Some(state));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Some(mixed ^ (mixed >> 31))
}

/// Fills a buffer with random bytes, as the C library's function does.
///
/// # Safety
///
/// The buffer must have `length` bytes.
#[unsafe(no_mangle)]
#[cfg(target_os = "linux")]
#[allow(unreachable_pub, reason = "the linker sees it")]
pub unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, flags: u32) -> isize {
    if length == 0 {
        return 0;
    }
    let Some(first) = next() else {
        // SAFETY: the caller's buffer has `length` bytes.
        let filled = unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) };
        return isize::try_from(filled).unwrap_or(-1);
    };
    // SAFETY: the caller's buffer has `length` bytes.
    let buffer = unsafe { std::slice::from_raw_parts_mut(buffer, length) };
    let mut bytes = first;
    for chunk in buffer.chunks_mut(8) {
        let length = chunk.len();
        chunk.copy_from_slice(&bytes.to_le_bytes()[..length]);
        bytes = next().unwrap_or_default();
    }
    isize::try_from(length).unwrap_or(isize::MAX)
}

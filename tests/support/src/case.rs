//! Cases, and how one leaves itself out.

use std::{fmt, panic};

use futures_util::future::LocalBoxFuture;

use crate::Host;

/// A test. The attribute [`case`](macro@crate::case) makes one of a function.
pub struct Case {
    module: &'static str,
    function: &'static str,
    pub(crate) body: Body,
}

#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// Starts its own hosts.
    Own(fn() -> LocalBoxFuture<'static, ()>),
    /// Uses the host that cases share.
    Shared(for<'a> fn(&'a Host) -> LocalBoxFuture<'a, ()>),
}

inventory::collect!(Case);

impl Case {
    /// Returns a case that starts its own hosts.
    #[doc(hidden)]
    pub const fn own(
        module: &'static str,
        function: &'static str,
        body: fn() -> LocalBoxFuture<'static, ()>,
    ) -> Self {
        Self {
            module,
            function,
            body: Body::Own(body),
        }
    }

    /// Returns a case that uses the host that cases share.
    #[doc(hidden)]
    pub const fn shared(
        module: &'static str,
        function: &'static str,
        body: for<'a> fn(&'a Host) -> LocalBoxFuture<'a, ()>,
    ) -> Self {
        Self {
            module,
            function,
            body: Body::Shared(body),
        }
    }

    /// Returns its path in its crate.
    pub(crate) fn name(&self) -> String {
        let module = self
            .module
            .split_once("::")
            .map_or("", |(_, module)| module);
        format!("{module}::{}", self.function)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Why a case cannot run here.
pub(crate) struct LeftOut(pub(crate) String);

/// Ends the case, which is reported as ignored for this reason.
///
/// It unwinds as a panic does, without the panic's message.
pub fn left_out(reason: impl Into<String>) -> ! {
    panic::resume_unwind(Box::new(LeftOut(reason.into())))
}

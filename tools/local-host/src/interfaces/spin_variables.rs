//! Implements `spin:variables@3.0.0`.

use wasmtime::component::{Accessor, HasSelf};

use super::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::{faults::Injected, runtime::State, variables::VariableError};

impl Host for State {
    fn convert_error(&mut self, error: VariableError) -> wasmtime::Result<Error> {
        let message = error.to_string();
        Ok(match error {
            VariableError::InvalidName { .. } => Error::InvalidName(message),
            VariableError::Undefined(_) => Error::Undefined(message),
            VariableError::NoValue(_) | VariableError::Injected(Injected::Fail(_)) => {
                Error::Provider(message)
            }
            VariableError::InvalidTemplate(_) => Error::Other(message),
            VariableError::Injected(Injected::Trap) => return Err(wasmtime::Error::msg(message)),
        })
    }
}

impl<T> HostWithStore<T> for HasSelf<State> {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> Result<String, VariableError> {
        let variables = accessor.with(|mut access| access.get().variables.clone());
        variables.get(name).await
    }
}

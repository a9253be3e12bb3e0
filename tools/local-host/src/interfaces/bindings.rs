//! Generated bindings of the interfaces that Spin adds to WASI.
//!
//! The WIT files under `wit/` are unchanged copies from spin-sdk 7.0.0 (`wit/deps`), licensed under
//! Apache-2.0 with the LLVM exception.

wasmtime::component::bindgen!({
    path: ["wit/spin-key-value", "wit/spin-redis", "wit/spin-variables", "wit/wasi-keyvalue"],
    inline: "
        package local:host;
        world imports {
            import spin:key-value/key-value@3.0.0;
            import spin:redis/redis@3.0.0;
            import spin:variables/variables@3.0.0;
            include wasi:keyvalue/imports@0.2.0-draft2;
        }
    ",
    world: "local:host/imports",
    imports: { default: async | trappable },
    with: {
        "spin:key-value/key-value.store": crate::key_value::OpenStore,
        "spin:redis/redis.connection": redis::aio::MultiplexedConnection,
        "wasi:keyvalue/store.bucket": crate::key_value::OpenStore,
        "wasi:keyvalue/atomics.cas": crate::key_value::OpenSwap,
    },
    trappable_error_type: {
        "spin:key-value/key-value.error" => crate::key_value::StoreError,
        "spin:redis/redis.error" => crate::network::OutboundRedisError,
        "spin:variables/variables.error" => crate::variables::VariableError,
        "wasi:keyvalue/store.error" => crate::key_value::StoreError,
        "wasi:keyvalue/atomics.cas-error" => super::wasi_key_value::SwapFailure,
    },
});

//! A TCP connection through WASI 0.3, whose waits do not block the instance.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use spin_sdk::{
    wasip3::{
        sockets::types::{
            ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
            TcpSocket,
        },
        wit_stream,
    },
    wit_bindgen::{FutureReader, StreamReader, StreamResult, StreamWriter},
};

use crate::session::{Connection, ConnectionError};

/// The buffer size of a read.
const CHUNK: usize = 4096;

/// A connection to a relay.
pub(crate) struct TcpConnection {
    outgoing: StreamWriter<u8>,
    incoming: StreamReader<u8>,
    /// The results of both directions. Held because dropping them would close the streams.
    _results: [FutureReader<Result<(), ErrorCode>>; 2],
    /// Dropped last, because it owns the streams.
    socket: TcpSocket,
}

impl TcpConnection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, ConnectionError> {
        let family = match address {
            SocketAddr::V4(_) => IpAddressFamily::Ipv4,
            SocketAddr::V6(_) => IpAddressFamily::Ipv6,
        };
        let socket = TcpSocket::create(family).map_err(failed)?;
        socket.connect(to_wasi(address)).await.map_err(failed)?;
        let (outgoing, sent) = wit_stream::new();
        let sending = socket.send(sent);
        let (incoming, receiving) = socket.receive();
        Ok(Self {
            outgoing,
            incoming,
            _results: [sending, receiving],
            socket,
        })
    }
}

impl Connection for TcpConnection {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ConnectionError> {
        let unsent = self.outgoing.write_all(bytes).await;
        if unsent.is_empty() {
            Ok(())
        } else {
            Err(closed())
        }
    }

    async fn read(&mut self) -> Result<Vec<u8>, ConnectionError> {
        let (result, bytes) = self.incoming.read(Vec::with_capacity(CHUNK)).await;
        match result {
            StreamResult::Complete(_) => Ok(bytes),
            StreamResult::Dropped | StreamResult::Cancelled => Err(closed()),
        }
    }

    fn local_address(&self) -> Result<SocketAddr, ConnectionError> {
        let address = self.socket.get_local_address().map_err(failed)?;
        Ok(from_wasi(address))
    }
}

fn failed(code: ErrorCode) -> ConnectionError {
    match code {
        ErrorCode::AccessDenied => ConnectionError::Denied,
        code => ConnectionError::Failed(code.to_string()),
    }
}

fn closed() -> ConnectionError {
    ConnectionError::Failed("closed".to_owned())
}

fn to_wasi(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(address) => IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port: address.port(),
            address: address.ip().octets().into(),
        }),
        SocketAddr::V6(address) => IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port: address.port(),
            flow_info: address.flowinfo(),
            address: address.ip().segments().into(),
            scope_id: address.scope_id(),
        }),
    }
}

fn from_wasi(address: IpSocketAddress) -> SocketAddr {
    let (ip, port) = match address {
        IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }) => {
            (IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::from(address))), port)
        }
        IpSocketAddress::Ipv6(Ipv6SocketAddress { port, address, .. }) => {
            (IpAddr::V6(Ipv6Addr::from(<[u16; 8]>::from(address))), port)
        }
    };
    (ip, port).into()
}

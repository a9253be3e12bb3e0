//! `native-peer`: the API's main route as a native server, for the benchmark.
//!
//! `POST /order/email` runs on axum. Each token is verified by jsonwebtoken. The order is parsed,
//! validated and registered by the project's own core, and stored in SQLite in one transaction, with
//! the settings of Spin's default key-value provider. The only other route is `GET /health`.

mod orders;
mod response;
mod tokens;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    routing::{get, post},
};
use clap::Parser;
use email_orders::{
    order::{EmailAddress, NewOrder, OrderId, OrderRequest},
    timestamp::Timestamp,
};
use http::{HeaderMap, header::AUTHORIZATION};
use tokio::net::TcpListener;

use orders::Orders;
use response::{Accepted, Refusal};
use tokens::Verifier;

/// Serves the API's main route natively
#[derive(Debug, Parser)]
#[command(name = "native-peer", version, about)]
struct Arguments {
    /// The address to serve on
    #[arg(long)]
    listen: SocketAddr,
    /// The folder in which orders are kept [default: in memory]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// The issuers of tokens, in the form of the component's variable
    #[arg(long, env = "SPIN_VARIABLE_BEARER_ISSUERS")]
    bearer_issuers: String,
    /// The scopes, of which a token must have one
    #[arg(
        long,
        default_value = "altinn:notifications.create altinn:serviceowner/notifications.create"
    )]
    required_scopes: String,
    /// The sender of emails
    #[arg(long, default_value = "noreply@altinn.cloud")]
    default_from_address: String,
}

struct Service {
    verifier: Verifier,
    orders: Orders,
    from: EmailAddress,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let service = Service {
        verifier: Verifier::new(&arguments.bearer_issuers, &arguments.required_scopes)?,
        orders: Orders::open(arguments.state_dir.as_deref())?,
        from: EmailAddress::parse(&arguments.default_from_address)
            .context("--default-from-address")?,
    };
    let router = Router::new()
        .route("/order/email", post(place))
        .route("/health", get(async || "Healthy"))
        .with_state(Arc::new(service));
    let listener = TcpListener::bind(arguments.listen).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn place(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    content: Bytes,
) -> Result<Accepted, Refusal> {
    let bearer = headers.get(AUTHORIZATION).ok_or(Refusal::Unauthenticated)?;
    let creator = service.verifier.creator(bearer)?;
    let now = Timestamp::now();
    let request = OrderRequest::parse(&content)?;
    let order = NewOrder::validate(&request, now)?;
    let from = service.from.clone();
    let order = order.register(OrderId::new(now), creator, now, from, None);
    service.orders.insert(&order)?;
    Ok(Accepted(order.id))
}

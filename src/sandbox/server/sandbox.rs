//! Starts and stops a sandbox.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::app_state::AppState;
use super::connection::{ByteBudget, LimitedListener};
use super::middleware::{check_host, request_middleware};
use super::response::http_error;
use super::{assets, catalog, files, submit, tasks, token_endpoint};
use crate::fields::VENDOR;
use crate::preview::DrawProcess;
use crate::sandbox::fault::{EndpointScope, Fault};
use crate::sandbox::state::{SandboxError, StateStore};
use crate::vendor::wire;

/// How long responses in flight may take when the sandbox shuts down.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// A running sandbox. Dropping it stops it in the background; [`Sandbox::shutdown`] waits for the end.
#[derive(Debug)]
pub struct Sandbox {
    app: Arc<AppState>,
    closing: watch::Sender<bool>,
    server: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    /// Opens the state and listens on an address. Port 0 selects a free port.
    ///
    /// # Errors
    /// If the state directory is in use or broken, the address is taken or not on loopback, or the disk fails.
    pub async fn start(address: SocketAddr, options: SandboxOptions) -> Result<Sandbox, SandboxError> {
        if !address.ip().is_loopback() && !options.allow_remote {
            return Err(SandboxError::NotLoopback(address));
        }
        let nanoseconds = options.clock.now().as_nanosecond();
        let seed = options.seed.unwrap_or((nanoseconds as u64) ^ (u64::from(std::process::id()) << 32));
        let store = StateStore::open(&options.state_dir, seed, options.credits)?;
        assets::prepare_directory(&store.directory)?;
        let refused = |source| SandboxError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (closing, closes) = watch::channel(false);
        let app = Arc::new(AppState::new(store, options, format!("http://{address}"), closes.clone()));
        let service = router(&app).into_make_service_with_connect_info::<ByteBudget>();
        let end = async move {
            let mut closes = closes;
            // An error means that the sandbox was dropped, which stops it as well.
            drop(closes.wait_for(|closing| *closing).await);
        };
        let serving = axum::serve(LimitedListener(listener), service).with_graceful_shutdown(end);
        let server = tokio::spawn(async move { serving.await });
        Ok(Sandbox { app, closing, server })
    }

    /// Returns the base URL, such as `http://127.0.0.1:8787`.
    pub fn base_url(&self) -> String {
        self.app.base_url.clone()
    }

    /// Returns all submissions ever accepted in this state directory, oldest first.
    #[cfg(test)]
    pub fn accepted(&self) -> Vec<Arc<crate::sandbox::state::Task>> {
        self.app.store.tables().tasks().cloned().collect()
    }

    /// Stops the sandbox: closes the listener, completes responses in flight, and releases the state directory.
    pub async fn shutdown(self) {
        self.closing.send_replace(true);
        let abort = self.server.abort_handle();
        match tokio::time::timeout(SHUTDOWN_TIMEOUT, self.server).await {
            Ok(Ok(Ok(()))) => {}
            Ok(ended) => tracing::warn!(?ended, "the sandbox's server failed"),
            Err(_) => abort.abort(),
        }
        let app = self.app;
        if let Err(error) = tokio::task::spawn_blocking(move || app.store.close()).await {
            tracing::warn!(%error, "the sandbox's journal was not closed");
        }
    }
}

fn router(app: &Arc<AppState>) -> Router {
    let guarded = |scope: EndpointScope, route: MethodRouter<Arc<AppState>>| {
        route.route_layer(from_fn_with_state((Arc::clone(app), scope), request_middleware))
    };
    let submissions = VENDOR.kinds.iter().fold(Router::new(), |router, kind| {
        let kind = kind.kind;
        router
            .route(kind.endpoint, guarded(EndpointScope::Submit, post(move |app, form| submit::video(kind, app, form))))
    });
    submissions
        .route(wire::TOKEN, guarded(EndpointScope::Token, post(token_endpoint::exchange)))
        .route(wire::TASK_DETAIL, guarded(EndpointScope::Detail, post(tasks::detail)))
        .route(wire::VIDEO_LIST, guarded(EndpointScope::List, get(tasks::list).post(tasks::list)))
        .route(wire::ASSET_UPLOAD, guarded(EndpointScope::Upload, post(assets::upload)))
        .route(wire::ASSET_LIST, guarded(EndpointScope::Catalog, get(assets::list)))
        .route(wire::AVATAR_LIST, guarded(EndpointScope::Catalog, get(catalog::avatars)))
        .route(wire::VOICE_LIST, guarded(EndpointScope::Catalog, get(catalog::voices)))
        .route(wire::TEMPLATE_LIST, guarded(EndpointScope::Catalog, get(catalog::templates)))
        .route("/results/{file}", guarded(EndpointScope::Result, get(files::clip)))
        .route("/assets/{id}", guarded(EndpointScope::Result, get(files::asset)))
        .route("/previews/{file}", get(catalog::preview))
        .route("/", get(tasks::page))
        .fallback(async |uri: Uri| http_error(StatusCode::NOT_FOUND, &format!("no such path: {}", uri.path())))
        .method_not_allowed_fallback(async || http_error(StatusCode::METHOD_NOT_ALLOWED, "no such method here"))
        .layer(from_fn_with_state(Arc::clone(app), check_host))
        .with_state(Arc::clone(app))
}

/// The settings of a sandbox.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The state directory, created if missing. Usually `.callsheet/sandbox`.
    pub state_dir: PathBuf,
    /// Requests per second for one key. `None` and 0 mean no limit.
    pub rate: Option<f64>,
    /// How long a task is queued, 200 ms by default.
    pub queue: Duration,
    /// How long a task then runs, 500 ms by default.
    pub render: Duration,
    /// The faults to inject.
    pub faults: Vec<Fault>,
    /// The only key that is accepted. `None` accepts any non-empty key.
    pub key: Option<String>,
    /// The only client id that is exchanged for tokens. `None` accepts any non-empty id.
    pub client_id: Option<String>,
    /// The only client secret that is exchanged for tokens. `None` accepts any non-empty secret.
    pub client_secret: Option<String>,
    /// The total credits over the life of the state directory. `None` means no limit.
    pub credits: Option<f64>,
    /// Determines ids and shares. Used only when the state directory is created; `None` takes the seed from the clock.
    pub seed: Option<u64>,
    /// Whether to allow addresses that other machines can reach.
    pub allow_remote: bool,
    /// Where the pictures of clips are drawn.
    pub draw_in: DrawProcess,
    /// The clock of the sandbox.
    pub clock: SandboxClock,
}

impl SandboxOptions {
    /// Returns the defaults for a state directory.
    pub fn new(state_dir: impl Into<PathBuf>, draw_in: DrawProcess) -> SandboxOptions {
        SandboxOptions {
            state_dir: state_dir.into(),
            rate: None,
            queue: Duration::from_millis(200),
            render: Duration::from_millis(500),
            faults: Vec::new(),
            key: None,
            client_id: None,
            client_secret: None,
            credits: None,
            seed: None,
            allow_remote: false,
            draw_in,
            clock: SandboxClock::system(),
        }
    }
}

/// A source of the current time.
#[derive(Clone)]
pub struct SandboxClock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl SandboxClock {
    /// Returns the clock of the machine.
    pub fn system() -> SandboxClock {
        SandboxClock::new(Timestamp::now)
    }

    /// Creates a clock from a function.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> SandboxClock {
        SandboxClock(Arc::new(now))
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for SandboxClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Clock")
    }
}

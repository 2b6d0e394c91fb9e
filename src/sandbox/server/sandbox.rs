//! Starts and stops a sandbox.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::app_state::AppState;
use super::connection::{ByteBudget, LimitedListener};
use super::middleware::{check_host, request_middleware};
use super::options::SandboxOptions;
use super::response::http_error;
use super::{assets, catalog, files, submit, tasks, token_endpoint};
use crate::fields::VENDOR;
use crate::sandbox::fault::EndpointScope;
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

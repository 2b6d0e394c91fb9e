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

use super::answer::fail;
use super::app::App;
use super::connection::{Budget, Door};
use super::gate::gate;
use super::host::check_host;
use super::{SandboxOptions, assets, catalog, home, previews, results, submit, tasks, tokens};
use crate::fields::VENDOR;
use crate::sandbox::fault::Scope;
use crate::sandbox::state::{SandboxError, Store};
use crate::vendor::wire;

/// How long responses in flight may take when the sandbox shuts down.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// A running sandbox. Dropping it stops it in the background; [`Sandbox::shutdown`] waits for the end.
#[derive(Debug)]
pub struct Sandbox {
    app: Arc<App>,
    address: SocketAddr,
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
        let store = Store::open(&options.state_dir, seed, options.credits)?;
        assets::sweep(store.folder())?;
        let refused = |source| SandboxError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (closing, closes) = watch::channel(false);
        let app = Arc::new(App::new(store, options, format!("http://{address}"), closes.clone()));
        let service = router(&app).into_make_service_with_connect_info::<Budget>();
        let end = async move {
            let mut closes = closes;
            // An error means that the sandbox was dropped, which stops it as well.
            drop(closes.wait_for(|closing| *closing).await);
        };
        let serving = axum::serve(Door(listener), service).with_graceful_shutdown(end);
        let server = tokio::spawn(async move { serving.await });
        Ok(Sandbox { app, address, closing, server })
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
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
        match tokio::time::timeout(LAST_ANSWERS, self.server).await {
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

fn router(app: &Arc<App>) -> Router {
    let guarded = |scope: Scope, route: MethodRouter<Arc<App>>| {
        route.route_layer(from_fn_with_state((Arc::clone(app), scope), gate))
    };
    let submissions = VENDOR.kinds().fold(Router::new(), |router, kind| {
        let kind = kind.kind;
        router.route(kind.endpoint, guarded(Scope::Submit, post(move |app, form| submit::video(kind, app, form))))
    });
    submissions
        .route(wire::TOKEN, guarded(Scope::Token, post(tokens::exchange)))
        .route(wire::TASK_DETAIL, guarded(Scope::Detail, post(tasks::detail)))
        .route(wire::VIDEO_LIST, guarded(Scope::List, get(tasks::list).post(tasks::list)))
        .route(wire::ASSET_UPLOAD, guarded(Scope::Upload, post(assets::upload)))
        .route(wire::ASSET_LIST, guarded(Scope::Catalog, get(assets::list)))
        .route(wire::AVATAR_LIST, guarded(Scope::Catalog, get(catalog::avatars)))
        .route(wire::VOICE_LIST, guarded(Scope::Catalog, get(catalog::voices)))
        .route(wire::TEMPLATE_LIST, guarded(Scope::Catalog, get(catalog::templates)))
        .route("/results/{file}", guarded(Scope::Result, get(results::film)))
        .route("/assets/{id}", guarded(Scope::Result, get(results::asset)))
        .route("/previews/{file}", get(previews::preview))
        .route("/", get(home::page))
        .fallback(async |uri: Uri| fail(StatusCode::NOT_FOUND, &format!("no such path: {}", uri.path())))
        .method_not_allowed_fallback(async || fail(StatusCode::METHOD_NOT_ALLOWED, "no such method here"))
        .layer(from_fn_with_state(Arc::clone(app), check_host))
        .with_state(Arc::clone(app))
}

//! Proxies, custom certificates and IPv6, all local: a proxy tunnels to a TLS server, which forwards to a sandbox.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::faults::TEN;
use crate::fixture::{Scene, Shown, repository, shown};
use crate::server::{KEY, Server};

/// A host that no name server resolves, so it is reachable only through a proxy.
const HOST: &str = "vendor.test";

/// Returns a test certificate. The key of the test CA was deleted.
fn pem(name: &str) -> PathBuf {
    repository().join("tests/cli/tls").join(name)
}

/// Serves each connection in a thread, until the test process ends.
fn serve(address: &str, each: impl Fn(TcpStream) + Clone + Send + 'static) -> Option<u16> {
    let listener = TcpListener::bind(address).ok()?;
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let each = each.clone();
            std::thread::spawn(move || each(stream));
        }
    });
    Some(port)
}

/// Reads up to the end of a head, byte by byte, so that nothing after it is consumed.
fn head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut one = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut one).ok()? == 0 {
            return None;
        }
        head.push(one[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

/// Serves `https://vendor.test` by forwarding to the sandbox at `url`.
fn tls_before(url: &str) -> u16 {
    // Fails only if a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificates = CertificateDer::pem_file_iter(pem("vendor.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(pem("vendor.key.pem")).unwrap();
    let config = Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(certificates, key).unwrap());
    let sandbox = url.trim_start_matches("http://").to_owned();
    let each = move |stream: TcpStream| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        let Some(head) = head(&mut tls) else { return };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        tls.read_exact(&mut body).unwrap();
        let mut vendor = TcpStream::connect(&sandbox).unwrap();
        // The sandbox requires its own host name, and closes the connection after the response.
        let lines = head.trim_end().lines().filter(|line| !line.to_lowercase().starts_with("host:"));
        let mut head = lines.collect::<Vec<_>>().join("\r\n");
        write!(head, "\r\nhost: {sandbox}\r\nconnection: close\r\n\r\n").unwrap();
        vendor.write_all(&[head.as_bytes(), &body].concat()).unwrap();
        let mut answer = Vec::new();
        vendor.read_to_end(&mut answer).unwrap();
        // The client may have disconnected.
        drop(tls.write_all(&answer));
        tls.conn.send_close_notify();
        drop(tls.flush());
    };
    serve("127.0.0.1:0", each).unwrap()
}

/// A proxy that tunnels every host to one port, or refuses with a status. It records the heads it receives.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(answer: &'static str, to: u16) -> Self {
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let each = move |mut stream: TcpStream| {
            let Some(head) = head(&mut stream) else { return };
            seen.lock().unwrap().push(head);
            stream.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).unwrap();
            if !answer.starts_with("200") {
                return;
            }
            let mut far = TcpStream::connect(("127.0.0.1", to)).unwrap();
            let (mut back, mut near) = (far.try_clone().unwrap(), stream.try_clone().unwrap());
            let upwards = std::thread::spawn(move || {
                drop(std::io::copy(&mut near, &mut back));
                drop(back.shutdown(std::net::Shutdown::Write));
            });
            drop(std::io::copy(&mut far, &mut stream));
            drop(stream.shutdown(std::net::Shutdown::Both));
            drop(upwards.join());
        };
        Self { port: serve("127.0.0.1:0", each).unwrap(), heads }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Runs a command against `https://vendor.test` with additional variables.
fn run(scene: &Scene, args: &[&str], env: &[(&str, &str)]) -> Shown {
    let mut command = scene.command(args);
    command.env("CALLSHEET_BASE_URL", format!("https://{HOST}")).env("CALLSHEET_ALLOW_HOST", HOST);
    shown(command.env("VIDNOZ_API_KEY", KEY).envs(env.iter().copied()))
}

fn check(shown: &Shown, code: &str) -> (String, String) {
    let told: Value = serde_json::from_str(&shown.out).unwrap_or_else(|_| panic!("{}", shown.err));
    let known = told["checks"].as_array().unwrap().iter().find(|check| check["code"] == code).unwrap();
    (known["status"].as_str().unwrap().to_owned(), format!("{}; {}", known["message"], known["next"]))
}

const DOCTOR: [&str; 3] = ["doctor", "--format", "json"];

#[test]
fn a_proxy_and_a_ca_of_ones_own_lead_to_the_vendor() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let proxy = Proxy::start("200 OK", tls_before(&server.url));
    let ca = pem("ca.pem");
    let ca = ("SSL_CERT_FILE", ca.to_str().unwrap());
    let secret = format!("http://ann:topsecret@127.0.0.1:{}", proxy.port);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let told = run(&scene, &DOCTOR, &[ca, (variable, &secret)]);
        assert_eq!(told.code, 0, "{}", told.out);
        let named = check(&told, "proxy").1;
        assert!(named.contains(&format!("`127.0.0.1:{}`, named by `{variable}`", proxy.port)), "{named}");
        assert!(check(&told, "certificates").1.contains("1 in `"), "{}", told.out);
        assert!(!told.out.contains("topsecret") && !told.err.contains("topsecret"));
    }
    let told = run(&scene, &["apply", "--yes", "--verbose"], &[ca, ("HTTPS_PROXY", &secret)]);
    assert_eq!((told.code, server.accepted().len()), (0, 10), "{}", told.err);
    assert!(!told.err.contains("topsecret") && !told.err.contains(KEY), "{}", told.err);
    assert!(scene.read("callsheet.lock").contains("\"host\":\"vendor.test\""));
    let heads = proxy.heads();
    assert!(heads.iter().all(|head| head.starts_with("CONNECT vendor.test:443 HTTP/1.1\r\n")), "{heads:?}");
    assert!(heads.iter().all(|head| head.to_lowercase().contains("proxy-authorization: basic")), "{heads:?}");
    assert!(!heads.concat().contains(KEY), "the proxy sees no credentials");
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_with_the_way_out() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let proxy = Proxy::start("200 OK", tls_before(&server.url));
    let address = format!("http://127.0.0.1:{}", proxy.port);
    // A readable bundle without the test CA.
    let other = pem("vendor.pem");
    let told = run(&scene, &DOCTOR, &[("HTTPS_PROXY", &address), ("SSL_CERT_FILE", other.to_str().unwrap())]);
    let connection = check(&told, "connection");
    assert_eq!((told.code, connection.0.as_str()), (1, "failure"), "{}", told.out);
    assert!(connection.1.contains("is not trusted") && connection.1.contains("SSL_CERT_FILE"), "{}", connection.1);
    assert_eq!(check(&told, "list").0, "skipped");
    for (file, says) in [("missing.pem", "cannot be read"), ("callsheet.yaml", "holds no certificate")] {
        let file = scene.path().join(file);
        let told = run(&scene, &DOCTOR, &[("HTTPS_PROXY", &address), ("SSL_CERT_FILE", file.to_str().unwrap())]);
        let certificates = check(&told, "certificates");
        assert_eq!((told.code, certificates.0.as_str()), (1, "failure"), "{}", told.out);
        assert!(certificates.1.contains(says), "{}", certificates.1);
        assert_eq!(check(&told, "connection").0, "skipped");
    }
    assert_eq!(server.accepted().len(), 0);
}

#[test]
fn a_proxy_that_says_no_and_one_that_is_not_there_are_told_without_their_password() {
    let refusing = Proxy::start("407 Proxy Authentication Required", 0);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = |port: u16, args: &[&str]| {
        let address = format!("http://ann:topsecret@127.0.0.1:{port}");
        let told = run(&Scene::manifest(TEN), args, &[("HTTPS_PROXY", &address)]);
        assert_eq!(told.code, 1, "{args:?}: {}{}", told.out, told.err);
        assert!(!told.out.contains("topsecret") && !told.err.contains("topsecret"), "{}{}", told.out, told.err);
        told
    };
    // An apply waits between its tries, so all commands run concurrently.
    std::thread::scope(|scope| {
        for port in [refusing.port, closed] {
            scope.spawn(move || {
                let told = told(port, &DOCTOR);
                assert_eq!(check(&told, "connection").0, "failure", "{}", told.out);
            });
            for args in [&["doctor"][..], &["apply", "--yes", "-v"], &["doctor", "-v"]] {
                scope.spawn(move || told(port, args));
            }
        }
    });
    let scene = Scene::manifest(TEN);
    let unsupported = run(&scene, &DOCTOR, &[("ALL_PROXY", "socks5h://ann:topsecret@127.0.0.1:9050")]);
    let proxy = check(&unsupported, "proxy");
    assert!(proxy.0 == "failure" && proxy.1.contains("`socks5h` proxy"), "{}", proxy.1);
    assert!(!unsupported.out.contains("topsecret"));
}

#[test]
fn a_host_that_no_proxy_excepts_is_reached_directly() {
    let scene = Scene::manifest(TEN);
    let proxy = Proxy::start("200 OK", 0);
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let told = run(&scene, &DOCTOR, &[("HTTPS_PROXY", &address), ("NO_PROXY", "example.com,.test")]);
    assert!(check(&told, "proxy").1.contains("`NO_PROXY` excludes the host"), "{}", told.out);
    assert_eq!(check(&told, "connection").0, "failure", "no name server knows it");
    assert_eq!(proxy.heads(), Vec::<String>::new());
}

#[test]
fn ipv6_is_spoken() {
    let scene = Scene::manifest(TEN);
    let server = Server::start(&scene, &[]);
    let sandbox = server.url.trim_start_matches("http://").to_owned();
    let each = move |mut near: TcpStream| {
        let mut far = TcpStream::connect(&sandbox).unwrap();
        let (mut back, mut forth) = (far.try_clone().unwrap(), near.try_clone().unwrap());
        std::thread::spawn(move || {
            drop(std::io::copy(&mut forth, &mut back));
            drop(back.shutdown(std::net::Shutdown::Write));
        });
        drop(std::io::copy(&mut far, &mut near));
        drop(near.shutdown(std::net::Shutdown::Both));
    };
    let Some(port) = serve("[::1]:0", each) else {
        // A machine without IPv6, such as some containers.
        return;
    };
    let at = |args: &[&str]| {
        let mut command = scene.command(args);
        shown(command.env("CALLSHEET_BASE_URL", format!("http://[::1]:{port}")).env("VIDNOZ_API_KEY", KEY))
    };
    let told = at(&DOCTOR);
    assert_eq!(told.code, 0, "{}", told.out);
    assert!(check(&told, "host").1.contains("`::1` is this machine"), "{}", told.out);
    assert_eq!(at(&["apply", "--yes"]).code, 0);
    assert!(scene.read("callsheet.lock").contains("\"host\":\"::1\""));
    assert_eq!(server.accepted().len(), 10);
}

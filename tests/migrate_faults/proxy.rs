//! Between a client and a server: counts the client's messages, and stops one of the two at one of them.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Output};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls};

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// The program, by SIGKILL.
    Process,
    /// Its session in the server.
    Backend,
}

/// When somebody is killed.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub victim: Victim,
    /// At which message of the first connection that asks the server for something, from 1.
    pub message: usize,
    /// Not as soon as the server has it, but when its answer is there, which the client never gets.
    pub answered: bool,
}

/// A socket that leads to the server.
pub struct Proxy {
    /// For the client.
    pub url: String,
    shared: Arc<Shared>,
    _folder: tempfile::TempDir,
}

struct Shared {
    server: String,
    socket: String,
    fault: Option<Fault>,
    messages: AtomicUsize,
    backend: AtomicI32,
    struck: AtomicBool,
    child: Mutex<Option<Child>>,
    there: Condvar,
}

impl Proxy {
    pub fn start(server: &str, fault: Option<Fault>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("specqlc-proxy-")
            .tempdir_in("/tmp")
            .unwrap();
        let (start, host) = server.split_once("?host=").unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            socket: format!("{host}/.s.PGSQL.5432"),
            fault,
            messages: AtomicUsize::new(0),
            backend: AtomicI32::new(0),
            struck: AtomicBool::new(false),
            child: Mutex::new(None),
            there: Condvar::new(),
        });
        let of_thread = shared.clone();
        thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                let shared = of_thread.clone();
                // Only the first connection runs migrations; others look on.
                thread::spawn(move || relay(client.unwrap(), &shared, number == 0));
            }
        });
        Self {
            url: format!("{start}?sslmode=disable&host={}", folder.path().display()),
            shared,
            _folder: folder,
        }
    }

    /// How many messages the first connection has sent.
    pub fn messages(&self) -> usize {
        self.shared.messages.load(Ordering::SeqCst)
    }

    /// Waits for the client, which may be killed meanwhile.
    pub fn wait(&self, mut child: Child) -> Output {
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        *self.shared.child.lock().unwrap() = Some(child);
        self.shared.there.notify_all();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        out.read_to_end(&mut stdout).unwrap();
        err.read_to_end(&mut stderr).unwrap();
        let status = self
            .shared
            .child
            .lock()
            .unwrap()
            .as_mut()
            .unwrap()
            .wait()
            .unwrap();
        assert!(
            self.shared.struck.load(Ordering::SeqCst),
            "the fault did not come"
        );
        Output {
            status,
            stdout,
            stderr,
        }
    }
}

impl Shared {
    fn strike(&self, fault: Fault) {
        self.struck.store(true, Ordering::SeqCst);
        match fault.victim {
            Victim::Process => {
                let child = self.child.lock().unwrap();
                let waited = self
                    .there
                    .wait_timeout_while(child, Duration::from_secs(10), |c| c.is_none());
                waited.unwrap().0.as_mut().unwrap().kill().unwrap();
            }
            Victim::Backend => {
                let pid = self.backend.load(Ordering::SeqCst);
                let mut client = Client::connect(&self.server, NoTls).unwrap();
                client
                    .execute("SELECT pg_terminate_backend($1)", &[&pid])
                    .unwrap();
            }
        }
    }

    fn is_due(&self, message: usize, answered: bool) -> Option<Fault> {
        self.fault
            .filter(|fault| fault.message == message && fault.answered == answered)
    }
}

fn relay(client: UnixStream, shared: &Arc<Shared>, counted: bool) {
    let server = UnixStream::connect(&shared.socket).unwrap();
    let back = {
        let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let shared = shared.clone();
        thread::spawn(move || {
            let _ = answers(&mut from, &mut to, &shared, counted);
            let _ = to.shutdown(std::net::Shutdown::Both);
        })
    };
    let (mut from, mut to) = (client, server);
    let _ = questions(&mut from, &mut to, shared, counted);
    let _ = to.shutdown(std::net::Shutdown::Both);
    back.join().unwrap();
}

fn questions(
    from: &mut UnixStream,
    to: &mut UnixStream,
    shared: &Shared,
    counted: bool,
) -> io::Result<()> {
    // The first message has no kind.
    let start = body(from)?;
    to.write_all(&start)?;
    loop {
        let (kind, message) = message(from)?;
        to.write_all(&message)?;
        // A query, or the end of a row of messages that is one.
        if counted && matches!(kind, b'Q' | b'S') {
            let number = shared.messages.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(fault) = shared.is_due(number, false) {
                shared.strike(fault);
            }
        }
    }
}

fn answers(
    from: &mut UnixStream,
    to: &mut UnixStream,
    shared: &Shared,
    counted: bool,
) -> io::Result<()> {
    let mut ready = 0;
    loop {
        let (kind, message) = message(from)?;
        if counted && kind == b'K' {
            let pid = i32::from_be_bytes(message[5..9].try_into().unwrap());
            shared.backend.store(pid, Ordering::SeqCst);
        }
        if counted && kind == b'Z' {
            if let Some(fault) = shared.is_due(ready, true) {
                shared.strike(fault);
            }
            ready += 1;
        }
        to.write_all(&message)?;
    }
}

/// A message with its kind and length.
fn message(from: &mut UnixStream) -> io::Result<(u8, Vec<u8>)> {
    let mut kind = [0];
    from.read_exact(&mut kind)?;
    let mut message = vec![kind[0]];
    message.extend(body(from)?);
    Ok((kind[0], message))
}

/// A length and what it counts.
fn body(from: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = length.to_vec();
    body.resize(usize::try_from(u32::from_be_bytes(length)).unwrap(), 0);
    from.read_exact(&mut body[4..])?;
    Ok(body)
}

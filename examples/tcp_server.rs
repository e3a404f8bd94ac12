//! A TCP server whose connections are counted, flushed and closed by deferred statements, whatever happens to them: the
//! client goes away, the handler panics, a timeout cancels it, or the server shuts down.
//!
//! `cargo run --example tcp_server` starts it on the loopback device, lets five clients talk to it, and fails if the
//! counts at the end do not add up.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use with_defer::{defer, defer_on_failure, defer_on_panic, with_defer};

/// How long a client may take.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct Counts {
    opened: AtomicU32,
    closed: AtomicU32,
    flushed: AtomicU32,
    failed: AtomicU32,
    panicked: AtomicU32,
    timed_out: AtomicU32,
}

fn count(counter: &AtomicU32) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Answers one client: each line comes back, in capitals.
#[with_defer]
async fn answer(stream: TcpStream, counts: Arc<Counts>) -> io::Result<()> {
    count(&counts.opened);
    defer!(count(&counts.closed));
    defer_on_failure!(count(&counts.failed));
    defer_on_panic!(count(&counts.panicked));

    let mut stream = BufStream::new(stream);
    // On every way out what is buffered is sent, and the client sees the end. If the handler is cancelled, this runs as
    // far as it gets without waiting, which is to its end if the system takes the bytes at once.
    defer! {
        stream.flush().await?;
        stream.shutdown().await?;
        count(&counts.flushed);
    }

    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let Some(command) = line.strip_suffix('\n') else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        stream.write_all(command.to_uppercase().as_bytes()).await?;
        match command {
            "panic" => panic!("a client asked for it"),
            "sleep" => sleep(PATIENCE * 100).await,
            _ => stream.flush().await?,
        }
        line.clear();
    }
    Ok(())
}

/// Accepts clients until it is told to stop, and then waits for those that are still there.
#[with_defer]
async fn serve(
    listener: TcpListener,
    counts: Arc<Counts>,
    mut stop: oneshot::Receiver<()>,
) -> io::Result<()> {
    let mut clients = JoinSet::new();
    defer! {
        while let Some(outcome) = clients.join_next().await {
            if let Ok(Err(_)) = outcome {
                count(&counts.timed_out);
            }
        }
    }
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                clients.spawn(timeout(PATIENCE, answer(stream, counts.clone())));
            }
            _ = &mut stop => return Ok(()),
        }
    }
}

/// Sends a text and returns all that comes back.
async fn talk(server: SocketAddr, text: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// Says hello, has the server stop, and goes on talking to it.
async fn talk_through_the_end(server: SocketAddr, stop: oneshot::Sender<()>) -> io::Result<String> {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    stream.write_all(b"hello\n").await?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await?;

    stop.send(()).map_err(|()| io::Error::other("the server is gone"))?;
    sleep(PATIENCE / 20).await;

    stream.write_all(b"still here\n").await?;
    stream.get_mut().shutdown().await?;
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned() + &rest)
}

/// What is not as it should be.
#[derive(Default)]
struct Mistakes(Vec<String>);

impl Mistakes {
    fn check(&mut self, what: &str, found: impl Display, expected: &str) {
        let found = found.to_string();
        println!("{what}: {found}");
        if found != expected {
            self.0.push(format!("{what}: found {found}, expected {expected}"));
        }
    }
}

async fn run() -> io::Result<Mistakes> {
    let counts = Arc::new(Counts::default());
    let (stop, stopped) = oneshot::channel();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?;
    let task = tokio::spawn(serve(listener, counts.clone(), stopped));

    let mut mistakes = Mistakes::default();
    // This one goes away in the middle of a line.
    let mut gone = TcpStream::connect(server).await?;
    gone.write_all(b"hel").await?;
    drop(gone);
    // What was buffered reaches these two all the same.
    mistakes.check("handler panics", talk(server, "panic\n").await?, "PANIC");
    mistakes.check("handler is cancelled", talk(server, "sleep\n").await?, "SLEEP");

    let mut patient = TcpStream::connect(server).await?;
    patient.write_all(b"one\ntwo\n").await?;
    patient.shutdown().await?;
    let mut answer = String::new();
    patient.read_to_string(&mut answer).await?;
    mistakes.check("client is done", answer, "ONETWO");

    let answer = talk_through_the_end(server, stop).await?;
    mistakes.check("server shuts down", answer, "HELLOSTILL HERE");
    task.await.map_err(io::Error::other)??;

    let read = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
    mistakes.check("opened", read(&counts.opened), "5");
    mistakes.check("closed", read(&counts.closed), "5");
    mistakes.check("flushed", read(&counts.flushed), "5");
    mistakes.check("failed", read(&counts.failed), "3");
    mistakes.check("panicked", read(&counts.panicked), "1");
    mistakes.check("timed out", read(&counts.timed_out), "1");
    mistakes.check("handlers left", Arc::strong_count(&counts) - 1, "0");
    Ok(mistakes)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = timeout(PATIENCE * 30, run()).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    match outcome {
        Ok(Mistakes(mistakes)) if mistakes.is_empty() => ExitCode::SUCCESS,
        Ok(Mistakes(mistakes)) => {
            eprintln!("{}", mistakes.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

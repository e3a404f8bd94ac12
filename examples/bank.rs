//! A bank in `SQLite`: each transfer is a transaction, and deferred statements see to its end.
//!
//! `cargo run --example bank`

use std::error::Error;
use std::fmt::Debug;
use std::path::Path;
use std::{env, fs, process};

use rusqlite::Connection;
use with_defer::{defer, defer_on_failure, recover, with_defer};

type Failure = Box<dyn Error + Send + Sync>;

struct Transfer {
    /// No two transfers have the same.
    reference: &'static str,
    from: &'static str,
    to: &'static str,
    amount: i64,
}

/// Moves the money, or nothing: what has been done is undone by an error and by a panic, which becomes an error
/// too. Returns how many transfers are on record.
#[with_defer(on_record = Ok(0))]
fn transfer(bank: &Connection, transfer: &Transfer, audit: impl Fn(&Transfer)) -> Result<i64, Failure> {
    let Transfer { reference, from, to, amount } = transfer;
    println!("{reference}: {amount} from {from} to {to}");
    defer! {
        if let Some(panic) = recover!() {
            println!("  recovered");
            *on_record = Err(panic.into());
        }
    }
    defer! {
        let rows = count(bank)?;
        println!("  {rows} on record");
        if let Ok(on_record) = on_record {
            *on_record = rows;
        }
    }
    bank.execute_batch("BEGIN")?;
    defer_on_failure! {
        bank.execute_batch("ROLLBACK")?;
        println!("  rolled back");
    }
    bank.execute("UPDATE accounts SET balance = balance - ?1 WHERE owner = ?2", (amount, from))?;
    bank.execute("UPDATE accounts SET balance = balance + ?1 WHERE owner = ?2", (amount, to))?;
    bank.execute("INSERT INTO transfers VALUES (?1, ?2, ?3, ?4)", (reference, from, to, amount))?;
    audit(transfer);
    bank.execute_batch("COMMIT")?;
    println!("  committed");
    Ok(0)
}

fn count(bank: &Connection) -> rusqlite::Result<i64> {
    bank.query_row("SELECT count(*) FROM transfers", [], |row| row.get(0))
}

fn balance(bank: &Connection, owner: &str) -> rusqlite::Result<i64> {
    bank.query_row("SELECT balance FROM accounts WHERE owner = ?1", [owner], |row| row.get(0))
}

/// One transfer that succeeds, one whose `INSERT` fails, and one whose audit panics.
#[with_defer]
fn business(path: &Path) -> Result<(), Failure> {
    let bank = Connection::open(path)?;
    defer! {
        bank.close().map_err(|(_, error)| error)?;
        println!("closed the bank");
    }
    bank.execute_batch(
        "CREATE TABLE accounts (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL);
         CREATE TABLE transfers (reference TEXT PRIMARY KEY, sender TEXT, receiver TEXT, amount INTEGER);
         INSERT INTO accounts VALUES ('Ann', 100), ('Bob', 0);",
    )?;
    let audit = |transfer: &Transfer| assert!(transfer.amount < 50, "an audit of {}", transfer.reference);
    let ann_to_bob = |reference, amount| Transfer { reference, from: "Ann", to: "Bob", amount };

    expect("the rent", &transfer(&bank, &ann_to_bob("rent", 30), audit)?, &1)?;

    let failed = transfer(&bank, &ann_to_bob("rent", 20), audit).err().ok_or("the rent was paid twice")?;
    expect(
        "the second rent",
        &failed.to_string().as_str(),
        &"UNIQUE constraint failed: transfers.reference",
    )?;

    let panicked = transfer(&bank, &ann_to_bob("gift", 60), audit).err().ok_or("nobody audited the gift")?;
    expect("the gift", &panicked.to_string().as_str(), &"an audit of gift")?;
    Ok(())
}

/// Opens the bank anew: nothing but the first transfer has happened.
#[with_defer]
fn check(path: &Path) -> Result<(), Failure> {
    let bank = Connection::open(path)?;
    defer! { bank.close().map_err(|(_, error)| error)? }
    expect("what Ann has", &balance(&bank, "Ann")?, &70)?;
    expect("what Bob has", &balance(&bank, "Bob")?, &30)?;
    expect("what is on record", &count(&bank)?, &1)
}

fn expect<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}").into())
}

#[with_defer]
fn main() -> Result<(), Failure> {
    let path = env::temp_dir().join(format!("with_defer-bank-{}.sqlite", process::id()));
    defer! {
        fs::remove_file(&path)?;
        println!("removed the bank");
    }
    business(&path)?;
    check(&path)?;
    println!("Ann has 70, Bob has 30, and one transfer is on record");
    Ok(())
}

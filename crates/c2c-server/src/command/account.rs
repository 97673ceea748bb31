//! `c2c account` and `c2c invoice`, on a running server.

use c2c::snapshot::{AccountView, AccountsView, InvoiceView};
use serde_json::json;

use super::Out;
use super::remote::Remote;
use crate::args::{AccountCommand, Invoice};
use crate::error::Error;

/// Opens and lists accounts.
pub async fn run(command: &AccountCommand, out: Out) -> Result<(), Error> {
    match command {
        AccountCommand::Open {
            ledger,
            name,
            balance,
            minimum,
            server,
        } => {
            let body = json!({
                "ledger": ledger,
                "name": name,
                "balance": balance.to_string(),
                "minimum": minimum.to_string(),
            });
            let account: AccountView = Remote::new(server)?.post(&["accounts"], &body).await?;
            out.print(&account, || line(&account));
        }
        AccountCommand::List { server } => {
            let view: AccountsView = Remote::new(server)?.get(&["accounts"], &[]).await?;
            out.print(&view, || match view.accounts.is_empty() {
                true => "No ledger of its own. Configure one: [[ledger]]".to_owned(),
                false => view
                    .accounts
                    .iter()
                    .map(line)
                    .collect::<Vec<_>>()
                    .join("\n"),
            });
        }
    }
    Ok(())
}

/// Makes an invoice.
pub async fn invoice(arguments: &Invoice, out: Out) -> Result<(), Error> {
    let body = json!({
        "account": arguments.account,
        "amount": arguments.amount.to_string(),
        "expires_at": arguments.expires_at,
    });
    let remote = Remote::new(&arguments.server)?;
    let view: InvoiceView = remote.post(&["invoices"], &body).await?;
    out.print(&view, || {
        format!(
            "address    {}\namount     {}\ncondition  {}\nexpires at {}",
            view.address, view.amount, view.condition, view.expires_at
        )
    });
    Ok(())
}

fn line(account: &AccountView) -> String {
    let bound = match &account.minimum {
        None => "no bound".to_owned(),
        Some(minimum) => format!("at least {minimum}"),
    };
    format!(
        "{}  {} on hold {}  {bound}  ({}, scale {})",
        account.address, account.balance, account.on_hold, account.currency, account.scale
    )
}

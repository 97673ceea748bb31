//! Why a ledger of our own refuses.

use std::fmt;

use super::AccountName;
use crate::address::IlpAddress;
use crate::amount::Amount;
use crate::ledger::TransferId;
use crate::packet::ErrorCode;
use crate::timestamp::Timestamp;

/// Why nothing is moved, opened or promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountError {
    /// No name of an account.
    Name {
        /// What was given, shortened.
        found: String,
    },
    /// There is an account of this name, with other terms.
    Exists {
        /// The name.
        name: AccountName,
    },
    /// There is no such account on the ledger.
    Unknown {
        /// The account that was asked for.
        account: String,
    },
    /// Our own account, which neither pays nor is paid like the others.
    Reserved {
        /// Its name.
        name: AccountName,
    },
    /// An account would start below its minimum.
    BelowMinimum {
        /// What it would hold.
        balance: i128,
        /// The least that it may.
        minimum: i128,
    },
    /// The amount is 0.
    Nothing,
    /// The account would fall below its minimum.
    NotEnough {
        /// Who was to pay.
        account: AccountName,
        /// How much may go out.
        room: i128,
        /// How much was to go out.
        amount: Amount,
    },
    /// An account would pay itself.
    SameAccount,
    /// What is prepared waits for a condition, and there is none.
    NoCondition,
    /// What begins is over already.
    TooLate {
        /// When it ran out.
        expires_at: Timestamp,
    },
    /// Another payment has this id.
    Duplicate {
        /// The id.
        id: TransferId,
    },
    /// As much as is kept is on hold, or promised.
    TooMany {
        /// How many are kept.
        kept: usize,
    },
    /// No payment has this id.
    NotFound {
        /// The id.
        id: TransferId,
    },
    /// It is executed and stays so.
    AlreadyExecuted {
        /// The id.
        id: TransferId,
    },
    /// It came to nothing and stays so.
    AlreadyRolledBack {
        /// The id.
        id: TransferId,
    },
    /// The fulfillment does not meet the condition.
    WrongFulfillment {
        /// The id.
        id: TransferId,
    },
    /// Nobody expects a payment at this address.
    NoInvoice {
        /// The address.
        address: IlpAddress,
    },
    /// The invoice is paid.
    Paid {
        /// Its address.
        address: IlpAddress,
    },
    /// The invoice has run out.
    InvoiceExpired {
        /// Its address.
        address: IlpAddress,
        /// When.
        expires_at: Timestamp,
    },
    /// The payment has another condition than the invoice.
    WrongCondition {
        /// The address of the invoice.
        address: IlpAddress,
    },
    /// The payment is smaller than the invoice.
    TooLittle {
        /// What was to arrive.
        amount: Amount,
        /// What the invoice asks for.
        needed: Amount,
    },
}

impl AccountError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "ACCOUNT_NAME",
            Self::Exists { .. } => "ACCOUNT_EXISTS",
            Self::Unknown { .. } => "UNKNOWN_ACCOUNT",
            Self::Reserved { .. } => "ACCOUNT_RESERVED",
            Self::BelowMinimum { .. } => "BELOW_MINIMUM",
            Self::Nothing => "AMOUNT_ZERO",
            Self::NotEnough { .. } => "INSUFFICIENT_BALANCE",
            Self::SameAccount => "SAME_ACCOUNT",
            Self::NoCondition => "CONDITION_MISSING",
            Self::TooLate { .. } => "TOO_LATE",
            Self::Duplicate { .. } => "DUPLICATE_ID",
            Self::TooMany { .. } => "TOO_MANY",
            Self::NotFound { .. } => "UNKNOWN_PAYMENT",
            Self::AlreadyExecuted { .. } => "ALREADY_EXECUTED",
            Self::AlreadyRolledBack { .. } => "ALREADY_ROLLED_BACK",
            Self::WrongFulfillment { .. } => "WRONG_FULFILLMENT",
            Self::NoInvoice { .. } => "NO_INVOICE",
            Self::Paid { .. } => "INVOICE_PAID",
            Self::InvoiceExpired { .. } => "INVOICE_EXPIRED",
            Self::WrongCondition { .. } => "WRONG_CONDITION",
            Self::TooLittle { .. } => "INVOICE_AMOUNT",
        }
    }

    /// The code by which a payment that meets this is rejected (IL-RFC 3, the codes of receivers).
    pub const fn ilp_code(&self) -> ErrorCode {
        match self {
            Self::Name { .. } | Self::Unknown { .. } => ErrorCode::F02,
            Self::NotEnough { .. } => ErrorCode::T04,
            Self::TooMany { .. } => ErrorCode::T03,
            Self::TooLate { .. } => ErrorCode::R02,
            Self::TooLittle { .. } => ErrorCode::F04,
            Self::WrongCondition { .. } => ErrorCode::F05,
            Self::NoInvoice { .. } | Self::Paid { .. } | Self::Reserved { .. } => ErrorCode::F06,
            Self::InvoiceExpired { .. } => ErrorCode::F07,
            _ => ErrorCode::F00,
        }
    }
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { found } => write!(
                f,
                "\"{found}\" cannot be the name of an account. Use 1 to 64 of A–Z a–z 0–9 _ ~ -."
            ),
            Self::Exists { name } => write!(
                f,
                "There is an account {name} already, with another balance or minimum. Choose another name."
            ),
            Self::Unknown { account } => write!(
                f,
                "There is no account {account}. Open it first, or look at the list of accounts."
            ),
            Self::Reserved { name } => write!(
                f,
                "The account {name} is the connector's own. Use another account."
            ),
            Self::BelowMinimum { balance, minimum } => write!(
                f,
                "The balance {balance} is below the minimum {minimum}. Start with more, or lower the minimum."
            ),
            Self::Nothing => write!(f, "The amount is 0. Use at least 1 base unit."),
            Self::NotEnough {
                account,
                room,
                amount,
            } => write!(
                f,
                "The account {account} can pay {room}, and {amount} are to be paid. Pay less, or put money on it first."
            ),
            Self::SameAccount => write!(f, "An account cannot pay itself. Name another one."),
            Self::NoCondition => write!(f, "The payment has no condition. Give it the receiver's."),
            Self::TooLate { expires_at } => write!(
                f,
                "It was over at {expires_at} already. Choose a later time."
            ),
            Self::Duplicate { id } => write!(
                f,
                "Another payment has the id {id}. Choose a new one, such as a random UUID."
            ),
            Self::TooMany { kept } => {
                write!(f, "More than {kept} are open. Wait until some are over.")
            }
            Self::NotFound { id } => write!(f, "There is no payment {id}. Check the id."),
            Self::AlreadyExecuted { id } => {
                write!(f, "The payment {id} is executed, and stays so.")
            }
            Self::AlreadyRolledBack { id } => {
                write!(f, "The payment {id} came to nothing, and stays so.")
            }
            Self::WrongFulfillment { id } => write!(
                f,
                "The fulfillment does not meet the condition of the payment {id}. Its SHA-256 must be the condition."
            ),
            Self::NoInvoice { address } => {
                write!(
                    f,
                    "Nobody expects a payment at {address}. Ask for an invoice."
                )
            }
            Self::Paid { address } => {
                write!(
                    f,
                    "The invoice {address} is paid already. Ask for another one."
                )
            }
            Self::InvoiceExpired {
                address,
                expires_at,
            } => write!(
                f,
                "The invoice {address} ran out at {expires_at}. Ask for another one."
            ),
            Self::WrongCondition { address } => write!(
                f,
                "The condition is not that of the invoice {address}. Pay it with its own."
            ),
            Self::TooLittle { amount, needed } => write!(
                f,
                "The payment delivers {amount}, and the invoice asks for {needed}. Pay all of it at once."
            ),
        }
    }
}

impl std::error::Error for AccountError {}

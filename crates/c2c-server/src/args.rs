//! The command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use crate::log::Format;

/// A connector of the Interledger (2017): it peers, hears and tells routes, and shows them.
#[derive(Debug, Parser)]
#[command(name = "c2c", version, arg_required_else_help = true)]
pub struct Cli {
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// How the lines of the log are written.
    #[arg(
        long,
        global = true,
        env = "C2C_LOG_FORMAT",
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub log_format: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a connector until Ctrl-C.
    Serve(Settings),
    /// Run a small network of connectors on this machine and show one of them.
    Demo(Demo),
    /// Make a secret, replace one, or show its public key.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print our host record, or check another host's.
    #[command(subcommand)]
    Record(RecordCommand),
    /// Derive the prefix and the accounts that two key pairs share.
    Derive(Derive),
    /// Add, list, check and remove peers of a running server.
    #[command(subcommand)]
    Peer(PeerCommand),
    /// Show a running server's routes, or why one of them is taken.
    Routes(Routes),
    /// Open and list accounts on a running server's own ledgers.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Ask for money to be paid to an account of a running server.
    Invoice(Invoice),
    /// Ask a running server what arrives for an amount, what it takes, or for the whole curve.
    Quote(Quote),
    /// Pay from an account of a running server, and show the receipt.
    Pay(Pay),
    /// Check a routing update.
    Validate(Validate),
    /// Merge liquidity curves and say which of them wins where.
    Merge(Merge),
    /// Show every setting, its value and where that comes from.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what was changed on a running server, the latest first.
    Audit(Audit),
    /// Copy the database of a running server, which goes on meanwhile, into its folder for backups.
    Backup(Care),
    /// Put a backup in the place of a stopped server's database.
    Restore(Restore),
    /// Gather what a diagnosis of a running server needs, without secrets.
    Bundle(Bundle),
    /// Replace the admin token of a server, which may be running.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Ask a running server whether it is ready, or only whether it is alive.
    Health(Health),
    /// Print what a shell needs to complete these commands.
    Completions(Completions),
}

/// `c2c audit`.
#[derive(Args, Debug)]
pub struct Audit {
    /// How many changes.
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub limit: usize,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c backup`.
#[derive(Args, Debug)]
pub struct Care {
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c restore`.
#[derive(Args, Debug)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
    /// The settings of the server.
    #[command(flatten)]
    pub settings: Settings,
}

/// `c2c bundle`.
#[derive(Args, Debug)]
pub struct Bundle {
    /// The file to write. Without it, the bundle is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Put a new token in the place of the old one, which counts no more from then on.
    Rotate {
        /// The file with the admin token.
        #[arg(
            long,
            env = "C2C_ADMIN_TOKEN_FILE",
            default_value = "admin.token",
            value_name = "FILE"
        )]
        admin_token_file: PathBuf,
    },
}

/// `c2c health`.
#[derive(Args, Debug)]
pub struct Health {
    /// Base URL of the server.
    #[arg(
        long,
        env = "C2C_SERVER",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    pub server: String,
    /// Only whether it is alive.
    #[arg(long)]
    pub live: bool,
}

/// `c2c completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}

/// Settings of a server, each over the environment and the file.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// The configuration file.
    #[arg(long, env = "C2C_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Public base URL.
    #[arg(long)]
    pub url: Option<String>,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Folder with the web app's files.
    #[arg(long, value_name = "DIR")]
    pub web: Option<String>,
    /// Any other setting, as in the file.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `c2c demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// Port of the first connector, whose page is the dashboard; 0: any free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Keep the connectors' keys and databases here. Without it, they are removed at the end.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Folder with the web app's files.
    #[arg(long, value_name = "DIR")]
    pub web: Option<PathBuf>,
}

/// `c2c key`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a secret and keep it in a new file of mode 0600.
    New {
        /// The file.
        #[arg(long, default_value = "connector.secret", value_name = "FILE")]
        out: PathBuf,
    },
    /// Replace the secret of a stopped server. Peerings go on by the tokens they have, as made by hand,
    /// until you and the peer derive new ones.
    Rotate(Settings),
    /// Show the public key of a secret.
    Public {
        /// The file with the secret.
        #[arg(default_value = "connector.secret", value_name = "FILE")]
        file: PathBuf,
    },
}

/// `c2c record`.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// Print the host record that the configured server publishes.
    Print(Settings),
    /// Look a host's record up and check it.
    Check {
        /// Such as wallet2.com.
        host: String,
        /// Plain http to 127.0.0.1 and [::1].
        #[arg(long)]
        allow_loopback_http: bool,
    },
}

/// `c2c derive`.
#[derive(Args, Debug)]
pub struct Derive {
    /// The file with our secret.
    #[arg(long, default_value = "connector.secret", value_name = "FILE")]
    pub secret_file: PathBuf,
    /// Their public key: 43 characters of base64url.
    #[arg(long, value_name = "KEY")]
    pub peer_key: String,
    /// Currency code.
    #[arg(long, default_value = "USD")]
    pub currency: String,
    /// Decimals of the currency.
    #[arg(long, default_value = "9")]
    pub scale: String,
    /// Show the bearer token too, not just its fingerprint.
    #[arg(long)]
    pub reveal: bool,
}

/// Which running server to talk to.
#[derive(Args, Clone, Debug)]
pub struct Server {
    /// Its base URL.
    #[arg(
        long,
        env = "C2C_SERVER",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    pub server: String,
    /// The file with its admin token.
    #[arg(
        long,
        env = "C2C_ADMIN_TOKEN_FILE",
        default_value = "admin.token",
        value_name = "FILE"
    )]
    pub admin_token_file: PathBuf,
}

/// `c2c peer`.
#[derive(Debug, Subcommand)]
pub enum PeerCommand {
    /// Add a peer by its host record.
    Add {
        /// Such as wallet2.com.
        host: String,
        /// Currency code.
        #[arg(long, default_value = "USD")]
        currency: String,
        /// Decimals of the currency.
        #[arg(long, default_value = "9")]
        scale: String,
        /// The most they may owe us, in the currency, such as 100 or 12.5.
        #[arg(long, value_name = "AMOUNT")]
        limit: String,
        #[command(flatten)]
        server: Server,
    },
    /// Write an offer to another operator: as text, link and file.
    Invite(Box<Invite>),
    /// Answer an offer, or take the answer to one of ours.
    Accept(Box<Accept>),
    /// List the peers.
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Check a peering from both ends.
    Check {
        /// The ledger between us.
        prefix: String,
        #[command(flatten)]
        server: Server,
    },
    /// Find out with which currency and scale a peer added us, if it does not know the peering.
    Mismatch {
        /// The ledger between us.
        prefix: String,
        #[command(flatten)]
        server: Server,
    },
    /// Compare what both sides of a ledger count, and name the transfers that they see differently.
    Reconcile {
        /// The ledger between us.
        prefix: String,
        #[command(flatten)]
        server: Server,
    },
    /// End a peering.
    Remove {
        /// The ledger between us.
        prefix: String,
        #[command(flatten)]
        server: Server,
    },
}

/// `c2c peer invite`.
#[derive(Args, Debug)]
pub struct Invite {
    /// Currency code.
    #[arg(long, default_value = "USD")]
    pub currency: String,
    /// Decimals of the currency.
    #[arg(long, default_value = "9")]
    pub scale: String,
    /// The most they may owe us, in the currency, such as 100 or 12.5. They are not told.
    #[arg(long, value_name = "AMOUNT")]
    pub limit: String,
    /// Peer by the two host records; without it, by telling each other.
    #[arg(long)]
    pub webfinger: bool,
    /// The ledger to propose; without it, one with a random name.
    #[arg(long, conflicts_with = "webfinger")]
    pub prefix: Option<String>,
    /// The name of our account on it; without it, our public key.
    #[arg(long, conflicts_with = "webfinger")]
    pub account: Option<String>,
    /// Put the token into the letter. Only where nobody else can read it.
    #[arg(long, conflicts_with = "webfinger")]
    pub with_token: bool,
    /// Write the letter into this file too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Keep the offer, its token and the limit in this file until the answer comes.
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c peer accept`.
#[derive(Args, Debug)]
pub struct Accept {
    /// Their letter: a file, a link, the text; - reads standard input.
    pub letter: String,
    /// The most they may owe us, in the currency, such as 100 or 12.5.
    #[arg(long, value_name = "AMOUNT")]
    pub limit: Option<String>,
    /// A file of mode 0600 with the token that they told, where the letter has none; - reads standard input.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// What was kept of our offer, which this is the answer to.
    #[arg(long, value_name = "FILE")]
    pub invitation: Option<PathBuf>,
    /// Refuse the offer, for this reason.
    #[arg(long, value_name = "REASON", num_args = 0..=1, default_missing_value = "", conflicts_with = "counter")]
    pub refuse: Option<String>,
    /// Offer other terms instead.
    #[arg(long, requires = "limit")]
    pub counter: bool,
    /// With --counter: another currency.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// With --counter: another scale.
    #[arg(long, value_name = "DECIMALS")]
    pub scale: Option<String>,
    /// With --counter: another ledger.
    #[arg(long, requires = "counter")]
    pub prefix: Option<String>,
    /// The name of our account on the ledger; without it, our public key.
    #[arg(long)]
    pub account: Option<String>,
    /// Put our token into the answer. Only where nobody else can read it.
    #[arg(long)]
    pub with_token: bool,
    /// Write the answer into this file too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Keep our answer and its token in this file.
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c routes`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("amount").args(["source_amount", "destination_amount"])))]
pub struct Routes {
    /// Only routes whose target lies under this; with --why the destination address.
    #[arg(value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Only routes from this ledger.
    #[arg(long, value_name = "LEDGER")]
    pub source: Option<String>,
    /// Say who carries a payment, and why nobody else.
    #[arg(long, requires_all = ["prefix", "source", "amount"])]
    pub why: bool,
    /// What goes in, in base units.
    #[arg(long, value_name = "UNITS", requires = "why")]
    pub source_amount: Option<u64>,
    /// What shall come out, in base units.
    #[arg(long, value_name = "UNITS", requires = "why")]
    pub destination_amount: Option<u64>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c account`.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Open an account with what the connector's own pays it to begin with.
    Open {
        /// The ledger, such as example.green.
        ledger: String,
        /// The account's name there.
        name: String,
        /// What it begins with, in base units.
        #[arg(long, default_value_t = 0, value_name = "UNITS")]
        balance: u64,
        /// It never falls below this, in base units; below 0 it is a credit.
        #[arg(
            long,
            default_value_t = 0,
            value_name = "UNITS",
            allow_negative_numbers = true
        )]
        minimum: i128,
        #[command(flatten)]
        server: Server,
    },
    /// List the accounts.
    List {
        #[command(flatten)]
        server: Server,
    },
}

/// `c2c invoice`.
#[derive(Args, Debug)]
pub struct Invoice {
    /// The account that is to be paid, such as example.green.bob.
    pub account: String,
    /// The least to pay, in base units.
    #[arg(value_name = "UNITS")]
    pub amount: u64,
    /// Until when, such as 2017-06-14T11:58:18.509Z. Without it, for a day.
    #[arg(long, value_name = "TIME")]
    pub expires_at: Option<String>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c quote`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("quoted").args(["source_amount", "destination_amount"])))]
pub struct Quote {
    /// Where the money would come from: an account or a ledger of the server.
    pub source: String,
    /// The receiver's address.
    pub destination: String,
    /// What is sent, in base units.
    #[arg(long, value_name = "UNITS")]
    pub source_amount: Option<u64>,
    /// What shall arrive, in base units.
    #[arg(long, value_name = "UNITS")]
    pub destination_amount: Option<u64>,
    /// How long the receiver's ledger is to hold the money, in milliseconds.
    #[arg(long, value_name = "MS")]
    pub hold_ms: Option<u64>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c pay`.
#[derive(Args, Debug)]
pub struct Pay {
    /// The account that pays, such as example.green.alice.
    pub from: String,
    /// The receiver's address.
    pub destination: String,
    /// What shall arrive, in base units of the receiver's ledger.
    #[arg(value_name = "UNITS")]
    pub amount: u64,
    /// What the receiver's fulfillment meets: 43 characters of base64url.
    #[arg(long)]
    pub condition: String,
    /// What the account pays, in base units of its ledger. Without it, what a quote says.
    #[arg(long, value_name = "UNITS")]
    pub source_amount: Option<u64>,
    /// Until when it may be made, such as 2017-06-14T11:58:18.509Z.
    #[arg(long, value_name = "TIME")]
    pub expires_at: Option<String>,
    /// A name for the payment, so that the same command again is the same payment.
    #[arg(long, requires = "expires_at")]
    pub id: Option<String>,
    /// Which server.
    #[command(flatten)]
    pub server: Server,
}

/// `c2c validate`.
#[derive(Args, Debug)]
pub struct Validate {
    /// The file with the routing update; - reads standard input.
    pub file: PathBuf,
    /// Which schema holds.
    #[arg(long, value_enum, default_value_t = Profile::Deployed)]
    pub profile: Profile,
}

/// The two dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// The schemas that the specification cites (ilp-connector 17).
    Cited,
    /// What ilp-kit 3 ran (ilp-connector 21).
    Deployed,
}

/// `c2c merge`.
#[derive(Args, Debug)]
pub struct Merge {
    /// Files with a curve each: base64 as on the wire, or JSON pairs [[x, y], …].
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// `c2c config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every setting with its value and where that comes from.
    Explain(Settings),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn why_asks_for_what_it_needs() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(parse("c2c routes --why").is_err());
        assert!(parse("c2c routes g.x --why --source g.y. --source-amount 5").is_ok());
        assert!(
            parse("c2c routes g.x --why --source g.y. --source-amount 5 --destination-amount 6")
                .is_err()
        );
        assert!(parse("c2c quote g.x. g.y.z --source-amount 1 --destination-amount 1").is_err());
        assert!(parse("c2c quote g.x. g.y.z").is_ok());
        assert!(parse("c2c pay g.x.a g.y.z 5").is_err());
        assert!(parse("c2c pay g.x.a g.y.z 5 --condition c --id i").is_err());
        assert!(parse("c2c pay g.x.a g.y.z 5 --condition c").is_ok());
        assert!(parse("c2c peer list --json --server http://127.0.0.1:1").is_ok());
    }
}

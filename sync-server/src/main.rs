//! `roadbook-server`: the host of the sync server. Reads the clock, the environment and the
//! arguments, and passes them on; everything else lives in the library.

use clap::Parser;

/// The Roadbook sync server.
#[derive(Debug, Parser)]
#[command(name = "roadbook-server", version)]
struct Arguments {}

fn main() {
    Arguments::parse();
}

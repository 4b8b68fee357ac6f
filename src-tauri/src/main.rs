//! `roadbook-window`: Roadbook in a window of the desktop. Everything is in the library, which a
//! phone loads instead of this program.

fn main() -> std::process::ExitCode {
    roadbook_window::main()
}

//! Does nothing: Cargo wants a build script from every package with a `links` key.

fn main() {}

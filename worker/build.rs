//! Writes openapi.json once more, without the white space between its tokens: 0.3 KB less to upload.

use std::{env, error::Error, fs, path::PathBuf};

const DOCUMENT: &str = "openapi.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(folder.join(DOCUMENT), dense(&fs::read_to_string(DOCUMENT)?))?;
    Ok(())
}

/// JSON as it is, but for white space outside of its texts.
fn dense(json: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let stays = |character: &char| {
        let stays = in_text || !character.is_ascii_whitespace();
        in_text ^= *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        stays
    };
    json.chars().filter(stays).collect()
}

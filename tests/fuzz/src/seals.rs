//! Sealed bytes: nothing opens but what was sealed, bit for bit, for that purpose and that row.

use tillgate_worker::fuzz::{Keys, open_row, seal_row};

const KEYS: &str =
    "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,k2:__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA";
const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [1; 12];
/// No word of a message is as long.
const MAX_WORD_BYTES: usize = 20;

/// Bytes as a cookie's text, as a wrapped key and as a row; and what our own seals become when these bytes change them.
pub fn sealed(data: &[u8]) {
    let keys = Keys::parse(KEYS).expect("two keys");
    let text = keys
        .seal_text("session", b"plaintext", NONCE)
        .expect("a key");
    assert_eq!(
        keys.open_text("session", &text).as_deref(),
        Some(&b"plaintext"[..])
    );
    assert_eq!(keys.open_text("login", &text), None, "another purpose");
    if let Ok(foreign) = str::from_utf8(data) {
        let opened = keys.open_text("session", foreign).is_some();
        assert!(!opened || foreign == text, "a forged text opens");
    }
    let changed = String::from_utf8_lossy(&changed(text.as_bytes(), data)).into_owned();
    assert!(changed == text || keys.open_text("session", &changed).is_none());
    wrapped(&keys, data);
    row(data);
}

fn wrapped(keys: &Keys, data: &[u8]) {
    let wrapped = keys.wrap("key/till", KEY, NONCE).expect("a key");
    assert!(keys.unwraps("key/till", &wrapped) && !keys.unwraps("key/till2", &wrapped));
    assert!(
        data == wrapped || !keys.unwraps("key/till", data),
        "a forged key opens"
    );
    let changed = changed(&wrapped, data);
    assert!(changed == wrapped || !keys.unwraps("key/till", &changed));
}

fn row(data: &[u8]) {
    let sealed = seal_row(KEY, "connection/till", data, NONCE).expect("it is short");
    assert_eq!(
        open_row(KEY, "connection/till", &sealed).as_deref(),
        Some(data)
    );
    assert_eq!(open_row(KEY, "sessions/till", &sealed), None, "another row");
    let forged = changed(&sealed, data);
    assert!(forged == sealed || open_row(KEY, "connection/till", &forged).is_none());
    if open_row(KEY, "connection/till", data).is_some() {
        // Only what was sealed under this nonce opens, and that begins with it.
        assert!(data.get(1..13) == Some(&NONCE[..]), "a forged row opens");
    }
}

/// `sealed` with a byte changed: the data says which, and by what.
fn changed(sealed: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = sealed.to_vec();
    let [place, flip, ..] = data else {
        return bytes;
    };
    let place = usize::from(*place) % bytes.len();
    bytes[place] ^= flip;
    bytes
}

/// The text of `TILLGATE_SEAL_KEYS`: what is accepted seals and opens, and what is refused is not repeated.
pub fn keys(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match Keys::parse(text) {
        Ok(keys) => {
            let sealed = keys
                .seal_text("session", b"plaintext", NONCE)
                .expect("a key");
            assert_eq!(
                keys.open_text("session", &sealed).as_deref(),
                Some(&b"plaintext"[..])
            );
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            // What may be a key: a fuzzer writes the words of a message by itself.
            let keys = text.split([',', ':', '\n', ' ']);
            for key in keys.filter(|key| key.len() >= MAX_WORD_BYTES) {
                let told = mistakes.iter().any(|mistake| mistake.contains(key));
                assert!(!told, "a mistake repeats {key:?}");
            }
        }
    }
}

//! What sealing promises: nothing opens elsewhere, changed, cut or without its key, and rotation loses nothing.

use proptest::prelude::*;

use super::*;

/// 32 bytes 0, 1, 2, … and two others.
const K1: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const K2: &str = "k2:__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA";
const NONCE: Nonce = [7; 12];

fn keys(text: &str) -> SealKeys {
    SealKeys::parse(text).unwrap()
}

fn data_key() -> DataKey {
    let mut bytes = [9; 32];
    bytes[0] = 1;
    DataKey::from_random(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Expected bytes computed with Node's `hkdfSync` and `aes-256-gcm` from the layouts in the module documentation.
#[test]
fn stored_formats_are_what_another_implementation_computes() {
    let keys = keys(K1);
    let wrapped = keys.wrap("row-1", &data_key(), NONCE).unwrap();
    assert_eq!(
        hex(&wrapped),
        "01026b31070707070707070707070707424c99871afa1de6d0297df69600001d41292f259eb9e3a59c1e1aba3b4bb08c0c89056cc6c3aa71d23e1dff7fac40d5"
    );
    let row = data_key().seal("row-1", b"hello", NONCE).unwrap();
    assert_eq!(
        hex(&row),
        "0107070707070707070707070762188d2a0d4c817b46fbfe741ec2d61e6839cd411a"
    );
    let text = keys.seal_text("session", b"hello", NONCE).unwrap();
    assert_eq!(text, "AQJrMQcHBwcHBwcHBwcHB7VSupabYTMSMhZSTVRuCW6VvqLB7g");
    let fingerprint = keys.fingerprint("client secret", b"s3cr3t!").unwrap();
    assert_eq!(
        hex(&fingerprint),
        "fda5f5119d10a8b8510eab13286f5308a3d7f21236a2ae36d6d55e2d76a2146c"
    );
}

#[test]
fn a_row_with_any_byte_changed_does_not_open() {
    let row = data_key().seal("row-1", b"hello", NONCE).unwrap();
    for at in 0..row.len() {
        for flip in [1, 0x80, 0xFF] {
            let mut changed = row.clone();
            changed[at] ^= flip;
            assert!(data_key().open("row-1", &changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_wrapped_key_with_any_byte_changed_does_not_unwrap() {
    let keys = keys(&format!("{K1},{K2}"));
    let wrapped = keys.wrap("row-1", &data_key(), NONCE).unwrap();
    for at in 0..wrapped.len() {
        for flip in 1..=255 {
            let mut changed = wrapped.clone();
            changed[at] ^= flip;
            assert!(keys.unwrap("row-1", &changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_sealed_text_with_any_character_changed_does_not_open() {
    let keys = keys(K1);
    let text = keys.seal_text("session", b"hello", NONCE).unwrap();
    for at in 0..text.len() {
        for other in "ABCDabcd0123-_=+ /"
            .chars()
            .filter(|other| text.chars().nth(at) != Some(*other))
        {
            let changed: String = text
                .chars()
                .enumerate()
                .map(|(i, c)| if i == at { other } else { c })
                .collect();
            assert!(
                keys.open_text("session", &changed).is_err(),
                "character {at} as {other}"
            );
        }
    }
}

#[test]
fn nothing_opens_when_it_is_cut_at_any_length() {
    let keys = keys(K1);
    let wrapped = keys.wrap("row-1", &data_key(), NONCE).unwrap();
    let row = data_key().seal("row-1", b"hello", NONCE).unwrap();
    let text = keys.seal_text("session", b"hello", NONCE).unwrap();
    assert!((0..wrapped.len()).all(|end| keys.unwrap("row-1", &wrapped[..end]).is_err()));
    assert!((0..row.len()).all(|end| data_key().open("row-1", &row[..end]).is_err()));
    assert!(
        (0..text.len()).all(|end| keys.open_text("session", text.get(..end).unwrap()).is_err())
    );
}

#[test]
fn nothing_opens_in_the_place_of_something_else() {
    let keys = keys(K1);
    let wrapped = keys.wrap("row-1", &data_key(), NONCE).unwrap();
    let row = data_key().seal("row-1", b"hello", NONCE).unwrap();
    let text = keys.seal_text("session", b"hello", NONCE).unwrap();
    assert_eq!(
        keys.unwrap("row-2", &wrapped).unwrap_err(),
        SealError::Tampered
    );
    assert_eq!(
        data_key().open("row-2", &row).unwrap_err(),
        SealError::Tampered
    );
    assert_eq!(
        keys.open_text("state", &text).unwrap_err(),
        SealError::Tampered
    );
    let as_text = Base64UrlUnpadded::encode_string(&wrapped);
    assert_eq!(
        keys.open_text("session", &as_text).unwrap_err(),
        SealError::Tampered
    );
    assert_eq!(
        DataKey::from_random([3; 32])
            .open("row-1", &row)
            .unwrap_err(),
        SealError::Tampered
    );
}

#[test]
fn rotation_opens_what_the_older_key_sealed_and_says_so() {
    let (before, during) = (keys(K1), keys(&format!("{K2},{K1}")));
    let wrapped = before.wrap("row-1", &data_key(), NONCE).unwrap();
    let (opened, freshness) = during.unwrap("row-1", &wrapped).unwrap();
    assert_eq!(freshness, Freshness::OlderKey);

    let again = during.wrap("row-1", &opened, NONCE).unwrap();
    let (opened, freshness) = keys(K2).unwrap("row-1", &again).unwrap();
    assert_eq!(
        (opened.bytes(), freshness),
        (data_key().bytes(), Freshness::CurrentKey)
    );

    let cookie = before.seal_text("session", b"hello", NONCE).unwrap();
    assert_eq!(*during.open_text("session", &cookie).unwrap(), b"hello");
}

#[test]
fn a_key_that_was_removed_is_told_from_tampering() {
    let wrapped = keys(K1).wrap("row-1", &data_key(), NONCE).unwrap();
    assert_eq!(
        keys(K2).unwrap("row-1", &wrapped).unwrap_err(),
        SealError::UnknownKey
    );
    let cookie = keys(K1).seal_text("session", b"hello", NONCE).unwrap();
    assert_eq!(
        keys(K2).open_text("session", &cookie).unwrap_err(),
        SealError::UnknownKey
    );
}

#[test]
fn a_key_that_was_replaced_under_the_same_id_opens_nothing() {
    let wrapped = keys(K1).wrap("row-1", &data_key(), NONCE).unwrap();
    assert_eq!(
        keys(&K2.replace("k2", "k1"))
            .unwrap("row-1", &wrapped)
            .unwrap_err(),
        SealError::Tampered
    );
}

#[test]
fn a_later_version_is_malformed_and_not_tampered() {
    assert_eq!(
        data_key().open("row-1", &[2; 60]).unwrap_err(),
        SealError::Malformed
    );
    assert_eq!(
        keys(K1).unwrap("row-1", &[2; 60]).unwrap_err(),
        SealError::Malformed
    );
}

#[test]
fn a_fingerprint_is_recognised_through_a_rotation_and_by_its_value_alone() {
    let stored = keys(K1).fingerprint("client secret", b"s3cr3t!").unwrap();
    let during = keys(&format!("{K2},{K1}"));
    assert_eq!(
        keys(K1).recognise("client secret", b"s3cr3t!", &stored),
        Some(Freshness::CurrentKey)
    );
    assert_eq!(
        during.recognise("client secret", b"s3cr3t!", &stored),
        Some(Freshness::OlderKey)
    );
    assert_eq!(during.recognise("client secret", b"s3cr3t?", &stored), None);
    assert_eq!(during.recognise("caller", b"s3cr3t!", &stored), None);
    assert_eq!(
        during.recognise("client secret", b"s3cr3t!", &stored[..31]),
        None
    );
    assert_eq!(
        keys(K2).recognise("client secret", b"s3cr3t!", &stored),
        None
    );
}

#[test]
fn without_keys_nothing_is_sealed_and_nothing_opens() {
    let (none, wrapped) = (
        SealKeys::default(),
        keys(K1).wrap("row-1", &data_key(), NONCE).unwrap(),
    );
    assert_eq!(
        none.wrap("row-1", &data_key(), NONCE).unwrap_err(),
        SealError::UnknownKey
    );
    assert_eq!(
        none.seal_text("session", b"hello", NONCE).unwrap_err(),
        SealError::UnknownKey
    );
    assert_eq!(
        none.unwrap("row-1", &wrapped).unwrap_err(),
        SealError::UnknownKey
    );
}

#[test]
fn nothing_of_a_key_is_shown_by_debug() {
    let shown = format!("{:?} {:?}", keys(K1), data_key());
    assert!(
        !shown.contains("AAEC") && !shown.contains("0, 1, 2"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn what_is_sealed_opens_again(context: String, plaintext: Vec<u8>, key: [u8; 32], nonce: Nonce) {
        let keys = keys(K1);
        let data_key = DataKey::from_random(key);
        let wrapped = keys.wrap(&context, &data_key, nonce).unwrap();
        let (unwrapped, freshness) = keys.unwrap(&context, &wrapped).unwrap();
        prop_assert_eq!(freshness, Freshness::CurrentKey);
        let row = data_key.seal(&context, &plaintext, nonce).unwrap();
        prop_assert_eq!(&*unwrapped.open(&context, &row).unwrap(), &plaintext);
        let text = keys.seal_text(&context, &plaintext, nonce).unwrap();
        prop_assert_eq!(&*keys.open_text(&context, &text).unwrap(), &plaintext);
    }

    #[test]
    fn foreign_bytes_are_refused_without_a_panic(bytes: Vec<u8>, text: String) {
        let keys = keys(K1);
        prop_assert!(keys.unwrap("row-1", &bytes).is_err());
        prop_assert!(data_key().open("row-1", &bytes).is_err());
        prop_assert!(keys.open_text("session", &text).is_err());
        prop_assert!(keys.open_text("session", &Base64UrlUnpadded::encode_string(&bytes)).is_err());
        let _ = SealKeys::parse(&text);
    }
}

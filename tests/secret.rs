//! What is taken for a secret, and what for the text of an example.

use tillgate_core::secret::{
    AccessToken, AuthorizationCode, ClientSecret, ClientSecretError, MAX_CODE_BYTES,
    MAX_TOKEN_BYTES, is_placeholder,
};

#[test]
fn a_token_has_up_to_four_kibibytes_and_a_code_up_to_512_bytes() {
    assert_eq!((MAX_TOKEN_BYTES, MAX_CODE_BYTES), (4096, 512));
    assert!(AccessToken::parse(&"t".repeat(4096)).is_some());
    assert!(AccessToken::parse(&"t".repeat(4097)).is_none());
    assert!(AuthorizationCode::parse(&"c".repeat(512)).is_some());
    assert!(AuthorizationCode::parse(&"c".repeat(513)).is_none());
    assert!(AccessToken::parse("").is_none());
}

#[test]
fn what_documentation_writes_in_a_value_s_place_is_a_placeholder() {
    for text in [
        "your_client_secret_here",
        "YOUR-SECRET",
        "changeme",
        "{{client_secret}}",
        "{secret}",
        "<secret>",
        "[secret]",
        "…",
        "***",
        "...",
    ] {
        assert!(is_placeholder(text), "{text}");
        let refused = ClientSecret::parse(text).err();
        assert_eq!(refused, Some(ClientSecretError::Placeholder), "{text}");
    }
}

#[test]
fn what_only_begins_or_ends_like_one_is_a_secret() {
    for text in [
        "{abc",
        "abc}",
        "<abc",
        "a>",
        "not-your_secret",
        "a…",
        "s3cr3t!",
    ] {
        assert!(!is_placeholder(text), "{text}");
        assert!(ClientSecret::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn a_line_break_at_the_end_is_no_part_of_a_secret() {
    let secret = ClientSecret::parse("s3cr3t!\r\n").unwrap();
    assert_eq!(secret.expose("this is a test"), "s3cr3t!");
}

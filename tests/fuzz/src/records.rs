//! What is stored: bytes that are read are written again as the same record, and a record never hands out a dead token.

use tillgate_core::{
    authorization::Authorization,
    breaker::Breaker,
    connection::{Connection, Flight, Renewal, Step, Ticket},
    json::Json,
    time::UnixTime,
};

const TIMES: [u64; 5] = [0, 1_795_600_000, 1_795_603_600, 1_827_136_000, u64::MAX];

/// A connection's record.
pub fn connection(data: &[u8]) {
    let Ok(connection) = Connection::from_record(data) else {
        return;
    };
    let written = connection.to_record();
    let again = Connection::from_record(&written).expect("what is written is a record");
    assert_eq!(again.to_record(), written);
    for now in TIMES.map(UnixTime::from_seconds) {
        for renewal in [Renewal::Exchange, Renewal::Login] {
            let step = connection.step(now, renewal, Flight::None);
            let uses = matches!(step, Step::Use | Step::UseAndRefresh);
            assert!(
                !uses || connection.token(now).is_some(),
                "{step:?} without a token"
            );
        }
        if let Some(token) = connection.token(now) {
            assert!(now < token.expires_at(), "a token that has ended");
        }
    }
    let ticket = connection.ticket();
    assert_eq!(Ticket::parse(&ticket.to_string()), Some(ticket));
}

/// A breaker's record: whatever was stored, it lets an exchange pass one day.
pub fn breaker(data: &[u8]) {
    let mut breaker = Breaker::from_record(data);
    assert_eq!(Breaker::from_record(&breaker.to_record()), breaker);
    let end = UnixTime::from_seconds(u64::MAX);
    let blocked = breaker.admit(UnixTime::from_seconds(1_795_600_000)).err();
    if let Some(blocked) = blocked {
        assert!(breaker.admit(blocked.until).is_ok() || blocked.until == end);
    }
}

/// A login's record.
pub fn login(data: &[u8]) {
    let Some(login) = Json::parse(data).and_then(|json| Authorization::from_record(&json)) else {
        return;
    };
    let json = Json::parse(login.to_record().as_bytes()).expect("a record is JSON");
    assert_eq!(Authorization::from_record(&json), Some(login));
}

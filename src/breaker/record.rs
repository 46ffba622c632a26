//! A breaker as bytes: JSON without anything secret. Bytes that cannot be read count as nothing known, since the worst
//! that follows is one exchange too many.

use super::{Breaker, Fault};
use crate::{
    exchange::ExchangeError,
    json::{self, Json, Object},
};

impl Breaker {
    /// The bytes to store.
    pub fn to_record(&self) -> Vec<u8> {
        let mut record = Object::new();
        let troubled = json::list(&self.troubled, |account| json::text(account));
        record.json("troubled", &troubled);
        if let Some(fault) = &self.fault {
            record.json("fault", &write_fault(fault));
        }
        record.finish().into_bytes()
    }

    /// The breaker that [`Breaker::to_record`] wrote.
    pub fn from_record(bytes: &[u8]) -> Self {
        let record = Json::parse(bytes).unwrap_or(Json::Null);
        let accounts = record.get("troubled").and_then(Json::items);
        let mut troubled = Vec::new();
        for account in accounts.unwrap_or_default() {
            troubled.extend(account.as_text().map(str::to_owned));
        }
        Self {
            fault: record.get("fault").and_then(read_fault),
            troubled,
        }
    }
}

fn write_fault(fault: &Fault) -> String {
    let mut json = Object::new();
    fault
        .error
        .write(&mut json)
        .whole("count", fault.count.into())
        .time("until", fault.until)
        .finish()
}

fn read_fault(json: &Json) -> Option<Fault> {
    Some(Fault {
        error: ExchangeError::read(json)?,
        count: json.whole("count")?.try_into().ok()?,
        until: json.time("until")?,
    })
}

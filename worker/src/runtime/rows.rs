//! A Durable Object's storage, as JavaScript hands it in.

use js_sys::Uint8Array;
use tillgate_core::time::UnixTime;
use wasm_bindgen::prelude::*;

use super::milliseconds;
use crate::vault::rows::Rows;

#[wasm_bindgen]
extern "C" {
    /// A Durable Object's rows, see `worker/rows.js`.
    pub type JsRows;
    #[wasm_bindgen(method)]
    fn get(this: &JsRows, name: &str) -> Option<Uint8Array>;
    #[wasm_bindgen(method)]
    fn put(this: &JsRows, name: &str, value: &[u8]);
    #[wasm_bindgen(method)]
    fn delete(this: &JsRows, name: &str);
    #[wasm_bindgen(method)]
    fn names(this: &JsRows, after: &str, limit: u32) -> Vec<String>;
    #[wasm_bindgen(method)]
    fn clear(this: &JsRows);
    #[wasm_bindgen(method)]
    fn append(this: &JsRows, what: &str, failed: bool, entry: &str, most: u32);
    #[wasm_bindgen(method, js_name = lastFailure)]
    fn last_failure(this: &JsRows, what: &str) -> Option<String>;
    #[wasm_bindgen(method)]
    fn trail(this: &JsRows, before: u32, limit: u32) -> Vec<String>;
    #[wasm_bindgen(method, js_name = setAlarm)]
    fn set_alarm(this: &JsRows, milliseconds: Option<f64>);
}

impl Rows for JsRows {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.get(name).map(|bytes| bytes.to_vec())
    }
    fn put(&self, name: &str, value: &[u8]) {
        self.put(name, value);
    }
    fn delete(&self, name: &str) {
        self.delete(name);
    }
    fn names(&self, after: &str, limit: u32) -> Vec<String> {
        self.names(after, limit)
    }
    fn clear(&self) {
        self.clear();
    }
    fn append(&self, what: &str, failed: bool, entry: &str, most: u32) {
        self.append(what, failed, entry, most);
    }
    fn last_failure(&self, what: &str) -> Option<String> {
        self.last_failure(what)
    }
    fn trail(&self, before: u32, limit: u32) -> Vec<String> {
        self.trail(before, limit)
    }
    fn set_alarm(&self, at: Option<UnixTime>) {
        self.set_alarm(at.map(milliseconds));
    }
}

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tillgate_fuzz::messages::message_or_reply(data));

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tillgate_fuzz::form::pairs(data));

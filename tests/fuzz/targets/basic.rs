#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tillgate_fuzz::answers::basic(data));

#![no_main]

// A mistake that only a coverage-guided fuzzer finds within a second: it shows that the others would find theirs.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let [b'b', b'u', b'g', b'!', ..] = data {
        panic!("the planted mistake");
    }
});

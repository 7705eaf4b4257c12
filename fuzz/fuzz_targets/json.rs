//! Any bytes as the text of a request: refused where, and as what, the oracle refuses them.
#![no_main]

#[path = "../../loyalty-rules/src/api/json/oracle.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use loyalty_rules::api;
use loyalty_rules::error::Fault;

const REFUSED: [Fault; 6] =
    [Fault::RequestTooLarge, Fault::NotJson, Fault::ByteOrderMark, Fault::NotAnObject, Fault::TooDeep, Fault::DuplicateKey];

fuzz_target!(|request: &[u8]| {
    let answer = api::answer("stopwatch.lucky_digit", request);
    let refusal = answer.as_ref().err().filter(|refusal| REFUSED.contains(&refusal.fault()));
    let refused = refusal.map(|refusal| (refusal.fault(), refusal.path().to_owned()));
    assert_eq!(refused, oracle::read(request).err());
});

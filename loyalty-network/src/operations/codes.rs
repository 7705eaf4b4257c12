//! What the channels' codes mean.

use crate::Codes;
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Refusal, answer, operations, record};
use loyalty_rules::error::Error;
use loyalty_rules::quantity::Count;

operations! {
    "record.codes" ["OR-6"] "What the channels' codes mean.": codes, CodesRequest => CodesAnswer;
}

record! {
    /// Codes and the lines that use them.
    pub struct CodesRequest {
        /// What the codes mean.
        codes: Vec<CodeFields>,
        /// The lines.
        lines: Vec<CodedLine>,
    }
}

record! {
    /// A code and its product.
    pub struct CodeFields {
        /// The channel that uses it; all that have no meaning of their own if absent.
        channel: Option<String>,
        /// The code.
        code: String,
        /// The product.
        sku: String,
    }
}

record! {
    /// A code as a channel sent it.
    pub struct CodedLine {
        /// The channel.
        channel: String,
        /// The code.
        code: String,
    }
}

answer! {
    /// The products of the lines.
    pub struct CodesAnswer {
        /// One a line; null for an unknown code.
        skus: Vec<Option<String>>,
        /// The unknown codes, by channel and code.
        unknown: Vec<UnknownCodeAnswer>,
    }
}

answer! {
    /// A code without a product.
    pub struct UnknownCodeAnswer {
        /// The channel.
        channel: String,
        /// The code.
        code: String,
        /// How many lines have it.
        count: Count,
    }
}

/// What the codes of a request mean.
pub(super) fn meanings(codes: &[CodeFields]) -> Result<Codes<'_>, Error> {
    Codes::new(codes.iter().map(|code| (code.channel.as_deref(), code.code.as_str(), code.sku.as_str())))
}

fn codes(request: &CodesRequest) -> Result<CodesAnswer, Refusal> {
    let codes = meanings(&request.codes)?;
    let lines = || request.lines.iter().map(|line| (line.channel.as_str(), line.code.as_str()));
    let unknown = |(channel, code, count): (&str, &str, usize)| {
        let count = Count::new(i64::try_from(count).unwrap_or(i64::MAX))?;
        Ok(UnknownCodeAnswer { channel: channel.into(), code: code.into(), count })
    };
    Ok(CodesAnswer {
        skus: lines().map(|(channel, code)| codes.sku(channel, code).map(String::from)).collect(),
        unknown: codes.unknown(lines()).into_iter().map(unknown).collect::<Result<_, Error>>()?,
    })
}

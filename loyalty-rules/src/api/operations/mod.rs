//! The operations by group: each declared once with its request, its answer and the call of its rule.

mod around;
mod award;
mod channels;
mod clearing;
mod consignment;
mod guarantee;
mod ledger;
mod money;
mod orders;
mod plan;
mod points;
mod program;
mod record;
mod rewards;
mod simulate;
mod split;
mod statement;
mod steer;
mod stopwatch;
mod tables;
mod text;
mod voucher;

use super::Operation;

pub(super) const GROUPS: &[&[Operation]] = &[
    money::OPERATIONS,
    tables::OPERATIONS,
    stopwatch::OPERATIONS,
    award::OPERATIONS,
    around::OPERATIONS,
    split::OPERATIONS,
    guarantee::OPERATIONS,
    clearing::OPERATIONS,
    consignment::OPERATIONS,
    points::OPERATIONS,
    rewards::OPERATIONS,
    voucher::OPERATIONS,
    ledger::OPERATIONS,
    statement::OPERATIONS,
    record::OPERATIONS,
    channels::OPERATIONS,
    orders::OPERATIONS,
    plan::OPERATIONS,
    steer::OPERATIONS,
    simulate::OPERATIONS,
    program::OPERATIONS,
    text::OPERATIONS,
];

/// Declares the operations of a group: name, rules, summary, function, request and answer.
macro_rules! operations {
    ($($name:literal [$rules:literal] $summary:literal: $run:path, $request:ty => $answer:ty;)*) => {
        pub(super) const OPERATIONS: &[$crate::api::Operation] = &[$(
            $crate::api::Operation {
                name: $name,
                rules: $rules,
                summary: $summary,
                run: |node| {
                    let request = <$request as $crate::api::wire::Read>::read(node, &$crate::api::wire::Path::Root)?;
                    let answer: $answer = $run(&request)?;
                    Ok($crate::api::wire::to_json(&answer))
                },
                #[cfg(feature = "schema")]
                describe: |defs| {
                    [<$request as $crate::api::wire::Describe>::schema(defs), <$answer as $crate::api::wire::Describe>::schema(defs)]
                },
            },
        )*];
    };
}
use operations;

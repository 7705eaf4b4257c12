//! The operations by group: each declared once with its request, its answer and the call of its rule.

mod around;
mod award;
mod campaign;
mod channels;
mod clearing;
mod compliance;
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
mod territory;
mod text;
mod voucher;

use super::Operation;
use super::wire::Run;

/// An operation's name, and what runs it.
pub(super) type Named = (&'static str, Run);

/// What is told of the operations stands apart from what runs them, so that a library that only runs them holds no summaries.
macro_rules! groups {
    ($($group:ident,)*) => {
        pub(super) const GROUPS: &[&[Operation]] = &[$($group::OPERATIONS,)*];
        pub(super) const RUNS: &[&[Named]] = &[$($group::RUNS,)*];
    };
}

groups! {
    money,
    tables,
    stopwatch,
    award,
    around,
    split,
    guarantee,
    clearing,
    consignment,
    points,
    rewards,
    voucher,
    ledger,
    statement,
    record,
    channels,
    orders,
    plan,
    steer,
    simulate,
    program,
    campaign,
    compliance,
    territory,
    text,
}

/// Declares the operations of a group: name, rules, summary, function, request and answer.
macro_rules! operations {
    ($($name:literal [$rules:literal] $summary:literal: $run:path, $request:ty => $answer:ty;)*) => {
        pub(super) const OPERATIONS: &[$crate::api::Operation] = &[$(
            $crate::api::Operation {
                name: $name,
                rules: $rules,
                summary: $summary,
                #[cfg(feature = "schema")]
                describe: |defs| {
                    [<$request as $crate::api::wire::Describe>::schema(defs), <$answer as $crate::api::wire::Describe>::schema(defs)]
                },
            },
        )*];

        pub(super) const RUNS: &[$crate::api::operations::Named] = &[$(
            ($name, |at, json| {
                let request = <$request as $crate::api::wire::Read>::read(at);
                at.accepted()?;
                let answer: $answer = $run(&request)?;
                $crate::api::wire::Write::write(&answer, json);
                Ok(())
            }),
        )*];
    };
}
use operations;

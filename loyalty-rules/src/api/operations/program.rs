//! The program document.

use alloc::string::{String, ToString};

use super::operations;
use crate::api::document::ProgramDocument;
use crate::api::fields::Hex;
use crate::api::wire::{Path, Refusal, Whole, answer, record};
use crate::award::Nature;
use crate::error::Fault;
use crate::quantity::{Rate, Rupiah};

operations! {
    "program.check" ["AW-11 SW-5 SW-7"] "Proves a program and states what it can cost.": check, CheckProgram => CheckedProgram;
    "program.compile" ["AW-11"] "The compiled form of a program.": compile, CompileProgram => CompiledProgram;
    "program.load" ["AW-11"] "The program of a compiled form, proved again.": load, CompiledFields => LoadedProgram;
}

const PROGRAM: Path<'static> = Path::Key(&Path::Root, "program");

record! {
    /// A program, and the amount whose largest award is asked for.
    pub struct CheckProgram {
        /// The program document.
        program: ProgramDocument,
        /// A receipt's amount in rupiah.
        amount: Option<Rupiah>,
    }
}

answer! {
    /// What the proof shows.
    pub struct CheckedProgram {
        /// Always true; what is wrong is refused.
        ok: bool,
        /// The name of the rate table, `own` for the merchant's own.
        table: String,
        /// Whether luck or skill can move the rate.
        nature: Nature,
        /// The mean rate under uniform play, in tenths of a basis point.
        uniform_tenth_bp: Whole,
        /// The rate under a forcing player, in basis points.
        forced_bp: Rate,
        /// The most one receipt of `amount` can be given, in rupiah; null without an amount.
        largest_award: Option<Rupiah>,
        /// The most a selling day can release, in rupiah; null without a budget.
        largest_day: Option<Rupiah>,
    }
}

record! {
    /// A program to compile.
    pub struct CompileProgram {
        /// The program document.
        program: ProgramDocument,
    }
}

answer! {
    /// A compiled program.
    pub struct CompiledProgram {
        /// The compiled bytes as hexadecimal digits.
        compiled_hex: Hex,
    }
}

record! {
    /// A compiled program to load.
    pub struct CompiledFields {
        /// The compiled bytes as hexadecimal digits.
        compiled_hex: Hex,
    }
}

answer! {
    /// A loaded program.
    pub struct LoadedProgram {
        /// The program document in canonical form: what is at its default is left out.
        program: ProgramDocument,
    }
}

fn check(request: &CheckProgram) -> Result<CheckedProgram, Refusal> {
    let program = request.program.prove(&PROGRAM)?;
    let table = &program.terms().table;
    if request.amount.is_some_and(|amount| amount.get() < 0) {
        return Err(Fault::Negative.error().at("amount").into());
    }
    Ok(CheckedProgram {
        ok: true,
        table: table.name().map_or_else(|| "own".to_string(), |name| name.to_string()),
        nature: program.nature(),
        uniform_tenth_bp: Whole(table.uniform_tenth_bp().into()),
        forced_bp: table.highest(),
        largest_award: request.amount.map(|amount| program.largest_award(amount)).transpose()?,
        largest_day: program.largest_day(),
    })
}

fn compile(request: &CompileProgram) -> Result<CompiledProgram, Refusal> {
    Ok(CompiledProgram { compiled_hex: Hex(request.program.compile(&PROGRAM)?) })
}

fn load(request: &CompiledFields) -> Result<LoadedProgram, Refusal> {
    let path = Path::Root.key("compiled_hex");
    Ok(LoadedProgram { program: ProgramDocument::from_compiled(&request.compiled_hex.0, &path)? })
}

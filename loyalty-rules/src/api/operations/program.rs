//! The program document.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::api::canonical;
use crate::api::document::ProgramDocument;
use crate::api::fields::Hex;
use crate::api::operations::award::decide::DecideRequest;
use crate::api::operations::award::reverse::{RefundFields, ReversedAward, reverse_decided};
use crate::api::wire::{AtMost, Path, Refusal, Whole, answer, record};
use crate::award::{Label, Language, Licence, Margin, Nature, Offers, Program, ProgramList, Warning};
use crate::calendar::CivilTime;
use crate::error::{Error, Fault};
use crate::operations;
use crate::quantity::{Count, Mode, Rate, Ratio, Rupiah};

crate::wire_words! {
    Nature;
    Warning;
}

operations! {
    "program.check" ["AW-11 SW-5 SW-7"] "Proves a program and states what it can cost.": check, CheckProgram => CheckedProgram;
    "program.compile" ["AW-11"] "The compiled form of a program.": compile, CompileProgram => CompiledProgram;
    "program.hash" ["AW-11"] "The content hash of a program.": hash, CompileProgram => ProgramHash;
    "program.in_force" ["AW-11"] "The program of a list that is in force at an instant.": in_force, ProgramsAt => InForce;
    "program.kernel" ["AW-11"] "The kernel of a program: what decides once the column is known.": kernel, CompileProgram => KernelBytes;
    "program.load" ["AW-11"] "The program of a compiled form, proved again.": load, CompiledFields => LoadedProgram;
    "program.reverse" ["AW-8"] "What a voucher of a program keeps after refunds of its purchase.": reverse, ReverseDecided => ReversedAward;
}

const PROGRAM: Path<'static> = Path::Key(&Path::Root, "program");

record! {
    /// A program, and the amount whose largest award is asked for.
    pub struct CheckProgram {
        /// The program document.
        program: ProgramDocument,
        /// A receipt's amount in rupiah.
        amount: Option<Rupiah>,
        /// The margin of the goods in basis points; without it no margin is judged.
        margin_bp: Option<Ratio>,
        /// The tax inside the price that the margin is of, in basis points.
        tax_inside_bp: Rate = Rate::ZERO,
    }
}

answer! {
    /// What the proof shows.
    pub struct CheckedProgram {
        /// Always true; what is wrong is refused.
        ok: bool,
        /// The name of the rate table, `own` for the merchant's own; `flat` or `points` without one.
        table: String,
        /// Whether luck or skill can move the rate.
        nature: Nature,
        /// The permit of a game of chance (SW-7).
        [omit] permit: Option<Label<256>>,
        /// Who waives it, and why.
        [omit] waiver: Option<Label<256>>,
        /// The mean rate under uniform play, in tenths of a basis point.
        uniform_tenth_bp: Whole,
        /// The rate under a forcing player, in basis points; what points give of a step, rounded up.
        forced_bp: Whole,
        /// No receipt of `amount` is given more, in rupiah; null without an amount.
        largest_award: Option<Rupiah>,
        /// The most a selling day can release, in rupiah; null without a budget.
        largest_day: Option<Rupiah>,
        /// Terms that can never do what they say, or that cost more than they should.
        warnings: Vec<WarningAnswer>,
    }
}

answer! {
    /// A warning of a program.
    pub struct WarningAnswer {
        /// What it is about.
        code: Warning,
        /// The setting.
        path: String,
        /// What would do.
        message: Message,
    }
}

answer! {
    /// A text in both languages.
    pub struct Message {
        /// English.
        en: String,
        /// Bahasa Indonesia.
        id: String,
    }
}

impl WarningAnswer {
    /// A warning of the program, or of the offer at a place.
    fn of((offer, code): (Option<usize>, Warning)) -> Self {
        let text = |language| code.text(language).to_string();
        let of = offer.map_or_else(|| "program".to_string(), |place| format!("program.offers[{place}]"));
        let path = if code.field().is_empty() { of } else { format!("{of}.{}", code.field()) };
        Self { code, path, message: Message { en: text(Language::English), id: text(Language::Indonesian) } }
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

answer! {
    /// The kernel of a program.
    pub struct KernelBytes {
        /// The kernel's 884 bytes as hexadecimal digits.
        kernel_hex: Hex,
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
    /// A program's content hash.
    pub struct ProgramHash {
        /// SHA-256 over the canonical program document.
        hash: Hex,
    }
}

record! {
    /// Programs that follow each other, and an instant.
    pub struct ProgramsAt {
        /// At most 1,000 program documents, in any order.
        programs: AtMost<ProgramDocument, 1_000>,
        /// The instant; its local date and time decide.
        at: CivilTime,
    }
}

answer! {
    /// The program in force; null outside all.
    pub struct InForce {
        /// Its place in the list, from 0.
        index: Option<Count>,
        /// Its id.
        id: Option<Label<64>>,
        /// Its version.
        version: Option<Count>,
    }
}

answer! {
    /// A loaded program.
    pub struct LoadedProgram {
        /// The program document in canonical form: what is at its default is left out.
        program: ProgramDocument,
    }
}

record! {
    /// A receipt as it was decided, and the refunds of its purchase.
    pub struct ReverseDecided {
        [flat] decided: DecideRequest,
        /// What was given back of the purchase, one after the other: refunds on the award's base in rupiah,
        /// exchanges, or goods of the receipt's lines.
        refunds: Vec<RefundFields>,
    }
}

fn check(request: &CheckProgram) -> Result<CheckedProgram, Refusal> {
    let offers = if request.program.has_offers() { Some(request.program.prove_offers(&PROGRAM)?) } else { None };
    let program = offers.as_ref().map_or_else(|| request.program.prove(&PROGRAM), |offers| Ok(offers.own().clone()))?;
    if request.amount.is_some_and(|amount| amount.get() < 0) {
        return Err(Fault::Negative.error().at("amount").into());
    }
    let margin = request.margin_bp.map(|of_price| Margin { of_price, tax_inside: request.tax_inside_bp });
    let largest = |amount| offers.as_ref().map_or_else(|| program.largest_award(amount), |offers| offers.largest_award(amount));
    let forced = offers.as_ref().map_or_else(|| program.highest_tenth_bp(), Offers::highest_tenth_bp)?;
    // What has no columns is as fair as it is high.
    let uniform = |program: &Program| {
        let table = &program.terms().table;
        if table.mechanism().has_columns() { Ok(table.uniform_tenth_bp().into()) } else { program.highest_tenth_bp() }
    };
    let mut of_offers = offers.iter().flat_map(Offers::programs);
    let uniform = of_offers.try_fold(uniform(&program)?, |most, (_, program)| Ok::<_, Error>(most.max(uniform(program)?)))?;
    let table = &program.terms().table;
    let own = || program.warnings(margin).map(|warning| (None, warning)).collect();
    Ok(CheckedProgram {
        ok: true,
        table: table.name().map_or_else(
            || if table.mechanism().has_columns() { "own" } else { table.mechanism().name() }.to_string(),
            |name| name.to_string(),
        ),
        nature: offers.as_ref().map_or_else(|| program.nature(), Offers::nature),
        permit: if let Some(Licence::Permit(permit)) = program.terms().licence { Some(permit) } else { None },
        waiver: if let Some(Licence::Waiver(waiver)) = program.terms().licence { Some(waiver) } else { None },
        uniform_tenth_bp: Whole(uniform),
        forced_bp: Whole(i64::try_from(Mode::Up.divide(forced.into(), 10)).unwrap_or(forced)),
        largest_award: request.amount.map(largest).transpose()?,
        largest_day: offers.as_ref().map_or_else(|| program.largest_day(), Offers::largest_day),
        warnings: offers.as_ref().map_or_else(own, |offers| offers.warnings(margin)).into_iter().map(WarningAnswer::of).collect(),
    })
}

fn compile(request: &CompileProgram) -> Result<CompiledProgram, Refusal> {
    Ok(CompiledProgram { compiled_hex: Hex(request.program.compile(&PROGRAM)?) })
}

fn kernel(request: &CompileProgram) -> Result<KernelBytes, Refusal> {
    Ok(KernelBytes { kernel_hex: Hex(request.program.prove(&PROGRAM)?.kernel().to_bytes().to_vec()) })
}

fn hash(request: &CompileProgram) -> Result<ProgramHash, Refusal> {
    Ok(ProgramHash { hash: Hex(canonical::program_hash(&request.program)?.to_vec()) })
}

fn in_force(request: &ProgramsAt) -> Result<InForce, Refusal> {
    let path = Path::Root.key("programs");
    let documents = request.programs.0.iter().enumerate();
    let programs = documents.map(|(index, document)| document.own(&path.entry(index))).collect::<Result<Vec<_>, _>>()?;
    let index = ProgramList::new(&programs)?.in_force(&request.at)?;
    let terms = index.and_then(|index| programs.get(index)).map(Program::terms);
    Ok(InForce {
        index: index.and_then(|index| i64::try_from(index).ok()).map(Count::new).transpose()?,
        id: terms.and_then(|terms| terms.id),
        version: terms.and_then(|terms| terms.version),
    })
}

fn load(request: &CompiledFields) -> Result<LoadedProgram, Refusal> {
    let path = Path::Root.key("compiled_hex");
    Ok(LoadedProgram { program: ProgramDocument::from_compiled(&request.compiled_hex.0, &path)? })
}

fn reverse(request: &ReverseDecided) -> Result<ReversedAward, Refusal> {
    reverse_decided(&request.decided, &request.refunds)
}

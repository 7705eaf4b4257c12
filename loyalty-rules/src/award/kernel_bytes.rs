//! The bytes of a kernel: numbers alone, always as many, each in a range of its own.

use super::compiled::crc32c;
use super::kernel::Kernel;
use super::ladder::Settings;
use super::terms::{Budget, Eligibility, FirstN, Latecomer, ShortBudget, SlotLimits, Slots};
use crate::error::{Error, Fault};
use crate::points::{Few, PointsTerms, Rest};
use crate::quantity::{Count, DOMAIN_MAX, Mode, PointValue, Points, Rate, Rounding, Rupiah, Unit};
use crate::tables::{Column, Mechanism, Step};

/// Magic, format, zero.
const HEAD: [u8; 8] = *b"LYKN\x01\x00\x00\x00";
const NUMBERS: usize = 109;
/// Stands for what is absent.
const ABSENT: i64 = -1;

/// The numbers of a program without points: no step, and zeros where −1 is out of range.
const NO_POINTS: [i64; 21] = {
    let mut numbers = [ABSENT; 21];
    [numbers[1], numbers[2], numbers[3]] = [0; 3];
    numbers
};

/// How many numbers in a row have which range (docs/program.md tells them).
const RANGES: [(usize, i64, i64); 16] = [
    // The mechanism, by its place in the list of words.
    (1, 0, 255),
    // Truths: exclude_voucher_paid, paused, accept_noted_digit, intro, budget.short, strict.
    (6, 0, 1),
    // Words: first_n.then, rounding.mode; their own lists refuse a place without a word.
    (2, 0, 255),
    // Held slots, rounding.unit, point_value.
    (1, 0, 1_023),
    (2, 1, DOMAIN_MAX),
    // min_cover_bp, eligibility.min_purchases.
    (2, 0, DOMAIN_MAX),
    // receipt_cap, budget.day.
    (2, ABSENT, DOMAIN_MAX),
    // The ten of first_n.n, the ten of budget.slot.
    (20, ABSENT, DOMAIN_MAX),
    // The ten rates, the ten quotas.
    (10, 0, 10_000),
    (10, 0, DOMAIN_MAX),
    // Thresholds and rates of sixteen standby steps.
    (16, ABSENT, DOMAIN_MAX),
    (16, 0, 10_000),
    // points: per or −1 without, points_per_step_milli, rest as its place, stack, min_purchase; eight multipliers, eight
    // flat bonuses.
    (1, ABSENT, DOMAIN_MAX),
    (1, 0, DOMAIN_MAX),
    (2, 0, 1),
    (17, ABSENT, DOMAIN_MAX),
];

impl Kernel {
    /// How many bytes a kernel has.
    pub const BYTES: usize = HEAD.len() + 8 * NUMBERS + 4;

    /// The kernel as bytes, for a host that only decides (docs/program.md).
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let settings = &self.settings;
        let (min_purchases, intro) = match settings.eligibility {
            Eligibility::Everyone => (Count::ZERO, false),
            Eligibility::Loyal { min_purchases, intro } => (min_purchases, intro),
        };
        let then = settings.first_n.map_or(Latecomer::default(), |first| first.then);
        let amount = |amount: Option<Rupiah>| amount.map_or(ABSENT, Rupiah::get);
        let place = |place: Option<usize>| place.and_then(|place| i64::try_from(place).ok()).unwrap_or_default();
        let singles = [
            place(Mechanism::ALL.iter().position(|word| *word == settings.mechanism)),
            settings.exclude_voucher_paid.into(),
            settings.paused.into(),
            settings.accept_noted_digit.into(),
            intro.into(),
            i64::from(settings.budget.short == ShortBudget::Refuse),
            self.strict.into(),
            place(Latecomer::ALL.iter().position(|word| *word == then)),
            place(Mode::ALL.iter().position(|word| *word == settings.rounding.mode)),
            settings.held_slots.bits().into(),
            settings.rounding.unit.rupiah(),
            settings.point_value.rupiah().get(),
            settings.min_cover_bp.get(),
            min_purchases.get(),
            amount(settings.receipt_cap),
            amount(settings.budget.day),
        ];
        let firsts = settings.first_n.map_or([ABSENT; 10], |first| first.n.all().map(|n| n.map_or(ABSENT, Count::get)));
        let slots = settings.budget.slot.map_or([ABSENT; 10], |slots| slots.all().map(amount));
        let rates = Column::all().map(|column| self.rate(column).bp().into());
        let quotas = Column::all().map(|column| self.quota(column).get());
        let absent = core::iter::repeat((ABSENT, Rate::ZERO));
        let steps = || self.steps().map(|step| (step.from.milli(), step.rate)).chain(absent.clone()).take(16);
        let thresholds = steps().map(|(milli, _)| milli);
        let step_rates = steps().map(|(_, rate)| rate.bp().into());
        let points = self.points.map_or(NO_POINTS, points_numbers);
        let numbers = singles.into_iter().chain(firsts).chain(slots).chain(rates).chain(quotas);
        let numbers = numbers.chain(thresholds).chain(step_rates).chain(points);

        let mut bytes = [0; Self::BYTES];
        let put = |place: Option<&mut [u8]>, from: &[u8]| place.into_iter().for_each(|place| place.copy_from_slice(from));
        put(bytes.get_mut(..HEAD.len()), &HEAD);
        let places = bytes.get_mut(HEAD.len()..).unwrap_or_default().chunks_exact_mut(8);
        places.zip(numbers).for_each(|(place, number)| place.copy_from_slice(&number.to_le_bytes()));
        let checked = Self::BYTES.wrapping_sub(4);
        let checksum = crc32c(bytes.get(..checked).unwrap_or_default());
        put(bytes.get_mut(checked..), &checksum.to_le_bytes());
        bytes
    }

    /// The kernel of bytes. That its numbers are each in their range is proved again; that they agree with each other was
    /// proved by the program whose kernel it is, which the checksum vouches for.
    ///
    /// # Errors
    /// `bad_compiled` for damaged bytes or another version.
    // A face that is compiled for speed calls what is compiled for size.
    #[inline(never)]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.get(..HEAD.len()) != Some(&HEAD) {
            return Err(Fault::CompiledHeader.error());
        }
        let (checked, checksum) = bytes.split_last_chunk().filter(|_| bytes.len() == Self::BYTES).ok_or(Fault::CompiledLength.error())?;
        if crc32c(checked) != u32::from_le_bytes(*checksum) {
            return Err(Fault::CompiledChecksum.error());
        }
        let mut numbers = [0; NUMBERS];
        let chunks = checked.get(HEAD.len()..).unwrap_or_default().chunks_exact(8);
        let ranges = RANGES.iter().flat_map(|(count, least, most)| core::iter::repeat_n(*least..=*most, *count));
        for ((number, chunk), range) in numbers.iter_mut().zip(chunks).zip(ranges) {
            *number = i64::from_le_bytes(chunk.try_into().unwrap_or_default());
            if !range.contains(number) {
                return Err(Fault::CompiledContent.error());
            }
        }
        Self::of_numbers(&numbers).ok_or(Fault::CompiledContent.error())
    }

    fn of_numbers(numbers: &[i64; NUMBERS]) -> Option<Self> {
        let (singles, by_slot) = numbers.split_first_chunk::<16>()?;
        let (firsts, by_slot) = by_slot.split_first_chunk::<10>()?;
        let (slots, columns) = by_slot.split_first_chunk::<10>()?;
        let (rates, columns) = columns.split_first_chunk::<10>()?;
        let (quotas, steps) = columns.split_first_chunk::<10>()?;
        let (thresholds, steps) = steps.split_first_chunk::<16>()?;
        let (step_rates, points) = steps.split_first_chunk::<16>()?;
        let [mechanism, exclude, paused, accept_noted, intro, refuse, strict, then, mode, held, unit, point, cover, purchases, cap, day] =
            *singles;
        let rupiah = |amount: i64| Rupiah::new(amount).unwrap_or_default();
        let limit = |amount: i64| (amount != ABSENT).then(|| rupiah(amount));
        let count = |number: i64| Count::new(number).unwrap_or_default();
        let rate = |bp: &i64| u16::try_from(*bp).ok().and_then(|bp| Rate::from_bp(bp).ok()).unwrap_or_default();
        let place = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let then = *Latecomer::ALL.get(place(then))?;
        let firsts = firsts.map(|n| (n != ABSENT).then(|| count(n)));
        let slots = slots.map(limit);
        let settings = Settings {
            mechanism: *Mechanism::ALL.get(place(mechanism))?,
            exclude_voucher_paid: exclude == 1,
            min_cover_bp: count(cover),
            eligibility: match purchases {
                0 => Eligibility::Everyone,
                _ => Eligibility::Loyal { min_purchases: count(purchases), intro: intro == 1 },
            },
            paused: paused == 1,
            accept_noted_digit: accept_noted == 1,
            held_slots: Slots::from_bits(u16::try_from(held).ok()?)?,
            first_n: firsts.iter().any(Option::is_some).then_some(FirstN { n: SlotLimits::by_slot(firsts), then }),
            rounding: Rounding { unit: Unit::new(rupiah(unit)).ok()?, mode: *Mode::ALL.get(place(mode))? },
            receipt_cap: limit(cap),
            budget: Budget {
                day: limit(day),
                slot: slots.iter().any(Option::is_some).then_some(SlotLimits::by_slot(slots)),
                short: if refuse == 1 { ShortBudget::Refuse } else { ShortBudget::Cut },
            },
            point_value: PointValue::new(rupiah(point)).ok()?,
        };
        let steps = thresholds.iter().zip(step_rates).take_while(|(milli, _)| **milli != ABSENT);
        let steps = steps.map(|(milli, bp)| Step { from: Points::from_milli(*milli).unwrap_or_default(), rate: rate(bp) });
        let points = if settings.mechanism == Mechanism::Points { Some(points_of(points.try_into().ok()?)?) } else { None };
        Some(Self::of(&settings, &rates.each_ref().map(rate), &quotas.map(rupiah), steps, strict == 1, points))
    }
}

/// The numbers of the basic points program.
fn points_numbers(points: PointsTerms) -> [i64; 21] {
    let PointsTerms { per, points_per_step, rest, ref multipliers_milli, stack, ref flat, min_purchase } = points;
    let mut numbers = [ABSENT; 21];
    let terms = [per.get(), points_per_step.milli(), (rest == Rest::Carry).into(), stack.into(), min_purchase.get()];
    let multipliers = eight_of(multipliers_milli.as_slice(), Count::get);
    let flats = eight_of(flat.as_slice(), Points::milli);
    for (number, value) in numbers.iter_mut().zip(terms.into_iter().chain(multipliers).chain(flats)) {
        *number = value;
    }
    numbers
}

/// The basic points program of its numbers.
fn points_of(numbers: &[i64; 21]) -> Option<PointsTerms> {
    let (terms, lists) = numbers.split_first_chunk::<5>()?;
    let (multipliers, flats) = lists.split_first_chunk::<8>()?;
    let [per, step, carries, stacks, minimum] = *terms;
    let mut points = PointsTerms::new(Rupiah::new(per).ok()?).ok()?;
    points.points_per_step = Points::from_milli(step).ok()?;
    points.rest = if carries == 1 { Rest::Carry } else { Rest::Drop };
    points.stack = stacks == 1;
    points.min_purchase = Rupiah::new(minimum).ok()?;
    points.multipliers_milli = few_of(multipliers, |number| Count::new(number).ok())?;
    points.flat = few_of(flats, |number| Points::from_milli(number).ok())?;
    points.check().ok().map(|()| points)
}

/// A list in eight numbers.
fn eight_of<T: Copy>(list: &[T], number: impl Fn(T) -> i64) -> [i64; 8] {
    core::array::from_fn(|index| list.get(index).map_or(ABSENT, |value| number(*value)))
}

/// The list in eight numbers.
fn few_of<T: Copy + Default>(numbers: &[i64], value: impl Fn(i64) -> Option<T>) -> Option<Few<T>> {
    let mut values = [T::default(); 8];
    let mut len = 0_usize;
    for (place, number) in values.iter_mut().zip(numbers.iter().take_while(|number| **number != ABSENT)) {
        *place = value(*number)?;
        len = len.wrapping_add(1);
    }
    if len == 0 { Some(Few::default()) } else { Few::new(values.get(..len)?).ok() }
}

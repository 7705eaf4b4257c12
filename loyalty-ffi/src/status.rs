//! What a call returns, and what it tells of a refusal.

use core::ffi::c_char;
use core::fmt::{self, Write};

use loyalty_rules::Error;
#[cfg(feature = "hosted")]
use loyalty_rules::Kind;
use loyalty_rules::error::{Fault, Field};

/// The call did what it says.
pub const LOYALTY_OK: i32 = 0;
/// A bug in the library; nothing was written. Report it with what you passed.
pub const LOYALTY_INTERNAL: i32 = 1;
/// Not one JSON object, a key twice, nesting above 32.
pub const LOYALTY_BAD_JSON: i32 = 2;
/// A request above its limit.
pub const LOYALTY_TOO_LARGE: i32 = 3;
/// No operation of that name.
pub const LOYALTY_UNKNOWN_OP: i32 = 4;
/// A required field is absent.
pub const LOYALTY_MISSING_FIELD: i32 = 5;
/// A field that nobody reads.
pub const LOYALTY_UNKNOWN_FIELD: i32 = 6;
/// The wrong JSON type, a fraction or an exponent.
pub const LOYALTY_BAD_TYPE: i32 = 7;
/// A number outside its domain, or a result that leaves it (CV-1, CV-2).
pub const LOYALTY_OUT_OF_RANGE: i32 = 8;
/// A time, date, time of day or offset that does not exist.
pub const LOYALTY_BAD_TIME: i32 = 9;
/// Text that is no rate.
pub const LOYALTY_BAD_RATE: i32 = 10;
/// Not ten rates, or falling ones (TB-2, TB-3).
pub const LOYALTY_BAD_TABLE: i32 = 11;
/// No table of that name (TB-1).
pub const LOYALTY_UNKNOWN_TABLE: i32 = 12;
/// A standby schedule that does not rise (SB-3).
pub const LOYALTY_BAD_SCHEDULE: i32 = 13;
/// A sale window that makes no ten slots (TA-2).
pub const LOYALTY_BAD_WINDOW: i32 = 14;
/// Shares or weights that split nothing (SP-1).
pub const LOYALTY_BAD_SHARES: i32 = 15;
/// Any other setting, alone or beside another.
pub const LOYALTY_BAD_CONFIG: i32 = 16;
/// A rate outside its bonus's band or above the ceiling (BN).
pub const LOYALTY_OUTSIDE_BAND: i32 = 17;
/// A refund above what is left (AW-8, SP-6).
pub const LOYALTY_OVER_REFUND: i32 = 18;
/// Caps that leave a rest nobody may take (SP-7).
pub const LOYALTY_CAPS_TOO_SMALL: i32 = 19;
/// A formula without an answer for these inputs.
pub const LOYALTY_NOT_DEFINED: i32 = 20;
/// Compiled bytes that are damaged or of another version.
pub const LOYALTY_BAD_COMPILED: i32 = 21;
/// Text that is no rupiah, points or rate as people write them.
pub const LOYALTY_BAD_TEXT: i32 = 22;
/// State of another day, month or time than the request's.
pub const LOYALTY_OUT_OF_ORDER: i32 = 23;
/// A pointer is NULL that must not be.
pub const LOYALTY_NULL_POINTER: i32 = 100;
/// A pointer is not aligned for its type.
pub const LOYALTY_MISALIGNED: i32 = 101;
/// `struct_size` is smaller than the struct of this ABI, or above 65,536. If the call left `error` as it was, set
/// `struct_size` of `error` itself.
pub const LOYALTY_BAD_STRUCT_SIZE: i32 = 102;
/// A reserved field, or what follows the known part of a longer struct, is not zero.
pub const LOYALTY_RESERVED_NOT_ZERO: i32 = 103;
/// A length that no memory can have.
pub const LOYALTY_BAD_LENGTH: i32 = 104;
/// The buffer is too small; the size that is needed was told and nothing else written.
pub const LOYALTY_BUFFER_TOO_SMALL: i32 = 105;
/// An integer that stands for a choice has no such choice, or a truth is neither 0 nor 1.
pub const LOYALTY_BAD_CHOICE: i32 = 106;
/// Text that is not UTF-8.
pub const LOYALTY_NOT_UTF8: i32 = 107;

/// What is wrong with a refused call, written only when a call refuses.
///
/// `path` begins with the argument. A field that the rules know has the path of operations.md on every surface,
/// without the unit that ends its name here: `receipt.total` is `total_rupiah`, `receipt.digit` and `receipt.slot` are
/// `column`, `receipt.claim.stopped_at` is `stopped_at`. What C alone has goes by its name: `receipt.play`.
///
/// Texts end in a NUL; one that is too long is cut between characters and ends in `…`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LoyaltyError {
    /// Set to `sizeof(LoyaltyError)` before the call.
    pub struct_size: u32,
    /// The status that the call returned.
    pub status: i32,
    /// Its name, such as `out_of_range`.
    pub kind: [c_char; 32],
    /// The field, such as `receipt.total` or `shares_bp[1]`; empty for the whole.
    pub path: [c_char; 192],
    /// What is wrong and what would do, in English.
    pub message_en: [c_char; 256],
    /// The same in Bahasa Indonesia.
    pub message_id: [c_char; 256],
    /// Zero.
    pub reserved: [u64; 4],
}

/// What only this boundary refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A pointer is NULL.
    Null,
    /// A pointer is not aligned.
    Misaligned,
    /// A struct is smaller than this ABI knows it.
    StructSize,
    /// A reserved field is not zero.
    Reserved,
    /// No memory has this length.
    Length,
    /// A buffer is too small.
    Small,
    /// A number stands for no choice.
    Choice,
    /// A truth is neither 0 nor 1.
    Truth,
    /// Text is not UTF-8.
    Utf8,
}

impl Boundary {
    #[rustfmt::skip]
    const fn about(self) -> (i32, &'static str, &'static str, &'static str) {
        match self {
            Self::Null => (LOYALTY_NULL_POINTER, "null_pointer", "this pointer must not be NULL; pass the address of a value", "penunjuk ini tidak boleh NULL; berikan alamat sebuah nilai"),
            Self::Misaligned => (LOYALTY_MISALIGNED, "misaligned", "this pointer is not aligned for its type; pass the address of a value of that type", "penunjuk ini tidak selaras untuk tipenya; berikan alamat nilai dari tipe itu"),
            Self::StructSize => (LOYALTY_BAD_STRUCT_SIZE, "bad_struct_size", "set struct_size to sizeof of the struct before the call", "setel struct_size ke sizeof struktur sebelum memanggil"),
            Self::Reserved => (LOYALTY_RESERVED_NOT_ZERO, "reserved_not_zero", "reserved fields must be zero; clear the struct before filling it", "isian cadangan harus nol; kosongkan struktur sebelum mengisinya"),
            Self::Length => (LOYALTY_BAD_LENGTH, "bad_length", "no memory has this length; pass the number of elements", "tidak ada memori sepanjang ini; berikan jumlah elemen"),
            Self::Small => (LOYALTY_BUFFER_TOO_SMALL, "buffer_too_small", "the buffer is too small; give one of the size that was told", "penyangga terlalu kecil; berikan yang sebesar ukuran yang diberitahukan"),
            Self::Choice => (LOYALTY_BAD_CHOICE, "bad_choice", "this number stands for no choice; use a constant of the header", "angka ini bukan pilihan; gunakan konstanta dari berkas header"),
            Self::Truth => (LOYALTY_BAD_CHOICE, "bad_choice", "this is 1 for yes or 0 for no; set one of them", "isian ini 1 untuk ya atau 0 untuk tidak; setel salah satunya"),
            Self::Utf8 => (LOYALTY_NOT_UTF8, "not_utf8", "write text in UTF-8", "tulis teks dalam UTF-8"),
        }
    }
}

/// A text of the rules in the words of structs.
#[derive(Debug)]
pub struct Words {
    english: &'static str,
    indonesian: &'static str,
}

macro_rules! words {
    ($($name:ident = $english:literal, $indonesian:literal;)*) => {
        // The rules say how JSON is written where a caller of a struct call must set fields. These say what to set.
        #[expect(clippy::doc_markdown, reason = "the docs are the messages, which name fields as users write them")]
        impl Words {
            $(#[doc = $english]
            pub const $name: &'static Self = &Self { english: $english, indonesian: $indonesian };)*
            /// Every text.
            #[cfg(test)]
            const ALL: &'static [&'static Self] = &[$(Self::$name,)*];
        }
    };
}

words! {
    DATE = "there is no such date; set year 0 … 9999, month 1 … 12 and day to a day of that month", "tanggal ini tidak ada; setel year 0 … 9999, month 1 … 12, dan day ke hari dalam bulan itu";
    TIME = "there is no such time; set hour 0 … 23, minute 0 … 59, second 0 … 60 and nanosecond 0 … 999999999", "waktu ini tidak ada; setel hour 0 … 23, minute 0 … 59, second 0 … 60, dan nanosecond 0 … 999999999";
    OFFSET = "set offset_minutes to -1439 … 1439, minutes east of UTC (WIB 420, WITA 480, WIT 540)", "setel offset_minutes ke -1439 … 1439, menit di timur UTC (WIB 420, WITA 480, WIT 540)";
    COUNTED_DAY = "there is no such date; set day_year, day_month and day_day to the date of opening, or all three to 0", "tanggal ini tidak ada; setel day_year, day_month, dan day_day ke tanggal buka, atau ketiganya ke 0";
    DIGIT = "a lucky digit is 0 … 9; set it in column", "Angka Keberuntungan adalah 0 … 9; setel di column";
    SLOT = "a slot is 1 … 10 (I … X); set it in column", "slot adalah 1 … 10 (I … X); setel di column";
    DIGITS = "column of a stopwatch holds lucky digits 0 … 9, or -1 where it is not played yet", "column stopwatch berisi Angka Keberuntungan 0 … 9, atau -1 bila belum dimainkan";
    ONE_PLAY = "a field of another play is set; clear it, or set play to the one that is meant", "ada isian milik play yang lain; kosongkan isian itu, atau setel play ke yang dimaksud";
    PLAY_OF_STOPWATCH = "this program is a stopwatch; set play to LOYALTY_PLAY_PENDING, LOYALTY_PLAY_DIGIT or LOYALTY_PLAY_CLAIM", "program ini stopwatch; setel play ke LOYALTY_PLAY_PENDING, LOYALTY_PLAY_DIGIT, atau LOYALTY_PLAY_CLAIM";
    PLAY_OF_AUCTION = "this program is a time auction; set play to LOYALTY_PLAY_SLOT or LOYALTY_PLAY_AT", "program ini lelang waktu; setel play ke LOYALTY_PLAY_SLOT atau LOYALTY_PLAY_AT";
    HARDENED = "a hardened draw takes no clock claim; set play to LOYALTY_PLAY_DIGIT and column to the drawn digit", "undian yang diperkuat tidak menerima klaim jam; setel play ke LOYALTY_PLAY_DIGIT dan column ke angka hasil undian";
    NO_WINDOW = "the program has no window, so a time has no slot; set play to LOYALTY_PLAY_SLOT, or load a program with a window", "program tidak memiliki window, sehingga waktu tidak memiliki slot; setel play ke LOYALTY_PLAY_SLOT, atau muat program dengan window";
    NO_HOURS = "the program has no window, so a time has no slot; load a program with a window", "program tidak memiliki window, sehingga waktu tidak memiliki slot; muat program dengan window";
    SLOT_COUNTERS = "only a time auction has slots; set all ten numbers to 0", "hanya lelang waktu yang memiliki slot; setel kesepuluh angka ke 0";
    NO_COLUMN = "this program picks no column; set play to LOYALTY_PLAY_PENDING or LOYALTY_PLAY_AT, column to 0, in columns -1", "program ini tidak memilih kolom; setel play ke LOYALTY_PLAY_PENDING atau LOYALTY_PLAY_AT, column ke 0, dalam kolom -1";
    TOTAL_BELOW_BASE = "the total is at least the base; set total_rupiah to base_rupiah or more", "total paling sedikit sama dengan base; setel total_rupiah ke base_rupiah atau lebih";
    ISSUED_ABOVE_VALUE = "more than the rate gives on the base; set issued_rupiah to what was issued, or to -1 for the whole value", "melebihi nilai tarif atas base; setel issued_rupiah ke jumlah yang diterbitkan, atau ke -1 untuk seluruh nilai";
    PARTIES = "pass one party or more", "berikan satu pihak atau lebih";
    TOO_MANY_PARTIES = "pass at most 64 parties (LOYALTY_MAX_PARTIES)", "berikan paling banyak 64 pihak (LOYALTY_MAX_PARTIES)";
}

impl Words {
    /// The words for an error of the rules, where the rules' own speak of JSON.
    fn of(error: &Error) -> Option<&'static Self> {
        let (field, ..) = error.field().parts();
        Some(match error.fault() {
            Fault::NotADigit => Self::DIGIT,
            Fault::NotASlot => Self::SLOT,
            Fault::TwoColumns => Self::ONE_PLAY,
            Fault::Missing if field == "receipt.slot" => Self::PLAY_OF_AUCTION,
            Fault::Missing if field == "program.window" => Self::NO_WINDOW,
            Fault::ColumnOfOtherMechanism if ["receipt.slot", "receipt.at"].contains(&field) => Self::PLAY_OF_STOPWATCH,
            Fault::NothingToPick => Self::NO_COLUMN,
            Fault::ColumnOfOtherMechanism => Self::PLAY_OF_AUCTION,
            Fault::ClaimUnderHardenedDraw => Self::HARDENED,
            Fault::SlotCountersWithoutSlots => Self::SLOT_COUNTERS,
            Fault::TotalBelowBase => Self::TOTAL_BELOW_BASE,
            Fault::IssuedAboveValue => Self::ISSUED_ABOVE_VALUE,
            _ => return None,
        })
    }
}

/// What the rules refuse, with other words where theirs speak of JSON.
#[derive(Debug)]
pub struct Ruled {
    error: Error,
    words: Option<&'static Words>,
}

impl From<Error> for Ruled {
    fn from(error: Error) -> Self {
        Self { error, words: Words::of(&error) }
    }
}

impl Ruled {
    /// The same, in words for one place alone.
    pub fn said(error: Error, words: &'static Words) -> Self {
        Self { error, words: Some(words) }
    }

    fn texts(&self) -> (&'static str, &'static str) {
        let fault = self.error.fault();
        self.words.map_or_else(|| (fault.english(), fault.indonesian()), |words| (words.english, words.indonesian))
    }
}

/// Why a call refuses.
#[derive(Debug)]
pub enum Refused {
    /// By the rules, at a field of the argument named first.
    Rules(&'static str, Ruled),
    /// By the rules, a row of a batch.
    Row(usize, Ruled),
    /// By this boundary, at an argument or `argument.field`.
    Boundary(Boundary, &'static str, &'static str),
    /// By the rules, a document.
    #[cfg(feature = "hosted")]
    Document(loyalty_rules::api::Refusal),
    /// A panic was stopped.
    #[cfg(feature = "hosted")]
    Bug,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rules("", error.into())
    }
}

impl Refused {
    /// The status that the call returns.
    pub fn status(&self) -> i32 {
        match self {
            Self::Rules(_, ruled) | Self::Row(_, ruled) => ruled.error.kind().code().into(),
            Self::Boundary(boundary, ..) => boundary.about().0,
            #[cfg(feature = "hosted")]
            Self::Document(refusal) => refusal.fault().kind().code().into(),
            #[cfg(feature = "hosted")]
            Self::Bug => Kind::Internal.code().into(),
        }
    }

    /// The refusal as a struct.
    pub fn to_error(&self, struct_size: u32) -> LoyaltyError {
        let mut error = LoyaltyError {
            struct_size,
            status: self.status(),
            kind: [0; 32],
            path: [0; 192],
            message_en: [0; 256],
            message_id: [0; 256],
            reserved: [0; 4],
        };
        let (kind, english, indonesian) = match self {
            Self::Rules(_, ruled) | Self::Row(_, ruled) => {
                let (english, indonesian) = ruled.texts();
                (ruled.error.kind().name(), english, indonesian)
            }
            Self::Boundary(boundary, ..) => {
                let (_, kind, english, indonesian) = boundary.about();
                (kind, english, indonesian)
            }
            #[cfg(feature = "hosted")]
            Self::Document(refusal) => (refusal.fault().kind().name(), refusal.fault().english(), refusal.fault().indonesian()),
            #[cfg(feature = "hosted")]
            Self::Bug => {
                let bug = Fault::Bug;
                (Kind::Internal.name(), bug.english(), bug.indonesian())
            }
        };
        Text::put(&mut error.kind, format_args!("{kind}"));
        Text::put(&mut error.path, format_args!("{}", Where(self)));
        Text::put(&mut error.message_en, format_args!("{english}"));
        Text::put(&mut error.message_id, format_args!("{indonesian}"));
        error
    }
}

/// The path of a refusal.
struct Where<'a>(&'a Refused);

impl fmt::Display for Where<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Refused::Rules(argument, Ruled { error, .. }) => {
                let is_whole = argument.is_empty() || error.field() == Field::default();
                write!(f, "{argument}{}{}", if is_whole { "" } else { "." }, error.field())
            }
            Refused::Row(row, Ruled { error, .. }) => {
                let field = error.field();
                match field.parts() {
                    ("", ..) => write!(f, "rows[{row}]"),
                    // Counters and program are those of the call.
                    (name, ..) if name.starts_with("counters") || name.starts_with("program") => write!(f, "{field}"),
                    _ => write!(f, "rows[{row}].{field}"),
                }
            }
            Refused::Boundary(_, argument, field) => {
                write!(f, "{argument}{}{field}", if field.is_empty() { "" } else { "." })
            }
            #[cfg(feature = "hosted")]
            Refused::Document(refusal) => f.write_str(refusal.path()),
            #[cfg(feature = "hosted")]
            Refused::Bug => Ok(()),
        }
    }
}

/// Text that is written into a field of fixed size.
struct Text<'a> {
    field: &'a mut [c_char],
    written: usize,
    is_cut: bool,
}

impl<'a> Text<'a> {
    /// Room for the end of a text that is cut, and for the NUL.
    const TAIL: usize = "…".len().wrapping_add(1);

    fn put(field: &'a mut [c_char], text: fmt::Arguments<'_>) {
        let mut text_field = Self { field, written: 0, is_cut: false };
        let _ = text_field.write_fmt(text);
    }

    fn push(&mut self, text: &str) {
        for (place, byte) in self.field.iter_mut().skip(self.written).zip(text.bytes()) {
            *place = c_char::from_ne_bytes([byte]);
        }
        self.written = self.written.saturating_add(text.len());
    }
}

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut buffer = [0; 4];
        for character in text.chars() {
            let end = self.written.saturating_add(character.len_utf8()).saturating_add(Self::TAIL);
            if self.is_cut {
                return Ok(());
            }
            if end > self.field.len() {
                self.is_cut = true;
                self.push("…");
                return Ok(());
            }
            self.push(character.encode_utf8(&mut buffer));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Text, Words};

    #[test]
    fn words_fit_their_field_and_speak_of_no_json() {
        for words in Words::ALL {
            for text in [words.english, words.indonesian] {
                let mut field = [0; 256];
                Text::put(&mut field, format_args!("{text}"));
                assert_eq!(field.iter().position(|byte| *byte == 0), Some(text.len()), "{text}");
                assert!(!["JSON", "{", "null", "quotes", "list", "leave it out"].iter().any(|word| text.contains(word)), "{text}");
            }
        }
    }
}

//! What a call returns, and what it tells of a refusal.

use core::ffi::c_char;
use core::fmt::{self, Write};

use loyalty_rules::Error;
#[cfg(feature = "hosted")]
use loyalty_rules::Kind;

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
/// `struct_size` is smaller than the struct of this ABI, or above 65,536.
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
            Self::Utf8 => (LOYALTY_NOT_UTF8, "not_utf8", "write text in UTF-8", "tulis teks dalam UTF-8"),
        }
    }
}

/// Why a call refuses.
#[derive(Debug)]
pub enum Refused {
    /// By the rules, at a field of the argument named first.
    Rules(&'static str, Error),
    /// By the rules, a row of a batch.
    Row(usize, Error),
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
        Self::Rules("", error)
    }
}

impl Refused {
    /// The status that the call returns.
    pub fn status(&self) -> i32 {
        match self {
            Self::Rules(_, error) | Self::Row(_, error) => error.kind().code().into(),
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
            Self::Rules(_, error) | Self::Row(_, error) => (error.kind().name(), error.fault().english(), error.fault().indonesian()),
            Self::Boundary(boundary, ..) => {
                let (_, kind, english, indonesian) = boundary.about();
                (kind, english, indonesian)
            }
            #[cfg(feature = "hosted")]
            Self::Document(refusal) => (refusal.fault().kind().name(), refusal.fault().english(), refusal.fault().indonesian()),
            #[cfg(feature = "hosted")]
            Self::Bug => {
                let bug = loyalty_rules::error::Fault::Bug;
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
            Refused::Rules(argument, error) => {
                let is_whole = argument.is_empty() || error.field() == loyalty_rules::error::Field::default();
                write!(f, "{argument}{}{}", if is_whole { "" } else { "." }, error.field())
            }
            Refused::Row(row, error) => write!(f, "rows[{row}].{}", error.field()),
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

//! Floor 0: what a refusal is. A [`Kind`] is a stable name and number on every surface; a [`Fault`]
//! says what is wrong and what would do, in English and Bahasa Indonesia; an [`Error`] is a fault
//! at a field.

use core::fmt;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $code:literal $name:literal;)*) => {
        #[expect(non_upper_case_globals, reason = "each stands for one of a closed set, as the variant of an enum does")]
        impl Kind {
            $($(#[doc = $doc])*
            pub const $kind: Self = Self(&Stated { code: $code, name: $name });)*

            /// Every kind, by number.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];
        }
    };
}

/// The kind of a refusal: one name and one number on every surface, never reused.
///
/// It refers to what it states, so that whoever links this library holds the kinds alone that can happen there.
///
/// ```
/// use loyalty_rules::error::Kind;
/// use loyalty_rules::quantity::Rate;
///
/// let told = match Rate::parse("3,5%").unwrap_err().kind() {
///     Kind::BadRate => "write a rate",
///     kind => kind.name(),
/// };
/// assert_eq!((told, Kind::BadRate.code()), ("write a rate", 10));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind(&'static Stated);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Stated {
    code: u16,
    name: &'static str,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Kind {
    /// The number, as the C ABI returns it; 0 is never a refusal.
    pub const fn code(self) -> u16 {
        self.0.code
    }

    /// The name, as the `error` field carries it.
    pub const fn name(self) -> &'static str {
        self.0.name
    }
}

kinds! {
    /// A bug in the library.
    Internal = 1 "internal";
    /// Not one JSON object, a duplicate key, nesting above 32.
    BadJson = 2 "bad_json";
    /// A request above its limit.
    TooLarge = 3 "too_large";
    /// No operation of that name.
    UnknownOp = 4 "unknown_op";
    /// A required field is absent or `null`.
    MissingField = 5 "missing_field";
    /// A field that nobody reads.
    UnknownField = 6 "unknown_field";
    /// The wrong JSON type, or a number with a fraction or an exponent.
    BadType = 7 "bad_type";
    /// A number outside its domain (CV-1, CV-2) or outside its stated range.
    OutOfRange = 8 "out_of_range";
    /// An unreadable time, date, time of day or offset.
    BadTime = 9 "bad_time";
    /// Text that is no rate (CV-2).
    BadRate = 10 "bad_rate";
    /// Not ten rates, or falling ones (TB-2, TB-3).
    BadTable = 11 "bad_table";
    /// No table of that name (TB-1).
    UnknownTable = 12 "unknown_table";
    /// A standby schedule that does not rise (SB-3).
    BadSchedule = 13 "bad_schedule";
    /// A sale window that cannot be cut in ten slots (TA-2).
    BadWindow = 14 "bad_window";
    /// Shares or weights that cannot split an amount (SP-1).
    BadShares = 15 "bad_shares";
    /// Any other setting.
    BadConfig = 16 "bad_config";
    /// A rate outside the band of its bonus or above the program's ceiling (BN).
    OutsideBand = 17 "outside_band";
    /// A refund above what is left (AW-8, SP-6).
    OverRefund = 18 "over_refund";
    /// Caps that leave a rest nobody may take (SP-7).
    CapsTooSmall = 19 "caps_too_small";
    /// A formula without an answer for these inputs.
    NotDefined = 20 "not_defined";
    /// Compiled bytes that are damaged or of another version.
    BadCompiled = 21 "bad_compiled";
    /// Text that is no rupiah, points or rate as people write them.
    BadText = 22 "bad_text";
    /// State of another day, month or time than the request's.
    OutOfOrder = 23 "out_of_order";
}

macro_rules! faults {
    ($($fault:ident: $kind:ident, $en:literal, $id:literal;)*) => {
        #[expect(clippy::doc_markdown, reason = "the docs are the messages, which name fields as users write them")]
        #[expect(non_upper_case_globals, reason = "each stands for one of a closed set, as the variant of an enum does")]
        impl Fault {
            $(#[doc = $en]
            pub const $fault: Self = Self(&FaultTexts { kind: Kind::$kind, english: $en, indonesian: $id });)*

            /// Every fault of this crate, with its name.
            pub const ALL: &'static [(&'static str, Self)] = &[$((stringify!($fault), Self::$fault),)*];
        }
    };
}

/// Declares the faults of a crate above this one, as constants of [`Fault`] by a trait.
#[doc(hidden)]
#[macro_export]
macro_rules! faults_above {
    ($(#[doc = $about:literal])* pub trait $trait:ident; $($fault:ident: $kind:ident, $en:literal, $id:literal;)*) => {
        $(#[doc = $about])*
        #[expect(clippy::doc_markdown, reason = "the docs are the messages, which name fields as users write them")]
        #[expect(non_upper_case_globals, reason = "each stands for one of a closed set, as the variant of an enum does")]
        pub trait $trait {
            $(#[doc = $en]
            const $fault: $crate::error::Fault = $crate::error::Fault::of(&$crate::error::FaultTexts {
                kind: $crate::Kind::$kind,
                english: $en,
                indonesian: $id,
            });)*
        }

        impl $trait for $crate::error::Fault {}

        /// Every fault of this crate, with its name.
        pub const FAULTS: &[(&str, $crate::error::Fault)] =
            &[$((stringify!($fault), <$crate::error::Fault as $trait>::$fault),)*];
    };
}

/// What is wrong, with the next step in two languages. The crates above this one add faults of their own.
///
/// It refers to its texts, so that whoever links this library holds the texts of the faults alone that can happen there.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault(&'static FaultTexts);

/// What a fault says; no two say the same.
#[doc(hidden)]
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct FaultTexts {
    pub kind: Kind,
    pub english: &'static str,
    pub indonesian: &'static str,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.english())
    }
}

impl Fault {
    /// The fault of these texts.
    #[doc(hidden)]
    pub const fn of(texts: &'static FaultTexts) -> Self {
        Self(texts)
    }

    /// The kind under which the fault is refused.
    pub const fn kind(self) -> Kind {
        self.0.kind
    }

    /// The fault as an error that names no field yet.
    pub const fn error(self) -> Error {
        Error { fault: self, field: Field { name: "", index: None, inner: "" } }
    }

    /// What is wrong and what would do, in English.
    pub const fn english(self) -> &'static str {
        self.0.english
    }

    /// The same in Bahasa Indonesia.
    pub const fn indonesian(self) -> &'static str {
        self.0.indonesian
    }
}

faults! {
    Bug: Internal, "a bug in the library; please report the request", "kesalahan di dalam pustaka; mohon laporkan permintaan ini";
    NotJson: BadJson, "this is not JSON; send one JSON object in UTF-8", "ini bukan JSON; kirim satu objek JSON dalam UTF-8";
    ByteOrderMark: BadJson, "the text begins with a byte order mark; remove the byte order mark", "teks diawali byte order mark; hapus byte order mark itu";
    NotAnObject: BadJson, "the request must be one JSON object: {…}", "permintaan harus berupa satu objek JSON: {…}";
    DuplicateKey: BadJson, "this key stands twice in one object; keep one of them", "kunci ini tertulis dua kali dalam satu objek; sisakan satu";
    TooDeep: BadJson, "objects and lists are nested deeper than 32; flatten the request", "objek dan daftar bersarang lebih dari 32 tingkat; ratakan permintaan";
    RequestTooLarge: TooLarge, "the request is above 1 MiB; send less at a time", "permintaan melebihi 1 MiB; kirim lebih sedikit sekaligus";
    TooManyKinds: TooLarge, "give at most 64 kinds of goods", "beri paling banyak 64 jenis barang";
    StockTooLarge: TooLarge, "state a stock of at most 1,000; no more of one kind is given at once", "nyatakan stok paling banyak 1.000; tidak lebih dari itu satu jenis diberikan sekaligus";
    TooManyChoices: TooLarge, "these goods leave too many sets to compare exactly; offer fewer kinds, or prices with a larger common unit", "barang ini memberi terlalu banyak susunan untuk dibandingkan dengan tepat; tawarkan lebih sedikit jenis, atau harga dengan satuan bersama yang lebih besar";
    TooManyMatches: TooLarge, "these lines can be bundled in too many ways to compare exactly; judge fewer lines or bundles at once", "baris ini dapat dipaketkan dengan terlalu banyak cara untuk dibandingkan dengan tepat; nilai lebih sedikit baris atau paket sekaligus";
    TooManyPrograms: TooLarge, "give at most 1,000 programs at once, 16 to compare", "beri paling banyak 1.000 program sekaligus, 16 untuk dibandingkan";
    DrawsTooLarge: TooLarge, "the shop's name times the draws is above 64 MiB; shorten the name, or verify fewer draws at once", "nama toko dikali jumlah undian melebihi 64 MiB; pendekkan namanya, atau periksa lebih sedikit undian sekaligus";
    NoSuchOperation: UnknownOp, "this library has no operation of that name; a name is group.verb, as award.decide", "pustaka ini tidak memiliki operasi dengan nama itu; namanya kelompok.kerja, seperti award.decide";
    Missing: MissingField, "this field is required; give it a value", "isian ini wajib; beri nilai";
    Unknown: UnknownField, "no field has this name here; remove it or correct its spelling", "tidak ada isian bernama ini di sini; hapus atau perbaiki ejaannya";
    WantsInteger: BadType, "write a whole number, without quotes, fraction or exponent", "tulis bilangan bulat, tanpa tanda kutip, pecahan, atau eksponen";
    WantsText: BadType, "write text in quotes", "tulis teks dalam tanda kutip";
    WantsBool: BadType, "write true or false", "tulis true atau false";
    WantsObject: BadType, "write an object: {…}", "tulis objek: {…}";
    WantsList: BadType, "write a list: […]", "tulis daftar: […]";
    WantsAmountOrList: BadType, "write a whole number, or a list of ten", "tulis bilangan bulat, atau daftar berisi sepuluh";
    WantsNumberOrList: BadType, "give one number, or a list of ten with null for no limit", "beri satu angka, atau daftar berisi sepuluh dengan null bila tanpa batas";

    OutsideDomain: OutOfRange, "outside -9,007,199,254,740,991 … 9,007,199,254,740,991; give a smaller number", "di luar -9.007.199.254.740.991 … 9.007.199.254.740.991; beri angka yang lebih kecil";
    ResultOutsideDomain: OutOfRange, "the result leaves -9,007,199,254,740,991 … 9,007,199,254,740,991; use smaller amounts", "hasilnya melampaui -9.007.199.254.740.991 … 9.007.199.254.740.991; gunakan jumlah yang lebih kecil";
    Negative: OutOfRange, "must not be negative; give zero or more", "tidak boleh negatif; beri nol atau lebih";
    RateOutOfRange: OutOfRange, "a rate is 0 … 10,000 basis points (100 % = 10000)", "tarif adalah 0 … 10.000 basis poin (100 % = 10000)";
    OutsideYears: OutOfRange, "outside the years 0000 … 9999; use a time inside them", "di luar tahun 0000 … 9999; gunakan waktu di dalamnya";
    NotADigit: OutOfRange, "a lucky digit is 0 … 9", "Angka Keberuntungan adalah 0 … 9";
    NotASlot: OutOfRange, "a slot is 1 … 10 (I … X)", "slot adalah 1 … 10 (I … X)";
    SlotsLeftOutOfRange: OutOfRange, "slots left are 1 … 10, the running one included", "sisa slot adalah 1 … 10, termasuk yang sedang berjalan";
    VoucherPaidAboveTotal: OutOfRange, "more was paid by voucher than the receipt's total; correct one of them", "pembayaran dengan voucher melebihi total struk; perbaiki salah satunya";
    ResidualOutsideList: OutOfRange, "the residual is the index of a party, counted from 0", "residual adalah nomor pihak, dihitung dari 0";
    MakeUpMinutesOutOfRange: OutOfRange, "the make-up window is 1 … 1,440 minutes; leave it out to forbid making up", "waktu susulan adalah 1 … 1.440 menit; hilangkan untuk melarang susulan";
    NoStock: OutOfRange, "the day opens with 1 unit or more", "hari dibuka dengan 1 unit atau lebih";
    TermDaysOutOfRange: OutOfRange, "days are 1 … 36,500; leave it out for none", "hari adalah 1 … 36.500; hilangkan bila tidak ada";
    PricePerOutOfRange: OutOfRange, "a price is for 1 … 1,000 units", "harga berlaku untuk 1 … 1.000 satuan";
    ValidityOutOfRange: OutOfRange, "validity is 1 … 36,500 days or 1 … 1,200 months", "masa berlaku adalah 1 … 36.500 hari atau 1 … 1.200 bulan";
    BelowOne: OutOfRange, "give one or more", "beri satu atau lebih";
    KeyIdOutOfRange: OutOfRange, "a key id is 0 … 31 for codes, 0 … 255 for tokens", "nomor kunci adalah 0 … 31 untuk kode, 0 … 255 untuk token";
    SerialOutOfRange: OutOfRange, "a serial is 0 … 1,073,741,823; when they are used up, take another key id", "nomor seri adalah 0 … 1.073.741.823; bila habis, pakai nomor kunci lain";
    TokenTextLength: OutOfRange, "network, id and issuer of a token have 1 … 64 bytes each; shorten the text", "network, id, dan issuer sebuah token masing-masing 1 … 64 byte; pendekkan teksnya";
    CashUnitOutOfRange: OutOfRange, "cash is rounded to a unit of at most Rp1,000,000", "uang tunai dibulatkan ke satuan paling banyak Rp1.000.000";
    RedeemedAboveValue: OutOfRange, "more was redeemed than the voucher is worth; correct one of them", "penukaran melebihi nilai voucher; perbaiki salah satunya";

    NotATime: BadTime, "write a time as YYYY-MM-DDTHH:MM:SS+HH:MM, with its offset, or Z for +00:00", "tulis waktu sebagai YYYY-MM-DDTHH:MM:SS+HH:MM, dengan selisih zona, atau Z untuk +00:00";
    NotATimeOfDay: BadTime, "write a time of day as HH:MM or HH:MM:SS, 00:00 … 23:59:59", "tulis jam sebagai HH:MM atau HH:MM:SS, 00:00 … 23:59:59";
    NotADate: BadTime, "write a date as YYYY-MM-DD", "tulis tanggal sebagai YYYY-MM-DD";
    NotAMonth: BadTime, "write a month as YYYY-MM", "tulis bulan sebagai YYYY-MM";
    NotWholeSeconds: BadTime, "a token carries whole seconds, 00 … 59; leave the fraction out", "token memuat detik bulat, 00 … 59; hilangkan pecahannya";
    NotALocalTime: BadTime, "write a local time as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, without offset", "tulis waktu setempat sebagai YYYY-MM-DD atau YYYY-MM-DDTHH:MM:SS, tanpa selisih zona";
    NotAnOffset: BadTime, "write an offset as +HH:MM or -HH:MM, up to 23:59 (WIB +07:00)", "tulis selisih zona sebagai +HH:MM atau -HH:MM, sampai 23:59 (WIB +07:00)";

    RateText: BadRate, "write a rate as digits, an optional point with one or two digits, and %: 3.5%", "tulis tarif sebagai angka, boleh titik dengan satu atau dua angka, dan %: 3.5%";
    RateWithoutSign: BadRate, "a bare number is no rate; write its sign: 3.5%", "angka saja bukan tarif; tulis tandanya: 3.5%";
    RateWithComma: BadRate, "use a decimal point, not a comma: 3.5%", "gunakan titik desimal, bukan koma: 3.5%";

    NotTenRates: BadTable, "a table has ten rates, in column order (1 … 9, 0 or I … X)", "tabel berisi sepuluh tarif, menurut urutan kolom (1 … 9, 0 atau I … X)";
    FallingRates: BadTable, "the rates fall from this column; reorder them or set allow_falling", "tarif turun mulai kolom ini; urutkan ulang atau setel allow_falling";
    NoSuchTable: UnknownTable, "no table has this name; give mechanism, edition, margin_class and tier of a printed table, or rates_bp of your own", "tidak ada tabel bernama ini; beri mechanism, edition, margin_class dan tier dari tabel yang tercetak, atau rates_bp sendiri";

    StepCount: BadSchedule, "a standby schedule has 1 … 16 steps", "jadwal voucher siaga berisi 1 … 16 langkah";
    ThresholdsNotRising: BadSchedule, "each threshold must be above the one before; sort the steps", "setiap ambang harus di atas yang sebelumnya; urutkan langkahnya";
    StandbyRatesFalling: BadSchedule, "a higher step must not have a lower rate; raise it", "langkah yang lebih tinggi tidak boleh bertarif lebih rendah; naikkan";

    WindowForm: BadWindow, "give either open (and close), or eleven boundaries", "beri open (dan close), atau sebelas boundaries";
    BoundaryCount: BadWindow, "ten slots have eleven boundaries", "sepuluh slot memiliki sebelas batas";
    EqualBoundaries: BadWindow, "two neighbouring boundaries are equal; move one", "dua batas yang bersebelahan sama; geser salah satu";
    WindowOverlaps: BadWindow, "the boundaries run over more than 24 hours and overlap; end them earlier", "batas-batas berjalan lebih dari 24 jam dan tumpang tindih; akhiri lebih awal";

    SharesMissWhole: BadShares, "the shares must sum to exactly 10,000 basis points", "jumlah bagian harus tepat 10.000 basis poin";
    ShareOutOfRange: BadShares, "a share is 0 … 10,000 basis points", "bagian adalah 0 … 10.000 basis poin";
    WeightOutOfRange: BadShares, "a weight is 0 … 4,294,967,295", "bobot adalah 0 … 4.294.967.295";
    AllWeightsZero: BadShares, "at least one weight must be above zero", "setidaknya satu bobot harus di atas nol";
    NoParties: BadShares, "give shares_bp, weights or preset, with at least one party", "beri shares_bp, weights, atau preset, dengan setidaknya satu pihak";
    TwoShareForms: BadShares, "give only one of shares_bp, weights and preset", "beri hanya satu dari shares_bp, weights, dan preset";
    TooManyParties: BadShares, "a program is funded by at most 64 parties", "sebuah program didanai paling banyak 64 pihak";
    NothingContributed: BadShares, "somebody must contribute; give at least one amount above zero", "harus ada yang menyumbang; beri setidaknya satu jumlah di atas nol";

    UnknownWord: BadConfig, "this word is not one of the field's values; write one of them", "kata ini bukan nilai isian ini; tulis salah satu nilainya";
    OwnRatesBesideName: BadConfig, "give either rates_bp or edition, margin_class and tier", "beri rates_bp saja, atau edition, margin_class, dan tier";
    ColumnOfOtherMechanism: BadConfig, "this belongs to another mechanism: digit or claim to the stopwatch, slot or at to the time auction, at to flat and points", "ini milik mekanisme lain: digit atau claim untuk stopwatch, slot atau at untuk lelang waktu, at untuk flat dan points";
    TwoColumns: BadConfig, "give only one of them to pick the column", "beri hanya satu untuk memilih kolom";
    SlotSettingWithoutSlots: BadConfig, "only a time auction has slots; remove this setting", "hanya lelang waktu yang memiliki slot; hapus pengaturan ini";
    QuotaCount: BadConfig, "quotas by slot are a list of ten", "kuota per slot adalah daftar berisi sepuluh";
    LimitCount: BadConfig, "limits by slot are a list of ten, null for no limit", "batas per slot adalah daftar berisi sepuluh, null bila tanpa batas";
    CounterCount: BadConfig, "counters by slot are a list of ten", "penghitung per slot adalah daftar berisi sepuluh";
    SlotCountersWithoutSlots: BadConfig, "only a time auction has slots; leave out the counters by slot", "hanya lelang waktu yang memiliki slot; hilangkan penghitung per slot";
    DayTwice: BadConfig, "two counters of one day; give one entry a day", "dua penghitung untuk satu hari; beri satu entri per hari";
    NoDayTold: BadConfig, "the counters are of several days and this receipt tells none; give its time, or a batch a day", "penghitung ini milik beberapa hari dan struk ini tidak menyebut harinya; beri waktunya, atau satu kelompok per hari";
    CountersOfWhichDay: BadConfig, "the receipts are of several days; give these counters the day that they count", "struk-struk ini milik beberapa hari; beri penghitung ini day yang dihitungnya";
    BoughtAtAnotherTime: BadConfig, "the receipt says another time of purchase; give the receipt's own at", "struk menyebut waktu pembelian lain; beri at dari struk itu sendiri";
    CountersOfLaterDay: OutOfOrder, "these counters are of a later day; give the counters of the receipt's own day", "penghitung ini milik hari yang lebih akhir; beri penghitung hari struk itu sendiri";
    ClaimUnderHardenedDraw: BadConfig, "a hardened draw takes no clock claim; give the drawn digit", "undian yang diperkuat tidak menerima klaim jam; beri angka hasil undian";
    IssuedAboveValue: OutOfRange, "more than the rate gives on the base; give what was issued", "melebihi nilai tarif atas base; beri jumlah yang benar-benar diterbitkan";
    IntroOfPoints: BadConfig, "points have no introductory rate; remove it", "program poin tidak memiliki tarif perkenalan; hapus pengaturan ini";
    MakeUpOfPoints: BadConfig, "points are not made up; remove this setting", "program poin tidak mengenal susulan; hapus pengaturan ini";
    MoreThanEight: BadConfig, "give at most eight", "beri paling banyak delapan";
    ConditionForm: BadConfig, "a condition has exactly one of its keys; put several into all or any", "sebuah syarat memiliki tepat satu kunci; gabungkan beberapa di dalam all atau any";
    TooManyOffers: BadConfig, "a program has at most 16 offers; leave some out", "satu program paling banyak 16 penawaran; hilangkan sebagian";
    NoGoodsNamed: BadConfig, "name one or more, or leave this out for all goods", "sebut satu atau lebih, atau hilangkan isian ini untuk semua barang";
    OfferForm: BadConfig, "say what the offer gives: one of mechanism, multiplier_milli and exclude", "tulis apa yang diberi penawaran ini: salah satu dari mechanism, multiplier_milli, dan exclude";
    OfferWithoutMechanism: BadConfig, "this belongs to a mechanism of the offer's own; give mechanism, or remove it", "isian ini milik mekanisme penawaran sendiri; beri mechanism, atau hapus";
    MultipliedRate: BadConfig, "a rate times the multiplier must be a whole number of basis points, at most 10000", "tarif kali pengali harus bilangan bulat basis poin, paling banyak 10000";
    MakeUpOfOffers: BadConfig, "a program with offers is not made up; remove this setting", "program dengan penawaran tidak mengenal susulan; hapus pengaturan ini";
    TwoCarry: BadConfig, "a shopper carries one rest; let one points program carry, and drop the others' rest", "pembeli membawa satu sisa; biarkan satu program poin membawanya, dan pilih drop untuk yang lain";
    NoSuchLine: OutOfRange, "the receipt has no such line; lines are counted from 0", "struk tidak memiliki baris ini; baris dihitung dari 0";
    RefundNeedsLines: BadConfig, "goods of this program earn differently; give what came back as lines", "barang dalam program ini mendapat voucher yang berbeda; beri barang yang kembali sebagai lines";
    ReturnedInOtherUnit: BadConfig, "give what comes back in the unit in which its line was sold", "beri barang yang kembali dalam satuan saat barisnya dijual";
    RefundWithoutLines: BadConfig, "this purchase has no lines; give the refund in rupiah", "pembelian ini tidak memiliki lines; beri pengembalian dalam rupiah";
    OffersNeedLines: BadConfig, "this program has offers for goods, and nothing here tells the goods; use award.decide with the receipt's lines", "program ini punya penawaran menurut barang, sedangkan di sini barangnya tidak disebut; gunakan award.decide dengan lines pada struk";
    CarryWithoutPlace: BadConfig, "there is no place here for the rest that a shopper carries; decide such a receipt with award.decide", "di sini tidak ada tempat untuk sisa yang dibawa pembeli; putuskan struk seperti ini dengan award.decide";
    NothingToPick: BadConfig, "flat and points pick no column; leave it out", "flat dan points tidak memilih kolom; hilangkan";
    RateOfFlatAlone: BadConfig, "rate_bp belongs to the mechanism flat; remove it", "rate_bp milik mekanisme flat; hapus isian ini";
    NoTableHere: BadConfig, "flat and points have no rate table; name stopwatch or time_auction", "flat dan points tidak memiliki tabel tarif; sebut stopwatch atau time_auction";
    IntroForEveryone: BadConfig, "an introductory rate needs eligibility.who = loyal", "tarif perkenalan memerlukan eligibility.who = loyal";
    RoundingUnit: BadConfig, "the rounding unit is 1, 10, 50, 100, 500 or 1000 rupiah", "satuan pembulatan adalah 1, 10, 50, 100, 500, atau 1000 rupiah";
    MustNotBeZero: BadConfig, "must not be zero; give one or more", "tidak boleh nol; beri satu atau lebih";
    TotalBelowBase: BadConfig, "the total is at least the base; leave it out if they are equal", "total paling sedikit sama dengan base; hilangkan bila sama";
    CapCount: BadConfig, "give one cap for each party (null for none)", "beri satu batas untuk setiap pihak (null bila tanpa batas)";
    ResidualWithCap: BadConfig, "the residual party takes the rest and has no cap; write null", "pihak residual mengambil sisanya dan tidak berbatas; tulis null";
    UnsupportedSchema: BadConfig, "this library reads schema 1; write \"schema\": 1", "pustaka ini membaca skema 1; tulis \"schema\": 1";
    TextLength: BadConfig, "the text is empty or longer than this field allows; give a shorter one, or leave the field out", "teks kosong atau lebih panjang dari yang diizinkan; beri yang lebih pendek, atau hilangkan isiannya";
    NoPrograms: BadConfig, "the list holds no program; give one or more", "daftar tidak memuat program; beri satu atau lebih";
    NotConsecutive: BadConfig, "this program must begin exactly when the one before it ends; set its from, or the other's until", "program ini harus mulai tepat saat yang sebelumnya berakhir; setel from-nya, atau until yang lain";
    OffsetsDiffer: BadConfig, "programs that follow each other all state utc_offset, or none does; set it", "program yang berurutan semuanya menyatakan utc_offset, atau tidak satu pun; setel";
    NotACommitment: BadConfig, "a commitment is SHA-256 of the key, 64 hexadecimal digits", "komitmen adalah SHA-256 dari kunci, 64 angka heksadesimal";
    NotTenCounts: BadConfig, "give ten counts, of the digits 0 … 9", "beri sepuluh hitungan, dari angka 0 … 9";
    TwoForms: BadConfig, "give the number or the text, not both", "beri angkanya atau teksnya, jangan keduanya";
    NotATimeAuction: BadConfig, "dated goods need a time-auction program", "barang berkedaluwarsa memerlukan program lelang waktu";
    NotAStopwatch: BadConfig, "undated goods need a stopwatch program", "barang tanpa kedaluwarsa memerlukan program stopwatch";
    MixedNeedsOneQuota: BadConfig, "a mixed receipt is held against one quota; give one instead of ten", "struk campuran dibandingkan dengan satu kuota; beri satu, bukan sepuluh";
    MixedDisagrees: BadConfig, "this looks at the whole receipt; set it the same in both programs", "pengaturan ini melihat seluruh struk; samakan pada kedua program";
    GroupsOrPrograms: BadConfig, "give groups, or time_auction, stopwatch and receipt, not both", "beri groups, atau time_auction, stopwatch, dan receipt, jangan keduanya";
    DiscountAboveAmount: BadConfig, "the discount is above what it is taken off; lower it", "diskon melebihi jumlah yang dipotong; turunkan";
    TwoQuantities: BadConfig, "give either quantity or quantity_milli", "beri quantity atau quantity_milli, salah satu saja";
    TotalAndLines: BadConfig, "give total, or lines, not both", "beri total, atau lines, jangan keduanya";
    RoundingWithoutLines: BadConfig, "line_rounding goes with lines; remove it", "line_rounding hanya untuk lines; hapus";
    BothTotalsAndLines: BadConfig, "give dated and undated, or lines, not both", "beri dated dan undated, atau lines, jangan keduanya";
    UntilNotAfterFrom: BadConfig, "until must be after from", "until harus setelah from";
    HardenedNeedsStopwatch: BadConfig, "a hardened draw picks a lucky digit; use it with the stopwatch", "undian terkunci memilih Angka Keberuntungan; gunakan dengan stopwatch";
    HardenedNeedsKey: BadConfig, "a hardened draw names its day key; give key_id", "undian terkunci menyebut kunci hariannya; beri key_id";
    ClockNeedsNoKey: BadConfig, "a draw by the clock has no key; remove key_id or write kind: hardened", "undian menurut jam tidak memakai kunci; hapus key_id atau tulis kind: hardened";
    HardenedNeedsPermit: BadConfig, "a game of chance needs the organiser's permit reference, or an explicit waiver", "permainan untung-untungan memerlukan nomor izin penyelenggara, atau pernyataan waiver";
    PermitAndWaiver: BadConfig, "give permit or waiver, not both", "beri permit atau waiver, jangan keduanya";
    PartyCount: BadConfig, "name each funding party once, in the order of its share", "sebut setiap pihak pendana satu kali, menurut urutan bagiannya";
    NotDistinct: BadConfig, "this entry stands twice; keep one of them", "entri ini tertulis dua kali; sisakan satu";
    ValidityForm: BadConfig, "give days or months, not both", "beri days atau months, jangan keduanya";
    KeyLength: BadConfig, "a key is 16 … 64 bytes, as hexadecimal digits, two a byte", "kunci adalah 16 … 64 byte, sebagai angka heksadesimal, dua per byte";
    NotASecret: BadConfig, "a secret is 32 bytes, as 64 hexadecimal digits", "rahasia adalah 32 byte, sebagai 64 angka heksadesimal";
    NotAPublicKey: BadConfig, "this is no strong Ed25519 public key; take the 64 hexadecimal digits of voucher.public_key", "ini bukan kunci publik Ed25519 yang kuat; ambil 64 angka heksadesimal dari voucher.public_key";
    TokenForm: BadConfig, "give token or token_hex, one of them", "beri token atau token_hex, salah satu";
    PromotionalNeedsExpiry: BadConfig, "a promotional voucher expires; give expires, or say that it was purchased", "voucher promosi memiliki akhir masa berlaku; beri expires, atau nyatakan bahwa voucher dibeli";
    ExpiryNotAfterStart: BadConfig, "expires must be after valid_from", "expires harus setelah valid_from";
    MenuEntryForm: BadConfig, "a menu entry gives one of value, discount_bp and goods", "entri menu memberi satu dari value, discount_bp, dan goods";
    NotOnTheMenu: BadConfig, "no entry of the menu has this id; choose one that has", "tidak ada entri menu dengan id ini; pilih yang ada";
    GiftWithoutCondition: BadConfig, "a gift needs a condition; give above or slots", "hadiah memerlukan syarat; beri above atau slots";
    NoSlots: BadConfig, "the list names no slot; name one or leave it out", "daftar tidak menyebut slot; sebut satu atau hilangkan";
    NoReferral: BadConfig, "a referrer needs the referral setting; give it or leave the referrer out", "perujuk memerlukan pengaturan referral; beri atau hilangkan perujuknya";
    TwoPrices: BadConfig, "an earlier line has another price for this sku; write one price", "baris sebelumnya memberi harga lain untuk sku ini; tulis satu harga";
    NoItems: BadConfig, "a bundle has at least one item", "paket berisi setidaknya satu barang";
    BottomAboveTop: BadConfig, "bottom_bp is above top_bp; lower it", "bottom_bp di atas top_bp; turunkan";
    TwoStates: BadConfig, "state and the flags disagree; give only one of them", "state dan penandanya berbeda; beri salah satu saja";
    RegisteredAndWarned: BadConfig, "a registered fund has no warnings yet and cannot be suspended; remove registered or them", "dana yang baru terdaftar belum memiliki peringatan dan tidak dapat ditangguhkan; hapus registered atau keduanya";
    NoTills: BadConfig, "give one till or more", "beri satu kasir atau lebih";
    NotAState: BadConfig, "no fold leaves such a state; hand back the state of the last answer unchanged, or fold the entries anew", "tidak ada lipatan yang menghasilkan keadaan ini; kembalikan keadaan jawaban terakhir tanpa perubahan, atau lipat ulang entrinya";
    BeforeHorizon: OutOfOrder, "this is earlier than the horizon of the state, before which nothing is known any more; give a later time, or fold the entries anew", "ini lebih awal dari horizon keadaan, yang sebelumnya tidak diketahui lagi; beri waktu yang lebih akhir, atau lipat ulang entrinya";
    ToleranceWithoutNow: BadConfig, "a tolerance is counted from now; give now too, or leave it out", "toleransi dihitung dari now; beri juga now, atau hilangkan";
    AmountOrMerge: BadConfig, "give points_milli to send some points, or merge to send all; not both", "beri points_milli untuk mengirim sebagian poin, atau merge untuk semuanya; jangan keduanya";
    TooManyParts: TooLarge, "these spendings take more lots than one answer holds; send fewer entries at a time, or set a horizon", "penukaran ini mengambil lebih banyak lot daripada yang muat dalam satu jawaban; kirim lebih sedikit entri sekaligus, atau tetapkan horizon";
    TooManyTaken: TooLarge, "parts × refunds is above 200,000; reverse fewer refunds at a time, or add them up", "parts × refunds melebihi 200.000; balikkan lebih sedikit pengembalian sekaligus, atau jumlahkan";
    TooManyRounds: TooLarge, "these caps take too many rounds; split among fewer parties at once", "batas-batas ini memerlukan terlalu banyak putaran; bagi di antara lebih sedikit pihak sekaligus";
    CountersOfAnotherMonth: OutOfOrder, "these counters are of another month; give the counters of the payment's own month", "penghitung ini milik bulan lain; beri penghitung bulan pembayaran itu sendiri";
    ProgramSaysOtherwise: BadConfig, "the program says something else; leave this field out, or give the program's value", "program menyatakan lain; hilangkan isian ini, atau beri nilai dari program";
    LeftAbovePurchase: OutOfRange, "more is left to pay than the purchase; correct one of them", "sisa yang harus dibayar melebihi belanja; perbaiki salah satunya";
    UndoneAboveRedemption: OutOfRange, "more was undone than was redeemed; correct one of them", "yang dibatalkan melebihi penukaran; perbaiki salah satunya";
    RedeemedBelowRedemption: OutOfRange, "the voucher has less redeemed than this redemption has left to undo; give the voucher as it stands now", "penukaran voucher kurang dari sisa penukaran ini; beri keadaan voucher yang sekarang";
    NoUseToGiveBack: OutOfRange, "the counters hold no use that could be given back; give those that counted the redemption", "penghitung tidak memuat pemakaian yang dapat dikembalikan; beri yang menghitung penukaran itu";
    RefundNotNegative: OutOfRange, "a refund is negative; write the amount below zero", "pengembalian bernilai negatif; tulis jumlahnya di bawah nol";
    RefundedWithoutSale: BadConfig, "refunds before are counted from the sale; give sale too, or leave it out", "pengembalian sebelumnya dihitung dari penjualan; beri juga sale, atau hilangkan";
    UndoneMore: OutOfRange, "more of this voucher is undone than was redeemed; correct its redemptions", "yang dibatalkan dari voucher ini melebihi penukarannya; perbaiki penukarannya";
    SameAccount: BadConfig, "sender and receiver are one account; name another", "pengirim dan penerima satu akun; sebut yang lain";
    ValueOrPoints: BadConfig, "give value or points_milli, one of them", "beri value atau points_milli, salah satu";

    OutsideBonusBand: OutsideBand, "the rate lies outside the band of its bonus: BN-1 20–30 %, BN-2 up to 30 %, BN-3 1–5 %, BN-4 1–10 %, BN-5 up to 15 %", "tarif di luar rentang bonusnya: BN-1 20–30 %, BN-2 sampai 30 %, BN-3 1–5 %, BN-4 1–10 %, BN-5 sampai 15 %";
    AboveCeiling: OutsideBand, "the rate lies above ceiling_bp; lower it or raise the ceiling", "tarif di atas ceiling_bp; turunkan atau naikkan batasnya";
    DividesByZero: NotDefined, "without it there is nothing to divide by; give one or more", "tanpanya tidak ada pembagi; beri satu atau lebih";
    OneAccount: BadConfig, "all entries of a fold belong to one account; fold the others apart", "semua entri lipatan milik satu akun; lipat yang lain terpisah";
    RefundAboveRest: OverRefund, "the refund is above what is left; refund at most the rest", "pengembalian melebihi sisanya; kembalikan paling banyak sisanya";
    NobodyTakesRest: CapsTooSmall, "every party is at its cap and some is left; raise a cap or name a residual", "semua pihak sudah mencapai batas dan masih ada sisa; naikkan batas atau tetapkan residual";
    CompiledHeader: BadCompiled, "these bytes are no compiled program of this version; compile the document again", "byte ini bukan program terkompilasi versi ini; kompilasi ulang dokumennya";
    CompiledLength: BadCompiled, "the compiled program is cut short or has bytes behind its end; copy it again", "program terkompilasi terpotong atau kelebihan byte; salin ulang";
    CompiledChecksum: BadCompiled, "the compiled program is damaged: its checksum differs; copy it again", "program terkompilasi rusak: jumlah periksanya berbeda; salin ulang";
    CompiledContent: BadCompiled, "the compiled program holds a value that no compiler writes; compile the document again", "program terkompilasi memuat nilai yang tidak ditulis kompilator; kompilasi ulang dokumennya";
    NotRupiahText: BadText, "write rupiah as Rp15.000, in groups of three", "tulis rupiah sebagai Rp15.000, dalam kelompok tiga angka";
    NotPointsText: BadText, "write points as 2,25 poin, in groups of three with at most three decimals", "tulis poin sebagai 2,25 poin, dalam kelompok tiga angka dengan paling banyak tiga desimal";
    NotRateText: BadText, "write a rate as 3,5%, with at most two decimals", "tulis tarif sebagai 3,5%, dengan paling banyak dua desimal";
    UnequalColumns: BadConfig, "the columns differ in length; give one entry a receipt in each", "panjang kolom berbeda; beri satu entri per struk di setiap kolom";
    NotHex: BadCompiled, "write the compiled bytes as hexadecimal digits, two a byte", "tulis byte terkompilasi sebagai angka heksadesimal, dua per byte";

    TooManyTills: TooLarge, "a shop shares its limits among at most 10,000 tills", "sebuah toko membagi batasnya ke paling banyak 10.000 mesin kasir";
    ConditionTooLarge: TooLarge, "a condition has at most 16 levels and 1,000 parts; state it more simply", "sebuah syarat memiliki paling banyak 16 tingkat dan 1.000 bagian; sederhanakan";
    NotAHash: BadConfig, "a hash is 32 bytes, as 64 hexadecimal digits", "hash adalah 32 byte, sebagai 64 angka heksadesimal";
}

/// A path to a field, without allocation: `name`, `name[index]` or `name[index].inner`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Field {
    name: &'static str,
    index: Option<usize>,
    inner: &'static str,
}

impl Field {
    /// The entry `index` of a list.
    #[must_use]
    pub const fn entry(name: &'static str, index: usize) -> Self {
        Self { name, index: Some(index), inner: "" }
    }

    /// The field `inner` of the entry `index` of a list.
    #[must_use]
    pub const fn within(name: &'static str, index: usize, inner: &'static str) -> Self {
        Self { name, index: Some(index), inner }
    }

    /// Its name, its index if it is an entry of a list, and the field inside that entry or `""`.
    pub const fn parts(self) -> (&'static str, Option<usize>, &'static str) {
        (self.name, self.index, self.inner)
    }
}

impl From<&'static str> for Field {
    fn from(name: &'static str) -> Self {
        Self { name, index: None, inner: "" }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        if !self.inner.is_empty() {
            write!(f, ".{}", self.inner)?;
        }
        Ok(())
    }
}

/// A refusal: what is wrong, where, and what would do.
///
/// ```
/// use loyalty_rules::quantity::Rate;
///
/// let refused = Rate::from_bp(10_001).unwrap_err();
/// assert_eq!(refused.kind().name(), "out_of_range");
/// assert_eq!(refused.to_string(), "a rate is 0 … 10,000 basis points (100 % = 10000)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    fault: Fault,
    field: Field,
}

impl Error {
    /// The kind, its name and number the same on every surface.
    pub const fn kind(&self) -> Kind {
        self.fault.kind()
    }

    /// What is wrong.
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// Where: a path inside the value that was refused; empty if the value itself is meant.
    pub const fn field(&self) -> Field {
        self.field
    }

    /// The same refusal, at a field.
    #[must_use]
    pub fn at(self, field: impl Into<Field>) -> Self {
        Self { fault: self.fault, field: field.into() }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        fault.error()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.name.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(self.fault.english())
    }
}

impl core::error::Error for Error {}

//! What people read: one table of texts in two languages. A code without both does not build.

use super::make_up::MadeUp;
use super::reason::{Cap, Reason};
use super::reverse::Kept;
use super::warning::Warning;
use crate::tables::ClaimReason;
use crate::words::words;

words! {
    /// A language of the texts.
    pub enum Language {
        /// Bahasa Indonesia.
        Indonesian = "id",
        /// English.
        English = "en",
    }
}

impl Language {
    /// The text in this language.
    #[doc(hidden)]
    pub const fn pick<'a>(self, indonesian: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Indonesian => indonesian,
            Self::English => english,
        }
    }
}

/// The texts of codes: Bahasa Indonesia, English.
#[doc(hidden)]
#[macro_export]
macro_rules! texts {
    ($($code:ident { $($value:ident: $id:literal, $en:literal;)* })*) => { $(
        impl $code {
            /// What people read, in a language.
            pub const fn text(self, language: $crate::award::Language) -> &'static str {
                match self { $(Self::$value => language.pick($id, $en),)* }
            }
        }
    )* };
}

texts! {
    Reason {
        Suspended: "Toko ini sedang ditangguhkan", "This shop is suspended";
        NotActive: "Toko ini belum aktif", "This shop is not active yet";
        Paused: "Program sedang dihentikan sementara", "The program is paused";
        NotInForce: "Program belum berlaku atau sudah berakhir", "The program has not started or has ended";
        ZeroAmount: "Tidak ada belanja yang dihitung", "Nothing in this purchase counts";
        NotEligible: "Hanya untuk pelanggan setia", "For regular shoppers only";
        OutsideWindow: "Di luar jam program", "Outside the hours of the program";
        SlotHeld: "Tidak ada voucher pada jam ini", "No vouchers at this hour";
        NoStandby: "Belanja belum mencapai kuota", "The purchase is below the minimum";
        PlayPending: "Silakan mainkan stopwatch", "Please play the stopwatch";
        NotedDigit: "Angka dari catatan tidak berlaku", "A digit noted on paper does not count";
        ClaimRefused: "Stopwatch tidak diterima", "The stopwatch is not accepted";
        NoRate: "Tidak ada voucher pada jam atau angka ini", "No vouchers at this hour or digit";
        FirstN: "Jatah voucher jam ini sudah habis", "This hour's vouchers are gone";
        BudgetSpent: "Sisa anggaran voucher tidak cukup", "Too little is left of the voucher budget";
        CoverShort: "Dana jaminan toko tidak cukup", "The shop's guarantee fund is too low";
        Full: "Voucher penuh", "Full voucher";
        Standby: "Voucher siaga", "Standby voucher";
        Intro: "Voucher perkenalan", "Introductory voucher";
        FirstNStandby: "Voucher siaga, jatah jam ini habis", "Standby voucher, this hour's places are taken";
        FirstNFirstColumn: "Tarif awal, jatah jam ini habis", "Starting rate, this hour's places are taken";
    }
    Cap {
        Receipt: "dipotong sesuai batas per struk", "cut to the limit per receipt";
        DayBudget: "dipotong sesuai sisa anggaran hari ini", "cut to what is left of the day's budget";
        SlotBudget: "dipotong sesuai sisa anggaran jam ini", "cut to what is left of the hour's budget";
    }
    Warning {
        ValidityTooShort: "voucher jam terakhir habis tengah malam sebelum toko buka lagi; beri 2 hari atau lebih", "a voucher of the last hour ends at midnight, before the shop opens again; give 2 days or more";
        DayBudgetBelowVoucher: "anggaran sehari lebih kecil dari satu voucher penuh; beri anggaran yang lebih besar, atau kuota yang lebih kecil", "the day's budget is less than one full voucher; give a larger budget, or a smaller minimum purchase";
        SlotBudgetBelowVoucher: "anggaran satu jam lebih kecil dari satu voucher penuh pada jam itu; beri anggaran yang lebih besar, atau kuota yang lebih kecil", "a slot's budget is less than one full voucher of that slot; give a larger budget, or a smaller minimum purchase";
        StandbyAboveFull: "voucher siaga lebih besar dari setiap voucher penuh; turunkan tarif siaga", "a standby voucher is worth more than any full one; lower the standby rates";
        RateAboveMargin: "tarif tertinggi melebihi margin; pilih tingkat yang lebih rendah, atau angka yang diundi dengan kunci", "the highest rate is above the margin; take a lower tier, or a digit drawn by a key";
        MarginWithTax: "margin ini dihitung dengan pajak di dalamnya; tanpa pajak, tarif tertinggi melebihi margin; pilih tingkat yang lebih rendah", "this margin has the tax inside; without the tax the highest rate is above it; take a lower tier";
        PurchasedSingleUse: "voucher yang dibeli kehilangan sisa yang tidak dipakai sekaligus; izinkan pemakaian sebagian", "a paid voucher loses what is not used at once; let it be used in part";
        OfferUnreachable: "semua barang penawaran ini sudah diambil penawaran sebelumnya; pindahkan ke atas, atau hapus", "offers before this one take all of its goods; move it up, or remove it";
        OfferNeverOpen: "syarat penawaran ini tidak mungkin terpenuhi; perbaiki harinya, jamnya, atau masanya", "no receipt can meet the condition of this offer; correct its days, hours or period";
    }
    ClaimReason {
        Accepted: "Stopwatch diterima", "The stopwatch is accepted";
        CountdownOutOfRange: "Pilih hitungan mundur 15 sampai 25 detik", "Pick a countdown of 15 to 25 seconds";
        ClaimMismatch: "Waktu stopwatch tidak cocok", "The stopwatch times do not match";
    }
    Kept {
        Kept: "Voucher disesuaikan dengan sisa belanja", "The voucher follows what is left of the purchase";
        FullyRefunded: "Belanja dikembalikan semua, voucher batal", "Everything was refunded, the voucher is void";
        BelowQuotaKeptRate: "Di bawah kuota, tarif tetap", "Below the minimum, the rate is kept";
        BelowQuotaStandby: "Di bawah kuota, menjadi voucher siaga", "Below the minimum, now a standby voucher";
    }
    MadeUp {
        NotAllowed: "Program ini tidak mengizinkan susulan", "This program does not allow making up";
        MadeUpBefore: "Struk ini sudah pernah disusulkan", "This receipt has already been made up";
        Suspended: "Toko ini sedang ditangguhkan", "This shop is suspended";
        NotActive: "Toko ini belum aktif", "This shop is not active yet";
        Paused: "Program sedang dihentikan sementara", "The program is paused";
        NotInForce: "Program tidak berlaku saat struk pertama", "The program was not in force at the first receipt";
        ZeroAmount: "Tidak ada belanja yang dihitung", "Nothing in this purchase counts";
        NotEligible: "Hanya untuk pelanggan setia", "For regular shoppers only";
        PlayPending: "Stopwatch struk pertama belum dimainkan", "The first receipt was not played";
        NotedDigit: "Angka dari catatan tidak berlaku", "A digit noted on paper does not count";
        ClaimRefused: "Stopwatch struk pertama tidak diterima", "The first receipt's stopwatch is not accepted";
        OutsideWindow: "Struk pertama di luar jam program", "The first receipt lies outside the hours";
        SlotHeld: "Tidak ada voucher pada jam struk pertama", "No vouchers at the first receipt's hour";
        QuotaWasMet: "Struk pertama sudah mencapai kuota", "The first receipt reached the minimum";
        OtherDay: "Struk kedua pada hari lain", "The second receipt is from another day";
        TooLate: "Struk kedua di luar waktu susulan", "The second receipt is outside the time allowed";
        QuotaStillMissed: "Gabungan kedua struk belum mencapai kuota", "Both together are still below the minimum";
        NoRate: "Tidak ada voucher pada jam atau angka ini", "No vouchers at this hour or digit";
        FirstN: "Jatah voucher jam ini sudah habis", "This hour's vouchers are gone";
        BudgetSpent: "Sisa anggaran voucher tidak cukup", "Too little is left of the voucher budget";
        CoverShort: "Dana jaminan toko tidak cukup", "The shop's guarantee fund is too low";
        MadeUp: "Kuota tercapai, voucher menjadi penuh", "The minimum is reached, now a full voucher";
    }
}

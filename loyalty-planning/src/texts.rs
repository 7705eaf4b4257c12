//! What a merchant reads of a week or a day: one table of texts in two languages.

use super::release::ReleaseReason;
use super::week::{WeekAction, WeekFinding};
use loyalty_rules::texts;

texts! {
    WeekFinding {
        SalesSteady: "Penjualan stabil.", "Sales are steady.";
        SalesUp: "Penjualan naik.", "Sales are up.";
        SalesDown: "Penjualan turun.", "Sales are down.";
        NewShoppersUp: "Pelanggan baru bertambah.", "More new shoppers came.";
        MarginEaten: "Untung per rupiah penjualan berkurang.", "Less profit is left of each rupiah of sales.";
    }
    WeekAction {
        Keep: "Lanjutkan program seperti sekarang.", "Keep the program as it is.";
        LowerRatesOrRaiseQuota: "Turunkan tarif voucher atau naikkan belanja minimal.", "Lower the voucher rates or raise the minimum purchase.";
        WidenProgram: "Perluas program ke lebih banyak barang atau jam.", "Widen the program to more goods or hours.";
        ThankNewShoppers: "Ucapkan terima kasih kepada pelanggan baru dan ajak mereka kembali.", "Thank the new shoppers and invite them back.";
        ClimbTier: "Naik satu tingkat: penjualan sudah cukup lama lebih tinggi.", "Climb one tier: sales have been higher for long enough.";
    }
    ReleaseReason {
        OnPlan: "Stok sesuai rencana. Lanjutkan seperti sekarang.", "The stock is on plan. Go on as now.";
        StockBehind: "Stok masih lebih banyak dari rencana. Beri tarif yang lebih tinggi sekarang.", "More stock is left than planned. Give the higher rates now.";
        StockAhead: "Stok lebih cepat habis dari rencana. Tahan dulu vouchernya.", "The stock sells faster than planned. Hold vouchers back.";
        SoldOut: "Stok habis. Hentikan voucher untuk hari ini.", "The stock is sold out. Stop vouchers for today.";
        MarginSpent: "Voucher hari ini sudah memakan untung sampai batasnya. Tahan dulu vouchernya.", "Today's vouchers have used up the margin. Hold vouchers back.";
    }
}

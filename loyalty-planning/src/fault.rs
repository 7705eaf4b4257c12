loyalty_rules::faults_above! {
    /// What the rules of planners refuse beside the faults of `loyalty-rules`: constants of [`Fault`](loyalty_rules::error::Fault),
    /// with the next step in two languages.
    pub trait Faults;

    SimulationTooLarge: TooLarge, "programs × runs × days × (shoppers of a day + 1) is above 4,000,000; simulate less at once", "program × runs × days × (pelanggan sehari + 1) melebihi 4.000.000; simulasikan lebih sedikit sekaligus";
    RunsOutOfRange: OutOfRange, "a simulation has 1 … 10,000 runs", "simulasi terdiri dari 1 … 10.000 putaran";
    DaysOutOfRange: OutOfRange, "a run has 1 … 366 days", "satu putaran terdiri dari 1 … 366 hari";
    MerchantsOutOfRange: OutOfRange, "the cost is shared by 1 … 10,000 merchants", "biaya dibagi di antara 1 … 10.000 pedagang";
    NotTenSlotCounts: BadConfig, "give ten counts, of the slots I … X", "beri sepuluh hitungan, dari slot I … X";
    PurchaseAfterAsOf: BadConfig, "this purchase lies after as_of; leave it out or move as_of", "pembelian ini setelah as_of; hilangkan atau geser as_of";
    MoreLeftThanStock: BadConfig, "more is left than there was at opening; correct one of them", "sisa lebih banyak daripada stok pembukaan; perbaiki salah satunya";
    BasketForm: BadConfig, "give fixed, from and to, list, or by_slot, one of them", "beri fixed, from dan to, list, atau by_slot, salah satu";
    FromAboveTo: BadConfig, "from is above to; lower it", "from di atas to; turunkan";
    NoBehaviour: BadConfig, "nobody behaves in any way; give at least one weight above zero", "tidak ada perilaku; beri setidaknya satu bobot di atas nol";
    NoBaskets: BadConfig, "the list holds no basket; give one or more", "daftar tidak memuat belanja; beri satu atau lebih";
    BasketsBySlot: BadConfig, "give ten lists of 1 … 32 baskets, of the slots I … X, each with a weight above zero in it", "beri sepuluh daftar berisi 1 … 32 belanja, dari slot I … X, masing-masing dengan bobot di atas nol";
    SellOutTooLarge: TooLarge, "days × (people of the day + 1) is above 100,000; simulate fewer days", "days × (orang sehari + 1) melebihi 100.000; simulasikan lebih sedikit hari";
    StockOutOfRange: OutOfRange, "a plan is for 1 … 10,000 units; plan in larger units", "rencana berlaku untuk 1 … 10.000 unit; rencanakan dalam unit yang lebih besar";
    PercentileOutOfRange: OutOfRange, "a percentile is 1 … 100", "persentil terdiri dari 1 … 100";
    BasketCount: BadConfig, "give 1 … 16 baskets", "beri 1 … 16 belanja";
    ConversionSteps: BadConfig, "give 1 … 8 steps, the first at a rate of 0, with rates that rise and shares that do not fall", "beri 1 … 8 langkah, yang pertama pada tarif 0, dengan tarif yang naik dan bagian yang tidak turun";
    EditionOfFreeRates: BadConfig, "free rates are of no edition; leave it out, or let rates be published", "tarif bebas tidak memiliki edisi; hilangkan, atau biarkan rates published";
    NothingToPayFrom: NotDefined, "the margin leaves nothing to pay the program from, however much is sold; raise the margin or lower the program's cost", "margin tidak menyisakan apa pun untuk membayar program, berapa pun penjualannya; naikkan margin atau turunkan biaya program";
    TooManyCombinations: TooLarge, "uplifts × forcing rates × quotas are above 10,000; ask for fewer at once", "kenaikan × tarif paksa × kuota melebihi 10.000; minta lebih sedikit sekaligus";
    ProgramCount: BadConfig, "compare 1 … 16 programs at once", "bandingkan 1 … 16 program sekaligus";
    NoReceipts: BadConfig, "give receipts whose sum is above zero", "beri struk yang jumlahnya di atas nol";
}

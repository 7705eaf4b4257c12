//! Floor 3: the basic points program (*Program Poin Voucher*, PT).

#[cfg(feature = "alloc")]
mod bundles;
mod earn;
mod gift;
mod joining;
mod menu;

#[cfg(feature = "alloc")]
pub use bundles::{Bundle, BundleLine, Bundled, match_bundles};
pub use earn::{Earned, Few, PointsProgram, PointsTerms, Rest};
pub use gift::Gift;
pub use joining::{Joined, Joining, Referral, ReferralReason};
pub use menu::{MenuEntry, MenuReason, MenuRedemption, Reward, goods_reached, menu_cost};

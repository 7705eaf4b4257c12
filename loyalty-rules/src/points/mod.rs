//! Floor 3: the basic points program (*Program Poin Voucher*, PT).

mod earn;
mod menu;

pub use earn::{Earned, PointsProgram, Rest};
pub use menu::{goods_reached, menu_cost};

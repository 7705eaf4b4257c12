//! Orders of channels, and what to order for the stock.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{AnswerTerms, Order, OrderState, StockedProduct};
use loyalty_rules::api::wire::{Path, Positive, Refusal, Whole, answer, distinct, operations, record};
use loyalty_rules::calendar::{CivilTime, TimeOfDay};
use loyalty_rules::quantity::Count;

loyalty_rules::wire_words! {
    OrderState;
}

operations! {
    "order.follow" ["OR-3"] "How the orders of all channels stand, and which are missed or late.": follow, FollowRequest => FollowAnswer;
    "stock.reorder" ["OR-4"] "When and how much to order, by what was sold.": reorder, ReorderRequest => ReorderAnswer;
}

record! {
    /// Orders and how soon they are answered.
    pub struct FollowRequest {
        /// The time at which they are looked at.
        now: CivilTime,
        /// The orders, each id once.
        orders: Vec<OrderFields>,
        /// When the shop is open each day; always if absent.
        hours: Option<OpenHours>,
        /// The minutes in which an order is answered; those in which the shop is closed do not count.
        answer_within_minutes: Count = Count::new(30).unwrap_or_default(),
    }
}

record! {
    /// An order.
    pub struct OrderFields {
        /// The unique id.
        id: String,
        /// The channel.
        channel: String,
        /// When it came in.
        placed: CivilTime,
        /// When it should be handed over.
        promised: Option<CivilTime>,
        /// Its steps, in their order.
        steps: Vec<StepTaken> = Vec::new(),
    }
}

record! {
    /// A step of an order.
    pub struct StepTaken {
        /// What it leads to.
        state: OrderState,
        /// When.
        time: CivilTime,
    }
}

record! {
    /// The hours of each day, in the offset of the order.
    pub struct OpenHours {
        /// The opening.
        open: TimeOfDay,
        /// The closing: before the opening it is on the next date, equal times mean 24 hours.
        close: TimeOfDay,
    }
}

answer! {
    /// How orders stand.
    pub struct FollowAnswer {
        /// The orders in declared order.
        orders: Vec<FollowedAnswer>,
        /// How many there are of each.
        counts: OrderCounts,
    }
}

answer! {
    /// How an order stands.
    pub struct FollowedAnswer {
        /// Its id.
        id: String,
        /// How far it is.
        state: OrderState,
        /// Until when it should be answered, in its own offset.
        answer_due: CivilTime,
        /// Whether it was answered later than that, or is still not.
        missed: bool,
        /// Whether it was handed over later than promised, or is still to be.
        late: bool,
        /// The whole minutes of that.
        late_minutes: Count,
    }
}

answer! {
    /// How many orders there are.
    pub struct OrderCounts {
        /// Waiting for an answer.
        placed: Count,
        /// Accepted.
        accepted: Count,
        /// Ready.
        ready: Count,
        /// Handed over.
        handed_over: Count,
        /// Cancelled.
        cancelled: Count,
        /// Missed, whatever their state.
        missed: Count,
        /// Late, whatever their state.
        late: Count,
    }
}

record! {
    /// The products of a shop.
    pub struct ReorderRequest {
        /// The products, each once.
        products: Vec<StockedFields>,
    }
}

record! {
    /// What is known of a product's stock and sales, in units but for the days.
    pub struct StockedFields {
        /// The product.
        sku: String,
        /// There now.
        on_hand: Count,
        /// Ordered and not there yet.
        on_order: Count = Count::ZERO,
        /// Sold and not delivered yet.
        backordered: Count = Count::ZERO,
        /// Sold in `days`.
        sold: Count,
        /// The days it was sold in, 1 or more.
        days: Positive,
        /// Days from an order to its arrival.
        lead_days: Count,
        /// Days from one order to the next.
        review_days: Count = Count::ZERO,
        /// What should always be there.
        safety: Count = Count::ZERO,
        /// The units of a pack, 1 or more.
        pack: Positive = Positive(Count::new(1).unwrap_or_default()),
    }
}

answer! {
    /// When and how much to order.
    pub struct ReorderAnswer {
        /// The products in declared order.
        products: Vec<ReorderedAnswer>,
    }
}

answer! {
    /// When and how much to order of a product.
    pub struct ReorderedAnswer {
        /// The product.
        sku: String,
        /// Thousandths of a unit sold a day, truncated.
        per_day_milli: Count,
        /// The units at which an order is due.
        reorder_point: Count,
        /// There + ordered − still to be delivered, in units, signed.
        position: Whole,
        /// The units to order, in whole packs; 0 above the reorder point.
        suggest: Count,
        /// Whole days that what is there lasts; null if nothing is sold.
        days_left: Option<Count>,
        /// Whether less is there than should always be.
        low: bool,
    }
}

fn follow(request: &FollowRequest) -> Result<FollowAnswer, Refusal> {
    distinct("orders", "id", request.orders.iter().map(|order| order.id.as_str()))?;
    let hours = request.hours.as_ref().map(|hours| (hours.open, hours.close));
    let terms = AnswerTerms::new(hours, request.answer_within_minutes);
    let (list, mut orders) = (Path::Root.key("orders"), Vec::new());
    for (index, OrderFields { id, placed, promised, steps, .. }) in request.orders.iter().enumerate() {
        let steps: Vec<_> = steps.iter().map(|step| (step.state, step.time)).collect();
        let order = Order { placed: *placed, promised: *promised, steps: &steps };
        let followed = terms.follow(&order, &request.now).map_err(|error| Refusal::inside(error, &list.entry(index)))?;
        orders.push(FollowedAnswer {
            id: id.clone(),
            state: followed.state,
            answer_due: followed.answer_due,
            missed: followed.is_missed,
            late: followed.is_late,
            late_minutes: followed.late_minutes,
        });
    }
    let count = |is_counted: &dyn Fn(&FollowedAnswer) -> bool| {
        Count::new(i64::try_from(orders.iter().filter(|order| is_counted(order)).count()).unwrap_or(i64::MAX))
    };
    let in_state = |state: OrderState| count(&|order| order.state == state);
    let counts = OrderCounts {
        placed: in_state(OrderState::Placed)?,
        accepted: in_state(OrderState::Accepted)?,
        ready: in_state(OrderState::Ready)?,
        handed_over: in_state(OrderState::HandedOver)?,
        cancelled: in_state(OrderState::Cancelled)?,
        missed: count(&|order| order.missed)?,
        late: count(&|order| order.late)?,
    };
    Ok(FollowAnswer { orders, counts })
}

fn reorder(request: &ReorderRequest) -> Result<ReorderAnswer, Refusal> {
    distinct("products", "sku", request.products.iter().map(|product| product.sku.as_str()))?;
    let (list, mut products) = (Path::Root.key("products"), Vec::new());
    for (index, fields) in request.products.iter().enumerate() {
        let product = StockedProduct {
            on_hand: fields.on_hand,
            on_order: fields.on_order,
            backordered: fields.backordered,
            sold: fields.sold,
            days: fields.days.0,
            lead_days: fields.lead_days,
            review_days: fields.review_days,
            safety: fields.safety,
            pack: fields.pack.0,
        };
        let reorder = product.reorder().map_err(|error| Refusal::inside(error, &list.entry(index)))?;
        products.push(ReorderedAnswer {
            sku: fields.sku.clone(),
            per_day_milli: reorder.per_day_milli,
            reorder_point: reorder.reorder_point,
            position: Whole(reorder.position),
            suggest: reorder.suggest,
            days_left: reorder.days_left,
            low: reorder.is_low,
        });
    }
    Ok(ReorderAnswer { products })
}

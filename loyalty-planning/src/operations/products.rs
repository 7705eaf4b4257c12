//! Products by margin, frequency and contribution.

use crate::{ProductClass, ProductFigures, Third};
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Amount, Refusal, answer, distinct, operations, record};
use loyalty_rules::quantity::{Count, Ratio};

loyalty_rules::wire_words! {
    Third;
    ProductClass;
}

operations! {
    "plan.product_classes" ["PL-19"] "Products by margin, frequency and contribution, and which deserve a multiplier.": product_classes, ProductsRequest => ProductsAnswer;
}

record! {
    /// Products of some time.
    pub struct ProductsRequest {
        /// The products, each id once.
        products: Vec<ProductFields>,
        /// The multiplier of what deserves one, in thousandths.
        multiplier_milli: Count = Count::new(2_000).unwrap_or_default(),
    }
}

record! {
    /// A product.
    pub struct ProductFields {
        /// Its id.
        id: String,
        /// Its margin in basis points; it may be negative.
        margin_bp: Ratio,
        /// Units sold.
        units: Count,
        /// Its sales in rupiah.
        sales: Amount,
    }
}

answer! {
    /// The products, classed.
    pub struct ProductsAnswer {
        /// In declared order.
        products: Vec<ClassedProduct>,
    }
}

answer! {
    /// A classed product.
    pub struct ClassedProduct {
        /// Its id.
        id: String,
        /// Its third by margin.
        margin: Third,
        /// Its third by units sold.
        frequency: Third,
        /// Its third by sales.
        contribution: Third,
        /// What it does for the shop.
        class: ProductClass,
        /// The multiplier it deserves, in thousandths; 1000 is none.
        multiplier_milli: Count,
    }
}

fn product_classes(request: &ProductsRequest) -> Result<ProductsAnswer, Refusal> {
    distinct("products", "id", request.products.iter().map(|product| product.id.as_str()))?;
    let figures = |product: &ProductFields| ProductFigures { margin: product.margin_bp, units: product.units, sales: product.sales.0 };
    let figures: Vec<_> = request.products.iter().map(figures).collect();
    let classed = |(product, standing): (&ProductFields, crate::ProductStanding)| {
        let none = Count::new(1_000).unwrap_or_default();
        let class = standing.class();
        ClassedProduct {
            id: product.id.clone(),
            margin: standing.margin,
            frequency: standing.frequency,
            contribution: standing.contribution,
            class,
            multiplier_milli: if class == ProductClass::Push { request.multiplier_milli } else { none },
        }
    };
    Ok(ProductsAnswer { products: request.products.iter().zip(crate::product_standings(&figures)).map(classed).collect() })
}

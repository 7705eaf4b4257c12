//! Objects that are written as lists of fixed length.

/// Makes a struct read and written as the list of its fields.
macro_rules! row {
    ($type:ident { $($field:ident: $kind:ty),* }) => {
        impl loyalty_rules::api::wire::Read for $type {
            fn read(at: &loyalty_rules::api::wire::At<'_>) -> Self {
                const FIELDS: &[&str] = &[$(stringify!($field)),*];
                let is_whole = matches!(at.node, loyalty_rules::api::json::Node::List(entries) if entries.len() == FIELDS.len());
                $(let mut $field = <$kind>::default();)*
                if is_whole {
                    let mut place = FIELDS.iter().copied();
                    at.entries(&mut |at| match place.next() {
                        $(Some(stringify!($field)) => $field = <$kind as loyalty_rules::api::wire::Read>::read(at),)*
                        _ => {}
                    });
                } else {
                    at.refuse(<loyalty_rules::error::Fault as crate::fault::Faults>::RowLength, ());
                }
                Self { $($field),* }
            }
        }

        impl loyalty_rules::api::wire::Write for $type {
            fn write(&self, json: &mut loyalty_rules::api::json::Json) {
                let fields: &[&dyn loyalty_rules::api::wire::Write] = &[$(&self.$field),*];
                json.list(fields, |json, field| field.write(json));
            }
        }

        impl loyalty_rules::api::wire::Describe for $type {
            fn schema(defs: &mut loyalty_rules::api::wire::Defs) -> alloc::string::String {
                let fields = [$(<$kind as loyalty_rules::api::wire::Describe>::schema(defs)),*];
                alloc::format!("{{\"type\":\"array\",\"prefixItems\":[{}],\"minItems\":{1},\"maxItems\":{1}}}", fields.join(","), fields.len())
            }
        }
    };
}
pub(super) use row;

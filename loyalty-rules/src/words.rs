//! Floor 0: enums whose values have a stable name.

/// Declares an enum with the word of each value: `ALL`, `name`, `from_name`.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $value,)* }

        impl $name {
            /// Every value, in declared order.
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            /// The first value.
            #[doc(hidden)]
            pub const FIRST: Self = match Self::ALL {
                [first, ..] => *first,
                [] => panic!(),
            };

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }

            /// The value of a name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }
    };
}
pub(crate) use words;

//! The readings of a document that a protocol lists, and the options that one server takes.
//! The first option of each is the default; taking another one is a departure.

use std::marker::PhantomData;

use crate::behaviour::{Reading, UnknownSetting};

/// What a server does when it takes another option of a reading than the first. Made by [`readings!`].
pub(crate) trait Departs: Copy + 'static {
    /// Each reading with its options.
    const READINGS: &'static [Reading];
    /// What it means to take an option: (reading, option, departure).
    const ALL: &'static [(&'static str, &'static str, Self)];

    /// A bit of its own.
    fn bit(self) -> u64;
}

/// Lists readings: the id, the default, then each other option by the departure that it is.
macro_rules! readings {
    ($($id:literal: $default:literal, $($departure:ident = $option:literal),+;)*) => {
        /// What the server does when it takes another option of a reading than the first.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Departure { $($($departure,)+)* }

        impl $crate::readings::Departs for Departure {
            const READINGS: &'static [$crate::behaviour::Reading] = READINGS;
            const ALL: &'static [(&'static str, &'static str, Departure)] =
                &[$($(($id, $option, Departure::$departure),)+)*];

            fn bit(self) -> u64 {
                1 << self as u32
            }
        }

        /// Each reading with its options.
        pub(crate) const READINGS: &[$crate::behaviour::Reading] = &[
            $($crate::behaviour::Reading { id: $id, options: &[$default, $($option),+] },)*
        ];

        /// The options that a server takes.
        pub(super) type Readings = $crate::readings::Readings<Departure>;
    };
}

pub(crate) use readings;

/// The options that a server takes.
pub(crate) struct Readings<D> {
    /// One bit for each departure.
    departures: u64,
    of: PhantomData<D>,
}

impl<D> Clone for Readings<D> {
    fn clone(&self) -> Readings<D> {
        Readings {
            departures: self.departures,
            of: PhantomData,
        }
    }
}

impl<D: Departs> Readings<D> {
    /// The defaults, but for the options given; of one reading, the last one counts.
    pub(crate) fn taken(choices: &[(String, String)]) -> Result<Readings<D>, UnknownSetting> {
        let mut departures = 0;
        for (id, option) in choices {
            let Some(reading) = D::READINGS.iter().find(|reading| reading.id == id) else {
                let known = D::READINGS.iter().map(|reading| reading.id).collect();
                let id = id.clone();
                return Err(UnknownSetting::Reading { id, known });
            };
            if !reading.options.contains(&option.as_str()) {
                return Err(UnknownSetting::Choice {
                    reading: id.clone(),
                    option: option.clone(),
                    known: reading.options,
                });
            }
            for (_, name, departure) in D::ALL.iter().filter(|(of, ..)| of == id) {
                departures = if name == option {
                    departures | departure.bit()
                } else {
                    departures & !departure.bit()
                };
            }
        }
        Ok(Readings {
            departures,
            of: PhantomData,
        })
    }

    /// The same, and this departure.
    pub(crate) fn depart(&mut self, departure: D) {
        self.departures |= departure.bit();
    }

    /// Whether the server departs so.
    pub(crate) fn take(&self, departure: D) -> bool {
        self.departures & departure.bit() != 0
    }
}

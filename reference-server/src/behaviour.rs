//! How a server departs from its defaults: broken rules and readings taken.
//! Knows no protocol; what there is to break and to choose, each protocol lists itself.

use std::fmt;
use std::str::FromStr;

/// How a server departs from its defaults. The default departs in nothing.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// The rules to break.
    pub broken: Vec<Break>,
    /// Readings of the document and the option to take of each: (id, option).
    pub readings: Vec<(String, String)>,
}

/// One rule to break and the way to break it. Parses from `ID` (way 0) and `ID#WAY`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Break {
    /// The id of the [`Rule`].
    pub rule: String,
    /// Which of the rule's ways, from 0.
    pub way: usize,
}

impl FromStr for Break {
    type Err = NotABreak;

    fn from_str(text: &str) -> Result<Break, NotABreak> {
        let (rule, way) = match text.split_once('#') {
            None => (text, 0),
            Some((rule, way)) => (rule, way.parse().map_err(|_| NotABreak(text.to_owned()))?),
        };
        if rule.is_empty() {
            return Err(NotABreak(text.to_owned()));
        }
        Ok(Break {
            rule: rule.to_owned(),
            way,
        })
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.way {
            0 => f.write_str(&self.rule),
            way => write!(f, "{}#{way}", self.rule),
        }
    }
}

/// A text that names no rule to break.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotABreak(pub String);

impl fmt::Display for NotABreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is neither a rule's id nor ID#WAY with a number",
            self.0
        )
    }
}

impl std::error::Error for NotABreak {}

/// A rule that a server keeps and can be told to break.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The id of the requirement, or `shape.<message>`.
    pub id: &'static str,
    /// What the server does instead, one short description for each way; there is at least one.
    pub ways: &'static [&'static str],
}

/// A question that the document leaves open, and the answers that the server can take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The id of the reading.
    pub id: &'static str,
    /// Its options; the first is what the server takes unless told otherwise.
    pub options: &'static [&'static str],
}

/// A setting of a [`Behaviour`] that the protocol does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum UnknownSetting {
    /// No rule has this id.
    Rule {
        /// What was asked for.
        id: String,
        /// The ids that there are.
        known: Vec<&'static str>,
    },
    /// The rule has no such way.
    Way {
        /// What was asked for.
        asked: Break,
        /// The ways that the rule has.
        ways: &'static [&'static str],
    },
    /// No reading has this id.
    Reading {
        /// What was asked for.
        id: String,
        /// The ids that there are.
        known: Vec<&'static str>,
    },
    /// The reading has no such option.
    Choice {
        /// The reading's id.
        reading: String,
        /// What was asked for.
        option: String,
        /// The options that there are.
        known: &'static [&'static str],
    },
}

impl fmt::Display for UnknownSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnknownSetting::Rule { id, known } => {
                write!(f, "no rule `{id}`; there are {}", known.join(", "))
            }
            UnknownSetting::Way { asked, ways } => {
                write!(
                    f,
                    "rule `{}` has no way {}; there are",
                    asked.rule, asked.way
                )?;
                for (number, way) in ways.iter().enumerate() {
                    let comma = if number == 0 { "" } else { "," };
                    write!(f, "{comma} {number} ({way})")?;
                }
                Ok(())
            }
            UnknownSetting::Reading { id, known } => {
                write!(f, "no reading `{id}`; there are {}", known.join(", "))
            }
            UnknownSetting::Choice {
                reading,
                option,
                known,
            } => {
                write!(
                    f,
                    "reading `{reading}` has no option `{option}`; there are {}",
                    known.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for UnknownSetting {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_names_a_rule_and_a_way() {
        let way_0 = Break {
            rule: "login.succeeds".into(),
            way: 0,
        };
        let way_2 = Break {
            rule: "login.succeeds".into(),
            way: 2,
        };
        assert_eq!("login.succeeds".parse(), Ok(way_0.clone()));
        assert_eq!("login.succeeds#2".parse(), Ok(way_2.clone()));
        assert_eq!(way_0.to_string(), "login.succeeds");
        assert_eq!(way_2.to_string(), "login.succeeds#2");
    }

    #[test]
    fn a_break_without_a_rule_or_with_a_way_that_is_no_number_is_refused() {
        for text in [
            "",
            "#1",
            "login.succeeds#",
            "login.succeeds#x",
            "login.succeeds#-1",
        ] {
            assert_eq!(text.parse::<Break>(), Err(NotABreak(text.into())));
        }
    }
}

//! What users look like on a target: their names and their passwords.
//!
//! Makes nothing up: the engine does, and holds itself to this.

#[derive(Clone, Debug, Default)]
pub struct Users {
    /// Characters that a name may have at most.
    pub longest: Option<usize>,
    /// The characters that names are made of; letters and digits where it is empty.
    pub alphabet: Vec<char>,
    pub password_form: PasswordForm,
}

/// What stands where a document has a hashed or encrypted password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordForm {
    /// 64 hex digits.
    #[default]
    Sha256Hex,
    /// The base64 of 32 bytes.
    Sha256Base64,
    /// A password as a person types it: letters of both cases, digits, a sign.
    Plain,
}

impl PasswordForm {
    pub(super) const ALL: [(&'static str, PasswordForm); 3] = [
        ("sha256-hex", PasswordForm::Sha256Hex),
        ("sha256-base64", PasswordForm::Sha256Base64),
        ("plain", PasswordForm::Plain),
    ];
}

/// Names shorter than this would soon be alike.
pub(super) const SHORTEST_LIMIT: usize = 6;

impl Users {
    /// A name as it is, if the target takes it; else another one, made of it, which only it makes.
    pub fn fit(&self, name: String) -> String {
        // One character less than fits, since cases make further names by adding one to another user's.
        let most = self.longest.map(|longest| longest - 1);
        let long = most.is_some_and(|most| name.chars().count() > most);
        let foreign =
            !self.alphabet.is_empty() && name.chars().any(|c| !self.alphabet.contains(&c));
        if !long && !foreign {
            return name;
        }
        let plain: Vec<char> = ('a'..='z').chain('0'..='9').collect();
        let alphabet = if self.alphabet.is_empty() {
            &plain
        } else {
            &self.alphabet
        };
        let (base, first) = (alphabet.len() as u128, leading(alphabet));
        let mut number = scatter(&name);
        let mut fitted = String::new();
        // A name starts with a letter, where there are any.
        fitted.push(first[(number % first.len() as u128) as usize]);
        number /= first.len() as u128;
        while fitted.chars().count() < most.unwrap_or(16).min(16) {
            fitted.push(alphabet[(number % base) as usize]);
            number /= base;
        }
        fitted
    }
}

fn leading(alphabet: &[char]) -> Vec<char> {
    let letters: Vec<char> = (alphabet.iter().copied())
        .filter(|c| c.is_alphabetic())
        .collect();
    if letters.is_empty() {
        alphabet.to_vec()
    } else {
        letters
    }
}

/// FNV-1a of 128 bits.
fn scatter(text: &str) -> u128 {
    text.bytes().fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d,
        |hash: u128, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        },
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_keep_to_length_and_alphabet_and_stay_apart() {
        let users = Users {
            longest: Some(8),
            alphabet: "abcdefghij".chars().collect(),
            ..Users::default()
        };
        let names: BTreeSet<String> = (0..500).map(|n| users.fit(format!("alice{n}x"))).collect();
        assert_eq!(names.len(), 500);
        for name in names {
            assert_eq!(name.chars().count(), 7, "a letter may be added to {name}");
            assert!(name.chars().all(|c| users.alphabet.contains(&c)), "{name}");
        }
    }

    #[test]
    fn a_name_that_fits_is_left_alone() {
        let users = Users {
            longest: Some(20),
            ..Users::default()
        };
        assert_eq!(users.fit("alice9x1".to_owned()), "alice9x1");
        let long = users.fit("alice-of-the-long-names-9x1".to_owned());
        assert!(long.chars().next().is_some_and(char::is_alphabetic) && long.len() < 20);
    }
}

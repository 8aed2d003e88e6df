//! Fresh identities: names that no other case and no other run has, and the users who bear them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::protocol::Fresh;
use crate::target::{PasswordForm, Profile};
use crate::value::{Value, hex};

#[derive(Clone)]
pub(super) struct NameMaker {
    suffix: String,
    made: usize,
    /// Says which names the target takes.
    profile: Arc<Profile>,
}

impl NameMaker {
    pub(super) fn new(run_tag: &str, case: usize, profile: Arc<Profile>) -> NameMaker {
        NameMaker {
            suffix: format!("{run_tag}{}x", base36(case as u64)),
            made: 0,
            profile,
        }
    }

    pub(super) fn fresh(&mut self, stem: &str) -> String {
        self.made += 1;
        let stem: String = stem
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        self.profile.users.fit(format!(
            "{}{}{}",
            stem.to_ascii_lowercase(),
            self.suffix,
            base36(self.made as u64)
        ))
    }
}

pub(super) fn fresh_user(
    identity: &[(String, Fresh)],
    actor: &str,
    names: &mut NameMaker,
) -> Vec<(String, Value)> {
    let name = names.fresh(actor);
    let password_form = names.profile.users.password_form;
    // Each name of a user is another one: a user and the user's group are not called the same.
    let mut further = |field: &str, first: bool| {
        if first {
            name.clone()
        } else {
            names.fresh(field)
        }
    };
    let mut rng = ChaCha8Rng::seed_from_u64(fnv(&name));
    let mut random = |n: usize| {
        let mut bytes = vec![0; n];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let first = identity
        .iter()
        .position(|(_, fresh)| matches!(fresh, Fresh::Name));
    let mut make = |i: usize, field: &str, fresh: &Fresh| match fresh {
        Fresh::Name => Value::Str(further(field, first == Some(i))),
        Fresh::Hash => Value::Str(match password_form {
            PasswordForm::Sha256Hex => hex(&random(32)),
            PasswordForm::Sha256Base64 => STANDARD.encode(random(32)),
            PasswordForm::Plain => format!("Aa1-{}", hex(&random(6))),
        }),
        Fresh::Email => Value::Str(format!("{name}@example.com")),
        Fresh::Uuid => Value::Str(uuid(&random(16))),
        Fresh::Fixed(value) => value.clone(),
    };
    identity
        .iter()
        .enumerate()
        .map(|(i, (field, fresh))| (field.clone(), make(i, field, fresh)))
        .collect()
}

/// A version 4 UUID of the given 16 bytes.
fn uuid(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

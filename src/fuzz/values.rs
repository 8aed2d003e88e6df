//! Values for fields: ordinary ones, odd ones of the documented type, and wrong ones. Knows nothing of steps.

use arbitrary::{Result, Unstructured};

use super::datum::Datum;
use crate::protocol::{FieldKind, FieldShape, Type};
use crate::value::Value;

/// Texts that are texts, and that programs get wrong all the same.
const ODD_TEXTS: [&str; 34] = [
    "",
    " ",
    "\t\n",
    "é",
    "e\u{301}\u{302}\u{303}",
    "Привет, мир",
    "你好",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "😀",
    "👩‍👩‍👧‍👦",
    "\u{202e}abc\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{0}",
    "a\u{0}b",
    "\u{1}\u{7f}\u{9b}",
    "\u{2028}",
    "\u{fffd}\u{ffff}",
    "\"",
    "\\",
    "'",
    "\"}",
    "\\u0000",
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "%s%n%x",
    "{0}{}",
    "${jndi:ldap://127.0.0.1}",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "null",
    "true",
    "0",
    "-1",
];

/// Numbers at which something changes.
const ODD_INTS: [i128; 20] = [
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    (1 << 31) - 1,
    1 << 31,
    -(1 << 31) - 1,
    (1 << 32) - 1,
    1 << 32,
    1 << 53,
    (1 << 53) + 1,
    (1 << 63) - 1,
    1 << 63,
    -(1 << 63),
    (1 << 64) - 1,
];

/// An unremarkable value of the documented type.
pub(super) fn ordinary(shape: &FieldShape, u: &mut Unstructured<'_>) -> Result<Datum> {
    Ok(match &shape.kind {
        FieldKind::Of(kind) => match kind {
            Type::Null => Datum::Value(Value::Null),
            Type::Bool => Datum::Value(Value::Bool(u.arbitrary()?)),
            Type::Int | Type::Number => Datum::int(i128::from(u.int_in_range(0..=12u8)?)),
            Type::String | Type::Any => word(u)?,
            Type::Bytes => Datum::Value(Value::Bin(vec![1, 2, 3])),
            Type::Base64 => Datum::text("aGVsbG8="),
            Type::Timestamp => Datum::Reference("now".to_owned()),
            Type::IsoTime => Datum::text("2026-01-02T03:04:05Z"),
            Type::Id => Datum::int(i128::from(u.int_in_range(1..=9u8)?)),
            Type::Status => Datum::int(200),
            Type::List => Datum::List(Vec::new()),
            Type::Map => Datum::Map(Vec::new()),
        },
        FieldKind::OneOf(values) => match values.len() {
            0 => Datum::Value(Value::Null),
            many => Datum::Value(values[u.choose_index(many)?].0.clone()),
        },
        FieldKind::ListOf(item) => {
            let many = u.int_in_range(0..=2u8)?;
            let items = (0..many).map(|_| ordinary(item, u));
            Datum::List(items.collect::<Result<_>>()?)
        }
        FieldKind::MapOf(item) => Datum::Map(vec![("key".to_owned(), ordinary(item, u)?)]),
        FieldKind::Object(fields) => {
            let fields = fields
                .iter()
                .map(|field| Ok((field.name.clone(), ordinary(&field.shape, u)?)));
            Datum::Map(fields.collect::<Result<_>>()?)
        }
    })
}

/// A word that nobody else says.
fn word(u: &mut Unstructured<'_>) -> Result<Datum> {
    Ok(Datum::text(format!(
        "word{:06x}",
        u.int_in_range(0..=0xff_ffffu32)?
    )))
}

/// A value of the documented type that is out of the ordinary.
pub(super) fn odd(shape: &FieldShape, u: &mut Unstructured<'_>) -> Result<Datum> {
    Ok(match &shape.kind {
        FieldKind::Of(kind) => match kind {
            Type::String => odd_text(u, "")?,
            Type::Any => match u.int_in_range(0..=2u8)? {
                0 => odd_text(u, "")?,
                1 => odd_int(u)?,
                _ => wrong(shape, u)?,
            },
            Type::Int | Type::Number => odd_int(u)?,
            Type::Id => match u.arbitrary()? {
                true => odd_int(u)?,
                false => odd_text(u, "x")?,
            },
            Type::Timestamp => {
                let int = *u.choose(&ODD_INTS)?;
                Datum::int(int.max(0))
            }
            Type::Base64 => Datum::text(*u.choose(&["", "AA==", "////", "AAAAAAAAAAAAAAAA"])?),
            Type::IsoTime => Datum::text(*u.choose(&[
                "0000-00-00T00:00",
                "9999-12-31T23:59:60Z",
                "2026-02-30T25:61:61+99:99",
            ])?),
            Type::List => Datum::Nest(50),
            _ => ordinary(shape, u)?,
        },
        FieldKind::ListOf(item) => match u.int_in_range(0..=2u8)? {
            0 => Datum::List(Vec::new()),
            1 => {
                let one = ordinary(item, u)?;
                Datum::List(vec![one; 3])
            }
            _ => Datum::List(vec![odd(item, u)?]),
        },
        FieldKind::Object(fields) if !fields.is_empty() => {
            let at = u.choose_index(fields.len())?;
            let fields = fields.iter().enumerate().map(|(i, field)| {
                let value = if i == at {
                    odd(&field.shape, u)?
                } else {
                    ordinary(&field.shape, u)?
                };
                Ok((field.name.clone(), value))
            });
            Datum::Map(fields.collect::<Result<_>>()?)
        }
        _ => ordinary(shape, u)?,
    })
}

/// A text that people write, and that a server has to hand on as it is.
pub(super) fn telling_text(u: &mut Unstructured<'_>) -> Result<Datum> {
    const TEXTS: [&str; 12] = [
        "é",
        "Привет, мир",
        "你好",
        "שלום",
        "😀 and 👩‍👩‍👧‍👦",
        "she said \"no\"",
        "back\\slash and / slash",
        "it's 100 % {0} $HOME <b>bold</b> &amp;",
        "null",
        "0",
        "two\nlines",
        "a, b; c: [d] {e}",
    ];
    Ok(match u.int_in_range(0..=15u8)? {
        0 => Datum::Repeat("long ".to_owned(), 60),
        1 => Datum::Repeat("é".to_owned(), 300),
        _ => Datum::text(*u.choose(&TEXTS)?),
    })
}

fn odd_text(u: &mut Unstructured<'_>, instead_of_empty: &str) -> Result<Datum> {
    Ok(match u.int_in_range(0..=19u8)? {
        0 => Datum::Repeat("a".to_owned(), 70 << 10),
        1 => Datum::Repeat("é".to_owned(), *u.choose(&[100, 128, 256, 1000])?),
        2 => Datum::Repeat("a".to_owned(), *u.choose(&[64, 255, 256, 1024, 4096])?),
        3 => Datum::Repeat("\\".to_owned(), 300),
        _ => match *u.choose(&ODD_TEXTS)? {
            "" => Datum::text(instead_of_empty),
            text => Datum::text(text),
        },
    })
}

fn odd_int(u: &mut Unstructured<'_>) -> Result<Datum> {
    Ok(Datum::int(*u.choose(&ODD_INTS)?))
}

/// A value that the document does not allow here.
pub(super) fn wrong(shape: &FieldShape, u: &mut Unstructured<'_>) -> Result<Datum> {
    let undocumented = match &shape.kind {
        FieldKind::OneOf(values) => values.iter().find_map(|(value, _)| match value {
            Value::Int(int) => Some(Datum::int(int + 1)),
            _ => None,
        }),
        _ => None,
    };
    let texts = matches!(
        &shape.kind,
        FieldKind::Of(Type::String | Type::Base64 | Type::IsoTime)
    );
    Ok(match u.int_in_range(0..=11u8)? {
        0 | 1 => Datum::Value(Value::Null),
        2 | 3 if texts => odd_int(u)?,
        2 | 3 => odd_text(u, "")?,
        4 => Datum::List(Vec::new()),
        5 => Datum::Map(Vec::new()),
        6 => Datum::Value(Value::Bool(true)),
        7 => Datum::Value(Value::Float(-1.5)),
        8 => Datum::Value(Value::Float(1e300)),
        9 => Datum::Nest(*u.choose(&[2, 100])?),
        10 => undocumented.unwrap_or_else(|| Datum::int(-1)),
        _ => Datum::List(vec![Datum::Value(Value::Null), Datum::Map(Vec::new())]),
    })
}

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
            Type::String | Type::Any => word(u, 0)?,
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

/// A word that nobody else says; another one for each number.
pub(super) fn word(u: &mut Unstructured<'_>, number: usize) -> Result<Datum> {
    let chosen = usize::from(u.int_in_range(0..=0xffffu16)?);
    Ok(Datum::text(format!(
        "word{:06x}",
        chosen * 256 + number % 256
    )))
}

/// Whether it is one of those words.
pub(super) fn is_word(text: &str) -> bool {
    text.len() == 10 && text.starts_with("word")
}

/// Values of the documented type that are out of the ordinary; always the same ones for a shape.
pub(super) fn odd_values(shape: &FieldShape) -> Vec<Datum> {
    match &shape.kind {
        FieldKind::Of(kind) => match kind {
            Type::String => odd_texts(),
            Type::Any => odd_texts().into_iter().chain(odd_ints()).collect(),
            Type::Int | Type::Number => odd_ints(),
            // An empty one is none.
            Type::Id => odd_ints()
                .into_iter()
                .chain(odd_texts().into_iter().skip(1))
                .collect(),
            Type::Timestamp => ODD_INTS
                .iter()
                .filter(|int| **int >= 0)
                .map(|int| Datum::int(*int))
                .collect(),
            Type::Base64 => ["", "AA==", "////", "AAAAAAAAAAAAAAAA"]
                .map(Datum::text)
                .to_vec(),
            Type::IsoTime => [
                "0000-00-00T00:00",
                "9999-12-31T23:59:60Z",
                "2026-02-30T25:61:61+99:99",
            ]
            .map(Datum::text)
            .to_vec(),
            Type::List => vec![Datum::List(Vec::new()), Datum::Nest(50)],
            Type::Bool => [true, false].map(|b| Datum::Value(Value::Bool(b))).to_vec(),
            Type::Map => vec![Datum::Map(Vec::new())],
            Type::Null | Type::Bytes | Type::Status => Vec::new(),
        },
        FieldKind::OneOf(values) => values
            .iter()
            .map(|(value, _)| Datum::Value(value.clone()))
            .collect(),
        FieldKind::ListOf(item) => {
            let one = plainest(item);
            [0, 1, 3, 100]
                .map(|times| Datum::List(vec![one.clone(); times]))
                .to_vec()
        }
        FieldKind::MapOf(_) => vec![Datum::Map(Vec::new())],
        // Its fields are looked at one by one.
        FieldKind::Object(_) => Vec::new(),
    }
}

/// The value that an exhausted source of choices makes.
fn plainest(shape: &FieldShape) -> Datum {
    ordinary(shape, &mut Unstructured::new(&[])).unwrap_or(Datum::Value(Value::Null))
}

/// Kinds of texts that people write.
pub(super) const CONTENTS: u8 = 16;

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
    let byte: u8 = u.arbitrary()?;
    Ok(match byte % CONTENTS {
        0 => Datum::Repeat("long ".to_owned(), 60),
        1 => Datum::Repeat("é".to_owned(), 300),
        2 | 3 => word(u, 0)?,
        other => Datum::text(TEXTS[usize::from(other) % TEXTS.len()]),
    })
}

fn odd_texts() -> Vec<Datum> {
    let long = |of: &str, times| Datum::Repeat(of.to_owned(), times);
    let lengths = [64, 255, 256, 1024, 4096, 70 << 10, 1 << 20];
    ODD_TEXTS
        .iter()
        .map(|text| Datum::text(*text))
        .chain([100, 128, 256, 1000].map(|times| long("é", times)))
        .chain(lengths.map(|times| long("a", times)))
        .chain([long("\\", 300)])
        .collect()
}

fn odd_ints() -> Vec<Datum> {
    ODD_INTS.iter().map(|int| Datum::int(*int)).collect()
}

/// How many values there are that are wrong in a field.
pub(super) const WRONG_WAYS: usize = 19;

/// Those of them that are null or of quite another type.
pub(super) const BLUNT: [usize; 5] = [0, 1, 2, 14, 16];

/// Values that the document does not allow here, as many for every shape.
pub(super) fn wrong_values(shape: &FieldShape) -> Vec<Datum> {
    let documented = match &shape.kind {
        FieldKind::OneOf(values) => values
            .iter()
            .filter_map(|(value, _)| match value {
                Value::Int(int) => Some(*int),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    // Just beside what is documented.
    let above = documented.iter().max().map_or(-1, |most| most + 1);
    let below = documented.iter().min().map_or(1 << 63, |least| least - 1);
    let texts = matches!(
        &shape.kind,
        FieldKind::Of(Type::String | Type::Base64 | Type::IsoTime)
    );
    let others = if texts {
        [0, 1, -1, 1 << 53, 1 << 64].map(Datum::int)
    } else {
        ["", "0", "text", "%s%n", "null"].map(Datum::text)
    };
    let mut wrong = vec![
        Datum::Value(Value::Null),
        Datum::List(Vec::new()),
        Datum::Map(Vec::new()),
        Datum::Value(Value::Bool(true)),
        Datum::Value(Value::Bool(false)),
        Datum::Value(Value::Float(-1.5)),
        Datum::Value(Value::Float(0.5)),
        Datum::Value(Value::Float(1e300)),
        Datum::Nest(2),
        Datum::Nest(100),
        Datum::int(above),
        Datum::int(below),
        Datum::List(vec![Datum::Value(Value::Null), Datum::Map(Vec::new())]),
        Datum::Map(vec![("a".to_owned(), Datum::Value(Value::Null))]),
    ];
    wrong.extend(others);
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_can_be_wrong_in_as_many_ways() {
        for kind in [Type::String, Type::Int, Type::List] {
            let shape = FieldShape {
                kind: FieldKind::Of(kind),
                optional: false,
                nullable: false,
                secret: false,
                opaque: false,
                unordered: false,
                distinct: None,
                reading: None,
            };
            assert_eq!(wrong_values(&shape).len(), WRONG_WAYS);
        }
    }
}

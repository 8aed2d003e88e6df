//! What reads other people's bytes survives them: seeded spoilt inputs, and no panic whatever they are.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wireproof::codec::Codec;
use wireproof::scenario::{ScenarioReader, embedded};
use wireproof::source::{self, SourceFile};
use wireproof::value::Value;

fn below(random: &mut ChaCha8Rng, most: usize) -> usize {
    (random.next_u64() % most.max(1) as u64) as usize
}

/// The bytes with a few stretches gone, doubled, swapped or made up.
fn spoil(random: &mut ChaCha8Rng, bytes: &[u8]) -> Vec<u8> {
    let mut spoilt = bytes.to_vec();
    for _ in 0..=below(random, 4) {
        let from = below(random, spoilt.len());
        let to = (from + 1 + below(random, 12)).min(spoilt.len());
        match below(random, 5) {
            0 => {
                spoilt.drain(from..to);
            }
            1 => {
                let again = spoilt[from..to].to_vec();
                spoilt.splice(from..from, again);
            }
            2 => {
                let mut made_up = [0; 4];
                random.fill_bytes(&mut made_up);
                spoilt.splice(from..to, made_up);
            }
            3 => spoilt.truncate(from + 1),
            _ => {
                const WORDS: [&str; 12] = [
                    "{", "}", "[", "]", ":", "- ", "\n", "\"", "$", "<", ">", "\u{0}",
                ];
                let word = WORDS[below(random, WORDS.len())];
                spoilt.splice(from..from, word.bytes());
            }
        }
        if spoilt.is_empty() {
            spoilt.push(b' ');
        }
    }
    spoilt
}

#[test]
fn spoilt_scenarios_are_read_or_refused() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut read, mut refused) = (0, 0);
    for pack in embedded() {
        let reader = ScenarioReader::of(&pack).expect("a valid pack");
        // One scenario at a time: a small change leaves some of them valid.
        let texts: Vec<&str> = pack
            .scenarios
            .iter()
            .flat_map(|file| file.text.split("\n---\n"))
            .collect();
        for _ in 0..400 {
            let text = texts[below(&mut random, texts.len())];
            let spoilt = spoil(&mut random, text.as_bytes());
            let spoilt = String::from_utf8_lossy(&spoilt).into_owned();
            match reader.read(&SourceFile::new("spoilt.yaml", spoilt)) {
                Ok(_) => read += 1,
                Err(problems) => {
                    refused += 1;
                    assert!(!problems.render(false).is_empty());
                }
            }
        }
    }
    assert!(read > 20 && refused > 20, "{read} read, {refused} refused");
}

#[test]
fn spoilt_catalogues_are_read_or_refused() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for pack in embedded() {
        for _ in 0..60 {
            let spoilt = spoil(&mut random, pack.protocol.text.as_bytes());
            let spoilt = String::from_utf8_lossy(&spoilt).into_owned();
            let file = SourceFile::new("spoilt.yaml", spoilt);
            if let Ok(roots) = source::parse(&file) {
                for root in &roots {
                    let _ = wireproof::protocol::read(root);
                }
            }
        }
    }
}

/// A value of any kind that the codec has.
fn any_value(random: &mut ChaCha8Rng, codec: Codec, depth: usize) -> Value {
    let deep = depth < 4;
    match below(random, if deep { 9 } else { 6 }) {
        0 => Value::Null,
        1 => Value::Bool(random.next_u32().is_multiple_of(2)),
        2 => Value::Int(i128::from(random.next_u64() as i64)),
        3 => Value::Int(i128::from(random.next_u32() as i8)),
        4 => Value::Float(f64::from(random.next_u32()) / 8.0),
        5 if codec == Codec::MessagePack => Value::Bin(vec![random.next_u32() as u8; 3]),
        5 => Value::str(format!("é\u{0}\"\\{}", random.next_u32())),
        6 => Value::str("x".repeat(below(random, 300))),
        7 => {
            let many = below(random, 4);
            Value::List(
                (0..many)
                    .map(|_| any_value(random, codec, depth + 1))
                    .collect(),
            )
        }
        _ => {
            let many = below(random, 4);
            let pairs = (0..many).map(|i| (format!("k{i}"), any_value(random, codec, depth + 1)));
            Value::map(pairs.collect::<Vec<_>>())
        }
    }
}

#[test]
fn codecs_read_what_they_write_and_survive_what_they_do_not() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    for codec in [Codec::Json, Codec::MessagePack] {
        let mut understood = 0;
        for _ in 0..4000 {
            let value = any_value(&mut random, codec, 0);
            let bytes = codec.encode(&value).expect("the codec has it");
            assert_eq!(codec.decode(&bytes).expect("what it wrote"), value);
            let spoilt = spoil(&mut random, &bytes);
            if let Ok(other) = codec.decode(&spoilt) {
                understood += 1;
                // What was understood can be said again, and means the same.
                if let Ok(again) = codec.encode(&other) {
                    assert_eq!(codec.decode(&again).expect("what it wrote"), other);
                }
            }
        }
        assert!(understood > 0, "{codec}: nothing spoilt was understood");
    }
}

#[test]
fn spoilt_event_logs_are_read_or_refused() {
    let log = concat!(
        r#"{"event":"remark","pack":"friendchat","text":"a remark"}"#,
        "\n",
        r#"{"event":"opened","case":"friendchat/login","us":12,"actor":"alice","connection":0}"#,
        "\n",
        r#"{"event":"closed","case":"friendchat/login","us":99,"actor":"alice","connection":0,"end":{"how":"close","code":1000,"reason":""}}"#,
        "\n",
        r#"{"event":"run-finished","us":100,"end":{"as":"completed"}}"#,
        "\n"
    );
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let read = |bytes: &[u8]| wireproof::report::read(bytes).collect::<Vec<_>>();
    assert_eq!(read(log.as_bytes()).len(), 4);
    let mut refused = 0;
    for _ in 0..3000 {
        let events = read(&spoil(&mut random, log.as_bytes()));
        // After a mistake there is nothing more.
        let errors = events.iter().filter(|event| event.is_err()).count();
        assert!(errors <= 1);
        refused += errors;
    }
    assert!(refused > 100, "{refused}");
}

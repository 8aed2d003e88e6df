//! A pack as a page of Markdown: what its document demands, section by section, and which scenarios prove it.
//!
//! Says nothing that the pack's files do not say.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::plan::Case;
use crate::protocol::{
    Catalogue, Field, FieldKind, FieldShape, Message, Requirement, Settled, Shape,
};
use crate::scenario::Pack;
use crate::value::Value;

/// More scenarios than these are counted, not named.
const NAMED: usize = 6;

/// The whole page.
pub(super) fn page(pack: &Pack, cases: &[Arc<Case>]) -> String {
    let catalogue = &pack.catalogue;
    let mut page = String::new();
    let sections = sections(catalogue);
    head(&mut page, pack, cases);
    overview(&mut page, catalogue, &sections);
    messages(&mut page, catalogue);
    requirements(&mut page, catalogue, cases, &sections);
    readings(&mut page, catalogue);
    settings(&mut page, catalogue);
    scenarios(&mut page, pack);
    page
}

/// The document's headings, in the order in which the catalogue first names them.
fn sections(catalogue: &Catalogue) -> Vec<&str> {
    let of_messages = catalogue.messages.iter().map(|message| &message.section);
    let of_requirements = catalogue.requirements.iter().map(|it| &it.section);
    let mut sections: Vec<&str> = Vec::new();
    for section in of_messages.chain(of_requirements) {
        if !sections.contains(&section.as_str()) {
            sections.push(section);
        }
    }
    sections
}

fn head(page: &mut String, pack: &Pack, cases: &[Arc<Case>]) {
    let catalogue = &pack.catalogue;
    let wire = &catalogue.wire;
    let body = match &wire.body_key {
        Some(key) => format!("the fields under `{key}`"),
        None => "the fields beside it".to_owned(),
    };
    let frames = match wire.codec.name() {
        "json" => "JSON in text frames",
        _ => "MessagePack in binary frames",
    };
    put(
        page,
        format_args!(
            "<!-- `wireproof list --pack {name} --format markdown` writes this page. -->\n\
             # {name}: {title}\n\n\
             After the document `{document}`: {frames}, the message's type under `{kind}`, {body}.\n\
             {messages} messages, {requirements} requirements, {scenarios} scenarios, {cases} cases.",
            name = catalogue.name,
            title = plain(&catalogue.title),
            document = catalogue.document,
            kind = wire.type_key,
            messages = catalogue.messages.len(),
            requirements = catalogue.requirements.len(),
            scenarios = pack.scenarios.len(),
            cases = cases.len(),
        ),
    );
}

/// From each section of the document to what is tested of it.
fn overview(page: &mut String, catalogue: &Catalogue, sections: &[&str]) {
    put(
        page,
        format_args!(
            "\n## By section\n\n| section | messages | requirements |\n| --- | --- | --- |"
        ),
    );
    for section in sections {
        let messages: Vec<String> = catalogue
            .messages
            .iter()
            .filter(|message| message.section == *section)
            .map(|message| code(&message.name))
            .collect();
        let requirements: Vec<String> = of_section(catalogue, section)
            .map(|requirement| format!("[`{}`](#{})", requirement.id, anchor(&requirement.id)))
            .collect();
        put(
            page,
            format_args!(
                "| {} | {} | {} |",
                plain(section),
                messages.join(", "),
                requirements.join(", ")
            ),
        );
    }
}

fn messages(page: &mut String, catalogue: &Catalogue) {
    put(page, format_args!("\n## Messages"));
    for message in &catalogue.messages {
        let wire = wire_name(message);
        put(
            page,
            format_args!(
                "\n### {}\n\n{wire}Section “{}”.\n",
                code(&message.name),
                plain(&message.section)
            ),
        );
        put(
            page,
            format_args!("| direction | field | type | marks |\n| --- | --- | --- | --- |"),
        );
        for (direction, shape) in [
            ("to the server", &message.client),
            ("to the client", &message.server),
        ] {
            for row in shape.iter().flat_map(rows) {
                put(page, format_args!("| {direction} {row}"));
            }
        }
    }
}

/// What stands on the wire, where that is not the name.
fn wire_name(message: &Message) -> String {
    if let Some(reading) = &message.named_by {
        return format!("Its name on the wire is reading `{}`. ", reading.id);
    }
    match &message.discriminator {
        Value::Str(name) if *name == message.name => String::new(),
        other => format!("On the wire: {}. ", code(&other.to_string())),
    }
}

/// The rows of a shape: `(variant) | field | type | marks |`.
fn rows(shape: &Shape) -> Vec<String> {
    let mut rows = Vec::new();
    for variant in &shape.variants {
        let name = match variant.name.as_str() {
            "" => String::new(),
            name => format!("({name}) "),
        };
        if variant.fields.is_empty() {
            rows.push(format!("{name}| none | | |"));
        }
        collect(&variant.fields, "", &name, &mut rows);
    }
    rows
}

fn collect(fields: &[Field], path: &str, variant: &str, rows: &mut Vec<String>) {
    for field in fields {
        let path = format!("{path}{}", field.name);
        rows.push(format!(
            "{variant}| {} | {} | {} |",
            code(&path),
            kind(&field.shape),
            marks(&field.shape)
        ));
        match &field.shape.kind {
            FieldKind::Object(inner) => collect(inner, &format!("{path}."), variant, rows),
            FieldKind::ListOf(item) => {
                if let FieldKind::Object(inner) = &item.kind {
                    collect(inner, &format!("{path}[]."), variant, rows);
                }
            }
            _ => {}
        }
    }
}

fn kind(shape: &FieldShape) -> String {
    match &shape.kind {
        FieldKind::OneOf(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|(value, meaning)| format!("{} {}", code(&value.to_string()), plain(meaning)))
                .collect();
            values.join("; ")
        }
        FieldKind::Object(_) => "object".to_owned(),
        FieldKind::ListOf(item) => format!("list of {}", kind(item)),
        FieldKind::MapOf(item) => format!("map of {}", kind(item)),
        FieldKind::Of(kind) => kind.name().to_owned(),
    }
}

fn marks(shape: &FieldShape) -> String {
    let marks = [
        (shape.optional, "optional"),
        (shape.nullable, "nullable"),
        (shape.secret, "secret"),
        (shape.opaque, "opaque"),
        (shape.unordered, "unordered"),
        (shape.distinct.is_some(), "distinct"),
    ];
    let mut words: Vec<String> = marks
        .iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, word)| (*word).to_owned())
        .collect();
    words.extend(shape.reading.iter().map(|id| format!("reading `{id}`")));
    words.join(", ")
}

fn requirements(page: &mut String, catalogue: &Catalogue, cases: &[Arc<Case>], sections: &[&str]) {
    put(page, format_args!("\n## Requirements"));
    for section in sections {
        if of_section(catalogue, section).next().is_none() {
            continue;
        }
        put(page, format_args!("\n### {}\n", plain(section)));
        put(
            page,
            format_args!("| requirement | level | text | proved by |\n| --- | --- | --- | --- |"),
        );
        for requirement in of_section(catalogue, section) {
            put(
                page,
                format_args!(
                    "| <a id=\"{}\"></a>{} | {} | {} | {} |",
                    anchor(&requirement.id),
                    code(&requirement.id),
                    requirement.level.name(),
                    plain(&requirement.text),
                    proof(requirement, cases)
                ),
            );
        }
    }
}

fn of_section<'a>(
    catalogue: &'a Catalogue,
    section: &'a str,
) -> impl Iterator<Item = &'a Requirement> {
    let requirements = catalogue.requirements.iter();
    requirements.filter(move |requirement| requirement.section == section)
}

/// The scenarios that prove a requirement, the first by name.
fn proof(requirement: &Requirement, cases: &[Arc<Case>]) -> String {
    if let Some(reason) = &requirement.unprovokable {
        return format!("nothing: {}", plain(reason));
    }
    let mut scenarios: Vec<&str> = Vec::new();
    for case in cases
        .iter()
        .filter(|case| case.covers.contains(&requirement.id))
    {
        if !scenarios.contains(&case.scenario.id.as_str()) {
            scenarios.push(&case.scenario.id);
        }
    }
    let named: Vec<String> = scenarios.iter().take(NAMED).map(|id| code(id)).collect();
    match scenarios.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn readings(page: &mut String, catalogue: &Catalogue) {
    put(
        page,
        format_args!(
            "\n## Readings\n\n\
             What the document leaves open. A server is never failed for one; the report says which it takes.\n\n\
             | reading | question | options | settled |\n| --- | --- | --- | --- |"
        ),
    );
    for reading in &catalogue.readings {
        let options: Vec<String> = reading
            .options
            .iter()
            .map(|(option, meaning)| format!("{}: {}", code(option), plain(meaning)))
            .collect();
        let settled = match reading.settled {
            Settled::Observed => "observed".to_owned(),
            Settled::Free => "free".to_owned(),
            Settled::Profile => {
                let default = reading.default.as_deref().unwrap_or_default();
                format!("told, by default {}", code(default))
            }
        };
        put(
            page,
            format_args!(
                "| {} | {} | {} | {settled} |",
                code(&reading.id),
                plain(&reading.question),
                options.join("; ")
            ),
        );
    }
}

fn settings(page: &mut String, catalogue: &Catalogue) {
    if catalogue.settings.is_empty() {
        return;
    }
    put(
        page,
        format_args!("\n## Settings\n\n| setting | default |\n| --- | --- |"),
    );
    for (name, value) in &catalogue.settings {
        put(
            page,
            format_args!("| {} | {} |", code(name), code(&value.to_string())),
        );
    }
}

fn scenarios(page: &mut String, pack: &Pack) {
    put(
        page,
        format_args!("\n## Scenarios\n\n| scenario | cases | about |\n| --- | --- | --- |"),
    );
    for scenario in &pack.scenarios {
        put(
            page,
            format_args!(
                "| {} | {} | {} |",
                code(&scenario.id),
                scenario.permutations.len(),
                plain(scenario.about.as_deref().unwrap_or_default())
            ),
        );
    }
}

fn put(page: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(page, "{line}");
}

/// Text that is no Markdown and no cell's end.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '<' | '[' | '\\') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn anchor(id: &str) -> String {
    format!("r-{id}")
}
